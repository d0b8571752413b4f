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
#include <iterator>
#include <limits>
#include <memory>

#include "euler_step.h"
#include "interventions.h"
#include "per_thread.h"
#include "state_recorder.h"

namespace eiassembly
{

//! A spike as others want to know of it.
struct Fired
{
  std::int64_t step;   //!< the spike is at step * dt
  std::int64_t sender; //!< node id
};

//! State of one neuron as seen from outside.
struct State
{
  //! Numbers of a state beside the conductances.
  static constexpr std::size_t N_SCALARS = 3;

  double V_m = -60.0;                   //!< mV
  double w = 0.0;                       //!< pA
  std::int32_t refractory = 0;          //!< remaining refractory steps
  std::array< double, MAX_PORTS > g {}; //!< nS, one per port

  //! How many numbers the state of a neuron is.
  static constexpr std::size_t
  width( const std::size_t n_ports )
  {
    return N_SCALARS + n_ports;
  }

  //! Write `width` numbers: V_m, w, refractory steps and the conductances. Returns where they end.
  template < typename Output >
  Output
  write( const std::size_t n_ports, Output to ) const
  {
    *to++ = V_m;
    *to++ = w;
    *to++ = refractory;
    return std::copy_n( g.begin(), n_ports, to );
  }

  //! A state from what `write` has written.
  static State
  read( const std::size_t n_ports, const double* from )
  {
    State s;
    s.V_m = *from++;
    s.w = *from++;
    s.refractory = static_cast< std::int32_t >( *from++ );
    std::copy_n( from, n_ports, s.g.begin() );
    return s;
  }
};

/**
 * All neurons of one thread. Steps are absolute: step s ends at the time (s + 1) dt.
 */
class PopulationEngine
{
public:
  //! Engine of a thread; every thread asks for its own only.
  static PopulationEngine&
  of( const std::size_t thread )
  {
    return engines_.at( thread );
  }

  /**
   * Take a neuron in, or replace its parameters; its state lives here from now on.
   *
   * n_lids: how many thread-local ids there are, so that the arrays need not grow neuron by neuron.
   */
  void
  attach( const std::size_t lid,
    const std::size_t n_lids,
    std::shared_ptr< const Parameters > parameters,
    const State& state )
  {
    make_room_( lid, std::max( lid + 1, n_lids ), parameters->n_ports() );
    auto& held = parameters_[ lid - base_ ];
    n_attached_ += held == nullptr;
    held = std::move( parameters );
    leader_ = std::min( leader_, lid );
    set_state( lid, state );
    stretches_valid_ = false;
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

  //! Step whose update comes next.
  long
  next_step() const
  {
    return next_step_;
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

  //! Recorders of the state of this thread's neurons.
  std::vector< StateRecorder >&
  recorders()
  {
    return recorders_;
  }

  //! The next step (1-based, at most `last`) after which somebody wants to know the state.
  long
  next_sample( const long step, long last ) const
  {
    for ( const StateRecorder& recorder : recorders_ )
    {
      last = std::min( last, recorder.next_due( step ) );
    }
    return last;
  }

  //! Record the state after a step (1-based), where it is wanted.
  void
  sample( const long step )
  {
    for ( StateRecorder& recorder : recorders_ )
    {
      if ( recorder.is_due( step ) )
      {
        sample_( recorder, step );
      }
    }
  }

  //! Forget what is recorded and what an experiment does to the neurons; neurons keep their states.
  void
  clear_experiment()
  {
    fired_.clear();
    recorders_.clear();
    interventions_ = {};
  }

  //! What an experiment does to the neurons of this thread.
  Interventions&
  interventions()
  {
    return interventions_;
  }

  //! Spikes of this thread that nobody has taken yet; kept only if somebody wants them.
  std::vector< Fired >&
  fired()
  {
    return fired_;
  }

  //! Whether the spikes of all threads are kept.
  inline static bool keeps_spikes = false;

  //! Forget a neuron; with the last one all memory is given back.
  void
  detach( const std::size_t lid )
  {
    parameters_[ lid - base_ ].reset();
    stretches_valid_ = false;
    if ( --n_attached_ == 0 )
    {
      *this = PopulationEngine();
    }
  }

  State
  state( const std::size_t lid ) const
  {
    const std::size_t i = lid - base_;
    const std::int64_t waiting = std::max< std::int64_t >( clamped_until_[ i ] - next_step_ + 1, 0 );
    State s { V_[ i ], w_[ i ], static_cast< std::int32_t >( waiting ), {} };
    for ( std::size_t p = 0; p < n_ports_; ++p )
    {
      s.g[ p ] = g_[ p ][ i ];
    }
    return s;
  }

  void
  set_state( const std::size_t lid, const State& s )
  {
    const std::size_t i = lid - base_;
    V_[ i ] = s.V_m;
    w_[ i ] = s.w;
    clamped_until_[ i ] = next_step_ - 1 + s.refractory;
    for ( std::size_t p = 0; p < n_ports_; ++p )
    {
      g_[ p ][ i ] = s.g[ p ];
    }
  }

  //! Say where time stands, how long a step is (ms) and the longest delay (steps).
  void
  set_time( const long next_step, const double dt, const long max_delay )
  {
    if ( const std::int64_t later = next_step - next_step_ )
    {
      for ( std::int64_t& until : clamped_until_ )
      {
        until += later;
      }
      next_step_ = next_step;
    }
    stretches_valid_ = stretches_valid_ and dt == dt_;
    dt_ = dt;
    if ( max_delay > ring_length_ )
    {
      lengthen_ring_( max_delay );
    }
  }

  //! Counters of the contacts that arrive for the update of step `step`, to be indexed by `counter`.
  std::int32_t*
  counters( const long step )
  {
    reach_( step );
    return arrived_.data() + slot_( step ) * n_ports_ * stride_;
  }

  std::size_t
  counter( const std::size_t port, const std::size_t lid ) const
  {
    return port * stride_ + ( lid - base_ );
  }

  //! Inject a current (pA) during the update of step `step`.
  void
  add_current( const long step, const std::size_t lid, const double current )
  {
    reach_( step );
    if ( injected_.empty() )
    {
      injected_.assign( ring_length_ * stride_, 0.0 );
    }
    injected_[ slot_( step ) * stride_ + lid - base_ ] += current;
  }

  //! Update all neurons for the next steps, up to `last` (exclusive); spike( lid, step ) is called for every spike.
  template < typename Spike >
  void
  update( const long last, const Spike& spike )
  {
    if ( not stretches_valid_ )
    {
      find_stretches_();
    }
    for ( const Stretch& stretch : stretches_ )
    {
      for ( std::size_t begin = stretch.begin; begin < stretch.end; begin += BLOCK )
      {
        const std::size_t end = std::min( begin + BLOCK, stretch.end );
        for ( long step = next_step_; step < last; ++step )
        {
          if ( stretch.advance( stretch.constants, *this, begin, end, step ) )
          {
            fire_( stretch, begin, end, step, spike );
          }
        }
      }
    }
    first_slot_ = slot_( last );
    next_step_ = last;
  }

private:
  //! Neurons that are updated together: their state stays in the first-level cache for a whole slice.
  static constexpr std::size_t BLOCK = 256;

  //! Neighbouring neurons with equal parameters.
  struct Stretch
  {
    using Advance = bool ( * )( const Constants&, PopulationEngine&, std::size_t, std::size_t, long );
    std::size_t begin, end;
    std::shared_ptr< const Parameters > parameters;
    Constants constants;
    bool adapts;
    Advance advance;
  };

  static PerThread< PopulationEngine > engines_;

  std::size_t n_attached_ = 0;
  std::size_t n_ports_ = 0;
  std::size_t base_ = 0;   //!< thread-local id of the first element of all arrays
  std::size_t stride_ = 0; //!< elements per array
  long ring_length_ = 1;
  long next_step_ = 0;
  long first_slot_ = 0; //!< of the ring, for next_step_
  double dt_ = 0.1;
  bool stretches_valid_ = false;
  std::size_t leader_ = std::numeric_limits< std::size_t >::max();
  std::vector< std::size_t > recorded_;
  std::vector< StateRecorder > recorders_;
  std::vector< Fired > fired_;
  Interventions interventions_;
  std::shared_ptr< const Parameters > latest_;

  std::vector< std::shared_ptr< const Parameters > > parameters_;
  Column< double > V_, w_;
  Column< std::int64_t > clamped_until_;
  std::array< Column< double >, MAX_PORTS > g_;
  Column< std::int32_t > arrived_; //!< [ring][port][neuron]
  Column< double > injected_;      //!< [ring][neuron], only if anything injects current
  std::vector< Stretch > stretches_;

  void
  sample_( StateRecorder& recorder, const long step )
  {
    for ( const auto& [ lid, node ] : recorder.cells )
    {
      recorder.rows.push_back( static_cast< double >( step ) );
      recorder.rows.push_back( static_cast< double >( node ) );
      state( lid ).write( parameters_[ lid - base_ ]->n_ports(), std::back_inserter( recorder.rows ) );
    }
  }

  long
  slot_( const long step ) const
  {
    const long slot = first_slot_ + ( step - next_step_ );
    return slot < ring_length_ ? slot : slot - ring_length_;
  }

  /**
   * Make sure that the ring has a slot of its own for a step.
   *
   * Spikes of cells come before the update of a slice and at most a delay ahead. Those of devices, and currents, come
   * while a slice is updated, perhaps before the neurons: only for them must the ring be longer than the delay.
   */
  void
  reach_( const long step )
  {
    if ( step - next_step_ >= ring_length_ )
    {
      lengthen_ring_( step - next_step_ + 1 );
    }
  }

  void
  lengthen_ring_( const long length )
  {
    lengthen_( arrived_, n_ports_ * stride_, length );
    if ( not injected_.empty() )
    {
      lengthen_( injected_, stride_, length );
    }
    ring_length_ = length;
    first_slot_ = 0;
  }

  //! The same rows, from that of the next step on, in a longer ring.
  template < typename Array >
  void
  lengthen_( Array& ring, const std::size_t row, const long length ) const
  {
    Array longer( length * row );
    const auto next = ring.begin() + ( ring.empty() ? 0 : first_slot_ * row );
    std::copy( ring.begin(), next, std::copy( next, ring.end(), longer.begin() ) );
    ring = std::move( longer );
  }

  //! Move arrays of n_rows rows of the old stride into rows of a new one.
  template < typename Array >
  static void
  restride_( Array& array,
    const std::size_t n_rows,
    const std::size_t old_stride,
    const std::size_t stride,
    const std::size_t shift )
  {
    Array moved( n_rows * stride );
    for ( std::size_t row = 0; row < n_rows; ++row )
    {
      const auto from = array.begin() + row * old_stride;
      std::move( from, from + old_stride, moved.begin() + row * stride + shift );
    }
    array = std::move( moved );
  }

  void
  make_room_( const std::size_t first, const std::size_t last, const std::size_t n_ports )
  {
    const std::size_t base = stride_ ? std::min( base_, first ) : first;
    if ( base == base_ and last <= base_ + stride_ and n_ports <= n_ports_ )
    {
      return;
    }
    const std::size_t n = std::max( last, base_ + stride_ ) - base;
    const std::size_t stride = ( n + SIMD_WIDTH - 1 ) / SIMD_WIDTH * SIMD_WIDTH;
    const std::size_t ports = std::max( n_ports_, n_ports );
    const std::size_t shift = stride_ ? base_ - base : 0;
    restride_( parameters_, 1, stride_, stride, shift );
    restride_( V_, 1, stride_, stride, shift );
    restride_( w_, 1, stride_, stride, shift );
    restride_( clamped_until_, 1, stride_, stride, shift );
    for ( std::size_t p = 0; p < ports; ++p )
    {
      restride_( g_[ p ], 1, p < n_ports_ ? stride_ : 0, stride, shift );
    }
    restride_arrived_( ports, stride, shift );
    if ( not injected_.empty() )
    {
      restride_( injected_, ring_length_, stride_, stride, shift );
    }
    base_ = base;
    stride_ = stride;
    n_ports_ = ports;
  }

  void
  restride_arrived_( const std::size_t ports, const std::size_t stride, const std::size_t shift )
  {
    Column< std::int32_t > moved( ring_length_ * ports * stride );
    for ( long slot = 0; slot < ring_length_; ++slot )
    {
      for ( std::size_t p = 0; p < n_ports_; ++p )
      {
        const auto from = arrived_.begin() + ( slot * n_ports_ + p ) * stride_;
        std::copy( from, from + stride_, moved.begin() + ( slot * ports + p ) * stride + shift );
      }
    }
    arrived_ = std::move( moved );
  }

  void
  find_stretches_()
  {
    stretches_.clear();
    for ( std::size_t i = 0; i < parameters_.size(); ++i )
    {
      const auto& p = parameters_[ i ];
      if ( not p )
      {
        continue;
      }
      Stretch* latest = stretches_.empty() ? nullptr : &stretches_.back();
      if ( latest and latest->end == i and ( latest->parameters == p or *latest->parameters == *p ) )
      {
        latest->end = i + 1;
      }
      else
      {
        stretches_.push_back( { i, i + 1, p, Constants( *p, dt_ ), p->a != 0.0 or p->b != 0.0, nullptr } );
      }
      // Without a and b the adaptation that was given as a state still acts while it decays.
      stretches_.back().adapts |= w_[ i ] != 0.0;
    }
    for ( Stretch& stretch : stretches_ )
    {
      stretch.advance = advance_for_( stretch.constants, stretch.adapts );
    }
    stretches_valid_ = true;
  }

  //! The published networks have one or two excitatory and inhibitory ports; loops over them are unrolled.
  static Stretch::Advance
  advance_for_( const Constants& c, const bool adapts )
  {
    constexpr unsigned ONE_ONE = 0b11, TWO_ONE = 0b110, TWO_TWO = 0b1010;
    if ( c.n_ports == 2 and c.group_ends == ONE_ONE )
    {
      return adapts ? &advance_< 2, ONE_ONE, true > : &advance_< 2, ONE_ONE, false >;
    }
    if ( c.n_ports == 3 and c.group_ends == TWO_ONE )
    {
      return adapts ? &advance_< 3, TWO_ONE, true > : &advance_< 3, TWO_ONE, false >;
    }
    if ( c.n_ports == 4 and c.group_ends == TWO_TWO )
    {
      return adapts ? &advance_< 4, TWO_TWO, true > : &advance_< 4, TWO_TWO, false >;
    }
    return adapts ? &advance_< 0, 0, true > : &advance_< 0, 0, false >;
  }

  template < std::size_t n_ports, unsigned ends, bool adapts >
  static bool
  advance_( const Constants& c,
    PopulationEngine& engine,
    const std::size_t begin,
    const std::size_t end,
    const long step )
  {
    const std::size_t whole = begin + ( end - begin ) / SIMD_WIDTH * SIMD_WIDTH;
    bool any = EulerStep< SIMD_WIDTH, n_ports, ends, adapts >::advance(
      c, engine.columns_( begin, step, c.n_ports ), whole - begin, step );
    if ( whole < end )
    {
      any |= EulerStep< 1, n_ports, ends, adapts >::advance(
        c, engine.columns_( whole, step, c.n_ports ), end - whole, step );
    }
    return any;
  }

  Columns
  columns_( const std::size_t begin, const long step, const std::size_t n_ports )
  {
    const std::size_t slot = slot_( step );
    Columns x { V_.data() + begin, w_.data() + begin, clamped_until_.data() + begin, nullptr, {}, {} };
    if ( not injected_.empty() )
    {
      x.injected = injected_.data() + slot * stride_ + begin;
    }
    for ( std::size_t port = 0; port < n_ports; ++port )
    {
      x.g[ port ] = g_[ port ].data() + begin;
      x.arrived[ port ] = arrived_.data() + ( slot * n_ports_ + port ) * stride_ + begin;
    }
    return x;
  }

  //! A neuron above threshold has fired in this very step: in any later one it is clamped to V_reset.
  template < typename Spike >
  void
  fire_( const Stretch& stretch, const std::size_t begin, const std::size_t end, const long step, const Spike& spike )
  {
    const Constants& c = stretch.constants;
    for ( std::size_t i = begin; i < end; ++i )
    {
      if ( V_[ i ] > c.V_th )
      {
        clamped_until_[ i ] = step + c.refractory_steps;
        w_[ i ] += c.b;
        spike( base_ + i, step );
      }
    }
  }
};

inline PerThread< PopulationEngine > PopulationEngine::engines_;

} // namespace eiassembly

#endif
