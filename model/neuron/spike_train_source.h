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

  //! Schedule of a thread; every thread asks for its own only.
  static Schedule& of( std::size_t thread );

  //! The same, or null if nobody has asked for it yet.
  static Schedule* find( std::size_t thread ) noexcept;

  /**
   * Add spikes behind those that are still to come.
   *
   * Those of other virtual processes are skipped. Throws nest::BadProperty, and changes nothing, if steps decrease or
   * are not in the future or if a sender is not a spike_train_source.
   */
  static void
  append( std::size_t thread, std::span< const std::int64_t > steps, std::span< const std::int64_t > senders );

private:
  static PerThread< Schedule > schedules_;
};

/* BeginUserDocs: device, generator

Short description
+++++++++++++++++

Cell that fires at given steps; all cells of a thread share one schedule

Description
+++++++++++

``spike_train_source`` emits a prescribed spike train, as a mitral cell of the
olfactory bulb does. Like a neuron, and unlike ``spike_generator``, it exists
on one virtual process only, so that every process emits just the spikes of its
own cells. The first source of a thread walks through one sorted list on behalf
of all others: a thousand ``spike_generator`` are a thousand objects to visit
in every time slice on every thread.

Spikes are given to any one source of a virtual process, for all sources there.
Setting ``steps`` and ``senders`` appends to the spikes that are still to come;
reading them gives those that are still to come.

Parameters
++++++++++

``steps`` and ``senders`` must be given together and have the same length. They
belong to nodes and cannot be set as defaults of the model.

======= ================ ==================================================
steps   list of integers Steps of the spikes (time / resolution), in the
                         future, not decreasing and not before those set
                         earlier
senders list of integers Node IDs of the sources that fire, one per step;
                         those of other virtual processes are skipped
======= ================ ==================================================

Sends
+++++

SpikeEvent

See also
++++++++

spike_generator, spike_train_injector, alif_cond_exp_euler

EndUserDocs */

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
