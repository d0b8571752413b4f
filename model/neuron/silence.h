/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When the output of a neuron is blocked: it fires, but its spikes are not transmitted.
 */
#ifndef EIASSEMBLY_SILENCE_H
#define EIASSEMBLY_SILENCE_H

#include <algorithm>
#include <vector>

namespace eiassembly
{

//! Windows of steps (1-based as in spike times): those from < step <= until.
class Silence
{
public:
  Silence() = default;

  Silence( const std::vector< long >& from, const std::vector< long >& until )
  {
    for ( std::size_t window = 0; window < from.size(); ++window )
    {
      edges_.push_back( from[ window ] );
      edges_.push_back( until[ window ] );
    }
  }

  //! Whether every window ends after it begins, and begins when the one before it has ended.
  bool
  is_in_order() const
  {
    for ( std::size_t edge = 1; edge < edges_.size(); ++edge )
    {
      if ( edges_[ edge ] < edges_[ edge - 1 ] or ( edge % 2 == 1 and edges_[ edge ] == edges_[ edge - 1 ] ) )
      {
        return false;
      }
    }
    return true;
  }

  bool
  covers( const long step ) const
  {
    return ( std::lower_bound( edges_.begin(), edges_.end(), step ) - edges_.begin() ) % 2 == 1;
  }

  //! Beginnings (0) or ends (1) of the windows.
  std::vector< long >
  edges( const std::size_t which ) const
  {
    std::vector< long > found;
    for ( std::size_t edge = which; edge < edges_.size(); edge += 2 )
    {
      found.push_back( edges_[ edge ] );
    }
    return found;
  }

private:
  std::vector< long > edges_; //!< from, until, from, until, …
};

} // namespace eiassembly

#endif
