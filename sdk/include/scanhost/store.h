/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands to the store and what comes back. C99, and valid C++.
 */
#ifndef SCANHOST_STORE_H
#define SCANHOST_STORE_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of a command. `execute` answers INVALID to a flag that the host does not know. */
enum {
  /* This is the call that changes the item. The host counts it against the budget of calls and the turn's
   * allowance, measures lateness from `due_ms`, and holds it back in SCANHOST_MODE_VERIFY where a check asks
   * for that. */
  SCANHOST_COMMAND_ACTS = 1u << 0
};

/* The host's handle of a Lua script: see scanhost_host.script. */
typedef struct scanhost_script scanhost_script;

/* One command. Growing. Everything it points to is copied before `execute` returns.
 *
 * Connections are shared by all scans of a scanner, so these are refused (outcome REFUSED,
 * nothing is sent): WATCH, UNWATCH, MULTI, EXEC, DISCARD, SELECT, AUTH, HELLO, RESET, QUIT,
 * MONITOR, CLIENT REPLY, SYNC, PSYNC, all (P|S)SUBSCRIBE and (P|S)UNSUBSCRIBE forms, SHUTDOWN,
 * DEBUG, FAILOVER, and commands that can block (BLPOP, WAIT, XREAD with BLOCK, ...). A write that depends on
 * something read is a guarded write instead: one small constant script, with all keys in one slot, that
 * checks again and acts. */
typedef struct scanhost_command {
  uint32_t struct_size;
  uint32_t flags;                /* SCANHOST_COMMAND_* */
  const scanhost_string* args;   /* name first; with `script`: the number of keys, the keys, the arguments */
  size_t arg_count;              /* 1 or more */
  scanhost_string route;         /* a key or hash tag that decides the node; empty: the scan's partition */
  scanhost_string item;          /* the item this is about, empty: none */
  int64_t due_ms;                /* when the item came due, ms since the epoch; 0: unknown */
  const scanhost_script* script; /* runs this script; null: `args` is the whole command */
  uint32_t item_count; /* ACTS: how many items it may change, `item` being one of them; 0 counts as 1 */
  uint32_t reserved;   /* 0 */
} scanhost_command;

/* What became of one command. Values are never reused. */
enum {
  SCANHOST_OUTCOME_REPLY = 0,       /* answered; `reply` is set and is not an error */
  SCANHOST_OUTCOME_ERROR_REPLY = 1, /* the server refused it; `reply` is the error */
  SCANHOST_OUTCOME_TRANSIENT = 2,   /* may work later: connection lost, time-out, LOADING, READONLY,
                                       TRYAGAIN, CLUSTERDOWN, MASTERDOWN. Whether the server carried it
                                       out is unknown unless `reply` is set */
  SCANHOST_OUTCOME_PERMANENT = 3,   /* will not work until an operator acts: NOAUTH, WRONGPASS, NOPERM,
                                       a reply that is not RESP */
  SCANHOST_OUTCOME_CANCELLED = 4,   /* the scan was cancelled; the reply is not waited for */
  SCANHOST_OUTCOME_REFUSED = 5,     /* the host never sends this; `message` says why */
  SCANHOST_OUTCOME_HELD_BACK = 6    /* a command that ACTS was not sent: nothing is to be changed now
                                       (`plugin verify`). Count the item as skipped */
};

/* The outcome of one command. Growing; owned by the host, lives as long as its batch. */
typedef struct scanhost_outcome {
  uint32_t struct_size;
  int32_t kind;                /* SCANHOST_OUTCOME_* */
  const scanhost_reply* reply; /* null when the server did not answer */
  scanhost_string message;     /* why it failed, for a log line; empty for REPLY */
} scanhost_outcome;

/* A batch of outcomes, one for each command of an `execute`, in the same order. Growing;
 * owned by the host. It lives until it is released or, at the latest, until its scan is
 * finished; so a reply stays valid while the scan waits for other things. */
typedef struct scanhost_replies {
  uint32_t struct_size;
  uint32_t outcome_stride; /* bytes from one outcome to the next */
  size_t outcome_count;
  const scanhost_outcome* outcomes;
} scanhost_replies;

#ifdef __cplusplus
}
#endif

#endif
