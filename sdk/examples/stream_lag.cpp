// SPDX-License-Identifier: Apache-2.0
//
// Shows how far the consumer groups of streams are behind. Asks XINFO GROUPS for each stream that the option
// `streams` names, and shows, for each group, the entries it has not been given (lag) and those it was given
// and has not acknowledged (pending). Warns in the log about groups that are too far behind. Changes nothing.
#include <limits>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <vector>

using namespace scanhost;

class stream_lag : public scanner {
 public:
  static description describe() {
    return {.name = "stream_lag",
            .version = "1.0.0",
            .summary = "Shows how far the consumer groups of streams are behind",
            .licence = "Apache-2.0",
            .families = {{.name = "single"}},
            .default_interval = std::chrono::seconds(5),
            .options = {{.name = "streams",
                         .type = option_type::text_list,
                         .help = "the keys of the streams to look at",
                         .minimum = 1,
                         .required = true},
                        {.name = "warn_above",
                         .type = option_type::integer,
                         .default_value = "10000",
                         .help = "a group that is more entries behind is worth a warning",
                         .minimum = 0}},
            .required_extensions = {SCANHOST_EXT_METRICS},
            .metric_prefix = "stream_",
            .backlog_gauge = "stream_lag_entries"};
  }

  explicit stream_lag(services host)
      : host_(host), streams_(host.list("streams")), warn_above_(host.integer("warn_above")) {}

  task<result> scan(scan_context& scan) override {
    batch questions;  // in a cluster each goes to the node that has the stream
    for (const auto& stream : streams_) questions.add("XINFO", "GROUPS", stream).route(stream);
    const auto answers = co_await scan.execute(std::move(questions));
    result found;
    found.backlog = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) {
        host_.log(log_level::warn, streams_[i] + ": " + std::string(answers[i].message()));
        ++found.errors;
        continue;
      }
      const auto groups = answers[i].reply();
      for (std::size_t g = 0; g < groups.size(); ++g) show(streams_[i], groups[g], found);
    }
    if (found.errors + found.skipped > 0) found.backlog.reset();  // a part of it is no backlog
    co_return found;
  }

 private:
  // A group is names and values in turn: "name", "billing", "consumers", 2, ...
  static reply field(reply group, std::string_view name) {
    for (std::size_t i = 0; i + 1 < group.size(); i += 2)
      if (group[i].text() == name) return group[i + 1];
    return {};
  }

  void show(const std::string& stream, reply group, result& found) const {
    const auto name = stream + "/" + std::string(field(group, "name").text());
    const auto lag = field(group, "lag");  // nil: the server cannot tell, as after XDEL or XGROUP SETID
    const auto unknown = std::numeric_limits<double>::quiet_NaN();
    host_.gauge("group_pending", "Entries given to a consumer and not acknowledged", {{"group", name}})
        .record(static_cast<double>(field(group, "pending").integer()));
    host_.gauge("group_lag", "Entries that the group has yet to be given; NaN: unknown", {{"group", name}})
        .record(lag.is_integer() ? static_cast<double>(lag.integer()) : unknown);
    if (!lag.is_integer()) {
      ++found.skipped;
      return;
    }
    ++found.processed;
    ++found.unchanged;
    *found.backlog += lag.integer();
    if (lag.integer() > warn_above_)
      host_.log(log_level::warn, name + " is " + std::to_string(lag.integer()) + " entries behind");
  }

  services host_;
  std::vector<std::string> streams_;
  std::int64_t warn_above_;
};

SCANHOST_PLUGIN(stream_lag)
