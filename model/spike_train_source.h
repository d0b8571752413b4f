/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Cells that fire at given steps; all cells of a thread share one schedule.
 */
#ifndef EIASSEMBLY_SPIKE_TRAIN_SOURCE_H
#define EIASSEMBLY_SPIKE_TRAIN_SOURCE_H

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "connection.h"
#include "event.h"
#include "event_delivery_manager_impl.h"
#include "kernel_manager.h"
#include "nest_extension_interface.h"
#include "node.h"

#include "population_engine.h"

namespace eiassembly
{

class spike_train_source;

//! Spikes to come of all sources of one thread, in the order of their steps.
struct Schedule
{
  std::vector< long > steps;
  std::vector< spike_train_source* > senders;
  std::size_t next = 0;
  std::size_t leader = std::numeric_limits< std::size_t >::max(); //!< thread-local id

  static Schedule& of( std::size_t thread );

  /**
   * Add spikes behind those that are still to come.
   *
   * Those of other virtual processes are skipped. Throws nest::BadProperty, and changes nothing, if steps decrease or
   * are not in the future or if a sender is not a spike_train_source.
   */
  static void
  append( std::size_t thread, std::span< const std::int64_t > steps, std::span< const std::int64_t > senders );
};

/**
 * Source of a prescribed spike train, such as a mitral cell of the olfactory bulb.
 *
 * Like a neuron it lives on one thread only, so every process injects just its own cells. A thousand
 * spike_generators are a thousand objects to visit in every time slice on every thread; here the first source of a
 * thread walks through one sorted list. Spikes are given to any source of a virtual process, for all sources there:
 *
 * steps: time steps at which spikes occur (spike time = step * resolution), non-decreasing, in the future.
 * senders: node ids, one per step; nodes of other virtual processes are skipped.
 *
 * Setting both appends to the spikes that are still to come. Reading them gives those.
 */
class spike_train_source : public nest::Node
{
public:
  spike_train_source() = default;
  spike_train_source( const spike_train_source& other )
    : nest::Node( other )
  {
  }
  ~spike_train_source() override;

  std::size_t
  send_test_event( nest::Node& target, std::size_t receptor_type, nest::synindex, bool ) override
  {
    nest::SpikeEvent e;
    e.set_sender( *this );
    return target.handles_test_event( e, receptor_type );
  }

  void get_status( Dictionary& ) const override;
  void set_status( const Dictionary& ) override;

private:
  void pre_run_hook() override;
  void update( nest::Time const&, const long, const long ) override;
};

} // namespace eiassembly

#endif
