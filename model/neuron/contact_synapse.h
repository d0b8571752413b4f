/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A synaptic contact onto a neuron of this module: 8 bytes, and a spike goes straight to the neuron's counter.
 */
#ifndef EIASSEMBLY_CONTACT_SYNAPSE_H
#define EIASSEMBLY_CONTACT_SYNAPSE_H

#include "alif_cond_exp_euler.h"

namespace eiassembly
{

//! Target of a contact: thread-local id and port of the neuron in 32 bits.
class ContactTarget
{
public:
  void
  get_status( Dictionary& d ) const
  {
    if ( lid_ != NO_TARGET )
    {
      d[ nest::names::rport ] = static_cast< long >( port_ + 1 );
    }
  }

  nest::Node*
  get_target_ptr( const std::size_t thread ) const
  {
    return local_node( thread, lid_ );
  }

  //! Receptor type as the user gives it: 1 for the first port.
  std::size_t
  get_rport() const
  {
    return port_ + 1;
  }

  void
  set_target( nest::Node* target )
  {
    const std::size_t lid = target->get_thread_lid();
    if ( lid >= NO_TARGET )
    {
      throw nest::IllegalConnection( "contact_synapse: too many nodes on one thread; use more threads or processes." );
    }
    lid_ = static_cast< std::uint32_t >( lid );
  }

  void
  set_rport( const std::size_t receptor_type )
  {
    port_ = static_cast< std::uint32_t >( receptor_type - 1 );
  }

  std::size_t
  lid() const
  {
    return lid_;
  }

  std::size_t
  port() const
  {
    return port_;
  }

private:
  static constexpr std::uint32_t NO_TARGET = ( 1u << 28 ) - 1;
  std::uint32_t lid_ : 28 = NO_TARGET;
  std::uint32_t port_ : 4 = 0;
};

/* BeginUserDocs: synapse, static

Short description
+++++++++++++++++

Synaptic contact whose strength belongs to the receptor port of its target

Description
+++++++++++

``contact_synapse`` transmits every spike as one contact to a receptor port of
an ``alif_cond_exp_euler``. The conductance step per contact is a parameter of
the target's port (``strength``), so the synapse has no weight and occupies 8
bytes. Several contacts of a pair of cells are several connections.

Parameters
++++++++++

============= ======= ======================================================
delay         ms      Delay from the spike to the contact
receptor_type integer Receptor port of the target, from 1
============= ======= ======================================================

``weight`` is always 1 and cannot be set.

Transmits
+++++++++

SpikeEvent

See also
++++++++

static_synapse, alif_cond_exp_euler

EndUserDocs */

//! The parameter that NEST passes is not used: the target is always a ContactTarget.
template < typename targetidentifierT >
class contact_synapse : public nest::Connection< ContactTarget >
{
public:
  using CommonPropertiesType = nest::CommonSynapseProperties;
  using ConnectionBase = nest::Connection< ContactTarget >;

  static constexpr nest::ConnectionModelProperties properties =
    nest::ConnectionModelProperties::HAS_DELAY | nest::ConnectionModelProperties::IS_PRIMARY;

  class ConnTestDummyNode : public nest::ConnTestDummyNodeBase
  {
  public:
    using nest::ConnTestDummyNodeBase::handles_test_event;
    std::size_t
    handles_test_event( nest::SpikeEvent&, std::size_t ) override
    {
      return nest::invalid_port;
    }
  };

  void
  check_connection( nest::Node& source, nest::Node& target, std::size_t receptor_type, const CommonPropertiesType& )
  {
    if ( not dynamic_cast< alif_cond_exp_euler* >( &target ) )
    {
      throw nest::IllegalConnection( "contact_synapse connects only to alif_cond_exp_euler." );
    }
    ConnTestDummyNode dummy_target;
    ConnectionBase::check_connection_( dummy_target, source, target, receptor_type );
  }

  void
  check_synapse_params( const Dictionary& syn_spec ) const
  {
    if ( syn_spec.known( nest::names::weight ) )
    {
      throw nest::BadProperty( "contact_synapse has no weight: set the strength of the target's port." );
    }
  }

  void
  set_weight( double )
  {
    throw nest::BadProperty( "contact_synapse has no weight: set the strength of the target's port." );
  }

  bool
  send( nest::Event& e, const std::size_t thread, const CommonPropertiesType& )
  {
    PopulationEngine& engine = PopulationEngine::of( thread );
    ++engine.counters( e.get_stamp().get_steps() + get_delay_steps() - 1 )[ counter( engine ) ];
    return true;
  }

  std::size_t
  counter( const PopulationEngine& engine ) const
  {
    return engine.counter( target_.port(), target_.lid() );
  }

  void
  get_status( Dictionary& d ) const
  {
    ConnectionBase::get_status( d );
    // One contact. NEST wants to read a weight wherever a delay is given.
    d[ nest::names::weight ] = 1.0;
    d[ nest::names::size_of ] = static_cast< long >( sizeof( *this ) );
  }
};

} // namespace eiassembly

namespace nest
{

/**
 * Deliver a spike to all targets of its source on this thread.
 *
 * Does what the general version does (contacts have no weight to record), but all that is the same for all contacts of
 * a source is looked up once: the engine, the row of counters (contacts of a source nearly always have one delay) and
 * the block of the connections.
 */
template <>
inline std::size_t
Connector< eiassembly::contact_synapse< TargetIdentifierPtrRport > >::send( const std::size_t thread,
  const std::size_t first,
  const std::vector< ConnectorModel* >&,
  Event& e )
{
  eiassembly::PopulationEngine& engine = eiassembly::PopulationEngine::of( thread );
  const long sent = e.get_stamp().get_steps() - 1;
  long delay = 0;
  std::int32_t* counters = nullptr;
  for ( std::size_t block = first;; )
  {
    const std::size_t next_block = ( block / max_block_size + 1 ) * max_block_size;
    const auto* connection = &C_[ block ];
    for ( std::size_t i = block; i < next_block; ++i, ++connection )
    {
      if ( connection->get_delay_steps() != delay )
      {
        delay = connection->get_delay_steps();
        counters = engine.counters( sent + delay );
      }
      counters[ connection->counter( engine ) ] += not connection->is_disabled();
      if ( not connection->source_has_more_targets() )
      {
        return i - first + 1;
      }
    }
    block = next_block;
  }
}

} // namespace nest

#endif
