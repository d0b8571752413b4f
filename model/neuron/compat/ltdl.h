/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * NEST's module_manager.h has members of libltdl's handle type, but nothing in a header uses more of libltdl: where
 * its package for developers is not installed (this directory is searched last), the name of the type is enough.
 */
#pragma once

typedef struct lt__handle* lt_dlhandle;
