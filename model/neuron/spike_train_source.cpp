/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spike_train_source.h"

namespace eiassembly
{

PerThread< Schedule > Schedule::schedules_;

Schedule*
Schedule::find( const std::size_t thread ) noexcept
{
  return schedules_.find( thread );
}

Schedule&
Schedule::of( const std::size_t thread )
{
  return schedules_.at( thread );
}

void
Schedule::append( const std::size_t thread,
  const std::span< const std::int64_t > steps,
  const std::span< const std::int64_t > senders )
{
  Schedule& schedule = of( thread );
  const std::int64_t next = nest::kernel().simulation_manager.get_time().get_steps() + 1;
  const std::int64_t earliest = schedule.steps.empty() ? next : std::max< std::int64_t >( next, schedule.steps.back() );
  if ( not steps.empty() and ( steps.front() < earliest or not std::is_sorted( steps.begin(), steps.end() ) ) )
  {
    throw nest::BadProperty(
      "spike_train_source: steps must not decrease, must be in the future and not before those already set." );
  }
  const std::size_t vp = nest::kernel().vp_manager.thread_to_vp( thread );
  std::vector< long > own_steps;
  std::vector< spike_train_source* > own_senders;
  for ( std::size_t i = 0; i < steps.size(); ++i )
  {
    const auto id = static_cast< std::size_t >( senders[ i ] );
    if ( nest::kernel().vp_manager.node_id_to_vp( id ) != vp )
    {
      continue;
    }
    auto* sender = dynamic_cast< spike_train_source* >( nest::kernel().node_manager.get_node_or_proxy( id, thread ) );
    if ( not sender )
    {
      throw nest::BadProperty( "spike_train_source: sender " + std::to_string( id ) + " is not a spike_train_source." );
    }
    own_steps.push_back( steps[ i ] );
    own_senders.push_back( sender );
  }
  schedule.steps.erase( schedule.steps.begin(), schedule.steps.begin() + schedule.next );
  schedule.senders.erase( schedule.senders.begin(), schedule.senders.begin() + schedule.next );
  schedule.next = 0;
  schedule.steps.insert( schedule.steps.end(), own_steps.begin(), own_steps.end() );
  schedule.senders.insert( schedule.senders.end(), own_senders.begin(), own_senders.end() );
}

spike_train_source::~spike_train_source()
{
  // Nodes go all at once, with the kernel; spikes must not outlive those that should fire them.
  Schedule* const schedule = is_model_prototype() ? nullptr : Schedule::find( get_thread() );
  if ( schedule )
  {
    *schedule = Schedule();
  }
}

void
spike_train_source::get_status( Dictionary& d ) const
{
  std::vector< long > steps, senders;
  if ( not is_model_prototype() )
  {
    const Schedule& schedule = Schedule::of( get_thread() );
    steps.assign( schedule.steps.begin() + schedule.next, schedule.steps.end() );
    for ( std::size_t i = schedule.next; i < schedule.senders.size(); ++i )
    {
      senders.push_back( static_cast< long >( schedule.senders[ i ]->get_node_id() ) );
    }
  }
  d[ "steps" ] = steps;
  d[ "senders" ] = senders;
}

void
spike_train_source::set_status( const Dictionary& d )
{
  std::vector< long > steps, senders;
  const bool has_steps = d.update_value( "steps", steps );
  const bool has_senders = d.update_value( "senders", senders );
  if ( has_steps != has_senders or steps.size() != senders.size() )
  {
    throw nest::BadProperty( "spike_train_source: steps and senders must be given together and have the same length." );
  }
  if ( steps.empty() )
  {
    return;
  }
  if ( is_model_prototype() )
  {
    throw nest::BadProperty( "spike_train_source: spikes belong to nodes, not to the model's defaults." );
  }
  const std::vector< std::int64_t > all_steps( steps.begin(), steps.end() ),
    all_senders( senders.begin(), senders.end() );
  Schedule::append( get_thread(), all_steps, all_senders );
}

void
spike_train_source::pre_run_hook()
{
  Schedule& schedule = Schedule::of( get_thread() );
  schedule.leader = std::min( schedule.leader, get_thread_lid() );
  set_frozen_( get_thread_lid() != schedule.leader );
}

void
spike_train_source::update( nest::Time const& origin, const long, const long to )
{
  Schedule& schedule = Schedule::of( get_thread() );
  if ( get_thread_lid() != schedule.leader )
  {
    return;
  }
  // A spike at step s is sent with lag s - origin - 1, as by a neuron that fires in the update that ends at s.
  const long start = origin.get_steps();
  for ( ; schedule.next < schedule.steps.size() and schedule.steps[ schedule.next ] <= start + to; ++schedule.next )
  {
    nest::SpikeEvent e;
    const long lag = schedule.steps[ schedule.next ] - start - 1;
    nest::kernel().event_delivery_manager.send( *schedule.senders[ schedule.next ], e, lag );
  }
}

} // namespace eiassembly
