/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends a last command in its destroy.
 */
#define ON_DESTROY() say_goodbye();
static void say_goodbye(void);
#include "sweep.h"

static void say_goodbye(void) {
  const scanhost_string args[] = {SCANHOST_TEXT("PING")};
  const scanhost_command ping = scanhost_command_of(args, 1);
  host->execute(host, NULL, &ping, 1, sizeof ping, on_page, NULL);
}

SWEEP(executes_in_destroy)
