// SPDX-License-Identifier: Apache-2.0
//
// The entries behind the descriptor. They catch everything: no exception crosses the ABI.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../bad_option.hpp"
#include "../description.hpp"
#include "../explanation.hpp"
#include "../ext/state.h"
#include "../result.hpp"
#include "../scan_context.hpp"
#include "../services.hpp"
#include "../state.hpp"
#include "../task.hpp"
#include "frame_pool.hpp"

namespace scanhost::inline v1_0 {
class scanner;
}

namespace scanhost::inline v1_0::detail {

// The message of the exception being handled; never empty. Also where there is no memory left for it.
inline std::string current_message() noexcept try {
  try {
    throw;
  } catch (const std::exception& problem) {
    const char* what = problem.what();
    return what == nullptr || *what == '\0' ? "an exception without a message" : what;
  } catch (...) {
    return "an exception that is not a std::exception";
  }
} catch (...) {
  return "out of memory";  // short enough to need none
}

inline void write_error(scanhost_error* error, std::string_view message) noexcept {
  if (error == nullptr || error->buffer == nullptr) return;
  error->size = std::min(error->capacity, message.size());
  std::memcpy(error->buffer, message.data(), error->size);
}

inline scanhost_result to_c(const result& source) noexcept {
  scanhost_result raw{};
  raw.struct_size = sizeof raw;
  raw.processed = source.processed;
  raw.unchanged = source.unchanged;
  raw.errors = source.errors;
  raw.skipped = source.skipped;
  if (source.next_due) raw.next_due_ms = to_ms(*source.next_due);
  if (source.oldest_due) raw.oldest_due_ms = to_ms(*source.oldest_due);
  if (source.backlog) {
    raw.flags |= SCANHOST_RESULT_BACKLOG;
    raw.backlog = *source.backlog;
  }
  return raw;
}

// The outermost frame of a scan. It frees itself at its end; the instance frees those that never end.
struct scan_frame {
  struct promise_type : pooled_frame {
    scan_frame get_return_object() noexcept {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }  // run() lets none out

    std::size_t position = 0;  // among the frames in flight
  };
  std::coroutine_handle<promise_type> frame;
};

// The outermost frames of the scans in flight, each of which knows its position.
class frames_in_flight {
 public:
  using handle = std::coroutine_handle<scan_frame::promise_type>;

  frames_in_flight() = default;
  frames_in_flight(const frames_in_flight&) = delete;
  frames_in_flight& operator=(const frames_in_flight&) = delete;
  ~frames_in_flight() {
    for (const auto frame : frames_) frame.destroy();
  }

  void add(handle frame) {
    frame.promise().position = frames_.size();
    frames_.push_back(frame);
  }
  void remove(handle frame) noexcept {
    const auto last = frames_.back();
    last.promise().position = frame.promise().position;
    frames_[last.promise().position] = last;
    frames_.pop_back();
  }

 private:
  std::vector<handle> frames_;
};

// The scan of an explanation, and what is asked.
struct explain_request {
  const scanhost_partition* partition;
  scanhost_string item;
  scanhost_report_finding report;
  void* reporter;
};
class explain_context final : public scan_context {
 public:
  explain_context(const scanhost_host* host, scanhost_scan* scan, const explain_request& request) noexcept
      : scan_context(host, scan, request.partition), found(request.item, request.report, request.reporter) {}
  explanation found;
};

// A scanner and the frames of its scans in flight.
template <class Scanner>
class instance {
 public:
  explicit instance(const scanhost_host* host) : host_(host), scanner_(make(host)) {}
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;

  Scanner& scanner() noexcept { return scanner_; }

  void scan(scanhost_scan* scan, const scanhost_partition* partition) noexcept {
    start<scan_context>(scan, partition,
                        [](Scanner& scanner, scan_context& context) { return scanner.scan(context); });
  }
  void explain(scanhost_scan* scan, const explain_request& request) noexcept {
    start<explain_context>(scan, request, &explained);
  }
  void begin_cycle(scanhost_scan* scan, std::uint64_t number) noexcept {
    start<cycle_context>(scan, number,
                         [](Scanner& scanner, cycle_context& cycle) { return scanner.begin_cycle(cycle); });
  }
  void end_cycle(scanhost_scan* scan, std::uint64_t number) noexcept {
    start<cycle_context>(scan, number,
                         [](Scanner& scanner, cycle_context& cycle) { return scanner.end_cycle(cycle); });
  }

 private:
  static Scanner make(const scanhost_host* host) {
    if constexpr (std::is_constructible_v<Scanner, services>)
      return Scanner(services(host));
    else
      return Scanner();
  }

  static task<result> explained(Scanner& scanner, explain_context& context) {
    co_await scanner.explain(context, context.found);
    co_return result{};
  }

  // Only the making of the frame can throw; what the scan throws, run() catches.
  template <class Context, class About>
  void start(scanhost_scan* scan, About about, task<result> (*function)(Scanner&, Context&)) noexcept {
    scan_frame started;
    try {
      started = run<Context>(scan, about, function);
      frames_.add(started.frame);
    } catch (...) {
      if (started.frame) started.frame.destroy();
      return host_->fail(host_, scan, scanhost::to_c(current_message()));
    }
    started.frame.resume();
  }

  // `context` is part of the frame, so that the scan may refer to it throughout.
  template <class Context, class About>
  scan_frame run(scanhost_scan* scan, About about, task<result> (*function)(Scanner&, Context&)) {
    std::string failure;
    scanhost_result raw{};
    {
      Context context(host_, scan, about);
      try {
        raw = to_c(co_await function(scanner_, context));
      } catch (...) {
        failure = current_message();
      }
    }
    frames_.remove(co_await own_frame());
    if (failure.empty()) {
      host_->finish(host_, scan, &raw);
    } else {
      host_->fail(host_, scan, scanhost::to_c(failure));
    }
  }

  // Yields the awaiting frame, without suspending it.
  struct own_frame {
    frames_in_flight::handle frame = {};
    bool await_ready() const noexcept { return false; }
    bool await_suspend(frames_in_flight::handle awaiting) noexcept {
      frame = awaiting;
      return false;
    }
    frames_in_flight::handle await_resume() const noexcept { return frame; }
  };

  // When all else of the instance is gone, the memory of its frames goes too.
  struct frames_memory {
    ~frames_memory() { frame_pool::clear(); }
  };

  const scanhost_host* host_;
  frames_memory memory_;
  Scanner scanner_;
  frames_in_flight frames_;  // gone before the scanner that they work for
};

template <class Step>
scanhost_status guarded(scanhost_error* error, Step step) noexcept try {
  step();
  return SCANHOST_OK;
} catch (...) {
  write_error(error, current_message());
  return SCANHOST_FAILED;
}

// Hands over the name that the table has; a name that is not in it is the plugin's own fault.
inline scanhost_status refuse_option(const scanhost_plugin& plugin, const bad_option& problem,
                                     scanhost_error* error) noexcept {
  for (std::size_t i = 0; error != nullptr && i < plugin.option_count; ++i) {
    if (view(plugin.options[i].name) != problem.option()) continue;
    write_error(error, problem.what());
    error->option = plugin.options[i].name;
    return SCANHOST_BAD_OPTIONS;
  }
  write_error(error, "the description has no option of the name that a bad_option was thrown with");
  return SCANHOST_FAILED;
}

// The extension of a scanner that hands its state over.
template <class Scanner>
struct state_entry {
  static const scanhost_state* table() noexcept {
    static const scanhost_state table = {sizeof table, Scanner::state_version, &export_state, &import_state};
    return &table;
  }
  static scanhost_status export_state(void* self, scanhost_write_state write, void* writer,
                                      scanhost_error* error) noexcept {
    return guarded(error, [&] {
      const std::string bytes = of(self).export_state();
      write(writer, scanhost::to_c(bytes));  // the host says itself when that was too much
    });
  }
  static scanhost_status import_state(void* self, std::uint32_t version, scanhost_string bytes,
                                      scanhost_error* error) noexcept {
    return guarded(error, [&] { of(self).import_state(version, view(bytes)); });
  }
  static Scanner& of(void* self) noexcept { return static_cast<instance<Scanner>*>(self)->scanner(); }
};

// The extension of a scanner that explains items.
template <class Scanner>
struct explain_entry {
  static const scanhost_explain* table() noexcept {
    static const scanhost_explain table = {sizeof table, 0, &explain, &find_partition};
    return &table;
  }
  static void explain(void* self, scanhost_scan* scan, const scanhost_partition* partition,
                      scanhost_string item, scanhost_report_finding report, void* reporter) noexcept {
    of(self)->explain(scan, {partition, item, report, reporter});
  }
  static std::int32_t find_partition(void* self, scanhost_string item, std::uint32_t count,
                                     std::uint32_t* index) noexcept try {
    const auto found = of(self)->scanner().find_partition(view(item), count);
    if (found) *index = *found;
    return found ? 1 : 0;
  } catch (...) {
    return 0;  // then all partitions are asked
  }
  static instance<Scanner>* of(void* self) noexcept { return static_cast<instance<Scanner>*>(self); }
};

template <class Scanner>
struct entry {
  static const scanhost_plugin* plugin() noexcept try {
    static const descriptor kept(Scanner::describe());
    static const scanhost_plugin raw = with_entries(kept.raw());
    return &raw;
  } catch (...) {
    return nullptr;
  }

  static scanhost_plugin with_entries(scanhost_plugin raw) noexcept {
    raw.create = &create;
    raw.destroy = &destroy;
    raw.scan = &scan;
    if constexpr (!inherited<decltype(&Scanner::begin_cycle)>) raw.begin_cycle = &begin_cycle;
    if constexpr (!inherited<decltype(&Scanner::end_cycle)>) raw.end_cycle = &end_cycle;
    if constexpr (keeps_state<Scanner> || explains) raw.get_extension = &get_extension;
    static_assert(check_state<Scanner>());
    return raw;
  }

  static scanhost_status create(const scanhost_host* host, void** self, scanhost_error* error) noexcept try {
    *self = std::make_unique<instance<Scanner>>(host).release();
    return SCANHOST_OK;
  } catch (const bad_option& problem) {
    return refuse_option(*plugin(), problem, error);
  } catch (...) {
    write_error(error, current_message());
    return SCANHOST_FAILED;
  }

  static void destroy(void* self) noexcept { const std::unique_ptr<instance<Scanner>> last(of(self)); }

  static void scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) noexcept {
    of(self)->scan(scan, partition);
  }
  static void begin_cycle(void* self, scanhost_scan* scan, std::uint64_t cycle) noexcept {
    of(self)->begin_cycle(scan, cycle);
  }
  static void end_cycle(void* self, scanhost_scan* scan, std::uint64_t cycle) noexcept {
    of(self)->end_cycle(scan, cycle);
  }

  static const void* get_extension(scanhost_string id) noexcept {
    if constexpr (keeps_state<Scanner>)
      if (view(id) == SCANHOST_EXT_STATE) return state_entry<Scanner>::table();
    if constexpr (explains)
      if (view(id) == SCANHOST_EXT_EXPLAIN) return explain_entry<Scanner>::table();
    return nullptr;
  }

  // Whether a member function is that of the base class, which does nothing.
  template <class Function>
  static constexpr bool inherited = std::is_same_v<Function, task<result> (scanner::*)(cycle_context&)>;
  static constexpr bool explains =
      !std::is_same_v<decltype(&Scanner::explain), task<void> (scanner::*)(scan_context&, explanation&)>;

  static instance<Scanner>* of(void* self) noexcept { return static_cast<instance<Scanner>*>(self); }
};

}  // namespace scanhost::inline v1_0::detail
