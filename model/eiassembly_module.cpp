/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The NEST extension module. One translation unit: NEST's headers take most of the compilation time.
 */
#include "config.h"

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

//! A neuron of this process by its node id; null if it belongs to another process or is no such neuron.
alif_cond_exp_euler*
local_neuron( const std::int64_t id )
{
  const std::size_t vp = nest::kernel().vp_manager.node_id_to_vp( id );
  if ( not nest::kernel().vp_manager.is_local_vp( vp ) )
  {
    return nullptr;
  }
  const std::size_t thread = nest::kernel().vp_manager.vp_to_thread( vp );
  return dynamic_cast< alif_cond_exp_euler* >( nest::kernel().node_manager.get_node_or_proxy( id, thread ) );
}

} // namespace eiassembly

/**
 * What a simulation does between the calls of NEST, on arrays: status dictionaries are lists of Python objects, and to
 * make them takes longer than to simulate a small network. All numbers are int64; to be called outside of Simulate.
 */
extern "C"
{
eiassembly::Module module;

//! Keep the spikes of all neurons from now on; forget those kept, all recorders of states and interventions.
void
eiassembly_record_spikes()
{
  eiassembly::PopulationEngine::keeps_spikes = true;
  for ( std::size_t thread = 0; thread < nest::kernel().vp_manager.get_num_threads(); ++thread )
  {
    eiassembly::PopulationEngine::of( thread ).fired().clear();
    eiassembly::PopulationEngine::of( thread ).recorders().clear();
    eiassembly::PopulationEngine::of( thread ).interventions() = {};
  }
}

//! How many spikes of this process have been kept since they were taken last.
std::size_t
eiassembly_n_spikes()
{
  std::size_t n = 0;
  for ( std::size_t thread = 0; thread < nest::kernel().vp_manager.get_num_threads(); ++thread )
  {
    n += eiassembly::PopulationEngine::of( thread ).fired().size();
  }
  return n;
}

//! Write (step, node id) of the kept spikes into an array of shape (n_spikes, 2), and forget them.
void
eiassembly_take_spikes( std::int64_t* rows )
{
  for ( std::size_t thread = 0; thread < nest::kernel().vp_manager.get_num_threads(); ++thread )
  {
    std::vector< eiassembly::Fired >& fired = eiassembly::PopulationEngine::of( thread ).fired();
    for ( const auto& [ step, sender ] : fired )
    {
      *rows++ = step;
      *rows++ = sender;
    }
    fired.clear();
  }
}

//! Give the sources of this process their next spikes; null, or what is wrong with them.
const char*
eiassembly_feed( const std::int64_t* steps, const std::int64_t* senders, const std::size_t n )
{
  static std::string problem;
  try
  {
    for ( std::size_t thread = 0; thread < nest::kernel().vp_manager.get_num_threads(); ++thread )
    {
      eiassembly::Schedule::append( thread, { steps, n }, { senders, n } );
    }
  }
  catch ( const std::exception& error )
  {
    problem = error.what();
    return problem.c_str();
  }
  return nullptr;
}

/**
 * Record the state of neurons at every interval from now on: after the steps s with (s + shift) divisible by it.
 *
 * Neurons of other processes are skipped. Returns the number by which the recorder is known, on all threads.
 */
std::size_t
eiassembly_record_state( const std::int64_t* ids,
  const std::size_t n,
  const std::int64_t interval,
  const std::int64_t shift )
{
  std::size_t number = 0;
  for ( std::size_t thread = 0; thread < nest::kernel().vp_manager.get_num_threads(); ++thread )
  {
    auto& recorders = eiassembly::PopulationEngine::of( thread ).recorders();
    number = recorders.size();
    recorders.push_back( { static_cast< long >( interval ), static_cast< long >( shift ), {} } );
    for ( std::size_t i = 0; i < n; ++i )
    {
      const auto* neuron = eiassembly::local_neuron( ids[ i ] );
      if ( neuron and neuron->get_thread() == thread )
      {
        recorders.back().cells.push_back( { neuron->get_thread_lid(), ids[ i ] } );
      }
    }
  }
  return number;
}

//! How many numbers a recorder has kept in this process.
std::size_t
eiassembly_n_samples( const std::size_t number )
{
  std::size_t n = 0;
  for ( std::size_t thread = 0; thread < nest::kernel().vp_manager.get_num_threads(); ++thread )
  {
    n += eiassembly::PopulationEngine::of( thread ).recorders()[ number ].rows.size();
  }
  return n;
}

//! Write what a recorder has kept in this process, rows of step, node id, V_m, z, conductances; and forget it.
void
eiassembly_take_samples( const std::size_t number, double* rows )
{
  for ( std::size_t thread = 0; thread < nest::kernel().vp_manager.get_num_threads(); ++thread )
  {
    auto& kept = eiassembly::PopulationEngine::of( thread ).recorders()[ number ].rows;
    rows = std::copy( kept.begin(), kept.end(), rows );
    kept.clear();
  }
}

/**
 * Write the states of neurons into an array of shape (n, n_columns): V_m, z, refractory steps, conductances.
 *
 * Rows of neurons of other processes stay as they are.
 */
void
eiassembly_take_snapshot( const std::int64_t* ids, const std::size_t n, const std::size_t n_columns, double* rows )
{
  for ( std::size_t i = 0; i < n; ++i, rows += n_columns )
  {
    const auto* neuron = eiassembly::local_neuron( ids[ i ] );
    if ( neuron and neuron->snapshot_size() == n_columns )
    {
      neuron->take_snapshot( rows );
    }
  }
}

//! Give neurons of this process the states that `eiassembly_take_snapshot` has written.
void
eiassembly_restore( const std::int64_t* ids, const std::size_t n, const std::size_t n_columns, const double* rows )
{
  for ( std::size_t i = 0; i < n; ++i, rows += n_columns )
  {
    auto* neuron = eiassembly::local_neuron( ids[ i ] );
    if ( neuron and neuron->snapshot_size() == n_columns )
    {
      neuron->restore( rows );
    }
  }
}

//! Have contacts arrive at a port (from 0) of neurons of this process, for the updates of steps (from 0).
void
eiassembly_arrive( const std::int64_t* ids,
  const std::int64_t* steps,
  const std::int64_t* contacts,
  const std::size_t n,
  const std::size_t port )
{
  for ( std::size_t i = 0; i < n; ++i )
  {
    if ( auto* neuron = eiassembly::local_neuron( ids[ i ] ) )
    {
      neuron->arrive( port, steps[ i ], static_cast< std::int32_t >( contacts[ i ] ) );
    }
  }
}

//! Inject a current (pA) into neurons of this process in the steps from < s <= until (1-based).
void
eiassembly_inject( const std::int64_t* ids,
  const std::size_t n,
  const std::int64_t from,
  const std::int64_t until,
  const double current )
{
  for ( std::size_t thread = 0; thread < nest::kernel().vp_manager.get_num_threads(); ++thread )
  {
    eiassembly::InjectedCurrent window { static_cast< long >( from ), static_cast< long >( until ), current, {} };
    for ( std::size_t i = 0; i < n; ++i )
    {
      const auto* neuron = eiassembly::local_neuron( ids[ i ] );
      if ( neuron and neuron->get_thread() == thread )
      {
        window.lids.push_back( neuron->get_thread_lid() );
      }
    }
    if ( not window.lids.empty() )
    {
      eiassembly::PopulationEngine::of( thread ).interventions().inject( std::move( window ) );
    }
  }
}

//! Do not send the first spike at or after a step (1-based) of a neuron, if it is of this process.
void
eiassembly_drop( const std::int64_t id, const std::int64_t step )
{
  if ( const auto* neuron = eiassembly::local_neuron( id ) )
  {
    eiassembly::PopulationEngine::of( neuron->get_thread() ).interventions().drop( neuron->get_thread_lid(), step );
  }
}

//! Send spikes of neurons of this process that they need not fire: steps (1-based, not decreasing) and node ids.
void
eiassembly_send( const std::int64_t* steps, const std::int64_t* ids, const std::size_t n )
{
  for ( std::size_t i = 0; i < n; ++i )
  {
    if ( const auto* neuron = eiassembly::local_neuron( ids[ i ] ) )
    {
      auto& interventions = eiassembly::PopulationEngine::of( neuron->get_thread() ).interventions();
      interventions.schedule( neuron->get_thread_lid(), steps[ i ] );
    }
  }
}
}
