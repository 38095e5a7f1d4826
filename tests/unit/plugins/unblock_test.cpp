// SPDX-License-Identifier: Apache-2.0
//
// unblock under the scripted host: in which registry it looks for workers, and what it makes of one that it
// cannot read.
#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "scanner_test.hpp"

namespace ff::unblock_tests {
namespace {

using namespace testing;

class unblock : public scanner_test {
 protected:
  unblock() : scanner_test("unblock") {
    host.on("ZRANGEBYSCORE", [](const call& asked) {
      return asked.args[1].ends_with(":blocked:route") ? array("{fp:0}:e", "1") : array(std::vector<value>{});
    });
    host.on("EXISTS", 1);
    host.on("HMGET", array("waiting_for_capable_worker", "gpu", "acme"));
    host.on("SSCAN", array("0", array(std::vector<value>{"w"})));
    host.on("GET", "gpu");
    host.on("HGET", "gpu");
    host.on("FCALL ff_unblock_execution", array(1, "OK", "unblocked"));
  }

  // What `auto` finds on the server.
  void library(const value& version, std::set<std::string> missing = {}) {
    host.on("FCALL ff_version", version);
    host.set_missing_functions(std::move(missing));
  }

  std::ptrdiff_t versions_asked() const {
    return std::ranges::count_if(host.calls("FCALL"),
                                 [](const call& sent) { return sent.args[1] == "ff_version"; });
  }
  bool read_global() const { return reads("ff:idx:workers"); }
  bool read_namespaced() const { return reads("ff:idx:acme:workers"); }
  bool reads(std::string_view index) const {
    for (const auto& scan : host.calls("SSCAN"))
      if (scan.args[1] == index) return true;
    return false;
  }
};

TEST_F(unblock, reads_the_global_registry_of_an_old_library) {
  library("12", {"ff_register_worker"});
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_TRUE(read_global() && !read_namespaced());
}

TEST_F(unblock, reads_the_registry_of_the_namespace_where_workers_register_by_it) {
  library("34");
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_TRUE(read_namespaced() && !read_global());
}

TEST_F(unblock, reads_both_where_the_library_is_ours) {
  library("34-scanhost.1", {"ff_register_worker"});
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_TRUE(read_namespaced() && read_global());
}

TEST_F(unblock, unites_both) {
  host.set_option("worker_registry", "both");
  host.on("HMGET", array("waiting_for_capable_worker", "gpu,big", "acme"));
  host.on("HGET", "big");
  EXPECT_EQ(host.scan().result.processed, 1u);
}

TEST_F(unblock, goes_by_the_version_where_the_library_has_no_function_that_registers_workers) {
  for (const auto& [version, namespaced] :
       {std::pair("31", false), std::pair("34", true), std::pair("40", true)}) {
    library(version, {"ff_register_worker"});
    host.begin_cycle();
    const auto before = host.calls("HGET").size();
    EXPECT_EQ(host.scan().result.processed, 1u);
    EXPECT_EQ(host.calls("HGET").size() > before, namespaced) << version;
  }
}

TEST_F(unblock, reads_the_global_registry_where_there_is_no_version) {
  library(error("ERR Function not found"), {"ff_register_worker", "ff_version"});
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_TRUE(read_global() && !read_namespaced());
  EXPECT_EQ(versions_asked(), 0);
}

TEST_F(unblock, asks_for_the_version_once_a_cycle_and_learns_of_another_library) {
  library("12", {"ff_register_worker"});
  host.scan(0);
  host.scan(1);
  EXPECT_EQ(versions_asked(), 1);
  library("34");
  host.begin_cycle();
  host.scan();
  EXPECT_TRUE(read_namespaced());
}

TEST_F(unblock, never_lists_the_functions_itself) {
  library("12", {"ff_register_worker"});
  host.scan();
  EXPECT_EQ(host.calls("FUNCTION").size(), 0u);
}

TEST_F(unblock, leaves_the_entry_where_the_library_cannot_be_asked) {
  library("12", {"ff_register_worker"});
  host.on("FCALL ff_version", [](const call&) { return transient(); });
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 0u);
  EXPECT_EQ(report.result.errors, 1u);
}

TEST_F(unblock, leaves_the_entry_where_the_registry_of_its_namespace_cannot_be_read) {
  for (const char* registry : {"namespaced", "both"}) {
    host.set_option("worker_registry", registry);
    host.on("HGET", [](const call&) { return error("WRONGTYPE no"); });
    host.begin_cycle();
    const auto report = host.scan();
    EXPECT_EQ(report.result.processed, 0u) << registry;
    EXPECT_EQ(report.result.errors, 1u) << registry;
  }
}

TEST_F(unblock, counts_everything_as_met_where_the_global_registry_cannot_be_read) {
  host.set_option("worker_registry", "global");
  host.on("GET", [](const call&) { return error("WRONGTYPE no"); });
  EXPECT_EQ(host.scan().result.processed, 1u);
}

TEST_F(unblock, judges_an_execution_without_a_namespace_by_the_global_registry_where_there_are_both) {
  host.set_option("worker_registry", "both");
  host.on("HMGET", array("waiting_for_capable_worker", "gpu", nil()));
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.calls("HGET").size(), 0u);
}

}  // namespace
}  // namespace ff::unblock_tests
