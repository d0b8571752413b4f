/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alif_cond_exp_euler.h"

#include "dict_util.h"

namespace eiassembly
{
namespace
{

void
require( const bool condition, const std::string& message )
{
  if ( not condition )
  {
    throw nest::BadProperty( "alif_cond_exp_euler: " + message );
  }
}

//! Scalar parameters by name, and what they must fulfil.
struct Scalar
{
  const char* name;
  const char* former; //!< its name in earlier versions, which is still accepted; or null
  double Parameters::*member;
  bool positive;     //!< > 0
  bool non_negative; //!< >= 0
};

constexpr Scalar SCALARS[] = {
  { "tau_m", nullptr, &Parameters::tau_m, true, false },
  { "g_L", "g_rest", &Parameters::g_L, true, false },
  { "E_L", "E_rest", &Parameters::E_L, false, false },
  { "V_th", nullptr, &Parameters::V_th, false, false },
  { "V_reset", "E_rest", &Parameters::V_reset, false, false },
  { "t_ref", nullptr, &Parameters::t_ref, true, false },
  { "tau_w", "tau_a", &Parameters::tau_w, true, false },
  { "a", nullptr, &Parameters::a, false, true },
  { "b", nullptr, &Parameters::b, false, true },
  { "I_e", nullptr, &Parameters::I_e, false, false },
};

void
refuse_both( const Dictionary& d, const std::string& name, const std::string& former )
{
  require( not d.known( name ) or not d.known( former ), former + " is the earlier name of " + name + ": give one." );
}

//! Read a value under its name, or the earlier one.
void
update( const Dictionary& d, const char* const name, const char* const former, double& value, nest::Node* node )
{
  if ( former )
  {
    refuse_both( d, name, former );
    nest::update_value_param( d, former, value, node );
  }
  nest::update_value_param( d, name, value, node );
}

void
check_scalar( const Scalar& scalar, const double value )
{
  const std::string name = scalar.name;
  require( std::isfinite( value ), name + " must be finite." );
  require( not scalar.positive or value > 0.0, name + " must be greater than 0." );
  require( not scalar.non_negative or value >= 0.0, name + " must not be negative." );
}

double
capacitance( const Parameters& p )
{
  return p.tau_m * p.g_L;
}

//! The capacitance, in the words of other models; the time constant is what is kept.
void
set_capacitance( const Dictionary& d, Parameters& p, nest::Node* node )
{
  double C_m = capacitance( p );
  if ( not nest::update_value_param( d, "C_m", C_m, node ) )
  {
    return;
  }
  require( std::isfinite( C_m ) and C_m > 0.0, "C_m must be finite and greater than 0." );
  if ( d.known( "tau_m" ) )
  {
    const bool agree = std::abs( C_m - capacitance( p ) ) <= 1e-9 * C_m;
    require( agree, "C_m must be tau_m * g_L where both C_m and tau_m are given." );
    return;
  }
  p.tau_m = C_m / p.g_L;
}

void
set_scalars( const Dictionary& d, Parameters& p, nest::Node* node )
{
  for ( const Scalar& scalar : SCALARS )
  {
    update( d, scalar.name, scalar.former, p.*scalar.member, node );
    check_scalar( scalar, p.*scalar.member );
  }
  if ( d.known( "E_rest" ) )
  {
    p.V_reset = p.E_L; // also if E_rest is drawn at random
  }
  set_capacitance( d, p, node );
  require( p.V_reset < p.V_th, "V_reset must be below V_th." );
  require( p.t_ref >= nest::Time::get_resolution().get_ms(), "t_ref must be at least one time step." );
}

void
set_ports( const Dictionary& d, Parameters& p, const bool has_connections )
{
  const std::size_t n_before = p.n_ports();
  d.update_value( "tau_syn", p.tau_syn );
  d.update_value( "E_rev", p.E_rev );
  d.update_value( "strength", p.strength );
  const std::size_t n = p.n_ports();
  require( n <= MAX_PORTS - 1, "there must be at most 15 ports." );
  require(
    p.E_rev.size() == n and p.strength.size() == n, "tau_syn, E_rev and strength must have one value per port." );
  require( n == n_before or not has_connections, "the number of ports cannot change once there are connections." );
  for ( std::size_t port = 0; port < n; ++port )
  {
    require( std::isfinite( p.tau_syn[ port ] ) and p.tau_syn[ port ] > 0.0, "tau_syn must be greater than 0." );
    require( std::isfinite( p.E_rev[ port ] ), "E_rev must be finite." );
    require( std::isfinite( p.strength[ port ] ) and p.strength[ port ] >= 0.0, "strength must not be negative." );
  }
}

State
changed_state( const Dictionary& d, State s, const Parameters& p, nest::Node* node )
{
  nest::update_value_param( d, "V_m", s.V_m, node );
  update( d, "w", "z", s.w, node );
  long refractory = s.refractory;
  d.update_integer_value( "refractory_steps", refractory );
  std::vector< double > g( s.g.begin(), s.g.begin() + p.n_ports() );
  d.update_value( "g", g );
  require( std::isfinite( s.V_m ) and std::isfinite( s.w ), "V_m and w must be finite." );
  require( refractory >= 0, "refractory_steps must not be negative." );
  require( refractory <= std::numeric_limits< std::int32_t >::max(), "refractory_steps must be below 2^31." );
  require( g.size() == p.n_ports(), "g must have one value per port." );
  require( std::all_of( g.begin(), g.end(), []( double x ) { return std::isfinite( x ) and x >= 0.0; } ),
    "g must not be negative." );
  s.refractory = static_cast< std::int32_t >( refractory );
  s.g.fill( 0.0 );
  std::copy( g.begin(), g.end(), s.g.begin() );
  return s;
}

//! The windows given, or those there are.
std::shared_ptr< const Silence >
changed_silence( const Dictionary& d, const std::shared_ptr< const Silence >& silence )
{
  std::vector< long > from, until;
  const bool has_from = d.update_value( "silent_from", from );
  const bool has_until = d.update_value( "silent_until", until );
  require( has_from == has_until and from.size() == until.size(),
    "silent_from and silent_until must be given together and have the same length." );
  if ( not has_from )
  {
    return silence;
  }
  const auto changed = std::make_shared< const Silence >( from, until );
  require( changed->is_in_order(), "windows of silence must be in order and not overlap." );
  return from.empty() ? nullptr : changed;
}

} // namespace

void
alif_cond_exp_euler::get_status( Dictionary& d ) const
{
  for ( const Scalar& scalar : SCALARS )
  {
    d[ scalar.name ] = ( *parameters_ ).*scalar.member;
  }
  d[ "C_m" ] = capacitance( *parameters_ );
  d[ "tau_syn" ] = parameters_->tau_syn;
  d[ "E_rev" ] = parameters_->E_rev;
  d[ "strength" ] = parameters_->strength;
  const State s = state_();
  d[ "V_m" ] = s.V_m;
  d[ "w" ] = s.w;
  d[ "refractory_steps" ] = static_cast< long >( s.refractory );
  d[ "g" ] = std::vector< double >( s.g.begin(), s.g.begin() + parameters_->n_ports() );
  const Silence silence = silence_ ? *silence_ : Silence();
  d[ "silent_from" ] = silence.edges( 0 );
  d[ "silent_until" ] = silence.edges( 1 );
  d[ nest::names::recordables ] = recordable_names_();
}

void
alif_cond_exp_euler::set_status( const Dictionary& d )
{
  // Everything is checked on copies first: a refused value changes nothing.
  require( is_frozen() or not d.known( nest::names::frozen ) or not d.get< bool >( nest::names::frozen ),
    "a single neuron cannot be frozen: all of a thread are updated together." );
  Parameters p = *parameters_;
  set_scalars( d, p, this );
  set_ports( d, p, has_connections_ or recording_ );
  const State s = changed_state( d, state_(), p, this );
  silence_ = changed_silence( d, silence_ );
  if ( is_model_prototype() )
  {
    parameters_ = std::make_shared< const Parameters >( p );
    *initial_ = s;
    return;
  }
  parameters_ = p == *parameters_ ? parameters_ : engine_().shared( p );
  if ( is_attached_() )
  {
    attach_( s );
  }
  else
  {
    *initial_ = s;
  }
}

void
alif_cond_exp_euler::attach_( const State& state )
{
  const std::size_t n_lids = nest::kernel().node_manager.get_local_nodes( get_thread() ).size();
  engine_().attach( get_thread_lid(), n_lids, parameters_, state );
}

void
alif_cond_exp_euler::write_state( double* numbers ) const
{
  state_().write( parameters_->n_ports(), numbers );
}

void
alif_cond_exp_euler::check_width( const std::size_t width ) const
{
  require( width == state_width(),
    "expected a state of " + std::to_string( state_width() ) + " numbers, found " + std::to_string( width ) );
}

void
alif_cond_exp_euler::check_state( const double* numbers ) const
{
  const double refractory = numbers[ 2 ];
  require( refractory >= 0.0 and refractory <= std::numeric_limits< std::int32_t >::max(),
    "expected refractory steps, found " + std::to_string( refractory ) );
}

void
alif_cond_exp_euler::restore_state( const double* numbers )
{
  attach_( State::read( parameters_->n_ports(), numbers ) );
  initial_.reset();
}

void
alif_cond_exp_euler::check_arrivals( const std::size_t port,
  const std::int64_t step,
  const std::int64_t contacts ) const
{
  const std::size_t n_ports = parameters_->n_ports();
  require( port < n_ports, "expected a port below " + std::to_string( n_ports ) + ", found " + std::to_string( port ) );
  const std::int64_t next = engine_().next_step();
  require( step >= next and step - next < MAX_STEPS_AHEAD,
    "expected arrivals in the future, from step " + std::to_string( next ) + ", found " + std::to_string( step ) );
  require(
    contacts >= 0 and contacts < MAX_CONTACTS, "expected a number of contacts, found " + std::to_string( contacts ) );
}

std::vector< std::string >
alif_cond_exp_euler::recordable_names_() const
{
  std::vector< std::string > names { "V_m", "w" };
  for ( std::size_t port = 1; port <= parameters_->n_ports(); ++port )
  {
    names.push_back( "g_" + std::to_string( port ) );
  }
  return names;
}

void
alif_cond_exp_euler::init_buffers_()
{
  if ( recording_ )
  {
    recording_->logger.reset();
  }
}

void
alif_cond_exp_euler::pre_run_hook()
{
  PopulationEngine& engine = engine_();
  const auto& simulation = nest::kernel().simulation_manager;
  engine.set_time( simulation.get_slice_origin().get_steps() + simulation.get_from_step(),
    nest::Time::get_resolution().get_ms(),
    nest::kernel().connection_manager.get_max_delay() );
  if ( not is_attached_() )
  {
    attach_( *initial_ );
    initial_.reset();
  }
  // The leader updates everyone: NEST need not call the others (frozen nodes still receive spikes).
  set_frozen_( get_thread_lid() != engine.leader() );
  std::vector< std::size_t >& recorded = engine.recorded();
  if ( recording_ )
  {
    recording_->logger.init();
    if ( std::find( recorded.begin(), recorded.end(), get_thread_lid() ) == recorded.end() )
    {
      recorded.push_back( get_thread_lid() );
    }
  }
}

void
alif_cond_exp_euler::update( nest::Time const& origin, const long from, const long to )
{
  PopulationEngine& engine = engine_();
  if ( get_thread_lid() != engine.leader() )
  {
    return;
  }
  const std::size_t thread = get_thread();
  const auto neuron = [ thread ]( const std::size_t lid )
  { return static_cast< alif_cond_exp_euler* >( local_node( thread, lid ) ); };
  const long start = origin.get_steps();
  const auto spike = [ start, &neuron, &engine ]( const std::size_t lid, const long step )
  {
    alif_cond_exp_euler& sender = *neuron( lid );
    if ( sender.is_transmitted_( step + 1 ) and not engine.interventions().drops( lid, step + 1 ) )
    {
      nest::SpikeEvent e;
      nest::kernel().event_delivery_manager.send( sender, e, step - start );
    }
    if ( engine.keeps_spikes )
    {
      engine.fired().push_back( { step + 1, static_cast< std::int64_t >( sender.get_node_id() ) } );
    }
  };
  const long end = start + to;
  if ( not engine.interventions().is_empty() )
  {
    engine.interventions().inject_until( start + from,
      end,
      [ &engine ]( const long step, const std::size_t lid, const double current )
      { engine.add_current( step - 1, lid, current ); } );
    engine.interventions().send_until( end,
      [ start, &neuron ]( const std::size_t lid, const long step )
      {
        nest::SpikeEvent e;
        nest::kernel().event_delivery_manager.send( *neuron( lid ), e, step - 1 - start );
      } );
  }
  for ( long step = start + from; step < end; )
  {
    // A multimeter wants to be asked after every step.
    step = engine.recorded().empty() ? engine.next_sample( step, end ) : step + 1;
    engine.update( step, spike );
    engine.sample( step );
    for ( const std::size_t lid : engine.recorded() )
    {
      neuron( lid )->recording_->logger.record_data( step - 1 );
    }
  }
}

} // namespace eiassembly
