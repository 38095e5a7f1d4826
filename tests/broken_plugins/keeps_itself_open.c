/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens its own library once more and never closes it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

#define ON_CREATE(error) keep_open();
static void keep_open(void);
#include "sweep.h"

static void keep_open(void) {
  Dl_info own;
  if (dladdr((void*)&sweep_plugin, &own) != 0) dlopen(own.dli_fname, RTLD_NOW | RTLD_NODELETE);
}

SWEEP(keeps_itself_open)
