/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * State of all neurons of one thread in shared arrays, updated in one vectorised loop.
 *
 * NEST calls update() once per node and slice. Here the first neuron of a thread updates all of them: 5000 virtual
 * calls on scattered objects become one pass over contiguous memory. Neurons are addressed by their thread-local id,
 * which synapses store too, so that a spike reaches its counter without touching the neuron object.
 */
#ifndef EIASSEMBLY_POPULATION_ENGINE_H
#define EIASSEMBLY_POPULATION_ENGINE_H

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace eiassembly
{

constexpr std::size_t MAX_PORTS = 16;
constexpr std::size_t MAX_THREADS = 4096;

//! Parameters of a neuron; neurons with equal parameters and neighbouring ids are updated together.
struct Parameters
{
  double tau_m = 85.0;    //!< ms
  double g_rest = 1.35;   //!< nS
  double E_rest = -60.0;  //!< mV, resting and reset potential
  double V_th = -38.0;    //!< mV
  double t_ref = 8.0;     //!< ms
  double tau_a = 40.0;    //!< ms
  double a = 1.0;         //!< nS
  double b = 10.0;        //!< pA
  double I_e = 0.0;       //!< pA
  std::vector< double > tau_syn = { 30.0, 30.0, 10.0 };  //!< ms, one per port
  std::vector< double > E_rev = { 0.0, 0.0, -70.0 };     //!< mV, one per port
  std::vector< double > strength = { 1.0, 1.0, 1.0 };    //!< nS per contact, one per port

  bool operator==( const Parameters& ) const = default;

  std::size_t
  n_ports() const
  {
    return tau_syn.size();
  }
};

//! State of one neuron as seen from outside.
struct State
{
  double V_m = -60.0;            //!< mV
  double z = 0.0;                //!< pA
  std::int32_t refractory = 0;   //!< remaining refractory steps
  std::array< double, MAX_PORTS > g {};  //!< nS, one per port
};

/**
 * All neurons of one thread.
 *
 * The scheme of one step (Meissner-Bernard, Zenke & Friedrich 2025, forward Euler), with arrivals n of the previous
 * step counted before the membrane sees them:
 *   g <- g exp(-dt/tau_syn) + strength n;  V, z <- Euler step with this g;  V <- E_rest while refractory;
 *   spike where V > V_th: refractory period starts, z <- z + b.  V is reset in the step after the spike.
 */
class PopulationEngine
{
public:
  //! Engine of a thread; every thread touches its own entry only.
  static PopulationEngine&
  of( const std::size_t thread )
  {
    static std::array< std::unique_ptr< PopulationEngine >, MAX_THREADS > engines;
    auto& engine = engines.at( thread );
    if ( not engine )
    {
      engine = std::make_unique< PopulationEngine >();
    }
    return *engine;
  }

  //! Take a neuron in (or replace its parameters); its state lives here from now on.
  void
  attach( const std::size_t lid, std::shared_ptr< const Parameters > parameters, const State& state )
  {
    grow_( lid + 1, parameters->n_ports() );
    n_attached_ += parameters_[ lid ] == nullptr;
    parameters_[ lid ] = std::move( parameters );
    leader_ = std::min( leader_, lid );
    set_state( lid, state );
    runs_valid_ = false;
  }

  //! The given parameters, or an equal set that the previous neuron uses: neurons share them.
  std::shared_ptr< const Parameters >
  shared( const Parameters& parameters )
  {
    if ( not latest_ or not( *latest_ == parameters ) )
    {
      latest_ = std::make_shared< const Parameters >( parameters );
    }
    return latest_;
  }

  //! Thread-local id of the neuron whose update() updates all.
  std::size_t
  leader() const
  {
    return leader_;
  }

  //! Neurons that are recorded from; they want to be asked after every step.
  std::vector< std::size_t >&
  recorded()
  {
    return recorded_;
  }

  //! Forget a neuron; with the last one all memory is given back.
  void
  detach( const std::size_t lid )
  {
    parameters_[ lid ].reset();
    runs_valid_ = false;
    if ( --n_attached_ == 0 )
    {
      *this = PopulationEngine();
    }
  }

  State
  state( const std::size_t lid ) const
  {
    State s { V_[ lid ], z_[ lid ], refractory_[ lid ], {} };
    for ( std::size_t p = 0; p < n_ports_; ++p )
    {
      s.g[ p ] = g_[ p ][ lid ];
    }
    return s;
  }

  void
  set_state( const std::size_t lid, const State& s )
  {
    V_[ lid ] = s.V_m;
    z_[ lid ] = s.z;
    refractory_[ lid ] = s.refractory;
    for ( std::size_t p = 0; p < n_ports_; ++p )
    {
      g_[ p ][ lid ] = s.g[ p ];
    }
  }

  //! Make the ring of arrival counters for these delays (steps), which NEST fixes before the first spike.
  void
  set_delays( const long min_delay, const long max_delay )
  {
    const std::size_t length = std::bit_ceil( static_cast< std::size_t >( min_delay + max_delay ) );
    if ( length != ring_length_ )
    {
      ring_length_ = length;
      mask_ = static_cast< long >( length ) - 1;
      counts_.assign( length * n_ports_ * stride_, 0 );
    }
  }

  void
  set_resolution( const double dt )
  {
    dt_ = dt;
    runs_valid_ = false;
  }

  //! Count contacts that arrive for the update of absolute step `step`.
  void
  add( const long step, const std::size_t port, const std::size_t lid, const std::int32_t contacts )
  {
    counts_[ row_( step, port ) + lid ] += contacts;
  }

  //! Inject a current (pA) during the update of absolute step `step`.
  void
  add_current( const long step, const std::size_t lid, const double current )
  {
    if ( currents_.empty() )
    {
      currents_.assign( ring_length_ * stride_, 0.0 );
    }
    currents_[ ( step & mask_ ) * stride_ + lid ] += current;
  }

  /**
   * Update all neurons for the absolute steps first <= step < last; spike( lid, step ) is called for every spike.
   */
  template < typename Spike >
  void
  update( const long first, const long last, const Spike& spike )
  {
    if ( not runs_valid_ )
    {
      find_runs_();
    }
    for ( const Run& run : runs_ )
    {
      for ( std::size_t begin = run.begin; begin < run.end; begin += BLOCK )
      {
        const std::size_t size = std::min( BLOCK, run.end - begin );
        for ( long step = first; step < last; ++step )
        {
          if ( advance_( run, begin, size, step ) )
          {
            report_( begin, size, step, spike );
          }
        }
      }
    }
  }

private:
  //! Neurons that are updated together: their state stays in the first-level cache for a whole slice.
  static constexpr std::size_t BLOCK = 256;

  //! Ports with the same reversal potential: begin <= port < end.
  struct PortGroup
  {
    double E_rev;
    std::size_t begin, end;
  };

  //! Neighbouring neurons with equal parameters, and what follows from them.
  struct Run
  {
    std::size_t begin, end;
    Parameters p;
    std::vector< PortGroup > groups;
    std::array< double, MAX_PORTS > decay;
    double dt_tau_m, dt_tau_a;
    std::int32_t refractory_steps;
    bool adapts;
  };

  std::size_t n_attached_ = 0;
  std::size_t n_ports_ = 0;
  std::size_t stride_ = 0;  //!< neurons per row, padded
  std::size_t ring_length_ = 1;
  long mask_ = 0;
  double dt_ = 0.1;
  bool runs_valid_ = false;
  std::size_t leader_ = std::numeric_limits< std::size_t >::max();
  std::vector< std::size_t > recorded_;
  std::shared_ptr< const Parameters > latest_;

  std::vector< std::shared_ptr< const Parameters > > parameters_;
  std::vector< double > V_, z_;
  std::vector< std::int32_t > refractory_;
  std::array< std::vector< double >, MAX_PORTS > g_;
  std::vector< std::int32_t > counts_;  //!< [ring][port][neuron]
  std::vector< double > currents_;      //!< [ring][neuron], only if anything injects current
  std::vector< Run > runs_;

  std::size_t
  row_( const long step, const std::size_t port ) const
  {
    return ( ( step & mask_ ) * n_ports_ + port ) * stride_;
  }

  void
  grow_( const std::size_t n_neurons, const std::size_t n_ports )
  {
    if ( n_neurons <= stride_ and n_ports <= n_ports_ )
    {
      return;
    }
    const std::size_t stride = std::max( stride_, std::bit_ceil( std::max< std::size_t >( n_neurons, 64 ) ) );
    const std::size_t ports = std::max( n_ports_, n_ports );
    parameters_.resize( stride );
    V_.resize( stride );
    z_.resize( stride );
    refractory_.resize( stride );
    for ( std::size_t p = 0; p < ports; ++p )
    {
      g_[ p ].resize( stride );
    }
    std::vector< std::int32_t > counts( ring_length_ * ports * stride );
    for ( std::size_t slot = 0; slot < ring_length_; ++slot )
    {
      for ( std::size_t p = 0; p < n_ports_; ++p )
      {
        const auto from = counts_.begin() + ( slot * n_ports_ + p ) * stride_;
        std::copy( from, from + stride_, counts.begin() + ( slot * ports + p ) * stride );
      }
    }
    counts_ = std::move( counts );
    if ( not currents_.empty() )
    {
      std::vector< double > currents( ring_length_ * stride );
      for ( std::size_t slot = 0; slot < ring_length_; ++slot )
      {
        const auto from = currents_.begin() + slot * stride_;
        std::copy( from, from + stride_, currents.begin() + slot * stride );
      }
      currents_ = std::move( currents );
    }
    stride_ = stride;
    n_ports_ = ports;
  }

  void
  find_runs_()
  {
    runs_.clear();
    for ( std::size_t lid = 0; lid < parameters_.size(); ++lid )
    {
      const auto& p = parameters_[ lid ];
      if ( not p )
      {
        continue;
      }
      if ( not runs_.empty() and runs_.back().end == lid
        and ( parameters_[ lid - 1 ] == p or runs_.back().p == *p ) )
      {
        runs_.back().end = lid + 1;
      }
      else
      {
        runs_.push_back( make_run_( lid, *p ) );
      }
      // Without a and b the adaptation that was given as a state still acts while it decays.
      runs_.back().adapts |= z_[ lid ] != 0.0;
    }
    runs_valid_ = true;
  }

  Run
  make_run_( const std::size_t lid, const Parameters& p ) const
  {
    Run run { lid, lid + 1, p, {}, {}, dt_ / p.tau_m, dt_ / p.tau_a, 0, p.a != 0.0 or p.b != 0.0 };
    run.refractory_steps = static_cast< std::int32_t >( std::lround( p.t_ref / dt_ ) );
    for ( std::size_t port = 0; port < p.n_ports(); ++port )
    {
      run.decay[ port ] = std::exp( -dt_ / p.tau_syn[ port ] );
      if ( run.groups.empty() or run.groups.back().E_rev != p.E_rev[ port ] )
      {
        run.groups.push_back( { p.E_rev[ port ], port, port } );
      }
      run.groups.back().end = port + 1;
    }
    return run;
  }

  //! Conductances of one port take in their arrivals; the counters are cleared for their next use.
  static void
  receive_( double* __restrict g, std::int32_t* __restrict n, const std::size_t size, const double decay, const double w )
  {
    for ( std::size_t i = 0; i < size; ++i )
    {
      g[ i ] = g[ i ] * decay + w * n[ i ];
      n[ i ] = 0;
    }
  }

  //! One step of `size` neurons from `begin` on; true if any of them spikes.
  bool
  advance_( const Run& run, const std::size_t begin, const std::size_t size, const long step )
  {
    double current[ BLOCK ];
    synaptic_current_( run, begin, size, step, current );
    return run.adapts ? membrane_< true >( run, begin, size, step, current )
                      : membrane_< false >( run, begin, size, step, current );
  }

  void
  synaptic_current_( const Run& run,
    const std::size_t begin,
    const std::size_t size,
    const long step,
    double* __restrict current )
  {
    const double* __restrict V = V_.data() + begin;
    for ( const PortGroup& group : run.groups )
    {
      double total[ BLOCK ];
      for ( std::size_t port = group.begin; port < group.end; ++port )
      {
        double* __restrict g = g_[ port ].data() + begin;
        receive_( g, counts_.data() + row_( step, port ) + begin, size, run.decay[ port ], run.p.strength[ port ] );
        for ( std::size_t i = 0; i < size; ++i )
        {
          total[ i ] = port == group.begin ? g[ i ] : total[ i ] + g[ i ];
        }
      }
      const bool first = group.begin == 0;
      for ( std::size_t i = 0; i < size; ++i )
      {
        const double I = total[ i ] * ( group.E_rev - V[ i ] );
        current[ i ] = first ? I : current[ i ] + I;
      }
    }
  }

  template < bool adapts >
  bool
  membrane_( const Run& run, const std::size_t begin, const std::size_t size, const long step, double* __restrict current )
  {
    double* __restrict V = V_.data() + begin;
    double* __restrict z = z_.data() + begin;
    std::int32_t* __restrict refractory = refractory_.data() + begin;
    const Parameters& p = run.p;
    const double E_rest = p.E_rest, V_th = p.V_th, g_rest = p.g_rest, a = p.a, b = p.b;
    const double dt_tau_m = run.dt_tau_m, dt_tau_a = run.dt_tau_a;
    const std::int32_t refractory_steps = run.refractory_steps;
    inject_( p.I_e, begin, size, step, current );
    std::int32_t any = 0;
    for ( std::size_t i = 0; i < size; ++i )
    {
      const double V_old = V[ i ];
      const double I = adapts ? current[ i ] - z[ i ] : current[ i ];
      const double V_new = V_old + dt_tau_m * ( ( E_rest - V_old ) + I / g_rest );
      const std::int32_t waiting = refractory[ i ];
      const double V_now = waiting > 0 ? E_rest : V_new;
      const bool fires = V_now > V_th;
      V[ i ] = V_now;
      if constexpr ( adapts )
      {
        const double z_new = z[ i ] + dt_tau_a * ( a * ( V_old - E_rest ) - z[ i ] );
        z[ i ] = fires ? z_new + b : z_new;
      }
      refractory[ i ] = fires ? refractory_steps : ( waiting > 0 ? waiting - 1 : 0 );
      any |= fires;
    }
    return any;
  }

  //! Constant and injected currents; without any the sum is left alone, so that it stays the published one.
  void
  inject_( const double I_e, const std::size_t begin, const std::size_t size, const long step, double* __restrict current )
  {
    if ( I_e != 0.0 )
    {
      for ( std::size_t i = 0; i < size; ++i )
      {
        current[ i ] += I_e;
      }
    }
    if ( not currents_.empty() )
    {
      double* __restrict injected = currents_.data() + ( step & mask_ ) * stride_ + begin;
      for ( std::size_t i = 0; i < size; ++i )
      {
        current[ i ] += injected[ i ];
        injected[ i ] = 0.0;
      }
    }
  }

  //! A neuron above threshold has fired in this very step: in any later one it is clamped to E_rest.
  template < typename Spike >
  void
  report_( const std::size_t begin, const std::size_t size, const long step, const Spike& spike ) const
  {
    for ( std::size_t lid = begin; lid < begin + size; ++lid )
    {
      if ( V_[ lid ] > parameters_[ lid ]->V_th )
      {
        spike( lid, step );
      }
    }
  }
};

}  // namespace eiassembly

#endif
