// SPDX-License-Identifier: Apache-2.0
//
// The host's side of the ABI: the only place that turns the C tables which a plugin is lent (scanhost_host
// and the host's extensions) target virtual functions. The running host, the probe, the fake host of the test
// kit and, through it, `scanhost plugin verify` derive from it. Options and text are translated here, once.
//
// Each function of a table is one virtual call, without an allocation. What a function throws ends here: it
// must not unwind through the frames of a plugin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "../ext/blocking.h"
#include "../ext/environment.h"
#include "../ext/failures.h"
#include "../ext/members.h"
#include "../ext/metrics.h"
#include "../ext/waiting.h"
#include "../host.h"
#include "../text.hpp"

namespace scanhost::inline v1_0::detail {

// A text or a choice; an integer, a duration in ms, a size in bytes or a flag; a list of text; a real number.
using option_value = std::variant<std::string, std::int64_t, std::vector<std::string>, double>;

// A series that a plugin asks for.
struct series_request {
  std::int32_t kind;
  std::string_view name;
  std::string_view help;
  std::span<const scanhost_field> labels;
  std::span<const double> bounds;
};

class host_adapter {
 public:
  // How many bytes longer than in these headers the structs of a host may be that plays a later minor.
  static constexpr std::size_t max_beyond = 256;

  host_adapter(const host_adapter&) = delete;
  host_adapter& operator=(const host_adapter&) = delete;

  const scanhost_host* table() const noexcept { return &host_.known; }

 protected:
  explicit host_adapter(std::size_t beyond = 0, std::uint16_t abi_minor = SCANHOST_ABI_MINOR) noexcept;
  ~host_adapter() = default;

  // The host's own table of an extension; null: it has none of this id.
  const void* own_extension(std::string_view id) const noexcept;

  // --- settings
  virtual const void* extension(std::string_view id) { return own_extension(id); }
  virtual std::string_view scanner_name() = 0;  // the bytes live until the end of `destroy`
  virtual milliseconds interval() = 0;
  virtual std::uint32_t page_size() = 0;
  virtual std::uint32_t partition_count(std::string_view family) = 0;
  virtual const option_value* option(
      std::string_view name) = 0;  // null: there is none; lives as scanner_name
  virtual const scanhost_script* script(std::string_view source) = 0;
  virtual bool function_available(std::string_view name) = 0;
  virtual void log(std::int32_t level, std::string_view message, std::span<const scanhost_field> fields) = 0;
  virtual std::int32_t log_level() = 0;

  // --- scanning, as the functions of scanhost_host say
  virtual std::int64_t now_ms(scanhost_scan* scan) = 0;
  virtual std::int64_t route_now_ms(scanhost_scan* scan, std::string_view route) = 0;
  virtual void set_scan_data(scanhost_scan* scan, void* data) = 0;
  virtual scanhost_status execute(scanhost_scan* scan, const scanhost_command* commands, std::size_t count,
                                  std::size_t stride, scanhost_on_replies on_replies, void* user) = 0;
  virtual void replies_release(scanhost_scan* scan, const scanhost_replies* replies) = 0;
  virtual scanhost_status next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted,
                                    scanhost_on_turn on_turn, void* user) = 0;
  virtual scanhost_status after(scanhost_scan* scan, std::uint64_t delay_ms, scanhost_on_time on_time,
                                void* user) = 0;
  virtual bool cancelled(scanhost_scan* scan) = 0;
  virtual void finish(scanhost_scan* scan, const scanhost_result* result) = 0;
  virtual void fail(scanhost_scan* scan, std::string_view message) = 0;

  // --- scanhost.environment/1; the texts live until the end of `destroy`
  virtual std::int32_t mode() = 0;
  virtual std::string_view server_name() = 0;
  virtual std::string_view server_version() = 0;
  virtual bool is_cluster() = 0;
  virtual std::string_view plugin_path() = 0;

  // --- scanhost.failures/1
  virtual bool should_skip(scanhost_scan* scan, std::string_view item) = 0;
  virtual void failure(scanhost_scan* scan, std::string_view item, std::string_view reason) = 0;
  virtual void success(scanhost_scan* scan, std::string_view item) = 0;

  // --- scanhost.metrics/1
  virtual scanhost_metric* series(const series_request& request) = 0;
  virtual void record(scanhost_metric* metric, double value) = 0;
  virtual void remove(scanhost_metric* metric) = 0;

  // --- scanhost.members/1
  virtual scanhost_status add_member(scanhost_scan* scan, std::string_view member) = 0;

  // --- scanhost.blocking/1
  virtual const scanhost_replies* blocking_execute(scanhost_scan* scan, const scanhost_command* commands,
                                                   std::size_t count, std::size_t stride) = 0;
  virtual std::uint32_t blocking_next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted) = 0;
  virtual void pause(scanhost_scan* scan, std::uint64_t delay_ms) = 0;

  // --- scanhost.waiting/1; wake comes from any thread
  virtual std::uint64_t wake_token(scanhost_scan* scan) = 0;
  virtual scanhost_status wait(scanhost_scan* scan, std::uint64_t token, std::uint64_t timeout_ms,
                               scanhost_on_ready on_ready, void* user) = 0;
  virtual void wake(std::uint64_t token) = 0;
  virtual scanhost_status when_ready(scanhost_scan* scan, std::int32_t descriptor, std::uint32_t events,
                                     std::uint64_t timeout_ms, scanhost_on_ready on_ready, void* user) = 0;

  // Keeps the reason for the plugin's author, and answers INVALID, or null. On the scanner's thread.
  scanhost_status invalid(std::string_view reason) {
    invalid_reason_ = reason;
    return SCANHOST_INVALID;
  }
  std::nullptr_t null_because(std::string_view reason) {
    invalid_reason_ = reason;
    return nullptr;
  }

 private:
  // What a later minor would have behind the struct that this minor knows.
  template <class Table>
  struct lent_table {
    Table known{};
    std::byte later[max_beyond]{};
  };
  // The table comes first, so that a pointer to it leads back to the adapter.
  struct lent_host : lent_table<scanhost_host> {
    host_adapter* owner = nullptr;
  };

  static host_adapter& of(const scanhost_host* host) noexcept {
    return *static_cast<const lent_host*>(reinterpret_cast<const lent_table<scanhost_host>*>(host))->owner;
  }
  template <class Answer, class Call>
  static Answer guarded(Answer otherwise, Call call) noexcept {
    try {
      return call();
    } catch (...) {
      return otherwise;
    }
  }
  template <class Call>
  static void guarded(Call call) noexcept {
    try {
      call();
    } catch (...) {
      // There is nobody to tell: the functions of the tables that answer nothing cannot fail.
    }
  }

  struct settings_functions;
  struct scan_functions;
  struct environment_functions;
  struct extension_functions;
  scanhost_status read_text(std::string_view name, std::size_t index, scanhost_string* target);
  template <class Number>
  scanhost_status read_number(std::string_view name, Number* target);

  std::string invalid_reason_;
  lent_host host_;
  lent_table<scanhost_environment> environment_;
  lent_table<scanhost_failures> failures_;
  lent_table<scanhost_metrics> metrics_;
  lent_table<scanhost_members> members_;
  lent_table<scanhost_blocking> blocking_;
  lent_table<scanhost_waiting> waiting_;
};

struct host_adapter::settings_functions {
  static const void* get_extension(const scanhost_host* host, scanhost_string id) {
    return guarded(static_cast<const void*>(nullptr), [&] { return of(host).extension(view(id)); });
  }
  static scanhost_string scanner_name(const scanhost_host* host) {
    return guarded(scanhost_string{}, [&] { return scanhost::to_c(of(host).scanner_name()); });
  }
  static std::uint64_t interval_ms(const scanhost_host* host) {
    return guarded(std::uint64_t{0}, [&] { return static_cast<std::uint64_t>(of(host).interval().count()); });
  }
  static std::uint32_t page_size(const scanhost_host* host) {
    return guarded(std::uint32_t{1}, [&] {
      const auto size = of(host).page_size();
      return size == 0 ? std::uint32_t{1} : size;
    });
  }
  static std::uint32_t partition_count(const scanhost_host* host, scanhost_string family) {
    return guarded(std::uint32_t{0}, [&] { return of(host).partition_count(view(family)); });
  }
  static std::size_t option_count(const scanhost_host* host, scanhost_string name) {
    return guarded(std::size_t{0}, [&] {
      const auto* value = of(host).option(view(name));
      if (value == nullptr) return std::size_t{0};
      const auto* list = std::get_if<std::vector<std::string>>(value);
      return list == nullptr ? std::size_t{1} : list->size();
    });
  }
  static scanhost_status option_text(const scanhost_host* host, scanhost_string name, std::size_t index,
                                     scanhost_string* target) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return of(host).read_text(view(name), index, target); });
  }
  static scanhost_status option_integer(const scanhost_host* host, scanhost_string name,
                                        std::int64_t* target) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return of(host).read_number(view(name), target); });
  }
  static scanhost_status option_real(const scanhost_host* host, scanhost_string name, double* target) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return of(host).read_number(view(name), target); });
  }
  static scanhost_string invalid_reason(const scanhost_host* host) {
    return guarded(scanhost_string{}, [&] { return scanhost::to_c(of(host).invalid_reason_); });
  }
  static const scanhost_script* script(const scanhost_host* host, scanhost_string source) {
    return guarded(static_cast<const scanhost_script*>(nullptr),
                   [&] { return of(host).script(view(source)); });
  }
  static std::int32_t function_available(const scanhost_host* host, scanhost_string name) {
    return guarded(std::int32_t{0}, [&] { return std::int32_t{of(host).function_available(view(name))}; });
  }
  static void log(const scanhost_host* host, std::int32_t level, scanhost_string message,
                  const scanhost_field* fields, std::size_t field_count) {
    if (fields == nullptr) field_count = 0;
    guarded([&] { of(host).log(level, view(message), {fields, field_count}); });
  }
  static std::int32_t log_level(const scanhost_host* host) {
    return guarded(std::int32_t{SCANHOST_LOG_INFO}, [&] { return of(host).log_level(); });
  }
};

struct host_adapter::scan_functions {
  static std::int64_t now_ms(const scanhost_host* host, scanhost_scan* scan) {
    return guarded(std::int64_t{0}, [&] { return of(host).now_ms(scan); });
  }
  static std::int64_t route_now_ms(const scanhost_host* host, scanhost_scan* scan, scanhost_string route) {
    return guarded(std::int64_t{0}, [&] { return of(host).route_now_ms(scan, view(route)); });
  }
  static void set_scan_data(const scanhost_host* host, scanhost_scan* scan, void* data) {
    guarded([&] { of(host).set_scan_data(scan, data); });
  }
  static scanhost_status execute(const scanhost_host* host, scanhost_scan* scan,
                                 const scanhost_command* commands, std::size_t count, std::size_t stride,
                                 scanhost_on_replies on_replies, void* user) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return of(host).execute(scan, commands, count, stride, on_replies, user); });
  }
  static void replies_release(const scanhost_host* host, scanhost_scan* scan,
                              const scanhost_replies* replies) {
    guarded([&] { of(host).replies_release(scan, replies); });
  }
  static scanhost_status next_page(const scanhost_host* host, scanhost_scan* scan, std::uint32_t pass,
                                   std::uint32_t acted, scanhost_on_turn on_turn, void* user) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return of(host).next_page(scan, pass, acted, on_turn, user); });
  }
  static scanhost_status after(const scanhost_host* host, scanhost_scan* scan, std::uint64_t delay_ms,
                               scanhost_on_time on_time, void* user) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return of(host).after(scan, delay_ms, on_time, user); });
  }
  static std::int32_t cancelled(const scanhost_host* host, scanhost_scan* scan) {
    return guarded(std::int32_t{1}, [&] { return std::int32_t{of(host).cancelled(scan)}; });
  }
  static void finish(const scanhost_host* host, scanhost_scan* scan, const scanhost_result* result) {
    guarded([&] { of(host).finish(scan, result); });
  }
  static void fail(const scanhost_host* host, scanhost_scan* scan, scanhost_string message) {
    guarded([&] { of(host).fail(scan, view(message)); });
  }
};

struct host_adapter::environment_functions {
  static std::int32_t mode(const scanhost_host* host) {
    return guarded(std::int32_t{SCANHOST_MODE_DRY_RUN}, [&] { return of(host).mode(); });
  }
  static scanhost_string server_name(const scanhost_host* host) {
    return guarded(scanhost_string{}, [&] { return scanhost::to_c(of(host).server_name()); });
  }
  static scanhost_string server_version(const scanhost_host* host) {
    return guarded(scanhost_string{}, [&] { return scanhost::to_c(of(host).server_version()); });
  }
  static std::int32_t is_cluster(const scanhost_host* host) {
    return guarded(std::int32_t{0}, [&] { return std::int32_t{of(host).is_cluster()}; });
  }
  static scanhost_string plugin_path(const scanhost_host* host) {
    return guarded(scanhost_string{}, [&] { return scanhost::to_c(of(host).plugin_path()); });
  }
};

struct host_adapter::extension_functions {
  static std::int32_t should_skip(const scanhost_host* host, scanhost_scan* scan, scanhost_string item) {
    return guarded(std::int32_t{0}, [&] { return std::int32_t{of(host).should_skip(scan, view(item))}; });
  }
  static void failure(const scanhost_host* host, scanhost_scan* scan, scanhost_string item,
                      scanhost_string reason) {
    guarded([&] { of(host).failure(scan, view(item), view(reason)); });
  }
  static void success(const scanhost_host* host, scanhost_scan* scan, scanhost_string item) {
    guarded([&] { of(host).success(scan, view(item)); });
  }
  static scanhost_metric* series(const scanhost_host* host, std::int32_t kind, scanhost_string name,
                                 scanhost_string help, const scanhost_field* labels, std::size_t label_count,
                                 const double* bounds, std::size_t bound_count) {
    return guarded(static_cast<scanhost_metric*>(nullptr), [&]() -> scanhost_metric* {
      if ((bounds == nullptr && bound_count > 0) || (labels == nullptr && label_count > 0))
        return of(host).null_because("series: an array has a count but no address");
      return of(host).series({kind, view(name), view(help), {labels, label_count}, {bounds, bound_count}});
    });
  }
  static void record(const scanhost_host* host, scanhost_metric* metric, double value) {
    guarded([&] { of(host).record(metric, value); });
  }
  static void remove(const scanhost_host* host, scanhost_metric* metric) {
    guarded([&] { of(host).remove(metric); });
  }
  static scanhost_status add(const scanhost_host* host, scanhost_scan* scan, scanhost_string member) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return of(host).add_member(scan, view(member)); });
  }
  static const scanhost_replies* execute(const scanhost_host* host, scanhost_scan* scan,
                                         const scanhost_command* commands, std::size_t count,
                                         std::size_t stride) {
    return guarded(static_cast<const scanhost_replies*>(nullptr),
                   [&] { return of(host).blocking_execute(scan, commands, count, stride); });
  }
  static std::uint32_t next_page(const scanhost_host* host, scanhost_scan* scan, std::uint32_t pass,
                                 std::uint32_t acted) {
    return guarded(std::uint32_t{0}, [&] { return of(host).blocking_next_page(scan, pass, acted); });
  }
  static void pause(const scanhost_host* host, scanhost_scan* scan, std::uint64_t delay_ms) {
    guarded([&] { of(host).pause(scan, delay_ms); });
  }
  static std::uint64_t wake_token(const scanhost_host* host, scanhost_scan* scan) {
    return guarded(std::uint64_t{0}, [&] { return of(host).wake_token(scan); });
  }
  static scanhost_status wait(const scanhost_host* host, scanhost_scan* scan, std::uint64_t token,
                              std::uint64_t timeout_ms, scanhost_on_ready on_ready, void* user) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return of(host).wait(scan, token, timeout_ms, on_ready, user); });
  }
  static void wake(const scanhost_host* host, std::uint64_t token) {
    guarded([&] { of(host).wake(token); });
  }
  static scanhost_status when_ready(const scanhost_host* host, scanhost_scan* scan, std::int32_t descriptor,
                                    std::uint32_t events, std::uint64_t timeout_ms,
                                    scanhost_on_ready on_ready, void* user) {
    return guarded(scanhost_status{SCANHOST_INVALID},
                   [&] { return of(host).when_ready(scan, descriptor, events, timeout_ms, on_ready, user); });
  }
};

inline host_adapter::host_adapter(std::size_t beyond, std::uint16_t abi_minor) noexcept {
  using settings = settings_functions;
  using scans = scan_functions;
  using extensions = extension_functions;
  const auto longer = static_cast<std::uint32_t>(beyond < max_beyond ? beyond : max_beyond);
  host_.owner = this;
  host_.known = {static_cast<std::uint32_t>(sizeof(scanhost_host)) + longer,
                 SCANHOST_ABI_MAJOR,
                 abi_minor,
                 &settings::get_extension,
                 &settings::invalid_reason,
                 &settings::scanner_name,
                 &settings::interval_ms,
                 &settings::page_size,
                 &settings::partition_count,
                 &settings::option_count,
                 &settings::option_text,
                 &settings::option_integer,
                 &settings::option_real,
                 &settings::script,
                 &settings::function_available,
                 &scans::now_ms,
                 &scans::route_now_ms,
                 &scans::set_scan_data,
                 &scans::execute,
                 &scans::replies_release,
                 &scans::next_page,
                 &scans::after,
                 &scans::cancelled,
                 &scans::finish,
                 &scans::fail,
                 &settings::log,
                 &settings::log_level};
  using environment = environment_functions;
  environment_.known = {static_cast<std::uint32_t>(sizeof(scanhost_environment)) + longer,
                        0,
                        &environment::mode,
                        &environment::server_name,
                        &environment::server_version,
                        &environment::is_cluster,
                        &environment::plugin_path};
  failures_.known = {static_cast<std::uint32_t>(sizeof(scanhost_failures)) + longer, 0,
                     &extensions::should_skip, &extensions::failure, &extensions::success};
  metrics_.known = {static_cast<std::uint32_t>(sizeof(scanhost_metrics)) + longer, 0, &extensions::series,
                    &extensions::record, &extensions::remove};
  members_.known = {static_cast<std::uint32_t>(sizeof(scanhost_members)) + longer, 0, &extensions::add};
  blocking_.known = {static_cast<std::uint32_t>(sizeof(scanhost_blocking)) + longer, 0, &extensions::execute,
                     &extensions::next_page, &extensions::pause};
  waiting_.known = {static_cast<std::uint32_t>(sizeof(scanhost_waiting)) + longer,
                    0,
                    &extensions::wake_token,
                    &extensions::wait,
                    &extensions::wake,
                    &extensions::when_ready};
}

inline const void* host_adapter::own_extension(std::string_view id) const noexcept {
  if (id == SCANHOST_EXT_ENVIRONMENT) return &environment_.known;
  if (id == SCANHOST_EXT_FAILURES) return &failures_.known;
  if (id == SCANHOST_EXT_METRICS) return &metrics_.known;
  if (id == SCANHOST_EXT_MEMBERS) return &members_.known;
  if (id == SCANHOST_EXT_BLOCKING) return &blocking_.known;
  if (id == SCANHOST_EXT_WAITING) return &waiting_.known;
  return nullptr;
}

inline scanhost_status host_adapter::read_text(std::string_view name, std::size_t index,
                                               scanhost_string* target) {
  const auto* found = option(name);
  if (found == nullptr || target == nullptr)
    return invalid(found == nullptr ? "there is no option of this name" : "the value has nowhere to go");
  const auto* text = std::get_if<std::string>(found);
  const auto* list = std::get_if<std::vector<std::string>>(found);
  const auto count = text != nullptr ? 1 : list != nullptr ? list->size() : 0;
  if (index >= count)
    return invalid(count == 0 ? "the option is not a text, a choice or a list" : "the list is shorter");
  *target = scanhost::to_c(text != nullptr ? *text : (*list)[index]);
  return SCANHOST_OK;
}

template <class Number>
scanhost_status host_adapter::read_number(std::string_view name, Number* target) {
  const auto* found = option(name);
  if (found == nullptr || target == nullptr)
    return invalid(found == nullptr ? "there is no option of this name" : "the value has nowhere to go");
  const auto* number = std::get_if<Number>(found);
  if (number == nullptr) return invalid("the option has another type");
  *target = *number;
  return SCANHOST_OK;
}

}  // namespace scanhost::inline v1_0::detail
