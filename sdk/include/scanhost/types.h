/* SPDX-License-Identifier: Apache-2.0
 *
 * The frozen building blocks of the scanhost plugin ABI: strings, status codes, error
 * buffers and reply nodes. C99, and valid C++.
 *
 * Two kinds of struct cross the boundary:
 *   frozen   never changes, carries no size: scanhost_string, scanhost_error, scanhost_reply;
 *   growing  begins with `struct_size`. A reader takes the smaller of that size and its own
 *            and treats the rest as zero; a writer never writes beyond the reader's size.
 *            Arrays of growing structs are passed with a count and a stride and are walked
 *            with that stride.
 * A released field, value or meaning never changes. What is new is appended, gets a `_v2`
 * name, or a new extension id.
 */
#ifndef SCANHOST_TYPES_H
#define SCANHOST_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The ABI that these headers describe. A host accepts its own major with a required minor
 * that is not above its own. */
#define SCANHOST_ABI_MAJOR 1
#define SCANHOST_ABI_MINOR 0

/* The version of the SDK that these headers came with; text, for people. */
#define SCANHOST_SDK_VERSION "1.0.0"

/* Text or bytes: pointer and length, binary safe, not terminated. Frozen.
 * `data` may be null when `size` is 0. Whoever makes the bytes owns them; how long they live
 * is said where the string is used. */
typedef struct scanhost_string {
  const char* data;
  size_t size; /* bytes */
} scanhost_string;

/* Initialises a scanhost_string from a literal: `scanhost_string name = SCANHOST_TEXT("flow");`,
 * static ones and members of structs too. Its bytes live as long as the code does. */
/* clang-format off */
#define SCANHOST_TEXT(literal) {"" literal, sizeof(literal) - 1}
/* clang-format on */

/* What a function of either side answers. Values are never reused. */
typedef int32_t scanhost_status;
enum {
  SCANHOST_OK = 0,
  SCANHOST_FAILED = 1,      /* it went wrong; the error buffer says how, where there is one */
  SCANHOST_INVALID = 2,     /* the call broke a rule of this header; nothing was done */
  SCANHOST_UNSUPPORTED = 3, /* this build does not offer that */
  SCANHOST_CANCELLED = 4,   /* the scan was cancelled (time-out, shutdown); stop and finish */
  SCANHOST_BAD_OPTIONS = 5  /* from `create`: an option's value cannot be used. An operator has to change it;
                               until then the host does not try again */
};

/* Where a plugin writes the message of a failure. Frozen. The host owns the buffer, which
 * lives until the call returns; it works even when `create` failed. Write at most `capacity`
 * bytes to `buffer` and set `size`; a longer message is cut. UTF-8 text for people: what went
 * wrong, where, and what to do; no secrets.
 *
 * With BAD_OPTIONS set `option`, too: the name of the option as the descriptor's table has it. Its bytes
 * live as long as the library is open. */
typedef struct scanhost_error {
  char* buffer;
  size_t capacity;        /* bytes */
  size_t size;            /* bytes used; 0 on entry */
  scanhost_string option; /* empty on entry */
} scanhost_error;

/* A name with its value: a field of a log line, a label of a metric. Frozen. */
typedef struct scanhost_field {
  scanhost_string name;  /* [a-zA-Z_][a-zA-Z0-9_]* */
  scanhost_string value; /* any bytes; people read them as UTF-8 */
} scanhost_field;

/* The kinds of a reply node, as in RESP2. A plugin that was built with minor 0 never gets another kind,
 * whatever protocol a later host speaks with the server: a double, a big number and a verbatim string come as
 * STRING, a boolean as INTEGER 1 or 0, a map as ARRAY of key, value, key, value, a set as ARRAY; attributes
 * and pushed messages do not come at all. */
enum {
  SCANHOST_REPLY_NIL = 0,
  SCANHOST_REPLY_STRING = 1,  /* bulk string: `text` */
  SCANHOST_REPLY_STATUS = 2,  /* simple string such as OK: `text` */
  SCANHOST_REPLY_ERROR = 3,   /* error: `text`, beginning with its code */
  SCANHOST_REPLY_INTEGER = 4, /* `integer` */
  SCANHOST_REPLY_ARRAY = 5    /* `elements`, `element_count` */
};

/* One node of a reply. Frozen. Owned by the host; it and all below it live as long as the
 * batch they arrived in (see scanhost_replies). */
typedef struct scanhost_reply {
  int32_t kind;
  int32_t reserved; /* 0 */
  int64_t integer;
  scanhost_string text;
  const struct scanhost_reply* elements;
  size_t element_count;
} scanhost_reply;

#ifdef __cplusplus
}
#endif

#endif
