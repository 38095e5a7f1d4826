// SPDX-License-Identifier: Apache-2.0
//
// Calls a function for one item in each partition. Whatever fails it takes for the item's failure. Its
// backlog is 1 where the optional function is on the server.
#include <scanhost/scanner.hpp>
#include <string>

namespace {

class calls_function : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    scanhost::description me;
    me.name = "calls_function";
    me.version = "1.0";
    me.families.push_back({"shard", "{s:*}", 4});
    me.default_interval = std::chrono::milliseconds(100);
    me.default_page_size = 10;
    me.options.push_back({.name = "call", .type = scanhost::option_type::text});
    me.required_extensions = {SCANHOST_EXT_FAILURES};
    me.function_library = "lib";
    me.functions = {"needed"};
    me.optional_functions = {"optional"};
    return me;
  }

  explicit calls_function(scanhost::services host) : host_(host), failures_(host.failures()) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    const auto chosen = host_.text("call");
    scanhost::batch calls;
    calls.add("FCALL", chosen.empty() ? "needed" : chosen, 0).acts("item", {});
    const auto answers = co_await scan.execute(std::move(calls));
    scanhost::result sum;
    sum.backlog = host_.function_available("optional") ? 1 : 0;
    if (answers[0].ok()) {
      ++sum.processed;
    } else {
      ++sum.errors;
      failures_.failure(scan, "item", answers[0].message());
    }
    co_return sum;
  }

 private:
  scanhost::services host_;
  scanhost::failures failures_;
};

}  // namespace

SCANHOST_PLUGIN(calls_function)
