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

/**
 * What a simulation does between the calls of NEST, on arrays: status dictionaries are lists of Python objects, and to
 * make them takes longer than to simulate a small network. All numbers are int64; to be called outside of Simulate.
 */
extern "C"
{
  eiassembly::Module module;

  //! Keep the spikes of all neurons from now on, and forget those kept.
  void
  eiassembly_record_spikes()
  {
    eiassembly::PopulationEngine::keeps_spikes = true;
    for ( std::size_t thread = 0; thread < nest::kernel().vp_manager.get_num_threads(); ++thread )
    {
      eiassembly::PopulationEngine::of( thread ).fired().clear();
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
}
