/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One step of the scheme for neurons that lie next to each other and have equal parameters.
 */
#ifndef EIASSEMBLY_EULER_STEP_H
#define EIASSEMBLY_EULER_STEP_H

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "simd.h"

namespace eiassembly
{

constexpr std::size_t MAX_PORTS = 16;

//! Parameters of a neuron; neurons with equal parameters and neighbouring ids are updated together.
struct Parameters
{
  double tau_m = 85.0;                                  //!< ms, C_m / g_L
  double g_L = 1.35;                                    //!< nS, leak conductance
  double E_L = -60.0;                                   //!< mV, leak reversal potential
  double V_th = -38.0;                                  //!< mV
  double V_reset = -60.0;                               //!< mV, held during the refractory period
  double t_ref = 8.0;                                   //!< ms
  double tau_w = 40.0;                                  //!< ms
  double a = 1.0;                                       //!< nS
  double b = 10.0;                                      //!< pA
  double I_e = 0.0;                                     //!< pA
  std::vector< double > tau_syn = { 30.0, 30.0, 10.0 }; //!< ms, one per port
  std::vector< double > E_rev = { 0.0, 0.0, -70.0 };    //!< mV, one per port
  std::vector< double > strength = { 1.0, 1.0, 1.0 };   //!< nS per contact, one per port

  bool operator==( const Parameters& ) const = default;

  std::size_t
  n_ports() const
  {
    return tau_syn.size();
  }
};

//! What follows from the parameters and the time step.
struct Constants
{
  double E_L, V_th, V_reset, g_L, a, b, I_e;
  double dt_tau_m, dt_tau_w;
  std::int64_t refractory_steps;
  std::size_t n_ports;
  unsigned group_ends = 0; //!< bit p: port p is the last of successive ports with one reversal potential
  std::array< double, MAX_PORTS > decay, strength, E_rev;

  Constants( const Parameters& p, const double dt )
    : E_L( p.E_L )
    , V_th( p.V_th )
    , V_reset( p.V_reset )
    , g_L( p.g_L )
    , a( p.a )
    , b( p.b )
    , I_e( p.I_e )
    , dt_tau_m( dt / p.tau_m )
    , dt_tau_w( dt / p.tau_w )
    , refractory_steps( std::lround( p.t_ref / dt ) )
    , n_ports( p.n_ports() )
  {
    for ( std::size_t port = 0; port < n_ports; ++port )
    {
      decay[ port ] = std::exp( -dt / p.tau_syn[ port ] );
      strength[ port ] = p.strength[ port ];
      E_rev[ port ] = p.E_rev[ port ];
      const bool ends = port + 1 == n_ports or p.E_rev[ port + 1 ] != p.E_rev[ port ];
      group_ends |= ends ? 1u << port : 0u;
    }
  }
};

//! Where the quantities of some neurons lie, one array each.
struct Columns
{
  double* V;                                      //!< mV
  double* w;                                      //!< pA
  std::int64_t* clamped_until;                    //!< last step in which V is held at V_reset
  double* injected;                               //!< pA in this step; null if nobody injects
  std::array< double*, MAX_PORTS > g;             //!< nS by port
  std::array< std::int32_t*, MAX_PORTS > arrived; //!< contacts that arrive in this step, by port
};

/**
 * The scheme of one step (Meissner-Bernard, Zenke & Friedrich 2025, forward Euler), with arrivals n of the previous
 * step counted before the membrane sees them:
 *   g <- g exp(-dt/tau_syn) + strength n;  V, w <- Euler step with this g;  V <- V_reset while refractory.
 * Spikes are where V > V_th afterwards; their consequences are the caller's: they are rare.
 *
 * n_fixed and ends_fixed are the number of ports and their groups if the compiler is to know them, else 0.
 */
template < std::size_t width, std::size_t n_fixed, unsigned ends_fixed, bool adapts >
struct EulerStep
{
  using Vector = Simd< width >;
  using Doubles = typename Vector::Doubles;
  using Integers = typename Vector::Integers;
  using Counts = typename Vector::Counts;

  //! Advance neurons begin <= i < end, a multiple of the width; true if any V is above threshold.
  static bool
  advance( const Constants& constants, const Columns& columns, const std::size_t size, const std::int64_t step )
  {
    const Copies c( constants );
    const Columns& x = columns;
    Doubles top = Vector::all( c.V_reset );
    for ( std::size_t i = 0; i < size; i += width )
    {
      const Doubles V = loaded< Doubles >( x.V + i );
      const Doubles below = c.E_L - V;
      Doubles I = synaptic_current( c, x, i, V );
      if ( c.I_e != 0.0 )
      {
        I += c.I_e;
      }
      if ( x.injected )
      {
        I += loaded< Doubles >( x.injected + i );
        stored( Doubles {}, x.injected + i );
      }
      if constexpr ( adapts )
      {
        // a (V - E_L) - w is -(a below + w), to the bit.
        const Doubles w = loaded< Doubles >( x.w + i );
        I -= w;
        stored< Doubles >( w - c.dt_tau_w * ( c.a * below + w ), x.w + i );
      }
      const Doubles V_new = V + c.dt_tau_m * ( below + I / c.g_L );
      const auto clamped = loaded< Integers >( x.clamped_until + i ) >= step;
      const Doubles V_now = clamped ? Vector::all( c.V_reset ) : V_new;
      stored( V_now, x.V + i );
      top = V_now > top ? V_now : top;
    }
    return Vector::any_above( top, c.V_th );
  }

private:
  //! The constants as variables of their own: what is written to the columns cannot change them.
  struct Copies
  {
    static constexpr std::size_t ROOM = n_fixed ? n_fixed : MAX_PORTS;
    const double E_L, V_th, V_reset, g_L, a, I_e, dt_tau_m, dt_tau_w;
    const std::size_t n_ports;
    const unsigned group_ends;
    std::array< double, ROOM > decay, strength, E_rev;

    explicit Copies( const Constants& c )
      : E_L( c.E_L )
      , V_th( c.V_th )
      , V_reset( c.V_reset )
      , g_L( c.g_L )
      , a( c.a )
      , I_e( c.I_e )
      , dt_tau_m( c.dt_tau_m )
      , dt_tau_w( c.dt_tau_w )
      , n_ports( n_fixed ? n_fixed : c.n_ports )
      , group_ends( n_fixed ? ends_fixed : c.group_ends )
    {
      for ( std::size_t port = 0; port < n_ports; ++port )
      {
        decay[ port ] = c.decay[ port ];
        strength[ port ] = c.strength[ port ];
        E_rev[ port ] = c.E_rev[ port ];
      }
    }
  };

  //! Conductances take in their arrivals; sums over ports with one reversal potential, then over these groups.
  static Doubles
  synaptic_current( const Copies& c, const Columns& x, const std::size_t i, const Doubles V )
  {
    Doubles total {}, current {};
    bool first_of_group = true, first_group = true;
    for ( std::size_t port = 0; port < c.n_ports; ++port )
    {
      const Doubles arrived = Vector::widened( loaded< Counts >( x.arrived[ port ] + i ) );
      const Doubles g = loaded< Doubles >( x.g[ port ] + i ) * c.decay[ port ] + c.strength[ port ] * arrived;
      stored( g, x.g[ port ] + i );
      stored( Counts {}, x.arrived[ port ] + i );
      total = first_of_group ? g : total + g;
      first_of_group = c.group_ends >> port & 1u;
      if ( first_of_group )
      {
        const Doubles I = total * ( c.E_rev[ port ] - V );
        current = first_group ? I : current + I;
        first_group = false;
      }
    }
    return current;
  }
};

} // namespace eiassembly

#endif
