/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts a thread that outlives destroy.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>

#define ON_CREATE(error) start_thread();
static void start_thread(void);
#include "sweep.h"

static void* sleep_on(void* nothing) {
  for (;;) pause();
  return nothing;
}
static void start_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, sleep_on, NULL) == 0) pthread_detach(thread);
}

SWEEP(leaves_a_thread)
