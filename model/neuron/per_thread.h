/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every thread of this process has one of.
 */
#ifndef EIASSEMBLY_PER_THREAD_H
#define EIASSEMBLY_PER_THREAD_H

#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

namespace eiassembly
{

constexpr std::size_t MAX_THREADS = 4096;

/**
 * One T per thread, made when it is first asked for.
 *
 * Threads ask at the same time, each for its own: the array must never move, so its length is fixed.
 */
template < typename T >
class PerThread
{
public:
  //! Throws std::out_of_range if there is no room for that many threads.
  T&
  at( const std::size_t thread )
  {
    if ( thread >= MAX_THREADS ) [[unlikely]]
    {
      refuse_( thread );
    }
    auto& element = elements_[ thread ];
    if ( not element )
    {
      element = std::make_unique< T >();
    }
    return *element;
  }

  //! Null if nobody has asked for it yet.
  T*
  find( const std::size_t thread ) noexcept
  {
    return thread < MAX_THREADS ? elements_[ thread ].get() : nullptr;
  }

private:
  std::array< std::unique_ptr< T >, MAX_THREADS > elements_ {};

  [[noreturn]] static void
  refuse_( const std::size_t thread )
  {
    throw std::out_of_range( "expected at most " + std::to_string( MAX_THREADS )
      + " threads per process, found thread number " + std::to_string( thread + 1 ) + "; use more processes" );
  }
};

} // namespace eiassembly

#endif
