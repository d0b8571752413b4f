/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What our module would otherwise want from a newer system than NEST's ready-made package does, inside the module.
 */
#include <new>

#if defined( __linux__ ) && defined( __x86_64__ )

// libstdc++ of GCC 11 (GLIBCXX_3.4.29). By its mangled name: the declaration in the headers is visible to all.
extern "C" [[noreturn]] __attribute__( ( visibility( "hidden" ) ) ) void throw_bad_array_new_length() asm(
  "_ZSt28__throw_bad_array_new_lengthv" );

extern "C" [[noreturn]] void
throw_bad_array_new_length()
{
  throw std::bad_array_new_length();
}

// glibc 2.29: the same function, with another treatment of errno.
extern "C" double exp_of_any_glibc( double ) asm( "exp_of_any_glibc" );
asm( ".symver exp_of_any_glibc, exp@GLIBC_2.2.5" );

extern "C" __attribute__( ( visibility( "hidden" ) ) ) double exp_of_this_module( double ) asm( "exp" );

extern "C" double
exp_of_this_module( const double x )
{
  return exp_of_any_glibc( x );
}

#endif
