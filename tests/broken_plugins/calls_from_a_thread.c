/* SPDX-License-Identifier: Apache-2.0
 *
 * Logs from a thread of its own.
 */
#define _GNU_SOURCE
#include <pthread.h>

#define ON_SCAN(running) log_elsewhere();
static void log_elsewhere(void);
#include "sweep.h"

static void* log_line(void* nothing) {
  host->log(host, SCANHOST_LOG_INFO, scanhost_text("from elsewhere"), NULL, 0);
  return nothing;
}
static void log_elsewhere(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, log_line, NULL) == 0) pthread_join(thread, NULL);
}

SWEEP(calls_from_a_thread)
