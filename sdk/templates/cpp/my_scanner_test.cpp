// Tests of my_scanner without a server: the SDK's fake host answers from a script.
#include <cstdio>
#include <scanhost/testing/fake_host.hpp>

using namespace scanhost::testing;

static int failed = 0;

static void expect(bool holds, const char* what) {
  if (holds) return;
  ++failed;
  std::fprintf(stderr, "not so: %s\n", what);
}

// Pages are items with their scores in turn: "a", "1", "b", "2".
static void takes_out_what_is_due() {
  fake_host host(*scanhost_plugin_entry());
  host.script(array("a", "1", "b", "2"), 1, 0);  // the page, a call that changed something, one that did not
  const auto report = host.scan(3);
  expect(report.finished && report.result.processed == 2, "both items are processed");
  expect(report.result.unchanged == 1, "one of them was gone already");
  expect(host.calls("EVAL").front().item == "a", "each acting call names its item");
  expect(host.calls().front().args[1] == "due:{shard:3}", "it reads the index of its partition");
  expect(host.violations().empty(), "it keeps the rules");
}

static void leaves_alone_what_is_not_due_for_long_enough() {
  fake_host host(*scanhost_plugin_entry());
  host.set_option("grace", "1s");
  host.script(array("a", "1699999999000", "b", "1699999999001"), 1);
  const auto report = host.scan();
  expect(report.result.processed == 1, "what came due a second ago is taken out");
  expect(report.result.next_due_ms == 1700000000001, "and the host is told when the next comes due");
}

static void counts_what_failed() {
  fake_host host(*scanhost_plugin_entry());
  host.script(array("a", "1"), transient());
  expect(host.scan().result.errors == 1, "a call that failed is an error");
  expect(host.failures().count(host.tag_of(0), "a") == 1, "and counts against its item");
  host.script(transient());
  expect(host.scan().result.errors == 1, "a page that failed is an error, not an empty page");
}

int main() {
  takes_out_what_is_due();
  leaves_alone_what_is_not_due_for_long_enough();
  counts_what_failed();
  return failed == 0 ? 0 : 1;
}
