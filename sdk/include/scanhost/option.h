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
  SCANHOST_OPTION_TEXT_LIST = 6
};

/* One option. Growing; part of the constant descriptor. The host checks YAML against this
 * table and prints it, without creating an instance. */
typedef struct scanhost_option {
  uint32_t struct_size;
  int32_t type;                  /* SCANHOST_OPTION_* */
  scanhost_string name;          /* snake_case */
  scanhost_string help;          /* one line; what it does and when to change it */
  scanhost_string default_value; /* as it would stand in YAML; a list: elements separated by commas.
                                    Empty: an empty text or list, 0, false */
  int64_t minimum;               /* integer, duration (ms), size (bytes): lowest value;
                                    text: shortest length in bytes; list: fewest elements */
  int64_t maximum;               /* highest, longest, most; both 0: no bounds */
} scanhost_option;

#ifdef __cplusplus
}
#endif

#endif
