// SPDX-License-Identifier: Apache-2.0
//
// What a scan works with: its partition, the clock, the store, its turns.
#pragma once

#include <coroutine>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "command.hpp"
#include "detail/member_rules.hpp"
#include "ext/members.h"
#include "reply.hpp"
#include "services.hpp"
#include "text.hpp"
#include "waiting.hpp"

namespace scanhost::inline v1_0 {

// How many candidates the scan may act on in the page that follows; none: the pass is over.
struct turn {
  std::uint32_t allowance = 0;
  explicit operator bool() const noexcept { return allowance > 0; }
};

namespace detail {

// Throws std::logic_error with what could not be done, and the host's reason.
inline void require(const scanhost_host* host, scanhost_status status, const char* what) {
  if (status == SCANHOST_OK) return;
  std::string message(what);
  if (const auto reason = view(host->invalid_reason(host)); !reason.empty())
    message.append(": ").append(reason);
  throw std::logic_error(message);
}

inline std::uint64_t wait_ms(milliseconds time) noexcept {
  return static_cast<std::uint64_t>(time.count() < 0 ? 0 : time.count());
}

// Awaits the replies to the batch that was sent last.
class [[nodiscard]] replies_awaiter {
 public:
  replies_awaiter(const scanhost_host* host, scanhost_scan* scan) noexcept : host_(host), scan_(scan) {}
  replies_awaiter(replies_awaiter&&) = delete;

  replies await_resume() noexcept { return std::move(replies_); }

 protected:
  void send(std::coroutine_handle<> awaiting, const scanhost_command* commands, std::size_t count) {
    awaiting_ = awaiting;
    require(host_, host_->execute(host_, scan_, commands, count, sizeof(scanhost_command), &on_replies, this),
            "the host took no commands");
  }

 private:
  static void on_replies(void* user, const scanhost_replies* raw) noexcept {
    auto& self = *static_cast<replies_awaiter*>(user);
    self.replies_ = replies(self.host_, self.scan_, raw);
    self.awaiting_.resume();
  }

  const scanhost_host* host_;
  scanhost_scan* scan_;
  replies replies_;
  std::coroutine_handle<> awaiting_;
};

// Sends a batch. The host copies it, so its memory does not wait for the replies.
class [[nodiscard]] batch_awaiter : public replies_awaiter {
 public:
  batch_awaiter(const scanhost_host* host, scanhost_scan* scan, batch commands) noexcept
      : replies_awaiter(host, scan), commands_(std::move(commands)) {}

  bool await_ready() const noexcept { return commands_.empty(); }
  void await_suspend(std::coroutine_handle<> awaiting) {
    const auto leaving = std::move(commands_);
    const raw_batch raw(leaving);
    send(awaiting, raw.data(), raw.size());
  }

 private:
  batch commands_;
};

// The same for a single command.
class [[nodiscard]] command_awaiter : public replies_awaiter {
 public:
  command_awaiter(const scanhost_host* host, scanhost_scan* scan, command only) noexcept
      : replies_awaiter(host, scan), only_(std::move(only)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    const auto leaving = std::move(only_);
    send(awaiting, raw_command(leaving).data(), 1);
  }

 private:
  command only_;
};

class [[nodiscard]] turn_awaiter {
 public:
  turn_awaiter(const scanhost_host* host, scanhost_scan* scan, std::uint32_t pass,
               std::uint32_t acted) noexcept
      : host_(host), scan_(scan), pass_(pass), acted_(acted) {}
  turn_awaiter(turn_awaiter&&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    awaiting_ = awaiting;
    require(host_, host_->next_page(host_, scan_, pass_, acted_, &on_turn, this), "the host granted no turn");
  }
  turn await_resume() const noexcept { return turn_; }

 private:
  static void on_turn(void* user, std::uint32_t allowance) noexcept {
    auto& self = *static_cast<turn_awaiter*>(user);
    self.turn_ = {allowance};
    self.awaiting_.resume();
  }

  const scanhost_host* host_;
  scanhost_scan* scan_;
  std::uint32_t pass_;
  std::uint32_t acted_;
  turn turn_;
  std::coroutine_handle<> awaiting_;
};

class [[nodiscard]] time_awaiter {
 public:
  time_awaiter(const scanhost_host* host, scanhost_scan* scan, milliseconds delay) noexcept
      : host_(host), scan_(scan), delay_(delay) {}
  time_awaiter(time_awaiter&&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    awaiting_ = awaiting;
    require(host_, host_->after(host_, scan_, wait_ms(delay_), &on_time, this), "the host sets no timer");
  }
  void await_resume() const noexcept {}

 private:
  static void on_time(void* user) noexcept { static_cast<time_awaiter*>(user)->awaiting_.resume(); }

  const scanhost_host* host_;
  scanhost_scan* scan_;
  milliseconds delay_;
  std::coroutine_handle<> awaiting_;
};

}  // namespace detail

// One index within a scan. `co_await next_page(acted)` before each page, the first one included.
class pass {
 public:
  pass(const scanhost_host* host, scanhost_scan* scan, std::uint32_t number) noexcept
      : host_(host), scan_(scan), number_(number) {}

  // `acted`: candidates of this pass acted on since the last call. Yields a `turn`.
  auto next_page(std::uint32_t acted) const { return detail::turn_awaiter(host_, scan_, number_, acted); }

 private:
  const scanhost_host* host_;
  scanhost_scan* scan_;
  std::uint32_t number_;
};

// What every scan can do, those of a partition and those at the start and the end of a cycle.
class scan_handle {
  const scanhost_waiting* waiting() const {
    const auto* table = static_cast<const scanhost_waiting*>(
        host_->get_extension(host_, SCANHOST_TEXT(SCANHOST_EXT_WAITING)));
    if (table == nullptr) throw std::runtime_error("the host does not offer " SCANHOST_EXT_WAITING);
    return table;
  }
  auto ready(int descriptor, std::uint32_t events, milliseconds timeout) const {
    return detail::ready_awaiter([host = host_, scan = scan_, table = waiting(), descriptor, events, timeout](
                                     scanhost_on_ready on_ready, void* user) {
      detail::require(
          host, table->when_ready(host, scan, descriptor, events, detail::wait_ms(timeout), on_ready, user),
          "the host does not wait");
    });
  }

 public:
  scan_handle(const scanhost_host* host, scanhost_scan* scan) noexcept : host_(host), scan_(scan) {}
  scan_handle(const scan_handle&) = delete;
  scan_handle& operator=(const scan_handle&) = delete;

  // The clock of the server that holds the partition (of a scan without one: of the family `single`); never
  // ahead of it.
  timestamp now() const { return from_ms(host_->now_ms(host_, scan_)); }
  // The clock of the server that holds this key or hash tag; the epoch: nothing was heard of it yet.
  timestamp now(std::string_view route) const {
    return from_ms(host_->route_now_ms(host_, scan_, to_c(route)));
  }

  // Sends commands together and yields their `replies`. An empty batch yields no replies, at once.
  auto execute(batch commands) const { return detail::batch_awaiter(host_, scan_, std::move(commands)); }
  auto execute(command only) const { return detail::command_awaiter(host_, scan_, std::move(only)); }

  // Waits; returns early if the scan is cancelled.
  auto after(milliseconds delay) const { return detail::time_awaiter(host_, scan_, delay); }

  // A new signal by which other threads wake this scan until it ends. Throws std::runtime_error where the
  // host has no "scanhost.waiting/1".
  scan_signal signal() const {
    const auto* table = waiting();
    return {host_, table, table->wake_token(host_, scan_)};
  }

  // Waits until the signal is woken, or was since the last wait for it. Yields false when the time is over or
  // the scan was cancelled. It is no progress: the host's scan_timeout cancels a scan that waits for longer.
  auto wait(const scan_signal& signal, milliseconds timeout) const {
    return detail::ready_awaiter([host = host_, scan = scan_, table = waiting(), token = signal.token(),
                                  timeout](scanhost_on_ready on_ready, void* user) {
      detail::require(host, table->wait(host, scan, token, detail::wait_ms(timeout), on_ready, user),
                      "the host does not wait");
    });
  }

  // Waits until reading (writing) the descriptor does not block, which is so at its end or error too. The
  // descriptor may be closed meanwhile. Yields false as wait() does. Throws std::logic_error for a descriptor
  // that is not open, and for a regular file.
  auto readable(int descriptor, milliseconds timeout) const {
    return ready(descriptor, SCANHOST_READY_READ, timeout);
  }
  auto writable(int descriptor, milliseconds timeout) const {
    return ready(descriptor, SCANHOST_READY_WRITE, timeout);
  }

  bool cancelled() const { return host_->cancelled(host_, scan_) != 0; }

  scanhost_scan* raw() const noexcept { return scan_; }

 protected:
  ~scan_handle() = default;

  const scanhost_host* host_;
  scanhost_scan* scan_;
};

// One scan of one partition. Lives from the start of `scan` to its end.
class scan_context : public scan_handle {
 public:
  scan_context(const scanhost_host* host, scanhost_scan* scan, const scanhost_partition* partition) noexcept
      : scan_handle(host, scan), partition_(partition) {}

  std::string_view tag() const noexcept { return view(partition_->tag); }
  std::string_view family() const noexcept { return view(partition_->family); }
  std::uint32_t index() const noexcept { return partition_->index; }
  std::uint32_t partition_count() const noexcept { return partition_->count; }
  std::uint64_t cycle() const noexcept { return partition_->cycle; }
  // Of a listed family: what stands for the `*` of its pattern; else empty.
  std::string_view member() const noexcept { return view(partition_->member); }
  bool early() const noexcept { return (partition_->flags & SCANHOST_VISIT_EARLY) != 0; }

  scanhost::pass pass(std::uint32_t number) const noexcept { return {host_, scan_, number}; }

 private:
  const scanhost_partition* partition_;
};

// The scan without a partition at the start or the end of a cycle; see scanhost_plugin.begin_cycle.
class cycle_context : public scan_handle {
 public:
  cycle_context(const scanhost_host* host, scanhost_scan* scan, std::uint64_t number) noexcept
      : scan_handle(host, scan), number_(number) {}

  // The cycle's number, from 1.
  std::uint64_t number() const noexcept { return number_; }

  // In begin_cycle of a scanner whose first family is members::from_plugin: one more partition of this cycle.
  // Members that are not named this time are not scanned. Throws std::invalid_argument for what cannot be a
  // member (ext/members.h), and std::logic_error in any other family or phase.
  void add_member(std::string_view member) const {
    const auto* table =
        static_cast<const scanhost_members*>(host_->get_extension(host_, to_c(SCANHOST_EXT_MEMBERS)));
    if (table == nullptr) throw std::runtime_error("the host does not offer " SCANHOST_EXT_MEMBERS);
    if (const auto reason = detail::reason_to_refuse_member(member); !reason.empty())
      throw std::invalid_argument("the member " + std::string(reason));
    if (table->add(host_, scan_, to_c(member)) != SCANHOST_OK)
      throw std::logic_error(std::string(view(host_->invalid_reason(host_))));
  }

 private:
  std::uint64_t number_;
};

inline bool failures::should_skip(const scan_handle& scan, std::string_view item) const {
  return table_->should_skip(host_, scan.raw(), to_c(item)) != 0;
}
inline void failures::failure(const scan_handle& scan, std::string_view item, std::string_view reason) const {
  table_->failure(host_, scan.raw(), to_c(item), to_c(reason));
}
inline void failures::success(const scan_handle& scan, std::string_view item) const {
  table_->success(host_, scan.raw(), to_c(item));
}

}  // namespace scanhost::inline v1_0
