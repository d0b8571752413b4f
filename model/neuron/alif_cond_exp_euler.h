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

//! Contacts that one event may bring, and how far ahead it may come, steps: beyond, something is wrong.
constexpr std::int64_t MAX_CONTACTS = 1'000'000'000, MAX_STEPS_AHEAD = 1'000'000'000;

//! A node by its thread-local id. (NEST's thread_lid_to_node takes 16 bits of it: 65,536 nodes per thread.)
inline nest::Node*
local_node( const std::size_t thread, const std::size_t lid )
{
  return nest::kernel().node_manager.get_local_nodes( thread ).get_node_by_index( lid );
}

/* BeginUserDocs: neuron, adaptation, integrate-and-fire, conductance-based, hard threshold

Short description
+++++++++++++++++

Adaptive leaky integrate-and-fire neuron with exponential conductances and forward Euler integration

Description
+++++++++++

``alif_cond_exp_euler`` is the neuron of the model of telencephalic area Dp by
Meissner-Bernard et al. [1]_: a leaky integrate-and-fire neuron with an
adaptation current and one exponentially decaying conductance per receptor
port. The equations are those of ``aeif_cond_exp`` without its exponential term
(``Delta_T = 0``), or of ``iaf_cond_exp`` where ``a = b = 0``. They are not
solved adaptively, but by the scheme of the authors, so that spikes are those
of the published simulations one by one.

The membrane potential is given by

.. math::

 \tau_m \frac{dV}{dt} = E_L - V + \frac{1}{g_L} \left( \sum_i g_i (E_{rev,i} - V) - w + I_e + I_{stim} \right)

and the adaptation current by

.. math::

 \tau_w \frac{dw}{dt} = a (V - E_L) - w

with :math:`\tau_m = C_m / g_L`. Both are advanced by one forward Euler step per
time step, after the conductances: :math:`g_i \leftarrow g_i e^{-dt/\tau_{syn,i}}
+ n_i s_i` with the contacts :math:`n_i` that have arrived and the ``strength``
:math:`s_i` of the port. When :math:`V > V_{th}` the neuron fires, :math:`w
\leftarrow w + b`, and :math:`V` is held at :math:`V_{reset}` from the next step on for
``t_ref``, rounded to steps.

There is one receptor port for every entry of ``tau_syn``, ``E_rev`` and
``strength``; ports are counted from 1 and selected by ``receptor_type``. The
weight of a connection is a number of contacts, a non-negative integer. Sums of
integers do not depend on the order of arrival: spikes are the same for every
number of threads and MPI processes.

.. note::

   All neurons of a thread are updated together, so a single neuron cannot be
   frozen. As for all NEST models a delay of one time step is the shortest.

Parameters
++++++++++

The following parameters can be set in the status dictionary.

================ ======= ====================================================
**Dynamic state variables**
-----------------------------------------------------------------------------
V_m              mV      Membrane potential
w                pA      Adaptation current
g                list of Conductance of every port
                 nS
refractory_steps integer Steps that are left of the refractory period
================ ======= ====================================================

================ ======= ====================================================
**Membrane parameters**
-----------------------------------------------------------------------------
C_m              pF      Capacity of the membrane, tau_m * g_L
tau_m            ms      Membrane time constant; kept when g_L is changed
t_ref            ms      Duration of the refractory period
V_reset          mV      Potential during the refractory period
E_L              mV      Leak reversal potential
g_L              nS      Leak conductance
I_e              pA      Constant input current
V_th             mV      Spike threshold
================ ======= ====================================================

================ ======= ====================================================
**Adaptation parameters**
-----------------------------------------------------------------------------
a                nS      Subthreshold adaptation
b                pA      Spike-triggered adaptation
tau_w            ms      Time constant of the adaptation current
================ ======= ====================================================

================ ======= ====================================================
**Synaptic parameters**
-----------------------------------------------------------------------------
tau_syn          list of Time constant of the conductance of every port
                 ms
E_rev            list of Reversal potential of every port
                 mV
strength         list of Conductance step per contact of every port
                 nS
================ ======= ====================================================

================ ======== ===================================================
**Blocked output**
-----------------------------------------------------------------------------
silent_from      list of  Windows of steps, in order: spikes of the steps
                 integers silent_from < s <= silent_until are fired, but
silent_until     list of  not transmitted
                 integers
================ ======== ===================================================

Of ``C_m`` and ``tau_m`` one is given, or both if they agree. Earlier names are
still understood when parameters are set: ``g_rest`` for ``g_L``, ``tau_a`` for
``tau_w``, ``z`` for ``w``, and ``E_rest`` for ``E_L`` and ``V_reset`` together.

Recordables are ``V_m``, ``w`` and ``g_1``, ``g_2``, … A recorded conductance is
the one that acted in the step that ends at its time.

Sends
+++++

SpikeEvent

Receives
++++++++

SpikeEvent, CurrentEvent, DataLoggingRequest

References
++++++++++

.. [1] Meissner-Bernard C, Zenke F, Friedrich RW (2025). Geometry and dynamics
       of representations in a precisely balanced memory network related to
       olfactory cortex. eLife 13:RP96303.
       DOI: https://doi.org/10.7554/eLife.96303

See also
++++++++

aeif_cond_exp, iaf_cond_exp, aeif_cond_beta_multisynapse, contact_synapse

EndUserDocs */

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
    if ( not( contacts >= 0.0 and contacts == std::floor( contacts ) and contacts < MAX_CONTACTS ) )
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

  //! How many numbers its state is, see State::write.
  std::size_t
  state_width() const
  {
    return State::width( parameters_->n_ports() );
  }

  //! Write the whole state, except for spikes on their way, into `state_width` numbers.
  void write_state( double* numbers ) const;

  //! Throws nest::BadProperty if the state is not so many numbers.
  void check_width( std::size_t width ) const;

  //! Throws nest::BadProperty if `write_state` cannot have written these numbers.
  void check_state( const double* numbers ) const;

  //! Take on a state that was written by `write_state`.
  void restore_state( const double* numbers );

  //! Throws nest::BadProperty if `add_arrivals` cannot take this.
  void check_arrivals( std::size_t port, std::int64_t step, std::int64_t contacts ) const;

  //! Add contacts to what arrives at a port (from 0) for the update of a step.
  void
  add_arrivals( const std::size_t port, const long step, const std::int32_t contacts )
  {
    PopulationEngine& engine = engine_();
    std::int32_t* const counters = engine.counters( step );
    counters[ engine.counter( port, get_thread_lid() ) ] += contacts;
  }

  //! Value of a recordable: 0 V_m, 1 w, 2… the conductances.
  double
  get_state_element( const std::size_t element ) const
  {
    const State s = state_();
    return element == 0 ? s.V_m : element == 1 ? s.w : s.g[ element - 2 ];
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
      recordables.insert( "z", nest::DataAccessFunctor( host, 1 ) ); // the earlier name of w
    }
    Recordables recordables;
    nest::DynamicUniversalDataLogger< alif_cond_exp_euler > logger;
  };

  std::shared_ptr< const Parameters > parameters_;
  std::unique_ptr< State > initial_;         //!< state as long as the engine does not hold it
  std::shared_ptr< const Silence > silence_; //!< null where all spikes are transmitted
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

  //! Whether a spike at this step (1-based) is transmitted to the targets.
  bool
  is_transmitted_( const long step ) const
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
