/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The NEST extension module. One translation unit: NEST's headers take most of the compilation time.
 */
#include "config.h"

#include <cmath>
#include <map>
#include <span>
#include <string>
#include <vector>

// NEST's package was built with Boost, but its headers need it only to sort faster: do without where it is absent.
#if not __has_include( <boost/sort/spreadsort/spreadsort.hpp>)
#undef HAVE_BOOST
#endif

#include "alif_cond_exp_euler.cpp"
#include "contact_synapse.h"
#include "spike_train_source.cpp"

namespace eiassembly
{

class Module : public nest::NESTExtensionInterface
{
public:
  void
  initialize() override
  {
    nest::register_node_model< alif_cond_exp_euler >( "alif_cond_exp_euler" );
    nest::register_node_model< spike_train_source >( "spike_train_source" );
    nest::register_connection_model< contact_synapse >( "contact_synapse" );
  }
};

namespace
{

using Ids = std::span< const std::int64_t >;

void
demand( const bool condition, const std::string& message )
{
  if ( not condition )
  {
    throw nest::BadProperty( message );
  }
}

/**
 * Do something and return null, or what was wrong: no exception may leave a function that C calls.
 *
 * The text is valid until the next failure.
 */
template < typename Action >
const char*
failure_of( const Action& action ) noexcept
{
  static std::string failure;
  try
  {
    action();
    return nullptr;
  }
  catch ( const std::exception& error )
  {
    failure = error.what();
  }
  catch ( ... )
  {
    failure = "unknown failure";
  }
  return failure.c_str();
}

//! Call action( thread ) for all threads of this process, one after the other.
template < typename Action >
void
for_each_thread( const Action& action )
{
  const std::size_t n_threads = nest::kernel().vp_manager.get_num_threads();
  for ( std::size_t thread = 0; thread < n_threads; ++thread )
  {
    action( thread );
  }
}

//! Call action( engine ) for the engines of all threads of this process, one after the other.
template < typename Action >
void
for_each_engine( const Action& action )
{
  for_each_thread( [ &action ]( const std::size_t thread ) { action( PopulationEngine::of( thread ) ); } );
}

//! A neuron of this process by its node id; null if it belongs to another process.
alif_cond_exp_euler*
local_neuron( const std::int64_t id )
{
  const std::size_t n_nodes = nest::kernel().node_manager.size();
  demand( id >= 1 and static_cast< std::size_t >( id ) <= n_nodes,
    "expected a node id from 1 to " + std::to_string( n_nodes ) + ", found " + std::to_string( id ) );
  const std::size_t vp = nest::kernel().vp_manager.node_id_to_vp( id );
  if ( not nest::kernel().vp_manager.is_local_vp( vp ) )
  {
    return nullptr;
  }
  const std::size_t thread = nest::kernel().vp_manager.vp_to_thread( vp );
  auto* neuron = dynamic_cast< alif_cond_exp_euler* >( nest::kernel().node_manager.get_node_or_proxy( id, thread ) );
  demand( neuron, "node " + std::to_string( id ) + " is not an alif_cond_exp_euler" );
  return neuron;
}

//! A neuron of this process, and its place among those that were asked for.
struct LocalNeuron
{
  std::size_t place;
  alif_cond_exp_euler* neuron;

  PopulationEngine&
  engine() const
  {
    return PopulationEngine::of( neuron->get_thread() );
  }
};

//! Those neurons that belong to this process. All are looked up before anything is done to the first.
std::vector< LocalNeuron >
local_neurons( const Ids ids )
{
  // NEST numbers the nodes of a thread only when it connects or simulates.
  nest::NodeManager& nodes = nest::kernel().node_manager;
  if ( not nodes.thread_local_data_is_up_to_date() )
  {
    nodes.update_thread_local_node_data();
  }
  std::vector< LocalNeuron > found;
  for ( std::size_t place = 0; place < ids.size(); ++place )
  {
    if ( auto* neuron = local_neuron( ids[ place ] ) )
    {
      found.push_back( { place, neuron } );
    }
  }
  return found;
}

std::size_t
n_spikes()
{
  std::size_t n = 0;
  for_each_engine( [ &n ]( PopulationEngine& engine ) { n += engine.fired().size(); } );
  return n;
}

std::size_t
n_sampled_numbers( const std::size_t recorder )
{
  std::size_t n = 0;
  for_each_engine(
    [ &n, recorder ]( PopulationEngine& engine ) { n += engine.recorders().at( recorder ).rows.size(); } );
  return n;
}

void
demand_size( const std::size_t wanted, const std::size_t found )
{
  demand(
    wanted == found, "expected room for " + std::to_string( wanted ) + " numbers, found " + std::to_string( found ) );
}

//! Spikes to send must be given in the order of their steps, and before their time.
void
check_steps_to_send( const std::vector< LocalNeuron >& neurons, const Ids steps )
{
  const std::int64_t now = nest::kernel().simulation_manager.get_time().get_steps();
  demand( std::is_sorted( steps.begin(), steps.end() ) and ( steps.empty() or steps.front() > now ),
    "spikes to send: expected steps in the future that do not decrease" );
  for ( const LocalNeuron& local : neurons )
  {
    const long last = local.engine().interventions().last_scheduled( now );
    demand( steps[ local.place ] >= last, "spikes to send: expected steps not before those given earlier" );
  }
}

} // namespace

} // namespace eiassembly

using namespace eiassembly;

/**
 * What a simulation does between the calls of NEST, on arrays: status dictionaries are lists of Python objects, and to
 * make them takes longer than to simulate a small network. All integers are int64. To be called outside of Simulate.
 *
 * Every function returns null, or says in one line what is wrong; then it has changed nothing.
 */
extern "C"
{

eiassembly::Module module;

//! How many numbers the state of a neuron is: V_m, w, refractory steps and one conductance per port.
const char*
eiassembly_state_width( const std::size_t n_ports, std::size_t* const width )
{
  return failure_of( [ = ] { *width = State::width( n_ports ); } );
}

//! Forget the spikes that are kept, all recorders of states and what was to be done to neurons.
const char*
eiassembly_clear()
{
  return failure_of( [] { for_each_engine( []( PopulationEngine& engine ) { engine.clear_experiment(); } ); } );
}

//! Keep the spikes of all neurons from now on.
const char*
eiassembly_keep_spikes()
{
  return failure_of( [] { PopulationEngine::keeps_spikes = true; } );
}

//! How many spikes of this process have been kept since they were taken last.
const char*
eiassembly_n_spikes( std::size_t* const n )
{
  return failure_of( [ = ] { *n = n_spikes(); } );
}

//! Write (step, node id) of the kept spikes into an array of shape (n_spikes, 2), and forget them.
const char*
eiassembly_take_spikes( std::int64_t* rows, const std::size_t size )
{
  return failure_of(
    [ & ]
    {
      demand_size( 2 * n_spikes(), size );
      for_each_engine(
        [ &rows ]( PopulationEngine& engine )
        {
          for ( const auto& [ step, sender ] : engine.fired() )
          {
            *rows++ = step;
            *rows++ = sender;
          }
          engine.fired().clear();
        } );
    } );
}

//! Give the sources of this process their next spikes.
const char*
eiassembly_feed( const std::int64_t* const steps, const std::int64_t* const senders, const std::size_t n )
{
  return failure_of( [ = ]
    { for_each_thread( [ = ]( const std::size_t t ) { Schedule::append( t, { steps, n }, { senders, n } ); } ); } );
}

/**
 * Record the state of neurons at every interval from now on: after the steps s with (s + shift) divisible by it.
 *
 * Neurons of other processes are skipped. The number is that by which the recorder is known, on all threads.
 */
const char*
eiassembly_record_state( const std::int64_t* const ids,
  const std::size_t n,
  const std::int64_t interval,
  const std::int64_t shift,
  std::size_t* const number )
{
  return failure_of(
    [ = ]
    {
      demand( interval >= 1 and shift >= 0, "expected an interval of at least one step and no negative shift" );
      const std::vector< LocalNeuron > neurons = local_neurons( { ids, n } );
      for_each_engine(
        [ = ]( PopulationEngine& engine )
        {
          *number = engine.recorders().size();
          engine.recorders().push_back( { static_cast< long >( interval ), static_cast< long >( shift ), {} } );
        } );
      for ( const auto& local : neurons )
      {
        local.engine().recorders().back().cells.push_back( { local.neuron->get_thread_lid(), ids[ local.place ] } );
      }
    } );
}

//! How many numbers a recorder has kept in this process.
const char*
eiassembly_n_sampled_numbers( const std::size_t recorder, std::size_t* const n )
{
  return failure_of( [ = ] { *n = n_sampled_numbers( recorder ); } );
}

//! Write what a recorder has kept in this process, rows of step, node id and state; and forget it.
const char*
eiassembly_take_samples( const std::size_t recorder, double* rows, const std::size_t size )
{
  return failure_of(
    [ & ]
    {
      demand_size( n_sampled_numbers( recorder ), size );
      for_each_engine(
        [ &rows, recorder ]( PopulationEngine& engine )
        {
          auto& kept = engine.recorders()[ recorder ].rows;
          rows = std::copy( kept.begin(), kept.end(), rows );
          kept.clear();
        } );
    } );
}

//! Write the states of neurons into an array of shape (n, width). Rows of neurons of other processes stay as they are.
const char*
eiassembly_take_snapshot( const std::int64_t* const ids,
  const std::size_t n,
  const std::size_t width,
  double* const rows )
{
  return failure_of(
    [ = ]
    {
      for ( const auto& [ place, neuron ] : local_neurons( { ids, n } ) )
      {
        neuron->check_width( width );
        neuron->write_state( rows + place * width );
      }
    } );
}

//! Give neurons of this process the states that `eiassembly_take_snapshot` has written.
const char*
eiassembly_restore( const std::int64_t* const ids,
  const std::size_t n,
  const std::size_t width,
  const double* const rows )
{
  return failure_of(
    [ = ]
    {
      const std::vector< LocalNeuron > neurons = local_neurons( { ids, n } );
      for ( const auto& [ place, neuron ] : neurons )
      {
        neuron->check_width( width );
        neuron->check_state( rows + place * width );
      }
      for ( const auto& [ place, neuron ] : neurons )
      {
        neuron->restore_state( rows + place * width );
      }
    } );
}

//! Have contacts arrive at a port (from 0) of neurons of this process, for the updates of steps (from 0).
const char*
eiassembly_arrive( const std::int64_t* const ids,
  const std::int64_t* const steps,
  const std::int64_t* const contacts,
  const std::size_t n,
  const std::size_t port )
{
  return failure_of(
    [ = ]
    {
      const std::vector< LocalNeuron > neurons = local_neurons( { ids, n } );
      for ( const auto& [ place, neuron ] : neurons )
      {
        neuron->check_arrivals( port, steps[ place ], contacts[ place ] );
      }
      for ( const auto& [ place, neuron ] : neurons )
      {
        neuron->add_arrivals( port, steps[ place ], static_cast< std::int32_t >( contacts[ place ] ) );
      }
    } );
}

//! Inject a current (pA) into neurons of this process in the steps from < s <= until (1-based).
const char*
eiassembly_inject( const std::int64_t* const ids,
  const std::size_t n,
  const std::int64_t from,
  const std::int64_t until,
  const double current )
{
  return failure_of(
    [ = ]
    {
      demand( std::isfinite( current ), "expected a finite current, found " + std::to_string( current ) );
      std::map< PopulationEngine*, InjectedCurrent > windows;
      for ( const auto& local : local_neurons( { ids, n } ) )
      {
        const InjectedCurrent none { static_cast< long >( from ), static_cast< long >( until ), current, {} };
        const auto window = windows.try_emplace( &local.engine(), none ).first;
        window->second.lids.push_back( local.neuron->get_thread_lid() );
      }
      for ( auto& [ engine, window ] : windows )
      {
        engine->interventions().inject( std::move( window ) );
      }
    } );
}

//! Do not send the first spike at or after a step (1-based) of a neuron, if it is of this process.
const char*
eiassembly_drop( const std::int64_t id, const std::int64_t step )
{
  return failure_of(
    [ = ]
    {
      for ( const auto& local : local_neurons( { &id, 1 } ) )
      {
        local.engine().interventions().drop( local.neuron->get_thread_lid(), step );
      }
    } );
}

//! Send spikes of neurons of this process that they need not fire: steps (1-based, not decreasing) and node ids.
const char*
eiassembly_send( const std::int64_t* const steps, const std::int64_t* const ids, const std::size_t n )
{
  return failure_of(
    [ = ]
    {
      const std::vector< LocalNeuron > neurons = local_neurons( { ids, n } );
      check_steps_to_send( neurons, { steps, n } );
      for ( const auto& local : neurons )
      {
        local.engine().interventions().schedule( local.neuron->get_thread_lid(), steps[ local.place ] );
      }
    } );
}
}
