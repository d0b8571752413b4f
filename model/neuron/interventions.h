/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What an experiment does to the neurons of one thread while they run.
 */
#ifndef EIASSEMBLY_INTERVENTIONS_H
#define EIASSEMBLY_INTERVENTIONS_H

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

namespace eiassembly
{

//! A current (pA) into some neurons, by thread-local id, in the steps from < step <= until (1-based).
struct InjectedCurrent
{
  long from, until;
  double current;
  std::vector< std::size_t > lids;
};

//! Currents, spikes that are dropped, and spikes that are sent without having been fired. Steps are 1-based.
class Interventions
{
public:
  bool
  is_empty() const
  {
    return currents_.empty() and to_send_.empty();
  }

  void
  inject( InjectedCurrent current )
  {
    currents_.push_back( std::move( current ) );
  }

  //! Call add( step, lid, pA ) for what flows in the steps first < step <= last.
  template < typename Add >
  void
  inject_until( const long first, const long last, const Add& add ) const
  {
    for ( const InjectedCurrent& window : currents_ )
    {
      const long end = std::min( last, window.until );
      for ( long step = std::max( first, window.from ) + 1; step <= end; ++step )
      {
        for ( const std::size_t lid : window.lids )
        {
          add( step, lid, window.current );
        }
      }
    }
  }

  //! Do not send the first spike of a neuron at or after a step (and one more for every further call).
  void
  drop( const std::size_t lid, const long step )
  {
    std::vector< long >& steps = dropped_[ lid ];
    steps.insert( std::upper_bound( steps.begin(), steps.end(), step ), step );
  }

  //! Whether a spike that is about to be sent is to be dropped; it is dropped then.
  bool
  drops( const std::size_t lid, const long step )
  {
    if ( dropped_.empty() )
    {
      return false;
    }
    const auto found = dropped_.find( lid );
    if ( found == dropped_.end() or found->second.empty() or found->second.front() > step )
    {
      return false;
    }
    found->second.erase( found->second.begin() );
    return true;
  }

  //! The last step of those that are scheduled, or this one if there are none.
  long
  last_scheduled( const long otherwise ) const
  {
    return to_send_.empty() ? otherwise : to_send_.back().step;
  }

  //! Send a spike of a neuron at a step that is not before those given earlier.
  void
  schedule( const std::size_t lid, const long step )
  {
    to_send_.push_back( { step, lid } );
  }

  //! Call send( lid, step ) for the spikes scheduled up to a step, and forget them.
  template < typename Send >
  void
  send_until( const long last, const Send& send )
  {
    for ( ; next_ < to_send_.size() and to_send_[ next_ ].step <= last; ++next_ )
    {
      send( to_send_[ next_ ].lid, to_send_[ next_ ].step );
    }
    if ( next_ == to_send_.size() )
    {
      to_send_.clear();
      next_ = 0;
    }
  }

private:
  struct Scheduled
  {
    long step;
    std::size_t lid;
  };

  std::vector< InjectedCurrent > currents_;
  std::map< std::size_t, std::vector< long > > dropped_;
  std::vector< Scheduled > to_send_;
  std::size_t next_ = 0; //!< of to_send_
};

} // namespace eiassembly

#endif
