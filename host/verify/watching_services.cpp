// SPDX-License-Identifier: Apache-2.0
//
// The functions of the host's tables, as a plugin under watch meets them.
#include "verify/watching_services.hpp"

#include <algorithm>
#include <cstddef>

#include "scanhost/testing/fake_tracking.hpp"
#include "scanhost/testing/lent.hpp"

namespace scanhost::verify {

struct watching_host::services {
  static const block& block_of(const scanhost_host* host) noexcept {
    return *reinterpret_cast<const block*>(host);
  }
  static watching_host& of(const scanhost_host* host) noexcept { return *block_of(host).owner; }
  static const scanhost_host* settings(const scanhost_host* host) noexcept { return block_of(host).settings; }

  // --- settings: a probe's host knows them
  static const void* get_extension(const scanhost_host* host, scanhost_string id) {
    if (!of(host).here("get_extension")) return nullptr;
    const auto& own = block_of(host);
    if (view(id) == SCANHOST_EXT_FAILURES) return &own.failures;
    if (view(id) == SCANHOST_EXT_METRICS) return &own.metrics;
    if (view(id) == SCANHOST_EXT_BLOCKING && of(host).plugin_.serial) return &own.blocking;
    return nullptr;
  }
  static scanhost_string scanner_name(const scanhost_host* host) {
    of(host).here("scanner_name");
    return settings(host)->scanner_name(settings(host));
  }
  static std::uint64_t interval_ms(const scanhost_host* host) {
    of(host).here("interval_ms");
    return settings(host)->interval_ms(settings(host));
  }
  static std::uint32_t page_size(const scanhost_host* host) {
    of(host).here("page_size");
    return settings(host)->page_size(settings(host));
  }
  static std::uint32_t partition_count(const scanhost_host* host, scanhost_string family) {
    of(host).here("partition_count");
    return settings(host)->partition_count(settings(host), family);
  }
  static std::size_t option_count(const scanhost_host* host, scanhost_string name) {
    of(host).here("option_count");
    return settings(host)->option_count(settings(host), name);
  }
  static scanhost_status option_text(const scanhost_host* host, scanhost_string name, std::size_t index,
                                     scanhost_string* value) {
    of(host).here("option_text");
    return settings(host)->option_text(settings(host), name, index, value);
  }
  static scanhost_status option_integer(const scanhost_host* host, scanhost_string name,
                                        std::int64_t* value) {
    of(host).here("option_integer");
    return settings(host)->option_integer(settings(host), name, value);
  }
  static void log(const scanhost_host* host, std::int32_t, scanhost_string) { of(host).here("log"); }

  // --- scanning
  static std::int64_t now_ms(const scanhost_host* host, scanhost_scan* scan) {
    return of(host).in_scan(scan, "now_ms") == nullptr ? 0 : of(host).now_ms_;
  }

  static scanhost_status execute(const scanhost_host* host, scanhost_scan* scan,
                                 const scanhost_command* commands, std::size_t count, std::size_t stride,
                                 scanhost_on_replies on_replies, void* user) {
    auto& self = of(host);
    auto* open = self.in_scan(scan, "execute");
    std::vector<testing::call> asked;
    if (open == nullptr || !self.take(*open, commands, count, stride, asked)) return SCANHOST_INVALID;
    if (!has_callback(self, on_replies != nullptr, "execute")) return SCANHOST_INVALID;
    self.wait(*open, 0, [&self, open, asked = std::move(asked), on_replies, user] {
      self.count_answer();
      on_replies(user, self.lend_answers(*open, asked));
    });
    return SCANHOST_OK;
  }

  static void replies_release(const scanhost_host* host, scanhost_scan* scan,
                              const scanhost_replies* replies) {
    auto& self = of(host);
    if (replies == nullptr || !self.here("replies_release") || self.phase_ == phase::destroy) return;
    auto* open = self.in_scan(scan, "replies_release");
    if (open == nullptr) return;
    const auto held = std::find_if(open->batches.begin(), open->batches.end(),
                                   [&](const lent_replies& batch) { return batch.replies == replies; });
    if (held == open->batches.end())
      return self.tells_.found(fault::bad_release,
                               "it releases a batch that is not one of its scan, or for the second time");
    self.memory_.give_back(held->piece);
    open->batches.erase(held);
  }

  static scanhost_status next_page(const scanhost_host* host, scanhost_scan* scan, std::uint32_t pass,
                                   std::uint32_t acted, scanhost_on_turn on_turn, void* user) {
    auto& self = of(host);
    auto* open = self.in_scan(scan, "next_page");
    if (open == nullptr || !has_callback(self, on_turn != nullptr, "next_page")) return SCANHOST_INVALID;
    self.watch_turns(*open, pass, acted);
    self.wait(*open, 0, [&self, open, pass, on_turn, user] {
      self.count_answer();
      on_turn(user, self.allowance(*open, pass));
    });
    return SCANHOST_OK;
  }

  static scanhost_status after(const scanhost_host* host, scanhost_scan* scan, std::uint64_t delay_ms,
                               scanhost_on_time on_time, void* user) {
    auto& self = of(host);
    auto* open = self.in_scan(scan, "after");
    if (open == nullptr || !has_callback(self, on_time != nullptr, "after")) return SCANHOST_INVALID;
    constexpr std::uint64_t longest = std::uint64_t{1} << 50;
    const auto due = self.now_ms_ + static_cast<std::int64_t>(std::min(delay_ms, longest));
    self.wait(*open, open->cancelled ? 0 : due, [&self, on_time, user] {
      self.count_answer();
      on_time(user);
    });
    return SCANHOST_OK;
  }

  static std::int32_t cancelled(const scanhost_host* host, scanhost_scan* scan) {
    const auto* open = of(host).in_scan(scan, "cancelled");
    return open == nullptr || open->cancelled ? 1 : 0;
  }

  static void finish(const scanhost_host* host, scanhost_scan* scan, const scanhost_result* result) {
    auto& self = of(host);
    auto* open = self.in_scan(scan, "finish");
    if (open == nullptr) return;
    if (open->pending > 0)
      self.tells_.found(fault::finished_early, "it finishes a scan with " + std::to_string(open->pending) +
                                                   " callbacks still to come");
    if (result == nullptr || result->struct_size < offsetof(scanhost_result, unchanged)) {
      self.tells_.found(fault::bad_result, "its result is missing or has no struct_size");
    } else {
      open->result = testing::read_growing<scanhost_result>(result);
      check(self, open->result);
    }
    self.end(*open);
  }

  static void fail(const scanhost_host* host, scanhost_scan* scan, scanhost_string message) {
    auto* open = of(host).in_scan(scan, "fail");
    if (open == nullptr) return;
    open->gave_up = true;
    open->failure = plugin::one_line(std::string(view(message)));
    of(host).end(*open);
  }

  // --- scanhost.failures/1
  static bool tracks(const scanhost_host* host, const char* service) {
    auto& self = of(host);
    if (!self.here(service)) return false;
    if (self.phase_ != phase::scan)
      self.tells_.found(fault::wrong_phase, std::string("it calls ") + service + " outside of a scan");
    return true;
  }
  static std::int32_t should_skip(const scanhost_host* host, scanhost_string) {
    tracks(host, "should_skip");
    return 0;
  }
  static void failure(const scanhost_host* host, scanhost_string, scanhost_string) {
    tracks(host, "failure");
  }
  static void success(const scanhost_host* host, scanhost_string) { tracks(host, "success"); }

  // --- scanhost.metrics/1. The handle is opaque: any address will do.
  static scanhost_metric* series(const scanhost_host* host, std::int32_t, scanhost_string, scanhost_string,
                                 scanhost_string, scanhost_string, const double*, std::size_t) {
    of(host).here("series");
    return reinterpret_cast<scanhost_metric*>(const_cast<scanhost_host*>(host));
  }
  static void record(const scanhost_host* host, scanhost_metric*, double) { of(host).here("record"); }

  // --- scanhost.blocking/1
  static open_scan* blocking(const scanhost_host* host, scanhost_scan* scan, const char* service) {
    auto& self = of(host);
    auto* open = self.in_scan(scan, service);
    if (open == nullptr || (self.plugin_.serial && open->inside_call)) return open;
    self.tells_.found(fault::wrong_phase, std::string("it calls ") + service +
                                              ", which is for serial plugins inside their scan function");
    return nullptr;
  }
  static const scanhost_replies* blocking_execute(const scanhost_host* host, scanhost_scan* scan,
                                                  const scanhost_command* commands, std::size_t count,
                                                  std::size_t stride) {
    auto& self = of(host);
    auto* open = blocking(host, scan, "the blocking execute");
    std::vector<testing::call> asked;
    if (open == nullptr || !self.take(*open, commands, count, stride, asked)) return nullptr;
    self.count_answer();
    return self.lend_answers(*open, asked);
  }
  static std::uint32_t blocking_next_page(const scanhost_host* host, scanhost_scan* scan, std::uint32_t pass,
                                          std::uint32_t acted) {
    auto* open = blocking(host, scan, "the blocking next_page");
    if (open == nullptr) return 0;
    of(host).count_answer();
    of(host).watch_turns(*open, pass, acted);
    return of(host).allowance(*open, pass);
  }
  static void blocking_pause(const scanhost_host* host, scanhost_scan* scan, std::uint64_t delay_ms) {
    auto* open = blocking(host, scan, "pause");
    if (open == nullptr) return;
    of(host).count_answer();
    of(host).now_ms_ += static_cast<std::int64_t>(delay_ms % (std::uint64_t{1} << 40));
  }

 private:
  static bool has_callback(watching_host& self, bool there, const char* service) {
    if (!there)
      self.tells_.found(fault::bad_call, std::string("it calls ") + service + " without a callback");
    return there;
  }

  static void check(watching_host& self, const scanhost_result& result) {
    if (result.unchanged > result.processed)
      self.tells_.found(fault::bad_result, "its result has more unchanged (" +
                                               std::to_string(result.unchanged) + ") than processed (" +
                                               std::to_string(result.processed) + ")");
    if ((result.flags & ~std::uint32_t{SCANHOST_RESULT_BACKLOG}) != 0)
      self.tells_.found(fault::bad_result, "its result has flags that do not exist");
    if (result.next_due_ms < 0 || result.oldest_due_ms < 0)
      self.tells_.found(fault::bad_result, "its result has a moment before the epoch");
  }
};

watching_host::block::block(watching_host* host, plugin::probe_host& from, std::size_t more)
    : owner(host), settings(from.table()) {
  const auto longer = static_cast<std::uint32_t>(more);
  table.struct_size = sizeof table + longer;
  table.abi_major = SCANHOST_ABI_MAJOR;
  table.abi_minor = static_cast<std::uint16_t>(more == 0 ? SCANHOST_ABI_MINOR : SCANHOST_ABI_MINOR + 1);
  table.get_extension = &services::get_extension;
  table.scanner_name = &services::scanner_name;
  table.interval_ms = &services::interval_ms;
  table.page_size = &services::page_size;
  table.partition_count = &services::partition_count;
  table.option_count = &services::option_count;
  table.option_text = &services::option_text;
  table.option_integer = &services::option_integer;
  table.now_ms = &services::now_ms;
  table.execute = &services::execute;
  table.replies_release = &services::replies_release;
  table.next_page = &services::next_page;
  table.after = &services::after;
  table.cancelled = &services::cancelled;
  table.finish = &services::finish;
  table.fail = &services::fail;
  table.log = &services::log;
  failures = {static_cast<std::uint32_t>(sizeof failures) + longer, 0, &services::should_skip,
              &services::failure, &services::success};
  metrics = {static_cast<std::uint32_t>(sizeof metrics) + longer, 0, &services::series, &services::record};
  blocking = {static_cast<std::uint32_t>(sizeof blocking) + longer, 0, &services::blocking_execute,
              &services::blocking_next_page, &services::blocking_pause};
}

}  // namespace scanhost::verify
