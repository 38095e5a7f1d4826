// SPDX-License-Identifier: Apache-2.0
//
// Lets an exception cross the C boundary, out of `scan`.
#include <stdexcept>

#include "small.h"

static scanhost_status small_create(const scanhost_host*, void** self, scanhost_error* error) {
  *self = nullptr;
  if (error == nullptr) say(error, "");
  return SCANHOST_OK;
}
static void small_destroy(void*) {}
static void small_scan(void*, scanhost_scan*, const scanhost_partition*) {
  if (text_of("x").size == 1) throw std::runtime_error("over the border");
  handled(0);
}
extern "C" {
SMALL_PLUGIN("throws_across")
}
