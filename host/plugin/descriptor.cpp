// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "scanhost/scanhost.h"
#include "scanhost/text.hpp"

namespace scanhost::plugin {
namespace {

constexpr std::size_t head_size = offsetof(scanhost_plugin, name);
constexpr std::size_t min_size = offsetof(scanhost_plugin, begin_cycle);  // up to the mandatory entries
constexpr std::size_t max_text_size = std::size_t{64} * 1024;
constexpr std::size_t max_rows = 4096;

// Growing structs are read up to the smaller size and walked with their stride.
class reader {
 public:
  explicit reader(std::string_view name) : name_(name) {}

  // The first problem. What is read after it is empty.
  const std::optional<load_error>& problem() const noexcept { return problem_; }

  void refuse(refusal reason, std::string_view message) {
    if (!problem_) problem_ = load_error{reason, fmt::format("{}: {}", name_, message)};
  }

  std::string text(const scanhost_string& given, const char* field) {
    if (given.size == 0) return {};
    if (given.data == nullptr || given.size > max_text_size) {
      refuse(refusal::bad_descriptor,
             fmt::format("its descriptor's {} {}; set it to a constant text", field,
                         given.data == nullptr ? "has a size but no bytes" : "is longer than 64 KiB"));
      return {};
    }
    return {given.data, given.size};
  }

  bool has_rows(const void* begin, std::size_t count, const char* table) {
    if (count == 0) return false;
    if (begin == nullptr || count > max_rows) {
      refuse(refusal::bad_descriptor,
             fmt::format("its descriptor's table of {} {}; let the pointer and the count describe one array",
                         table, begin == nullptr ? "has a count but no address" : "has more than 4096 rows"));
      return false;
    }
    return true;
  }

  std::vector<std::string> texts(const scanhost_string* begin, std::size_t count, const char* table) {
    std::vector<std::string> texts;
    if (!has_rows(begin, count, table)) return texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(text(begin[i], table));
    return texts;
  }

  // Calls `take` with each row. What a plugin's shorter row lacks is zero.
  template <class Row, class Take>
  void rows(const Row* begin, std::size_t count, std::size_t stride, std::size_t min_row, const char* table,
            Take take) {
    static_assert(std::is_trivially_copyable_v<Row>);
    if (!has_rows(begin, count, table)) return;
    const auto* at = reinterpret_cast<const std::byte*>(begin);
    for (std::size_t i = 0; i < count; ++i, at += stride) {
      std::uint32_t size = 0;
      if (stride >= sizeof size) std::memcpy(&size, at, sizeof size);
      if (size < min_row || size > stride || stride > max_text_size)
        return refuse(
            refusal::bad_descriptor,
            fmt::format(
                "a row of its table of {} has struct_size {} and stride {}, expected at least {}; set struct_size and the stride to sizeof of the row",
                table, size, stride, min_row));
      Row row{};
      std::memcpy(&row, at, std::min<std::size_t>(size, sizeof row));
      take(row);
    }
  }

 private:
  std::string name_;
  std::optional<load_error> problem_;
};

std::string abi(unsigned major, unsigned minor) { return fmt::format("{}.{}", major, minor); }

std::string host_abi() { return abi(SCANHOST_ABI_MAJOR, SCANHOST_ABI_MINOR); }

// The head never changes place, so that it can be read in a plugin of any major.
void check_head(const scanhost_plugin& raw, reader& in) {
  if (raw.magic != SCANHOST_MAGIC)
    return in.refuse(
        refusal::bad_magic, SCANHOST_ENTRY_SYMBOL
        " does not return a descriptor: it does not begin with SCANHOST_MAGIC; build it against the headers of the scanhost SDK");
  if (raw.struct_size < head_size)
    return in.refuse(
        refusal::bad_descriptor,
        fmt::format(
            "its descriptor has struct_size {}, less than its head; set it to sizeof(scanhost_plugin)",
            raw.struct_size));
  const auto sdk = in.text(raw.sdk_version, "sdk_version");
  if (raw.abi_major != SCANHOST_ABI_MAJOR)
    in.refuse(
        refusal::wrong_major,
        fmt::format(
            "was built with SDK {} for plugin ABI {}, this host has ABI {}; rebuild the plugin against SDK {}, or run a scanhost of its ABI",
            sdk, raw.abi_major, host_abi(), SCANHOST_SDK_VERSION));
}

// The name may be read now: the major is the host's.
void check_minor(const scanhost_plugin& raw, reader& in) {
  if (raw.abi_minor_required <= SCANHOST_ABI_MINOR) return;
  const auto name = in.text(raw.name, "name");
  const auto version = in.text(raw.version, "version");
  const auto sdk = in.text(raw.sdk_version, "sdk_version");
  in.refuse(
      refusal::newer_minor,
      fmt::format(
          "plugin {} {} needs plugin ABI {} or a newer minor (built with SDK {}, ABI {}), this host has {}; upgrade scanhost, or rebuild the plugin against SDK {}",
          name, version, abi(raw.abi_major, raw.abi_minor_required), sdk,
          abi(raw.abi_major, raw.abi_minor_built), host_abi(), SCANHOST_SDK_VERSION));
}

void check_entries(const scanhost_plugin& raw, reader& in) {
  const char* missing = raw.create == nullptr    ? "create"
                        : raw.destroy == nullptr ? "destroy"
                        : raw.scan == nullptr    ? "scan"
                                                 : nullptr;
  if (missing != nullptr)
    in.refuse(refusal::bad_descriptor,
              fmt::format("its descriptor's entry `{}` is null; set create, destroy and scan", missing));
}

// Who names the members of a family in begin_cycle has one.
void check_begin_cycle(const scanhost_plugin& raw, const config::description& description, reader& in) {
  if (raw.begin_cycle != nullptr || description.families.empty()) return;
  const auto& swept = description.families.front();
  if (swept.members == config::member_source::plugin)
    in.refuse(
        refusal::bad_descriptor,
        fmt::format(
            "its family '{}' has SCANHOST_MEMBERS_FROM_PLUGIN, but its entry `begin_cycle` is null; set begin_cycle, which names the members",
            swept.name));
}

// A flag that this host does not know may be one that it has to obey.
void check_flags(std::uint32_t flags, std::uint32_t known, std::uint32_t reserved, std::string_view owner,
                 reader& in) {
  if ((flags & ~known) != 0)
    in.refuse(refusal::bad_descriptor,
              fmt::format("{} has the unknown flags {:#x}; leave them out, or use a newer scanhost", owner,
                          flags & ~known));
  if (reserved != 0)
    in.refuse(refusal::bad_descriptor,
              fmt::format("{} has {:#x} in a reserved field; set it to 0", owner, reserved));
}

config::family to_family(const scanhost_family& row, reader& in) {
  config::family family;
  family.name = in.text(row.name, "family name");
  check_flags(row.flags, 0, 0, fmt::format("its family '{}'", family.name), in);
  family.tag_pattern = in.text(row.tag_pattern, "tag pattern");
  family.default_count = row.default_count;
  family.count_key = in.text(row.count_key, "count key");
  family.count_field = in.text(row.count_field, "count field");
  if (row.members < SCANHOST_MEMBERS_COUNTED || row.members > SCANHOST_MEMBERS_FROM_PLUGIN)
    in.refuse(refusal::bad_descriptor,
              fmt::format("its family '{}' has the unknown kind of members {}; use one of SCANHOST_MEMBERS_*",
                          family.name, row.members));
  family.members = static_cast<config::member_source>(row.members);
  family.members_from = in.text(row.members_from, "source of members");
  return family;
}

struct raw_bound {
  const char* name;
  bool announced;  // by its flag
  std::int64_t whole;
  double real;
};

// What no flag announces has to be zero, so that nobody's bound is ignored without a word.
void to_bound(const raw_bound& raw, const config::option& option, std::optional<std::int64_t>& whole,
              std::optional<double>& real, reader& in) {
  const bool is_real = option.type == config::option_type::real;
  const bool stray = is_real ? raw.whole != 0 : raw.real != 0;
  const bool silent = !raw.announced && (raw.whole != 0 || raw.real != 0);
  if (stray || silent)
    return in.refuse(
        refusal::bad_options,
        stray ? fmt::format("its option '{}' has the bound of another type; set only {}{}", option.name,
                            is_real ? "real_" : "", raw.name)
              : fmt::format("its option '{}' has a {} without its flag; set {}, or leave the bound at 0",
                            option.name, raw.name,
                            raw.name == std::string_view("minimum") ? "SCANHOST_OPTION_HAS_MINIMUM"
                                                                    : "SCANHOST_OPTION_HAS_MAXIMUM"));
  if (!raw.announced) return;
  if (is_real)
    real = raw.real;
  else
    whole = raw.whole;
}

config::option to_option(const scanhost_option& row, reader& in) {
  config::option option;
  option.name = in.text(row.name, "option name");
  check_flags(row.flags,
              SCANHOST_OPTION_REQUIRED | SCANHOST_OPTION_SECRET | SCANHOST_OPTION_HAS_MINIMUM |
                  SCANHOST_OPTION_HAS_MAXIMUM,
              row.reserved, fmt::format("its option '{}'", option.name), in);
  if (row.type < SCANHOST_OPTION_TEXT || row.type > SCANHOST_OPTION_CHOICE)
    in.refuse(refusal::bad_options,
              fmt::format("its option '{}' has the unknown type {}; use one of SCANHOST_OPTION_*",
                          option.name, row.type));
  option.type = static_cast<config::option_type>(row.type);
  option.help = in.text(row.help, "option help");
  option.default_value = in.text(row.default_value, "option default");
  option.default_values = in.texts(row.default_values, row.default_value_count, "option defaults");
  option.choices = in.texts(row.choices, row.choice_count, "option choices");
  option.required = (row.flags & SCANHOST_OPTION_REQUIRED) != 0;
  option.secret = (row.flags & SCANHOST_OPTION_SECRET) != 0;
  to_bound({"minimum", (row.flags & SCANHOST_OPTION_HAS_MINIMUM) != 0, row.minimum, row.real_minimum}, option,
           option.minimum, option.real_minimum, in);
  to_bound({"maximum", (row.flags & SCANHOST_OPTION_HAS_MAXIMUM) != 0, row.maximum, row.real_maximum}, option,
           option.maximum, option.real_maximum, in);
  return option;
}

void read_texts(const scanhost_plugin& raw, config::description& description, reader& in) {
  description.sdk_version = in.text(raw.sdk_version, "sdk_version");
  description.name = in.text(raw.name, "name");
  description.version = in.text(raw.version, "version");
  description.summary = in.text(raw.summary, "summary");
  description.author = in.text(raw.author, "author");
  description.licence = in.text(raw.licence, "licence");
  description.function_library = in.text(raw.function_library, "function library");
  description.metric_prefix = in.text(raw.metric_prefix, "metric prefix");
  description.backlog_gauge = in.text(raw.backlog_gauge, "backlog gauge");
}

config::description read_description(const scanhost_plugin& raw, reader& in) {
  config::description description;
  read_texts(raw, description, in);
  description.abi_major = raw.abi_major;
  description.abi_minor_required = raw.abi_minor_required;
  description.abi_minor_built = raw.abi_minor_built;
  check_flags(raw.flags, SCANHOST_PLUGIN_SERIAL, std::uint32_t{raw.reserved} | raw.reserved2,
              "its descriptor", in);
  description.serial = (raw.flags & SCANHOST_PLUGIN_SERIAL) != 0;
  // An interval that does not fit is refused later by its bounds, instead of wrapping to one that looks
  // right.
  constexpr auto max_interval = static_cast<std::uint64_t>(std::chrono::milliseconds::max().count());
  description.default_interval =
      base::milliseconds(static_cast<std::int64_t>(std::min(raw.default_interval_ms, max_interval)));
  description.default_page_size = raw.default_page_size;
  in.rows(raw.families, raw.family_count, raw.family_stride, sizeof(scanhost_family), "families",
          [&](const scanhost_family& row) { description.families.push_back(to_family(row, in)); });
  in.rows(raw.options, raw.option_count, raw.option_stride, sizeof(scanhost_option), "options",
          [&](const scanhost_option& row) { description.options.push_back(to_option(row, in)); });
  description.required_extensions =
      in.texts(raw.required_extensions, raw.required_extension_count, "required extensions");
  description.functions = in.texts(raw.functions, raw.function_count, "functions");
  description.optional_functions =
      in.texts(raw.optional_functions, raw.optional_function_count, "optional functions");
  return description;
}

std::vector<std::string> offered_by(const scanhost_plugin& raw) {
  std::vector<std::string> offered;
  if (raw.get_extension == nullptr) return offered;
  for (const auto* id : {SCANHOST_EXT_EXPLAIN, SCANHOST_EXT_STATE})
    if (raw.get_extension(to_c(id)) != nullptr) offered.emplace_back(id);
  return offered;
}

}  // namespace

load_result<checked_descriptor> read_descriptor(const scanhost_plugin* given, std::string_view name) {
  reader in(name);
  if (given == nullptr)
    return load_error{
        refusal::null_descriptor,
        fmt::format(
            "{}: {} returned null instead of a descriptor (in C++: describe() threw an exception); always return a constant descriptor",
            name, SCANHOST_ENTRY_SYMBOL)};
  checked_descriptor checked{};
  std::memcpy(&checked.raw, given, head_size);
  check_head(checked.raw, in);
  if (in.problem()) return *in.problem();
  if (given->struct_size < min_size)
    return load_error{
        refusal::bad_descriptor,
        fmt::format(
            "{}: its descriptor has struct_size {}, expected at least {}; set it to sizeof(scanhost_plugin)",
            name, given->struct_size, min_size)};
  std::memcpy(&checked.raw, given, std::min<std::size_t>(given->struct_size, sizeof checked.raw));
  check_minor(checked.raw, in);
  check_entries(checked.raw, in);
  if (in.problem()) return *in.problem();
  checked.description = read_description(checked.raw, in);
  check_begin_cycle(checked.raw, checked.description, in);
  if (in.problem()) return *in.problem();
  if (auto problem = check_description(checked.description, name)) return std::move(*problem);
  checked.description.offered_extensions = offered_by(checked.raw);
  return checked;
}

}  // namespace scanhost::plugin
