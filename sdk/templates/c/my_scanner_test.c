/* Tests of my_scanner without a server: a small host that answers from a script.
 *
 * It has what this scanner calls, in the blocking form. The SDK's own test kit,
 * scanhost/testing/fake_host.hpp, is C++: it knows all of the ABI and checks the rules, as `scanhost plugin
 * verify` does for a plugin in any language. */
#include <scanhost/helpers.h>
#include <stdio.h>

enum { max_calls = 16, max_items = 4, now = 1700000000 };

/* --- the host: what it is asked, and what it answers */

static struct {
  const scanhost_outcome* script; /* the outcomes of the commands to come, in order */
  size_t script_count, next;
  int64_t grace_ms;
  char calls[max_calls][512]; /* the words of each command that was sent */
  size_t call_count;
  scanhost_result result;
  int finished, failures, successes;
} world;

static int is(scanhost_string text, const char* expected) {
  return text.size == strlen(expected) && memcmp(text.data, expected, text.size) == 0;
}

static void note(const scanhost_command* command) {
  char* line = world.calls[world.call_count++];
  size_t used = command->script == NULL ? 0 : (size_t)snprintf(line, sizeof world.calls[0], "script"), i;
  for (i = 0; i < command->arg_count; ++i)
    used += (size_t)snprintf(line + used, sizeof world.calls[0] - used, "%s%.*s", used == 0 ? "" : " ",
                             (int)command->args[i].size, command->args[i].data);
}

static const scanhost_replies* execute(const scanhost_host* host, scanhost_scan* scan,
                                       const scanhost_command* commands, size_t count, size_t stride) {
  static scanhost_replies replies[max_calls]; /* each lives until the end of its scan */
  scanhost_replies* batch = &replies[world.next];
  size_t i;
  (void)host, (void)scan;
  for (i = 0; i < count; ++i)
    note((const scanhost_command*)(const void*)((const char*)commands + i * stride));
  batch->struct_size = sizeof *batch;
  batch->outcome_stride = sizeof world.script[0];
  batch->outcome_count = count;
  batch->outcomes = world.script + world.next;
  world.next += count;
  return batch;
}

static uint32_t next_page(const scanhost_host* host, scanhost_scan* scan, uint32_t pass, uint32_t acted) {
  (void)host, (void)scan, (void)pass, (void)acted;
  return world.next < world.script_count ? max_items : 0;
}

static int32_t should_skip(const scanhost_host* host, scanhost_scan* scan, scanhost_string item) {
  (void)host, (void)scan;
  return is(item, "in back-off");
}

static void failure(const scanhost_host* host, scanhost_scan* scan, scanhost_string item,
                    scanhost_string reason) {
  (void)host, (void)scan, (void)item, (void)reason;
  ++world.failures;
}

static void success(const scanhost_host* host, scanhost_scan* scan, scanhost_string item) {
  (void)host, (void)scan, (void)item;
  ++world.successes;
}

static int64_t now_ms(const scanhost_host* host, scanhost_scan* scan) {
  (void)host, (void)scan;
  return now;
}

static void release(const scanhost_host* host, scanhost_scan* scan, const scanhost_replies* replies) {
  (void)host, (void)scan, (void)replies;
}

static void finish(const scanhost_host* host, scanhost_scan* scan, const scanhost_result* result) {
  (void)host, (void)scan;
  world.result = *result;
  ++world.finished;
}

static scanhost_status option_integer(const scanhost_host* host, scanhost_string name, int64_t* value) {
  (void)host;
  if (!is(name, "grace")) return SCANHOST_INVALID;
  *value = world.grace_ms;
  return SCANHOST_OK;
}

static const scanhost_script* script_of(const scanhost_host* host, scanhost_string source) {
  (void)host;
  return source.size == 0 ? NULL : (const scanhost_script*)&world; /* opaque, as a scan is */
}

static const void* get_extension(const scanhost_host* host, scanhost_string id) {
  static const scanhost_blocking blocking = {
      .struct_size = sizeof blocking, .execute = execute, .next_page = next_page};
  static const scanhost_failures failures = {
      .struct_size = sizeof failures, .should_skip = should_skip, .failure = failure, .success = success};
  (void)host;
  if (is(id, SCANHOST_EXT_BLOCKING)) return &blocking;
  return is(id, SCANHOST_EXT_FAILURES) ? (const void*)&failures : NULL;
}

static const scanhost_host host = {.struct_size = sizeof host,
                                   .abi_major = SCANHOST_ABI_MAJOR,
                                   .get_extension = get_extension,
                                   .option_integer = option_integer,
                                   .script = script_of,
                                   .now_ms = now_ms,
                                   .replies_release = release,
                                   .finish = finish};

/* --- its answers */

static scanhost_outcome answer(const scanhost_reply* reply) {
  const scanhost_outcome outcome = {
      .struct_size = sizeof outcome, .kind = SCANHOST_OUTCOME_REPLY, .reply = reply};
  return outcome;
}

static const scanhost_outcome lost = {.struct_size = sizeof lost, .kind = SCANHOST_OUTCOME_TRANSIENT};
static const scanhost_reply changed = {.kind = SCANHOST_REPLY_INTEGER, .integer = 1};
static const scanhost_reply unchanged = {.kind = SCANHOST_REPLY_INTEGER, .integer = 0};
static const scanhost_reply nothing = {.kind = SCANHOST_REPLY_ARRAY};
static const scanhost_reply both_items[] = {{.kind = SCANHOST_REPLY_STRING, .text = SCANHOST_TEXT("a")},
                                            {.kind = SCANHOST_REPLY_STRING, .text = SCANHOST_TEXT("b")}};
static const scanhost_reply both = {.kind = SCANHOST_REPLY_ARRAY, .elements = both_items, .element_count = 2};
static const scanhost_reply resting_item[] = {
    {.kind = SCANHOST_REPLY_STRING, .text = SCANHOST_TEXT("in back-off")}};
static const scanhost_reply resting = {
    .kind = SCANHOST_REPLY_ARRAY, .elements = resting_item, .element_count = 1};

/* --- the tests */

static int failed = 0;

static void expect(int holds, const char* what) {
  if (holds) return;
  ++failed;
  fprintf(stderr, "not so: %s\n", what);
}

/* A scan of {shard:3} whose commands have these outcomes. */
static void scan_with(const scanhost_outcome* script, size_t count, int64_t grace_ms) {
  const scanhost_plugin* plugin = scanhost_plugin_entry();
  const scanhost_partition where = {
      .struct_size = sizeof where, .index = 3, .tag = SCANHOST_TEXT("{shard:3}")};
  char buffer[256];
  scanhost_error error = {.buffer = buffer, .capacity = sizeof buffer};
  void* self = NULL;
  memset(&world, 0, sizeof world);
  world.script = script;
  world.script_count = count;
  world.grace_ms = grace_ms;
  expect(plugin->create(&host, &self, &error) == SCANHOST_OK, "an instance is created");
  plugin->scan(self, (scanhost_scan*)&world, &where); /* the handle is opaque: any address will do */
  plugin->destroy(self);
  expect(world.finished == 1, "the scan is finished once");
}

static void takes_out_what_is_due(void) {
  const scanhost_outcome script[] = {answer(&both), answer(&changed), answer(&unchanged), answer(&nothing)};
  scan_with(script, 4, 0);
  expect(world.result.processed == 2 && world.result.unchanged == 1,
         "both are processed, one was gone already");
  expect(strcmp(world.calls[0], "ZRANGEBYSCORE due:{shard:3} -inf 1700000000 LIMIT 0 4") == 0,
         "it reads a page of its partition's index");
  expect(strcmp(world.calls[1], "script 2 due:{shard:3} done:{shard:3} a 1700000000") == 0,
         "it acts on the item by its script");
}

static void leaves_alone_what_is_not_due_for_long_enough(void) {
  const scanhost_outcome script[] = {answer(&nothing)};
  scan_with(script, 1, 1000);
  expect(strstr(world.calls[0], " 1699999000 ") != NULL, "it reads up to one second before now");
}

static void counts_what_failed(void) {
  const scanhost_outcome calls[] = {answer(&both), lost, answer(&changed), answer(&nothing)};
  const scanhost_outcome page[] = {lost};
  scan_with(calls, 4, 0);
  expect(world.result.errors == 1 && world.failures == 1, "a call that failed counts against its item");
  expect(world.result.processed == 1 && world.successes == 1, "the other one is processed");
  expect(strstr(world.calls[3], "LIMIT 1 ") != NULL, "it pages past the one that stays");
  scan_with(page, 1, 0);
  expect(world.result.errors == 1, "a page that failed is an error, not an empty page");
}

static void passes_over_what_is_in_back_off(void) {
  const scanhost_outcome script[] = {answer(&resting), answer(&nothing)};
  scan_with(script, 2, 0);
  expect(world.result.skipped == 1 && world.call_count == 2, "it is skipped, and no call is sent for it");
}

int main(void) {
  takes_out_what_is_due();
  leaves_alone_what_is_not_due_for_long_enough();
  counts_what_failed();
  passes_over_what_is_in_back_off();
  return failed == 0 ? 0 : 1;
}
