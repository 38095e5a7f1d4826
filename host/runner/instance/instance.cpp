// SPDX-License-Identifier: Apache-2.0
#include "runner/instance/instance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "scanhost/detail/growing.hpp"
#include "scanhost/text.hpp"

namespace scanhost::runner {

namespace {

// The buffer that a plugin writes its message into.
class error_buffer {
 public:
  scanhost_error* raw() noexcept { return &raw_; }
  // The option that create refused; empty: none.
  std::string_view option() const noexcept { return view(raw_.option); }
  std::string text(const char* fallback) const {
    const auto size = std::min(raw_.size, room_.size());
    return size == 0 ? std::string(fallback) : std::string(room_.data(), size);
  }

 private:
  std::array<char, 1024> room_{};
  scanhost_error raw_{room_.data(), room_.size(), 0, {}};
};

struct state_writer {
  std::string bytes;
  bool too_large = false;
};

scanhost_status write_state(void* raw, scanhost_string bytes) noexcept {
  auto& writer = *static_cast<state_writer*>(raw);
  const auto more = view(bytes);
  writer.too_large = writer.too_large || more.size() > SCANHOST_STATE_LARGEST - writer.bytes.size();
  if (writer.too_large) return SCANHOST_INVALID;
  writer.bytes.append(more);
  return SCANHOST_OK;
}

std::string message_of(const char* entry, scanhost_status status, const error_buffer& error) {
  const auto text = error.text("it failed without a message");
  const bool names_option = status == SCANHOST_BAD_OPTIONS && !error.option().empty();
  return names_option ? fmt::format("{}: option '{}': {}", entry, error.option(), text)
                      : fmt::format("{}: {}", entry, text);
}

// What an entry that answers with a status failed with.
struct entry_failure {
  std::string message;
  scanhost_status status = SCANHOST_FAILED;
};

template <class Call>
std::optional<entry_failure> call_with_status(plugin_calls& calls, const char* entry, Call call) {
  error_buffer error;
  scanhost_status status = SCANHOST_OK;
  auto thrown = calls.run(entry, [&] { status = call(error.raw()); });
  if (thrown) return entry_failure{fmt::format("{}: {}", entry, *thrown)};
  if (status == SCANHOST_OK) return std::nullopt;
  return entry_failure{message_of(entry, status, error), status};
}

// Calls an entry that returns a status; the error, if any.
template <class Call>
std::optional<std::string> call_entry(plugin_calls& calls, const char* entry, Call call) {
  auto failure = call_with_status(calls, entry, std::move(call));
  if (!failure) return std::nullopt;
  return std::move(failure->message);
}

}  // namespace

instance::instance(key, const scanhost_plugin& descriptor, plugin_calls& calls, void* self) noexcept
    : descriptor_(detail::read_growing_plugin(descriptor)), calls_(calls), self_(self) {}

base::result<std::unique_ptr<instance>> instance::create(const scanhost_plugin& descriptor,
                                                         const scanhost_host& host, plugin_calls& calls) {
  void* self = nullptr;
  const auto known = detail::read_growing_plugin(descriptor);
  const auto problem = call_with_status(
      calls, "create", [&](scanhost_error* error) { return known.create(&host, &self, error); });
  if (problem)
    return base::fail(problem->status == SCANHOST_BAD_OPTIONS ? base::errc::config : base::errc::software,
                      problem->message);
  return std::make_unique<instance>(key{}, descriptor, calls, self);
}

instance::~instance() {
  // What it throws has no consequences any more.
  calls_.run("destroy", [this] { descriptor_.destroy(self_); });
}

bool instance::has(cycle_entry entry) const noexcept {
  return entry == cycle_entry::begin ? descriptor_.begin_cycle != nullptr : descriptor_.end_cycle != nullptr;
}

std::optional<std::string> instance::enter(cycle_entry entry, scanhost_scan* scan, std::uint64_t cycle) {
  const bool begins = entry == cycle_entry::begin;
  const char* name = begins ? "begin_cycle" : "end_cycle";
  auto thrown = calls_.run(
      name, [&] { (begins ? descriptor_.begin_cycle : descriptor_.end_cycle)(self_, scan, cycle); });
  if (thrown) return fmt::format("{}: {}", name, *thrown);
  return std::nullopt;
}

// What it throws has no consequences any more: the instance ends.
void instance::drop(scanhost_scan* scan, void* data) {
  if (descriptor_.dropped == nullptr) return;
  calls_.run("dropped", [&] { descriptor_.dropped(self_, scan, data); });
}

std::optional<std::string> instance::scan(scanhost_scan* scan, const scanhost_partition* partition) {
  auto thrown = calls_.run("scan", [&] { descriptor_.scan(self_, scan, partition); });
  if (thrown) return fmt::format("scan: {}", *thrown);
  return std::nullopt;
}

const void* instance::extension(std::string_view id) {
  const void* offered = nullptr;
  if (descriptor_.get_extension == nullptr) return nullptr;
  calls_.run("get_extension", [&] { offered = descriptor_.get_extension(to_c(id)); });
  return offered;
}

std::optional<scanhost_explain> instance::explain_extension() {
  const void* offered = extension(SCANHOST_EXT_EXPLAIN);
  if (offered == nullptr) return std::nullopt;
  const auto known = detail::read_growing(*static_cast<const scanhost_explain*>(offered));
  return known.explain != nullptr ? std::optional(known) : std::nullopt;
}

bool instance::explains() { return explain_extension().has_value(); }

std::optional<std::uint32_t> instance::find_partition(std::string_view item, std::uint32_t count) {
  const auto offered = explain_extension();
  if (!offered || offered->find_partition == nullptr) return std::nullopt;
  std::uint32_t index = 0;
  std::int32_t is_known = 0;
  const auto thrown = calls_.run(
      "find_partition", [&] { is_known = offered->find_partition(self_, to_c(item), count, &index); });
  return is_known != 0 && !thrown ? std::optional(index) : std::nullopt;
}

std::optional<std::string> instance::explain(scanhost_scan* scan, const scanhost_partition* partition,
                                             std::string_view item, scanhost_report_finding report,
                                             void* reporter) {
  const auto offered = explain_extension();
  if (!offered) return "explain: this build does not explain items";
  auto thrown =
      calls_.run("explain", [&] { offered->explain(self_, scan, partition, to_c(item), report, reporter); });
  if (thrown) return fmt::format("explain: {}", *thrown);
  return std::nullopt;
}

std::optional<scanhost_state> instance::state_extension() {
  const void* offered = extension(SCANHOST_EXT_STATE);
  if (offered == nullptr) return std::nullopt;
  const auto known = detail::read_growing(*static_cast<const scanhost_state*>(offered));
  if (known.export_state == nullptr || known.import_state == nullptr) return std::nullopt;
  return known;
}

std::optional<plugin_state> instance::export_state(std::optional<std::string>& problem) {
  const auto extension = state_extension();
  if (!extension) return std::nullopt;
  state_writer writer;
  problem = call_entry(calls_, "export_state", [&](scanhost_error* error) {
    return extension->export_state(self_, &write_state, &writer, error);
  });
  if (writer.too_large)
    problem = fmt::format("export_state: the state is larger than {} bytes", SCANHOST_STATE_LARGEST);
  if (problem) return std::nullopt;
  return plugin_state{extension->version, std::move(writer.bytes)};
}

std::optional<std::string> instance::import_state(const plugin_state& state) {
  const auto extension = state_extension();
  if (!extension) return "import_state: this build does not import a state";
  return call_entry(calls_, "import_state", [&](scanhost_error* error) {
    return extension->import_state(self_, state.version, to_c(state.bytes), error);
  });
}

}  // namespace scanhost::runner
