/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin is: one descriptor behind one exported function. C99, and valid C++.
 */
#ifndef SCANHOST_PLUGIN_H
#define SCANHOST_PLUGIN_H

#include "host.h"
#include "option.h"
#include "scan.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "scanhost" read as a little-endian number. */
#define SCANHOST_MAGIC UINT64_C(0x74736f686e616373)

/* Who the members of a family are: what stands for the `*` of its pattern, one partition each. */
enum {
  SCANHOST_MEMBERS_COUNTED = 0,     /* the numbers 0 .. count-1 */
  SCANHOST_MEMBERS_FROM_OPTION = 1, /* the elements of the list option `members_from` */
  SCANHOST_MEMBERS_FROM_KEY = 2,    /* the members of the set or sorted set `members_from` in the store */
  SCANHOST_MEMBERS_FROM_PLUGIN = 3  /* those that begin_cycle names: ext/members.h */
};

/* A set of partitions. Growing; part of the constant descriptor. It belongs to its plugin: another plugin may
 * use the same name for another family. Two families need no description: `node` (one scan for each primary,
 * SCAN allowed) and `single` (one scan); for them only `name` is set.
 *
 * The members of a listed family (all but COUNTED) are looked up at the start of each cycle. */
typedef struct scanhost_family {
  uint32_t struct_size;
  uint32_t default_count;       /* COUNTED: partitions when neither YAML nor the store says; 1..65535 */
  scanhost_string name;         /* "flow": [a-z][a-z0-9_]* */
  scanhost_string tag_pattern;  /* the hash tag with one `*` for the member: "{fp:*}", "{*}". COUNTED without
                                   `*`: one constant tag, "{main}", and one partition */
  scanhost_string count_key;    /* COUNTED: hash in the store that holds the true count; empty: none */
  scanhost_string count_field;  /* field of that hash */
  int32_t members;              /* SCANHOST_MEMBERS_* */
  uint32_t flags;               /* none are defined: 0 */
  scanhost_string members_from; /* FROM_OPTION: the option's name; FROM_KEY: the key */
} scanhost_family;

/* Flags of a descriptor. A host refuses a plugin with a flag that it does not know. */
enum {
  /* One scan at a time, and the blocking forms ("scanhost.blocking/1") may be used. */
  SCANHOST_PLUGIN_SERIAL = 1u << 0
};

/* The descriptor. Growing, constant, alive as long as the library is open. The host copies all
 * that it keeps.
 *
 * The head, down to `sdk_version`, never changes place in any major: it is checked before
 * anything else is read. */
typedef struct scanhost_plugin {
  uint64_t magic;              /* SCANHOST_MAGIC */
  uint32_t struct_size;        /* sizeof(scanhost_plugin) of the headers it was built with */
  uint16_t abi_major;          /* SCANHOST_ABI_MAJOR it was built with */
  uint16_t abi_minor_required; /* lowest minor of the host that it works with */
  uint16_t abi_minor_built;    /* SCANHOST_ABI_MINOR it was built with */
  uint16_t reserved;           /* 0 */
  uint32_t flags;              /* SCANHOST_PLUGIN_* */
  scanhost_string sdk_version; /* SCANHOST_SDK_VERSION */
  /* end of the head */

  scanhost_string name;    /* the type of scanner: [a-z][a-z0-9_]*, at most 64 bytes */
  scanhost_string version; /* of this plugin */
  scanhost_string summary; /* one line: what it finds and what it does */
  scanhost_string author;
  scanhost_string licence; /* SPDX id */

  /* The families it knows. The first is the one it scans; the others are those whose
   * partitions its commands address too. */
  const scanhost_family* families;
  size_t family_count;  /* 1 or more */
  size_t family_stride; /* bytes */

  uint64_t default_interval_ms; /* 100 or more */
  uint32_t default_page_size;   /* 1 or more */
  uint32_t reserved2;           /* 0 */

  const scanhost_option* options;
  size_t option_count;
  size_t option_stride; /* bytes */

  /* Host extensions without which `create` would fail: refused up front where one is missing. */
  const scanhost_string* required_extensions;
  size_t required_extension_count;

  /* Server-side functions. The library's name on the server; empty: none. Its source is the file
   * `<function_library>.lua` beside the plugin. The host starts no scanner whose functions are
   * missing on the server. */
  scanhost_string function_library;
  const scanhost_string* functions;
  size_t function_count;

  /* Functions of that library which the plugin uses where they are: see
   * scanhost_host.function_available. */
  const scanhost_string* optional_functions;
  size_t optional_function_count;

  scanhost_string metric_prefix; /* of the cycle metrics: "ff_" gives ff_scanner_cycle_total */
  scanhost_string backlog_gauge; /* full name of the gauge of the backlog; empty: none */

  /* [scanner thread, once for an instance] Makes an instance into `*self`. No effects outside the
   * process, no commands; options may be read. The host also does this in a child process, to
   * probe the plugin with the options of each scanner. FAILED, or BAD_OPTIONS where the value of an option is
   * to blame: `error` holds the reason, and `destroy` is not called. */
  scanhost_status (*create)(const scanhost_host* host, void** self, scanhost_error* error);

  /* [scanner thread, after every scan is finished or dropped] Ends the instance. Unfinished work is
   * abandoned: none of its callbacks is called any more. */
  void (*destroy)(void* self);

  /* [scanner thread] Starts a scan of one partition. It returns soon; the scan ends with `finish` or
   * `fail`, in here or in a later callback. Other scans may be in flight, unless SERIAL. */
  void (*scan)(void* self, scanhost_scan* scan, const scanhost_partition* partition);

  /* [scanner thread] Optional. Starts the work before a cycle's first scan; no scan of an earlier cycle is
   * in flight. `scan` has no partition: its commands without a route go to the node of the family
   * `single`, and it gets no turns. It ends like any scan, with `finish` or `fail`; then the cycle's scans
   * start. What its result counts is added to the cycle. Not called before early visits. */
  void (*begin_cycle)(void* self, scanhost_scan* scan, uint64_t cycle);

  /* [scanner thread] Optional. The same after a cycle's last scan. Not called for a cycle that was cut
   * short. */
  void (*end_cycle)(void* self, scanhost_scan* scan, uint64_t cycle);

  /* [scanner thread, before destroy] Optional. A scan that was neither finished nor failed is over: no
   * callback of it will be called. `data` is what set_scan_data gave it, or null. Calls nothing of the host
   * but `log`. */
  void (*dropped)(void* self, scanhost_scan* scan, void* data);

  /* [scanner thread, any phase] Optional: the plugin's own extensions by id, or null. Constant, alive
   * as long as the library is open. */
  const void* (*get_extension)(scanhost_string id);
} scanhost_plugin;

#if defined(_WIN32)
#define SCANHOST_EXPORT __declspec(dllexport)
#else
#define SCANHOST_EXPORT __attribute__((visibility("default")))
#endif

/* [any thread, any time] The one exported symbol of a plugin. No effects; the same answer always. */
SCANHOST_EXPORT const scanhost_plugin* scanhost_plugin_entry(void);
#define SCANHOST_ENTRY_SYMBOL "scanhost_plugin_entry"

#ifdef __cplusplus
}
#endif

#endif
