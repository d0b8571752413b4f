/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In front of glibc's header of that name, whose variable (glibc 2.32) lets libstdc++ count references without atomic
 * instructions while there is one thread. NEST has several: nothing is lost, and older systems load the module.
 */
#pragma once

static const char __libc_single_threaded = 0;
