// SPDX-License-Identifier: Apache-2.0
#include "common/family.hpp"

#include <iterator>
#include <utility>

namespace ff {
namespace {

constexpr const char* config_key = "ff:config:partitions";

scanhost::option text_option(std::string name, std::string help) {
  return {.name = std::move(name), .type = scanhost::option_type::text, .help = std::move(help)};
}

}  // namespace

scanhost::family flow_family() { return {"flow", "{fp:*}", 256, config_key, "num_flow_partitions"}; }
scanhost::family budget_family() { return {"budget", "{b:*}", 32, config_key, "num_budget_partitions"}; }
scanhost::family quota_family() { return {"quota", "{q:*}", 32, config_key, "num_quota_partitions"}; }

std::vector<scanhost::option> filter_options() {
  return {text_option("namespace", "sweep only executions of this namespace; empty: all"),
          text_option("instance_tag",
                      "name=value: sweep only executions whose tag of that name has that value; empty: all")};
}

std::vector<scanhost::option> ignored_filter_options() {
  return {text_option("namespace", "accepted, and ignored: this scanner sweeps for all namespaces"),
          text_option("instance_tag", "accepted, and ignored: this scanner sweeps for all instances")};
}

scanhost::description described(std::string name, std::string summary, std::chrono::milliseconds interval,
                                std::uint32_t page_size, scanhost::family swept) {
  scanhost::description common;
  common.name = std::move(name);
  common.version = "1.0.0";
  common.summary = std::move(summary);
  common.author = "scanhost";
  common.licence = "Apache-2.0";
  common.families.push_back(std::move(swept));
  common.default_interval = interval;
  common.default_page_size = page_size;
  common.required_extensions = {SCANHOST_EXT_FAILURES};
  common.metric_prefix = "ff_";
  return common;
}

void add_options(scanhost::description& target, std::vector<scanhost::option> options) {
  target.options.insert(target.options.end(), std::make_move_iterator(options.begin()),
                        std::make_move_iterator(options.end()));
}

void need_functions(scanhost::description& target, std::vector<std::string> functions) {
  target.function_library = "flowfabric";
  target.functions = std::move(functions);
}

}  // namespace ff
