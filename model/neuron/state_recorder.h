/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The state of some neurons of a thread at regular steps.
 */
#ifndef EIASSEMBLY_STATE_RECORDER_H
#define EIASSEMBLY_STATE_RECORDER_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace eiassembly
{

/**
 * Neurons that are recorded together, and what has been recorded and nobody has taken yet.
 *
 * Samples are taken after the steps (1-based) s with (s + shift) divisible by the interval. A multimeter does the same
 * but hands its samples over a time slice later, when the next one begins.
 */
struct StateRecorder
{
  struct Cell
  {
    std::size_t lid;
    std::int64_t node;
  };

  long interval;
  long shift;
  std::vector< Cell > cells;
  std::vector< double > rows {}; //!< step, node id and the state, sample by sample

  bool
  is_due( const long step ) const
  {
    return ( step + shift ) % interval == 0;
  }

  //! The first step after this one at which a sample is taken.
  long
  next_due( const long step ) const
  {
    return step + interval - ( step + shift ) % interval;
  }
};

} // namespace eiassembly

#endif
