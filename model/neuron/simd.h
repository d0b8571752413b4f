/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Vectors of doubles as the compiler's own types: arithmetic is that of single doubles, element by element.
 */
#ifndef EIASSEMBLY_SIMD_H
#define EIASSEMBLY_SIMD_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace eiassembly
{

//! Doubles in the widest register of the processor that this is compiled for.
#if defined( __AVX512F__ )
constexpr std::size_t SIMD_WIDTH = 8;
#elif defined( __AVX__ )
constexpr std::size_t SIMD_WIDTH = 4;
#else
constexpr std::size_t SIMD_WIDTH = 2;
#endif

//! As many doubles as fit into a register, or a single one for what is left over at the end of an array.
template < std::size_t width >
struct Simd;

template <>
struct Simd< 1 >
{
  using Doubles = double;
  using Integers = std::int64_t;
  using Counts = std::int32_t;

  static Doubles
  all( const double value )
  {
    return value;
  }

  static Doubles
  widened( const Counts count )
  {
    return count;
  }

  static bool
  any_above( const Doubles value, const double limit )
  {
    return value > limit;
  }
};

template <>
struct Simd< SIMD_WIDTH >
{
  typedef double Doubles __attribute__( ( vector_size( 8 * SIMD_WIDTH ) ) );
  typedef std::int64_t Integers __attribute__( ( vector_size( 8 * SIMD_WIDTH ) ) );
  typedef std::int32_t Counts __attribute__( ( vector_size( 4 * SIMD_WIDTH ) ) );

  //! The same value in all elements. (Subtracting 0 keeps it to the bit, adding would lose the sign of -0.)
  static Doubles
  all( const double value )
  {
    return value - Doubles {};
  }

  static Doubles
  widened( const Counts counts )
  {
#ifdef __AVX512F__
    // GCC 12 converts a whole register in halves. (Masked by nothing: the plain one warns of its own internals.)
    return ( Doubles ) _mm512_maskz_cvtepi32_pd( 0xff, ( __m256i ) counts );
#else
    return __builtin_convertvector( counts, Doubles );
#endif
  }

  static bool
  any_above( const Doubles values, const double limit )
  {
    bool any = false;
    for ( std::size_t i = 0; i < SIMD_WIDTH; ++i )
    {
      any |= values[ i ] > limit;
    }
    return any;
  }
};

//! Vectors from memory and back; no alignment is asked for.
template < typename Vector, typename Element >
Vector
loaded( const Element* from )
{
  Vector vector;
  std::memcpy( &vector, from, sizeof( vector ) );
  return vector;
}

template < typename Vector, typename Element >
void
stored( const Vector vector, Element* to )
{
  std::memcpy( to, &vector, sizeof( vector ) );
}

//! Memory that starts with a cache line: a vector that straddles two costs twice.
template < typename T >
struct LineAligned
{
  using value_type = T;
  static constexpr std::align_val_t LINE { 64 };

  LineAligned() = default;
  template < typename U >
  LineAligned( const LineAligned< U >& )
  {
  }

  T*
  allocate( const std::size_t n )
  {
    return static_cast< T* >( ::operator new( n * sizeof( T ), LINE ) );
  }

  void
  deallocate( T* p, std::size_t )
  {
    ::operator delete( p, LINE );
  }

  bool operator==( const LineAligned& ) const = default;
};

template < typename T >
using Column = std::vector< T, LineAligned< T > >;

} // namespace eiassembly

#endif
