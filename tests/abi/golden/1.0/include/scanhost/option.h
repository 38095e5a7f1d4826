/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of options of a plugin. C99, and valid C++.
 */
#ifndef SCANHOST_OPTION_H
#define SCANHOST_OPTION_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The type of an option, as it is written in YAML. */
enum {
  SCANHOST_OPTION_TEXT = 1,
  SCANHOST_OPTION_INTEGER = 2,
  SCANHOST_OPTION_DURATION = 3, /* "1500ms", "2s", "5m", "1h", "7d"; ms in C */
  SCANHOST_OPTION_SIZE = 4,     /* "512", "64KiB", "1MiB", "2GiB"; bytes in C */
  SCANHOST_OPTION_FLAG = 5,     /* true or false; 1 or 0 in C */
  SCANHOST_OPTION_TEXT_LIST = 6,
  SCANHOST_OPTION_REAL = 7,  /* "0.5", "3", "-1e-3"; finite */
  SCANHOST_OPTION_CHOICE = 8 /* one of `choices`; read as text */
};

/* Flags of an option. A host refuses a plugin with a flag that it does not know. */
enum {
  /* The YAML has to give it; it has no default. */
  SCANHOST_OPTION_REQUIRED = 1u << 0,

  /* A text that nobody may see. In YAML it is written as `<name>_file` or `<name>_env`, never as `<name>`;
   * its value is in no log line, status, history or message of the host. Only for TEXT, without a default. */
  SCANHOST_OPTION_SECRET = 1u << 1,

  /* `minimum` (REAL: `real_minimum`) and `maximum` count. Without the flag they have to be 0. */
  SCANHOST_OPTION_HAS_MINIMUM = 1u << 2,
  SCANHOST_OPTION_HAS_MAXIMUM = 1u << 3
};

/* One option. Growing; part of the constant descriptor. The host checks YAML against this
 * table and prints it, without creating an instance. */
typedef struct scanhost_option {
  uint32_t struct_size;
  int32_t type;                  /* SCANHOST_OPTION_* */
  scanhost_string name;          /* snake_case */
  scanhost_string help;          /* one line; what it does and when to change it */
  scanhost_string default_value; /* as it would stand in YAML; empty for TEXT_LIST. Empty: an empty text, 0,
                                    false; CHOICE: the first choice */
  int64_t minimum;               /* INTEGER, DURATION (ms), SIZE (bytes): lowest value; TEXT: shortest length
                                    in bytes; TEXT_LIST: fewest elements */
  int64_t maximum;               /* highest, longest, most */
  uint32_t flags;                /* SCANHOST_OPTION_REQUIRED, ... */
  uint32_t reserved;             /* 0 */
  const scanhost_string* default_values; /* TEXT_LIST: its elements */
  size_t default_value_count;
  const scanhost_string* choices; /* CHOICE: 1 or more */
  size_t choice_count;
  double real_minimum; /* REAL: lowest value */
  double real_maximum;
} scanhost_option;

#ifdef __cplusplus
}
#endif

#endif
