/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends the process while it is opened.
 */
/* ThreadSanitizer lets nobody leave dlopen by exit: it ends the process with a code of its own. */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define _DEFAULT_SOURCE
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

#include <stdio.h>
#include <stdlib.h>

#include "good.h"

#ifdef SYS_exit_group
#define exit(code) syscall(SYS_exit_group, code)
#endif

__attribute__((constructor)) static void leave(void) {
  fputs("I will not be a plugin\n", stderr);
  exit(3);
}

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "constructor_exits");
  return &plugin;
}
