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

}  // namespace eiassembly

extern "C"
{
  eiassembly::Module module;
}
