/* SPDX-License-Identifier: Apache-2.0
 *
 * The core table of services that the host lends to a scanner. C99, and valid C++.
 *
 * Threads: every function of the host is called on the scanner's own thread, but for `wake` in ext/waiting.h,
 * and every function of a plugin is called by the host on that same thread, never concurrently and never from
 * inside a call of the plugin's own. Callbacks given to `execute`, `next_page` and `after` are called later,
 * from the event loop, at most once, and never after `destroy`.
 *
 * Phases: "create" is inside scanhost_plugin.create; "scan" is from scanhost_plugin.scan, begin_cycle or
 * end_cycle until finish, including callbacks in between.
 */
#ifndef SCANHOST_HOST_H
#define SCANHOST_HOST_H

#include "scan.h"
#include "store.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct scanhost_host scanhost_host;

/* [scanner thread, scan] All outcomes of one `execute` are there. `replies` is lent until it is
 * released or the scan is finished. */
typedef void (*scanhost_on_replies)(void* user, const scanhost_replies* replies);

/* [scanner thread, scan] The answer to `next_page`: how many candidates the scan may act on in
 * the page that follows; 0: stop, this pass is over. */
typedef void (*scanhost_on_turn)(void* user, uint32_t allowance);

/* [scanner thread, scan] The time of an `after` has come, or the scan was cancelled. */
typedef void (*scanhost_on_time)(void* user);

enum {
  SCANHOST_LOG_TRACE = 0,
  SCANHOST_LOG_DEBUG = 1,
  SCANHOST_LOG_INFO = 2,
  SCANHOST_LOG_WARN = 3,
  SCANHOST_LOG_ERROR = 4
};

/* Whether a table of the host (scanhost_host or an extension's) has a member, by the size that it states. For
 * members that came after minor 0; ask before the call. `SCANHOST_HAS(host, struct scanhost_host, log_level)`
 */
#define SCANHOST_HAS(table, Type, member) \
  ((table)->struct_size >= offsetof(Type, member) + sizeof(((const Type*)0)->member))

/* The services of the host. Growing; owned by the host, valid from `create` to the end of
 * `destroy`. A function pointer beyond the `struct_size` given here does not exist: SCANHOST_HAS. */
struct scanhost_host {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;

  /* [any phase] The table of an extension by its id ("scanhost.failures/1"), or null. Owned by
   * the host, valid until the end of `destroy`. */
  const void* (*get_extension)(const scanhost_host* host, scanhost_string id);

  /* [any phase] Why the last call that answered INVALID or null did so: a sentence for the plugin's author.
   * Empty: none did yet. Lives until the next call of a function of the host. */
  scanhost_string (*invalid_reason)(const scanhost_host* host);

  /* --- settings: the same for the whole life of an instance ----------------------------- */

  /* [any phase] The name of this scanner: "lease_expiry@acme". Lives until `destroy` ends. */
  scanhost_string (*scanner_name)(const scanhost_host* host);

  /* [any phase] The configured interval, in ms. */
  uint64_t (*interval_ms)(const scanhost_host* host);

  /* [any phase] How many candidates one page holds; 1 or more. */
  uint32_t (*page_size)(const scanhost_host* host);

  /* [any phase] How many partitions a family of the descriptor has; of a listed family: in the current or
   * last cycle, 0 before the first. 0: not a family of this plugin. */
  uint32_t (*partition_count)(const scanhost_host* host, scanhost_string family);

  /* [any phase] How many values an option has: the length of a list; 1 for every other type;
   * 0: no such option in the descriptor's table. */
  size_t (*option_count)(const scanhost_host* host, scanhost_string name);

  /* [any phase] A text or choice option, or element `index` of a list, into `value`. Lives until `destroy`
   * ends. INVALID: no such option, another type, or an index beyond the list. */
  scanhost_status (*option_text)(const scanhost_host* host, scanhost_string name, size_t index,
                                 scanhost_string* value);

  /* [any phase] An integer, a duration in ms, a size in bytes, or a flag as 1 or 0, into `value`.
   * INVALID: no such option, or another type. */
  scanhost_status (*option_integer)(const scanhost_host* host, scanhost_string name, int64_t* value);

  /* [any phase] The value of a real option into `value`. INVALID: no such option, or another type. */
  scanhost_status (*option_real)(const scanhost_host* host, scanhost_string name, double* value);

  /* [any phase] Declares a Lua script once, for `scanhost_command.script`. The same source gives the same
   * handle, which lives until `destroy` ends; the source is copied. The host sends it as EVALSHA, and as EVAL
   * where the server does not know it yet, in the order of the batch. Null: an empty source. */
  const scanhost_script* (*script)(const scanhost_host* host, scanhost_string source);

  /* [any phase] 1: a function of the descriptor's `functions` or `optional_functions` is on the server; it
   * may change from one cycle to the next. 0: it is not, is in neither list, or is not known yet, as in
   * `create`. */
  int32_t (*function_available)(const scanhost_host* host, scanhost_string name);

  /* --- scanning -------------------------------------------------------------------------- */

  /* [scan] The clock of the server that holds the scan's partition, ms since the epoch: its last
   * TIME plus the time since that arrived, so never ahead of the server; at most about one second
   * old when a page is granted. */
  int64_t (*now_ms)(const scanhost_host* host, scanhost_scan* scan);

  /* [scan] The same for the server that holds the key or hash tag `route`. 0: nothing was heard of it yet. */
  int64_t (*route_now_ms)(const scanhost_host* host, scanhost_scan* scan, scanhost_string route);

  /* [scan] Keeps a pointer of the plugin's with the scan, for `dropped`; null at first. */
  void (*set_scan_data)(const scanhost_host* host, scanhost_scan* scan, void* data);

  /* [scan] Sends `count` commands (1 or more) and calls `on_replies` once when all have an outcome;
   * never from inside this call. Commands of one batch with the same route are carried out in
   * order. What `commands` points to is copied before this returns.
   * OK: `on_replies` will be called. INVALID, CANCELLED: nothing was sent, and it will not be.
   * (CANCELLED is answered only after `finish` was due; a time-out makes pending and later
   * commands complete with the outcome CANCELLED instead.) */
  scanhost_status (*execute)(const scanhost_host* host, scanhost_scan* scan, const scanhost_command* commands,
                             size_t count, size_t stride, scanhost_on_replies on_replies, void* user);

  /* [scan, destroy] Gives a batch back before its scan ends. Null is allowed. Inside `destroy` it does
   * nothing: the host has released all batches by then. */
  void (*replies_release)(const scanhost_host* host, scanhost_scan* scan, const scanhost_replies* replies);

  /* [scan] Asks for the next page of a pass. `pass` numbers the indexes of this scan from 0;
   * `acted` is how many candidates of this pass were acted on since the last time it asked.
   * The first page of a pass is granted at once, later ones in turn with the other partitions.
   * `on_turn` is called once, never from inside this call. OK or INVALID. */
  scanhost_status (*next_page)(const scanhost_host* host, scanhost_scan* scan, uint32_t pass, uint32_t acted,
                               scanhost_on_turn on_turn, void* user);

  /* [scan] Calls `on_time` once after `delay_ms`, or earlier if the scan is cancelled; never from
   * inside this call. OK or INVALID. */
  scanhost_status (*after)(const scanhost_host* host, scanhost_scan* scan, uint64_t delay_ms,
                           scanhost_on_time on_time, void* user);

  /* [scan] 1 once the scan was cancelled (time-out, shutdown, reload). Finish soon then. */
  int32_t (*cancelled)(const scanhost_host* host, scanhost_scan* scan);

  /* [scan] Ends the scan. Exactly once for each scan, from inside `scan` or any callback, and
   * with nothing pending: no `execute`, `next_page` or `after` whose callback is still to come. */
  void (*finish)(const scanhost_host* host, scanhost_scan* scan, const scanhost_result* result);

  /* [scan] Ends the scan because it failed beyond what a result can say (an exception). The host
   * logs the message, counts it, and restarts the scanner after a back-off. Callbacks that are
   * still to come are dropped. */
  void (*fail)(const scanhost_host* host, scanhost_scan* scan, scanhost_string message);

  /* [any phase] Writes a log line under the scanner's name, with fields of its own. UTF-8 (other bytes are
   * replaced), one line, no secrets. `fields` may be null when `field_count` is 0. */
  void (*log)(const scanhost_host* host, int32_t level, scanhost_string message, const scanhost_field* fields,
              size_t field_count);

  /* [any phase] The lowest level that is written for this scanner now, SCANHOST_LOG_*; an operator may change
   * it at any time. */
  int32_t (*log_level)(const scanhost_host* host);
};

#ifdef __cplusplus
}
#endif

#endif
