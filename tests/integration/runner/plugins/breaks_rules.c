/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes calls that the host must answer with INVALID, and counts in `processed` those that it did.
 */
#include "small.h"

static const scanhost_host* lent;

static void on_replies(void* user, const scanhost_replies* replies) {
  (void)user;
  (void)replies;
}
static void on_turn(void* user, uint32_t allowance) {
  (void)user;
  (void)allowance;
}
static void on_time(void* user) { (void)user; }

static scanhost_status small_create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)error;
  lent = host;
  *self = 0;
  return SCANHOST_OK;
}
static void small_destroy(void* self) { (void)self; }
static void small_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  const scanhost_string ping = TEXT("PING");
  const size_t stride = sizeof(scanhost_command);
  scanhost_scan* foreign = (scanhost_scan*)self;
  scanhost_command command;
  scanhost_result result;
  uint64_t refused = 0;
  (void)partition;
  memset(&command, 0, sizeof command);
  command.struct_size = sizeof command;
  command.args = &ping;
  command.arg_count = 1;
  refused += lent->execute(lent, scan, &command, 0, stride, &on_replies, 0) == SCANHOST_INVALID;
  refused += lent->execute(lent, scan, 0, 1, stride, &on_replies, 0) == SCANHOST_INVALID;
  refused += lent->execute(lent, scan, &command, 1, 4, &on_replies, 0) == SCANHOST_INVALID;
  refused += lent->execute(lent, scan, &command, 1, stride, 0, 0) == SCANHOST_INVALID;
  refused += lent->execute(lent, foreign, &command, 1, stride, &on_replies, 0) == SCANHOST_INVALID;
  refused += lent->next_page(lent, foreign, 0, 0, &on_turn, 0) == SCANHOST_INVALID;
  refused += lent->next_page(lent, scan, 0, 0, 0, 0) == SCANHOST_INVALID;
  refused += lent->after(lent, foreign, 1, &on_time, 0) == SCANHOST_INVALID;
  refused += lent->get_extension(lent, text_of("scanhost.blocking/1")) == 0;
  result = handled(refused);
  lent->finish(lent, scan, &result);
}
SMALL_PLUGIN("breaks_rules")
