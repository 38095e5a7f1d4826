/* SPDX-License-Identifier: Apache-2.0
 *
 * Small helpers for plugins in C, all inline; not part of the ABI. C99, and valid C++.
 */
#ifndef SCANHOST_HELPERS_H
#define SCANHOST_HELPERS_H

#include <string.h>

#include "scanhost.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The head of a descriptor, for a designated initialiser:
 *   static const scanhost_plugin plugin = {SCANHOST_PLUGIN_HEAD, .name = SCANHOST_TEXT("mine"), ...}; */
#define SCANHOST_PLUGIN_HEAD                                                                        \
  .magic = SCANHOST_MAGIC, .struct_size = sizeof(scanhost_plugin), .abi_major = SCANHOST_ABI_MAJOR, \
  .abi_minor_required = 0, .abi_minor_built = SCANHOST_ABI_MINOR,                                   \
  .sdk_version = SCANHOST_TEXT(SCANHOST_SDK_VERSION)

/* A terminated C string as a string of the ABI. Points into `from`. */
static inline scanhost_string scanhost_text(const char* from) {
  scanhost_string string;
  string.data = from;
  string.size = strlen(from);
  return string;
}

/* A command of `count` arguments. Points to `args`. */
static inline scanhost_command scanhost_command_of(const scanhost_string* args, size_t count) {
  scanhost_command result;
  memset(&result, 0, sizeof result);
  result.struct_size = sizeof result;
  result.args = args;
  result.arg_count = count;
  return result;
}

/* The outcome `index` of a batch, 0 .. outcome_count - 1; walks by the host's stride. */
static inline const scanhost_outcome* scanhost_outcome_at(const scanhost_replies* replies, size_t index) {
  const char* first = (const char*)replies->outcomes;
  return (const scanhost_outcome*)(const void*)(first + index * replies->outcome_stride);
}

/* The reply of command `index` if the server answered without an error, else null. A null batch (the host
 * took no commands) has no replies. */
static inline const scanhost_reply* scanhost_reply_of(const scanhost_replies* replies, size_t index) {
  const scanhost_outcome* outcome;
  if (replies == NULL || index >= replies->outcome_count) return NULL;
  outcome = scanhost_outcome_at(replies, index);
  return outcome->kind == SCANHOST_OUTCOME_REPLY ? outcome->reply : NULL;
}

/* Writes the message of a failure and returns FAILED, for `create` to return. */
static inline scanhost_status scanhost_failed(scanhost_error* error, const char* message) {
  const size_t length = strlen(message);
  error->size = length < error->capacity ? length : error->capacity;
  memcpy(error->buffer, message, error->size);
  return SCANHOST_FAILED;
}

/* The same with BAD_OPTIONS: the value of the option cannot be used, and an operator has to change it.
 * `option`: its name as the descriptor's table has it; a literal. */
static inline scanhost_status scanhost_bad_option(scanhost_error* error, const char* option,
                                                  const char* message) {
  scanhost_failed(error, message);
  error->option = scanhost_text(option);
  return SCANHOST_BAD_OPTIONS;
}

#ifdef __cplusplus
}
#endif

#endif
