// SPDX-License-Identifier: Apache-2.0
//
// Finds keys that will never expire and should. Walks the whole keyspace of each primary with SCAN, a few
// pages in each cycle, for the prefixes that the option names, and counts the keys that have no time to live.
// Shows the counts of the last whole walk as a metric, with one line in the log. Only reads.
#include <cstdint>
#include <iomanip>
#include <map>
#include <scanhost/scanner.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace scanhost;

class key_ttl_audit : public scanner {
 public:
  static description describe() {
    return {.name = "key_ttl_audit",
            .version = "1.0.0",
            .summary = "Counts the keys of each prefix that have no time to live",
            .licence = "Apache-2.0",
            .families = {{.name = "node"}},  // one scan for each primary
            .default_interval = std::chrono::seconds(10),
            .default_page_size = 500,
            .options = {{.name = "prefixes",
                         .type = option_type::text_list,
                         .help = "what keys begin with that should expire, such as session:",
                         .minimum = 1,
                         .default_values = {"session:", "cache:"}}},
            .required_extensions = {SCANHOST_EXT_METRICS},
            .metric_prefix = "key_ttl_audit_"};
  }

  explicit key_ttl_audit(services host) : host_(host), prefixes_(host.list("prefixes")) {}

  task<result> scan(scan_context& scan) override {
    result found;
    for (std::uint32_t i = 0; i < prefixes_.size(); ++i) {
      auto& walk = walks_[{scan.index(), prefixes_[i]}];  // goes on where the last cycle stopped
      auto pass = scan.pass(i);
      while (const auto turn = co_await pass.next_page(0)) {
        if (!co_await look(scan, prefixes_[i], turn.allowance, walk, found)) break;
        if (walk.cursor != "0") continue;
        show(prefixes_[i], walk);
        walk = {.found_last = walk.without_ttl};
        break;
      }
    }
    co_return found;
  }

  // One line for each walk. What cannot be read is not taken over: it is walked anew.
  static constexpr std::uint32_t state_version = 1;
  std::string export_state() const {
    std::ostringstream text;
    for (const auto& [where, walk] : walks_)
      text << where.first << ' ' << walk.cursor << ' ' << walk.keys << ' ' << walk.without_ttl << ' '
           << walk.found_last << ' ' << std::quoted(where.second) << '\n';
    return text.str();
  }
  void import_state(std::uint32_t version, std::string_view bytes) {
    if (version != state_version) throw std::runtime_error("written by a build with another format");
    std::istringstream text{std::string(bytes)};
    std::uint32_t node = 0;
    std::string prefix;
    for (progress walk; text >> node >> walk.cursor >> walk.keys >> walk.without_ttl >> walk.found_last >>
                        std::quoted(prefix);)
      walks_[{node, prefix}] = walk;
  }

 private:
  struct progress {
    std::string cursor = "0";
    std::uint64_t keys = 0;  // SCAN may offer a key twice while the table is resized: nearly exact
    std::uint64_t without_ttl = 0;
    std::uint64_t found_last = 0;  // by the last whole walk
  };

  // One page. Moves the walk on only when all of it was read.
  task<bool> look(scan_context& scan, const std::string& prefix, std::uint32_t page, progress& walk,
                  result& found) {
    const auto match = literally(prefix) + "*";
    const auto offered = co_await scan.execute(command("SCAN", walk.cursor, "MATCH", match, "COUNT", page));
    if (!offered[0]) co_return failed(offered[0], found);
    const auto keys = offered[0][1];
    batch questions;
    for (std::size_t i = 0; i < keys.size(); ++i) questions.add("PTTL", keys[i].text());
    const auto answers = co_await scan.execute(std::move(questions));
    std::uint64_t without_ttl = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) co_return failed(answers[i], found);
      if (answers[i].reply().integer() == -1) ++without_ttl;  // -2: it is gone by now
    }
    found.processed += keys.size();
    found.unchanged += keys.size();
    walk.keys += keys.size();
    walk.without_ttl += without_ttl;
    walk.cursor = offered[0][0].text();
    co_return true;
  }

  bool failed(outcome why, result& found) const {
    host_.log(log_level::warn, "the page is read again in the next cycle: " + std::string(why.message()));
    ++found.errors;
    return false;
  }

  // The walk of one node is whole; the metric is the sum of all nodes.
  void show(const std::string& prefix, const progress& walk) const {
    std::uint64_t of_all_nodes = 0;
    for (const auto& [where, other] : walks_)
      if (where.second == prefix) of_all_nodes += &other == &walk ? walk.without_ttl : other.found_last;
    host_
        .gauge("keys_without_ttl", "Keys without a time to live, in the last whole walk",
               {{"prefix", prefix}})
        .record(static_cast<double>(of_all_nodes));
    host_.log(log_level::info, std::to_string(walk.without_ttl) + " of " + std::to_string(walk.keys) +
                                   " keys that begin with " + prefix + " have no time to live");
  }

  // MATCH takes a pattern.
  static std::string literally(const std::string& prefix) {
    std::string pattern;
    for (const char c : prefix) {
      if (std::string_view("*?[]\\^").find(c) != std::string_view::npos) pattern += '\\';
      pattern += c;
    }
    return pattern;
  }

  services host_;
  std::vector<std::string> prefixes_;
  std::map<std::pair<std::uint32_t, std::string>, progress> walks_;  // by node and prefix
};

SCANHOST_PLUGIN(key_ttl_audit)
