// SPDX-License-Identifier: Apache-2.0
//
// Scans nothing, and explains items of the sorted sets `due:<tag>`. Some names make it break a rule of
// explanations.
#include <scanhost/scanner.hpp>
#include <stdexcept>
#include <string>

namespace {

class explains_items : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    scanhost::description about;
    about.name = "explains_items";
    about.version = "1.0";
    about.summary = "a test plugin";
    about.licence = "Apache-2.0";
    about.families = {{"shard", "{s:*}", 4}};
    about.default_interval = scanhost::milliseconds(100);
    about.default_page_size = 50;
    about.options = {{.name = "token", .required = false, .secret = true}};
    return about;
  }

  explicit explains_items(scanhost::services host) : host_(host) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context&) override { co_return scanhost::result{}; }

  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t) const override {
    return item.starts_with("in-3") ? std::optional<std::uint32_t>(3) : std::nullopt;
  }

  scanhost::task<void> explain(scanhost::scan_context& scan, scanhost::explanation& item) override {
    const std::string name(item.name());
    const auto key = "due:" + std::string(scan.tag());
    if (name == "throws") throw std::runtime_error("nobody knows " + host_.text("token"));
    if (name == "silent") co_return;
    if (name == "waits") co_await scan.after(scanhost::milliseconds(3'600'000));
    if (name.starts_with("in-3 deletes")) co_await show(scan, item, scanhost::command("DEL", key));
    if (name.starts_with("in-3 evaluates"))
      co_await show(scan, item, scanhost::command("EVAL", "return redis.call('DEL', KEYS[1])", 1, key));
    if (name.starts_with("in-3 fails")) host_.failures().failure(scan, item.name(), "it is only asked about");
    const auto replies = co_await scan.execute(scanhost::command("ZSCORE", key, item.name()));
    if (!replies.front().ok())
      co_return item.add(scanhost::standing::unknown, std::string(replies.front().message()), key);
    if (!replies.front().reply().is_text())
      co_return item.add(scanhost::standing::not_here, "it is not there", key);
    const auto due = scanhost::parse_integer<std::int64_t>(replies.front().reply().text()).value_or(0);
    item.add(
        {.where = due <= scanhost::to_ms(scan.now()) ? scanhost::standing::due : scanhost::standing::waiting,
         .reason = "it is there",
         .index = key,
         .score = static_cast<double>(due),
         .due = scanhost::from_ms(due)});
  }

 private:
  static scanhost::task<void> show(scanhost::scan_context& scan, scanhost::explanation& item,
                                   scanhost::command change) {
    const auto replies = co_await scan.execute(std::move(change));
    item.add(scanhost::standing::held, "outcome " + std::to_string(static_cast<int>(replies.front().kind())) +
                                           ": " + std::string(replies.front().message()));
  }

  scanhost::services host_;
};

}  // namespace

SCANHOST_PLUGIN(explains_items)
