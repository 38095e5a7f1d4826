/* SPDX-License-Identifier: Apache-2.0
 *
 * Installs a signal handler and leaves it there.
 */
#define _GNU_SOURCE
#include <signal.h>

#define ON_CREATE(error) signal(SIGUSR2, on_signal);
static void on_signal(int number) { (void)number; }
#include "sweep.h"

SWEEP(leaves_a_signal_handler)
