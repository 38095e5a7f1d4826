/* SPDX-License-Identifier: Apache-2.0
 *
 * Drains the sorted sets `due:{s:N}` (member: an item, score: when it is due in ms). Each item is removed
 * from the set and counted in `due:done:{s:N}` by one script, which also counts its calls in
 * `due:calls:{s:N}`, under the version of this build. So the store shows whether an item was done exactly
 * once, and by which build.
 *
 * Compiled once for each macro below, as C or as C++. These are the builds that a host meets when it reloads.
 *
 *   BUILD "2"            the version, and what the calls are counted under
 *   NAME "drains_due"    the name of the plugin
 *   OTHER_MAJOR          it speaks another major of the ABI
 *   UNDEFINED            it needs a function that nobody has
 *   CONSTRUCTOR_CRASHES  opening it crashes
 *   CREATE_FAILS, CREATE_THROWS, CREATE_HANGS, CREATE_CRASHES
 *                        making an instance does, already in the probe
 *   HOST_CREATE_FAILS, HOST_CREATE_HANGS
 *                        only in the host: where the option `gate` is set
 *   SCAN_HOLDS           a scan stays in one call until the file `gate` is there
 *   SCAN_WAITS           a scan ends only when it is cancelled, or the file `gate` is there
 *   DESTROY_WAITS        destroy stays until the file `gate` is there, and makes the file `gate`.inside on
 * its way in SCAN_CRASHES         a scan writes to address 0 in cycle 5 SCAN_THROWS          a scan throws
 *   ALWAYS_ERRS          each call is an error
 *   LEAKS                each scan loses track of 256 KiB
 *   THREAD_SLEEPS        create starts a thread that sleeps for ever and is never joined
 *   THREAD_RUNS          create starts a thread that runs code of this plugin until the file `gate` is there
 *   TLS_DESTRUCTOR       (C++) scans use a thread_local that has a destructor
 *   EXPORTS              its own redisReaderFeed, a name that others in the process have as well
 */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <scanhost/helpers.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __cplusplus
#include <stdexcept>
#include <string>
#endif
#ifdef TLS_DESTRUCTOR
static thread_local std::string last_item;
#endif

#ifndef NAME
#define NAME "drains_due"
#endif
#ifndef BUILD
#define BUILD "1"
#endif

enum { page = 50, page_words = 7, call_words = 8, key_room = 64 };

static const char take[] =
    "redis.call('HINCRBY', KEYS[3], ARGV[2], 1) if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end redis.call('HINCRBY', KEYS[2], ARGV[1], 1) return 1";
static const char refuse[] = "return redis.error_reply('ERR this build always errs')";

#ifdef LEAKS
enum { leak = 256 * 1024 };
static void* volatile lost;
#endif

static const scanhost_host* host;
static scanhost_string gate, index_name;

typedef struct running_scan {
  struct running_scan* next;
  scanhost_scan* scan;
  scanhost_result found;
  uint32_t allowance, acted, sent;
  char due[key_room], done[key_room], calls[key_room];
} running_scan;

static running_scan* running_scans; /* in flight */

static inline int gate_is_open(void) {
  char file[512];
  snprintf(file, sizeof file, "%.*s", (int)gate.size, gate.data);
  return access(file, F_OK) == 0;
}

static inline void sleep_a_little(void) { usleep(5000); }

/* The host's libraries have a function of the same name; the plugin must call this one. */
#ifdef EXPORTS
#ifdef __cplusplus
extern "C"
#endif
    __attribute__((visibility("default"), noinline)) const char*
    redisReaderFeed(void) {
  return BUILD;
}
static const char* build(void) { return redisReaderFeed(); }
#else
static const char* build(void) { return BUILD; }
#endif

#ifdef UNDEFINED
#ifdef __cplusplus
extern "C"
#endif
    void
    scanhost_test_that_nobody_has(void);
#endif

#ifdef CONSTRUCTOR_CRASHES
__attribute__((constructor)) static void crash_at_once(void) { raise(SIGSEGV); }
#endif

#if defined(THREAD_SLEEPS) || defined(THREAD_RUNS)
static void* run_on(void* nothing) {
#ifdef THREAD_RUNS
  while (!gate_is_open()) sleep_a_little();
#else
  for (;;) pause();
#endif
  return nothing;
}
static void start_a_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, run_on, NULL) == 0) pthread_detach(thread);
}
#endif

#if defined(CREATE_CRASHES) || defined(SCAN_CRASHES)
static int* volatile nowhere; /* volatile, so that no compiler can know that it is null */
static void crash(void) { *nowhere = 1; }
#endif

static void end_scan(running_scan* running) {
  running_scan** at = &running_scans;
  while (*at != running) at = &(*at)->next;
  *at = running->next;
  host->finish(host, running->scan, &running->found);
  free(running);
}

static void on_turn(void* user, uint32_t allowance);

static void ask(running_scan* running) {
  host->next_page(host, running->scan, 0, running->acted, on_turn, running);
}

static void on_done(void* user, const scanhost_replies* replies) {
  running_scan* running = (running_scan*)user;
  uint32_t failed = 0, i;
  for (i = 0; i < running->sent; ++i) {
    const scanhost_reply* reply = scanhost_reply_of(replies, i);
    if (reply == NULL) {
      ++failed;
      continue;
    }
    ++running->found.processed;
    if (reply->integer == 0) ++running->found.unchanged;
  }
  host->replies_release(host, running->scan, replies);
  running->found.errors += failed;
  running->acted = running->sent;
  if (failed > 0)
    end_scan(running);
  else
    ask(running);
}

static void act(running_scan* running, const scanhost_reply* items) {
  scanhost_string args[page][call_words];
  scanhost_command commands[page];
  uint32_t i;
  running->sent = 0;
  for (i = 0; i < items->element_count && i < page && i < running->allowance; ++i) {
    const scanhost_string item = items->elements[i].text;
#ifdef ALWAYS_ERRS
    const char* script = refuse;
#else
    const char* script = take;
#endif
    const scanhost_string words[call_words] = {SCANHOST_TEXT("EVAL"),
                                               scanhost_text(script),
                                               SCANHOST_TEXT("3"),
                                               scanhost_text(running->due),
                                               scanhost_text(running->done),
                                               scanhost_text(running->calls),
                                               item,
                                               scanhost_text(build())};
    memcpy(args[i], words, sizeof words);
    commands[i] = scanhost_command_of(args[i], call_words);
    commands[i].flags = SCANHOST_COMMAND_ACTS;
    commands[i].item = item;
    ++running->sent;
#ifdef TLS_DESTRUCTOR
    last_item.assign(item.data, item.size).append(64, '.');
#endif
  }
  host->execute(host, running->scan, commands, running->sent, sizeof commands[0], on_done, running);
}

static void on_page(void* user, const scanhost_replies* replies) {
  running_scan* running = (running_scan*)user;
  const scanhost_reply* items = scanhost_reply_of(replies, 0);
  if (items == NULL && scanhost_outcome_at(replies, 0)->kind != SCANHOST_OUTCOME_HELD_BACK)
    ++running->found.errors;
  if (items == NULL || items->element_count == 0)
    end_scan(running);
  else
    act(running, items);
}

#ifdef SCAN_WAITS
static void wait_on(void* user) {
  running_scan* running = (running_scan*)user;
  if (host->cancelled(host, running->scan) || gate_is_open())
    end_scan(running);
  else
    host->after(host, running->scan, 20, wait_on, running);
}
#endif

static void on_turn(void* user, uint32_t allowance) {
  running_scan* running = (running_scan*)user;
  char now[32];
  running->allowance = allowance;
  if (allowance == 0) {
    end_scan(running);
    return;
  }
  snprintf(now, sizeof now, "%lld", (long long)host->now_ms(host, running->scan));
  {
    const scanhost_string args[page_words] = {SCANHOST_TEXT("ZRANGEBYSCORE"),
                                              scanhost_text(running->due),
                                              SCANHOST_TEXT("-inf"),
                                              scanhost_text(now),
                                              SCANHOST_TEXT("LIMIT"),
                                              SCANHOST_TEXT("0"),
                                              SCANHOST_TEXT("50")};
    const scanhost_command command = scanhost_command_of(args, page_words);
    host->execute(host, running->scan, &command, 1, sizeof command, on_page, running);
  }
}

static void name_key(char key[key_room], const char* kind, const scanhost_partition* where) {
  snprintf(key, key_room, "%.*s:%s%.*s", (int)index_name.size, index_name.data, kind, (int)where->tag.size,
           where->tag.data);
}

static void scan(void* self, scanhost_scan* handle, const scanhost_partition* where) {
  running_scan* running = (running_scan*)calloc(1, sizeof *running);
  (void)self;
  running->scan = handle;
  running->found.struct_size = sizeof running->found;
  name_key(running->due, "", where);
  name_key(running->done, "done:", where);
  name_key(running->calls, "calls:", where);
  running->next = running_scans;
  running_scans = running;
#ifdef UNDEFINED
  if (where->count == 0) scanhost_test_that_nobody_has();
#endif
#ifdef SCAN_CRASHES
  if (where->cycle >= 5) crash();
#endif
#ifdef LEAKS
  lost = malloc(leak);
  if (lost) memset(lost, 1, leak);
#endif
#ifdef SCAN_THROWS
  throw std::runtime_error("this scan throws");
#endif
#ifdef SCAN_HOLDS
  while (!gate_is_open()) sleep_a_little();
#endif
#ifdef SCAN_WAITS
  wait_on(running);
#else
  ask(running);
#endif
}

/* It has a gate, and this is not a probe. */
static int runs_with_gate(void) {
  const scanhost_environment* environment =
      (const scanhost_environment*)host->get_extension(host, scanhost_text(SCANHOST_EXT_ENVIRONMENT));
  return gate.size > 0 && environment != NULL && environment->mode(host) == SCANHOST_MODE_RUN;
}

static scanhost_status create(const scanhost_host* lent, void** self, scanhost_error* error) {
  host = lent;
  *self = &running_scans;
  if (host->option_text(host, scanhost_text("gate"), 0, &gate) != SCANHOST_OK ||
      host->option_text(host, scanhost_text("index"), 0, &index_name) != SCANHOST_OK)
    return scanhost_failed(error, "the options are not there");
#ifdef CREATE_FAILS
  return scanhost_failed(error, "this build cannot be created");
#endif
#ifdef CREATE_THROWS
  throw std::runtime_error("this build throws in create");
#endif
#ifdef CREATE_HANGS
  for (;;) sleep_a_little();
#endif
#ifdef CREATE_CRASHES
  crash();
#endif
#ifdef HOST_CREATE_FAILS
  if (runs_with_gate()) return scanhost_failed(error, "this build cannot be created in a host");
#endif
#ifdef HOST_CREATE_HANGS
  while (runs_with_gate() && !gate_is_open()) sleep_a_little();
#endif
#if defined(THREAD_SLEEPS) || defined(THREAD_RUNS)
  if (runs_with_gate())
    start_a_thread(); /* not in the probe, whose end would depend on what the thread does then */
#endif
  return SCANHOST_OK;
}

static void destroy(void* self) {
#ifdef DESTROY_WAITS
  char inside[520];
  FILE* mark;
  snprintf(inside, sizeof inside, "%.*s.inside", (int)gate.size, gate.data);
  if (runs_with_gate() && (mark = fopen(inside, "w")) != NULL) fclose(mark);
  while (runs_with_gate() && !gate_is_open()) sleep_a_little();
#endif
  (void)self;
  while (running_scans != NULL) {
    running_scan* gone = running_scans;
    running_scans = gone->next;
    free(gone);
  }
}

static scanhost_family family;
static scanhost_option options[2];
static scanhost_plugin plugin;

static void describe_options(void) {
  options[0].struct_size = sizeof options[0];
  options[0].type = SCANHOST_OPTION_TEXT;
  options[0].name = scanhost_text("gate");
  options[0].help = scanhost_text("A file that some builds wait for");
  options[1].struct_size = sizeof options[1];
  options[1].type = SCANHOST_OPTION_TEXT;
  options[1].name = scanhost_text("index");
  options[1].help = scanhost_text("What the keys begin with");
  options[1].default_value = scanhost_text("due");
}

#ifdef __cplusplus
extern "C"
#endif
    const scanhost_plugin*
    scanhost_plugin_entry(void) {
  (void)refuse;
  (void)take;
  describe_options();
  family.struct_size = sizeof family;
  family.default_count = 8;
  family.name = scanhost_text("s");
  family.tag_pattern = scanhost_text("{s:*}");
  plugin.magic = SCANHOST_MAGIC;
  plugin.struct_size = sizeof plugin;
  plugin.abi_major = SCANHOST_ABI_MAJOR;
#ifdef OTHER_MAJOR
  plugin.abi_major = SCANHOST_ABI_MAJOR + 1;
#endif
  plugin.abi_minor_built = SCANHOST_ABI_MINOR;
  plugin.sdk_version = scanhost_text(SCANHOST_SDK_VERSION);
  plugin.name = scanhost_text(NAME);
  plugin.version = scanhost_text(BUILD);
  plugin.summary = scanhost_text("Drains what is due, for a test");
  plugin.licence = scanhost_text("Apache-2.0");
  plugin.families = &family;
  plugin.family_count = 1;
  plugin.family_stride = sizeof family;
  plugin.default_interval_ms = 100;
  plugin.default_page_size = page;
  plugin.options = options;
  plugin.option_count = 2;
  plugin.option_stride = sizeof options[0];
  plugin.create = create;
  plugin.destroy = destroy;
  plugin.scan = scan;
  return &plugin;
}
