/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Adaptive leaky integrate-and-fire neuron with exponential conductances, forward Euler on the grid.
 */
#ifndef EIASSEMBLY_ALIF_COND_EXP_EULER_H
#define EIASSEMBLY_ALIF_COND_EXP_EULER_H

#include "connection.h"
#include "event.h"
#include "event_delivery_manager_impl.h"
#include "kernel_manager.h"
#include "nest_extension_interface.h"
#include "node.h"
#include "recordables_map.h"
#include "universal_data_logger_impl.h"

#include "population_engine.h"
#include "silence.h"

namespace eiassembly
{

//! A node by its thread-local id. (NEST's thread_lid_to_node takes 16 bits of it: 65,536 nodes per thread.)
inline nest::Node*
local_node( const std::size_t thread, const std::size_t lid )
{
  return nest::kernel().node_manager.get_local_nodes( thread ).get_node_by_index( lid );
}

/**
 * Neuron of the pDp model (Meissner-Bernard, Zenke & Friedrich, eLife 13:RP96303, Methods and Table 1).
 *
 * One receptor port per source population, counted from 1. The weight of a connection is the number of contacts, a
 * non-negative integer; the conductance step per contact is the port's `strength`. Sums of integers do not depend on
 * the order of arrival, so spikes are the same for every number of threads and processes.
 *
 * Parameters: tau_m, t_ref, tau_a [ms]; g_rest, a [nS]; E_rest (also reset), V_th [mV]; b, I_e [pA]; and per port
 * tau_syn [ms], E_rev [mV], strength [nS]. State: V_m [mV], z [pA], refractory_steps, g [nS per port].
 * silent_from, silent_until [steps]: windows, in order, in which spikes (from < step <= until) reach nobody. They
 * are kept for those who ask the module for its spikes, and act on the neuron itself as ever.
 * Recordables: V_m, z, g_1, g_2, … A recorded g is the conductance that acted in the step that ends at its time.
 */
class alif_cond_exp_euler : public nest::Node
{
public:
  alif_cond_exp_euler()
    : parameters_( default_parameters_() )
    , initial_( std::make_unique< State >() )
  {
  }

  alif_cond_exp_euler( const alif_cond_exp_euler& other )
    : nest::Node( other )
    , parameters_( other.parameters_ )
    , initial_( std::make_unique< State >( other.state_() ) )
    , silence_( other.silence_ )
  {
  }

  ~alif_cond_exp_euler() override
  {
    if ( is_attached_() )
    {
      engine_().detach( get_thread_lid() );
    }
  }

  using nest::Node::handle;
  using nest::Node::handles_test_event;

  std::size_t
  send_test_event( nest::Node& target, std::size_t receptor_type, nest::synindex, bool ) override
  {
    nest::SpikeEvent e;
    e.set_sender( *this );
    return target.handles_test_event( e, receptor_type );
  }

  //! The receptor type itself, as NEST's multisynapse neurons do.
  std::size_t
  handles_test_event( nest::SpikeEvent&, std::size_t receptor_type ) override
  {
    if ( receptor_type < 1 or receptor_type > parameters_->n_ports() )
    {
      throw nest::IncompatibleReceptorType( receptor_type, get_name(), "SpikeEvent" );
    }
    has_connections_ = true;
    return receptor_type;
  }

  std::size_t
  handles_test_event( nest::CurrentEvent&, std::size_t receptor_type ) override
  {
    if ( receptor_type != 0 )
    {
      throw nest::UnknownReceptorType( receptor_type, get_name() );
    }
    return 0;
  }

  std::size_t
  handles_test_event( nest::DataLoggingRequest& request, std::size_t receptor_type ) override
  {
    if ( receptor_type != 0 )
    {
      throw nest::UnknownReceptorType( receptor_type, get_name() );
    }
    if ( not recording_ )
    {
      recording_ = std::make_unique< Recording >( *this );
    }
    return recording_->logger.connect_logging_device( request, recording_->recordables );
  }

  void
  handle( nest::SpikeEvent& e ) override
  {
    const double contacts = e.get_weight() * e.get_multiplicity();
    if ( not( contacts >= 0.0 and contacts == std::floor( contacts ) and contacts < 1e9 ) )
    {
      throw nest::BadProperty( "alif_cond_exp_euler: a weight is a number of contacts, a non-negative integer." );
    }
    PopulationEngine& engine = engine_();
    const std::size_t counter = engine.counter( e.get_rport() - 1, get_thread_lid() );
    engine.counters( arrival_( e ) )[ counter ] += static_cast< std::int32_t >( contacts );
  }

  void
  handle( nest::CurrentEvent& e ) override
  {
    engine_().add_current( arrival_( e ), get_thread_lid(), e.get_weight() * e.get_current() );
  }

  void
  handle( nest::DataLoggingRequest& e ) override
  {
    recording_->logger.handle( e );
  }

  void get_status( Dictionary& ) const override;
  void set_status( const Dictionary& ) override;

  //! Number of numbers in a snapshot: V_m, z, refractory steps and a conductance per port.
  std::size_t
  snapshot_size() const
  {
    return 3 + parameters_->n_ports();
  }

  //! Write the whole state, except for spikes on their way, into `snapshot_size` numbers.
  void take_snapshot( double* numbers ) const;

  //! Take on a state that was written by `take_snapshot`.
  void restore( const double* numbers );

  //! Add contacts to what arrives at a port (from 0) for the update of a step.
  void
  arrive( const std::size_t port, const long step, const std::int32_t contacts )
  {
    PopulationEngine& engine = engine_();
    std::int32_t* const counters = engine.counters( step );
    counters[ engine.counter( port, get_thread_lid() ) ] += contacts;
  }

  //! Value of a recordable: 0 V_m, 1 z, 2… the conductances.
  double
  get_state_element( const std::size_t element ) const
  {
    const State s = state_();
    return element == 0 ? s.V_m : element == 1 ? s.z : s.g[ element - 2 ];
  }

private:
  using Recordables = nest::DynamicRecordablesMap< alif_cond_exp_euler >;

  //! What only neurons with a multimeter need.
  struct Recording
  {
    explicit Recording( alif_cond_exp_euler& host )
      : logger( host )
    {
      const std::vector< std::string > names = host.recordable_names_();
      for ( std::size_t element = 0; element < names.size(); ++element )
      {
        recordables.insert( names[ element ], nest::DataAccessFunctor( host, element ) );
      }
    }
    Recordables recordables;
    nest::DynamicUniversalDataLogger< alif_cond_exp_euler > logger;
  };

  std::shared_ptr< const Parameters > parameters_;
  std::unique_ptr< State > initial_;         //!< state as long as the engine does not hold it
  std::shared_ptr< const Silence > silence_; //!< null where the neuron is always heard
  bool has_connections_ = false;
  std::unique_ptr< Recording > recording_;

  static std::shared_ptr< const Parameters >
  default_parameters_()
  {
    static const auto parameters = std::make_shared< const Parameters >();
    return parameters;
  }

  PopulationEngine&
  engine_() const
  {
    return PopulationEngine::of( get_thread() );
  }

  State
  state_() const
  {
    return is_attached_() ? engine_().state( get_thread_lid() ) : *initial_;
  }

  bool
  is_attached_() const
  {
    return not initial_;
  }

  void attach_( const State& );

  //! Whether a spike at this step (1-based) reaches the targets.
  bool
  is_heard_( const long step ) const
  {
    return not silence_ or not silence_->covers( step );
  }

  //! Absolute step whose update sees an event that is delivered in this slice.
  static long
  arrival_( const nest::Event& e )
  {
    return e.get_stamp().get_steps() + e.get_delay_steps() - 1;
  }

  std::vector< std::string > recordable_names_() const;
  void init_buffers_() override;
  void pre_run_hook() override;
  void update( nest::Time const&, const long, const long ) override;
};

} // namespace eiassembly

#endif
