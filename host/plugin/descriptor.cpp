// SPDX-License-Identifier: Apache-2.0
//
// Copying a descriptor: growing structs are read up to the smaller size and walked with their stride.
#include "plugin/descriptor.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "scanhost/scanhost.h"

namespace scanhost::plugin {
namespace {

constexpr std::size_t head_size = offsetof(scanhost_plugin, name);
constexpr std::size_t min_struct_size =
    offsetof(scanhost_plugin, begin_cycle);  // down to the mandatory entries
constexpr std::size_t max_text_size = 64 * 1024;
constexpr std::size_t max_elements = 4096;

class reader {
 public:
  explicit reader(std::string_view name) : name_(name) {}

  // The first problem that was met; readings after it yield nothing.
  const std::optional<load_error>& problem() const noexcept { return problem_; }

  void refuse(refusal reason, const std::string& message) {
    if (!problem_) problem_ = load_error{reason, name_ + ": " + message};
  }

  std::string text(const scanhost_string& from, const char* what) {
    if (from.size == 0) return {};
    if (from.data == nullptr || from.size > max_text_size) {
      refuse(refusal::bad_descriptor,
             std::string("its descriptor's ") + what + " " +
                 (from.data == nullptr ? "has a size but no bytes" : "is longer than 64 KiB") +
                 "; set it to a constant text");
      return {};
    }
    return {from.data, from.size};
  }

  bool countable(const void* begin, std::size_t count, const char* what) {
    if (count == 0) return false;
    if (begin == nullptr || count > max_elements) {
      refuse(refusal::bad_descriptor,
             std::string("its descriptor's table of ") + what + " " +
                 (begin == nullptr ? "has a count but no address" : "has more than 4096 rows") +
                 "; let the pointer and the count describe one array");
      return false;
    }
    return true;
  }

  std::vector<std::string> texts(const scanhost_string* begin, std::size_t count, const char* what) {
    std::vector<std::string> values;
    if (!countable(begin, count, what)) return values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(text(begin[i], what));
    return values;
  }

  // Calls `take` with each row, zero where the plugin's rows are shorter than the host's.
  template <class Row, class Take>
  void rows(const Row* begin, std::size_t count, std::size_t stride, std::size_t smallest, const char* what,
            Take take) {
    static_assert(std::is_trivially_copyable_v<Row>);
    if (!countable(begin, count, what)) return;
    const auto* at = reinterpret_cast<const std::byte*>(begin);
    for (std::size_t i = 0; i < count; ++i, at += stride) {
      std::uint32_t size = 0;
      if (stride >= sizeof size) std::memcpy(&size, at, sizeof size);
      if (size < smallest || size > stride || stride > max_text_size)
        return refuse(refusal::bad_descriptor,
                      std::string("a row of its table of ") + what + " has struct_size " +
                          std::to_string(size) + " and stride " + std::to_string(stride) + ", at least " +
                          std::to_string(smallest) +
                          " is needed; set struct_size and the stride to sizeof of the row");
      Row row{};
      std::memcpy(&row, at, std::min<std::size_t>(size, sizeof row));
      take(row);
    }
  }

 private:
  std::string name_;
  std::optional<load_error> problem_;
};

std::string abi(unsigned major, unsigned minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

const std::string& host_abi() {
  static const std::string text = abi(SCANHOST_ABI_MAJOR, SCANHOST_ABI_MINOR);
  return text;
}

// The head never changes place, so that it can be read in a plugin of any major.
void check_head(const scanhost_plugin& raw, reader& in) {
  if (raw.magic != SCANHOST_MAGIC)
    return in.refuse(
        refusal::bad_magic,
        std::string("what ") + SCANHOST_ENTRY_SYMBOL +
            " returns is no descriptor: it does not begin with SCANHOST_MAGIC; build it against the headers of the scanhost SDK");
  if (raw.struct_size < head_size)
    return in.refuse(refusal::bad_descriptor, "its descriptor has struct_size " +
                                                  std::to_string(raw.struct_size) +
                                                  ", less than its head; set it to sizeof(scanhost_plugin)");
  const auto sdk = in.text(raw.sdk_version, "sdk_version");
  if (raw.abi_major != SCANHOST_ABI_MAJOR)
    in.refuse(refusal::wrong_major, "was built with SDK " + sdk + " for plugin ABI " +
                                        std::to_string(raw.abi_major) + ", this host has ABI " + host_abi() +
                                        "; rebuild the plugin against SDK " SCANHOST_SDK_VERSION
                                        ", or run a scanhost of its ABI");
}

// The name may be read now: the major is the host's.
void check_minor(const scanhost_plugin& raw, reader& in) {
  if (raw.abi_minor_required <= SCANHOST_ABI_MINOR) return;
  const auto name = in.text(raw.name, "name");
  const auto version = in.text(raw.version, "version");
  const auto sdk = in.text(raw.sdk_version, "sdk_version");
  in.refuse(refusal::newer_minor,
            "plugin " + name + " " + version + " needs plugin ABI " +
                abi(raw.abi_major, raw.abi_minor_required) + " or a newer minor (built with SDK " + sdk +
                ", ABI " + abi(raw.abi_major, raw.abi_minor_built) + "), this host has " + host_abi() +
                "; upgrade scanhost, or rebuild the plugin against SDK " SCANHOST_SDK_VERSION);
}

void check_entries(const scanhost_plugin& raw, reader& in) {
  const char* missing = raw.create == nullptr    ? "create"
                        : raw.destroy == nullptr ? "destroy"
                        : raw.scan == nullptr    ? "scan"
                                                 : nullptr;
  if (missing != nullptr)
    in.refuse(refusal::bad_descriptor,
              std::string("its descriptor's entry `") + missing + "` is null; set create, destroy and scan");
}

config::family to_family(const scanhost_family& row, reader& in) {
  config::family family;
  family.name = in.text(row.name, "family name");
  family.tag_pattern = in.text(row.tag_pattern, "tag pattern");
  family.default_count = row.default_count;
  family.count_key = in.text(row.count_key, "count key");
  family.count_field = in.text(row.count_field, "count field");
  return family;
}

config::option to_option(const scanhost_option& row, reader& in) {
  config::option option;
  option.name = in.text(row.name, "option name");
  if (row.type < SCANHOST_OPTION_TEXT || row.type > SCANHOST_OPTION_TEXT_LIST)
    in.refuse(refusal::bad_options, "its option '" + option.name + "' has the unknown type " +
                                        std::to_string(row.type) + "; use one of SCANHOST_OPTION_*");
  option.type = static_cast<config::option_type>(row.type);
  option.help = in.text(row.help, "option help");
  option.default_value = in.text(row.default_value, "option default");
  option.minimum = row.minimum;
  option.maximum = row.maximum;
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
  description.serial = (raw.flags & SCANHOST_PLUGIN_SERIAL) != 0;
  // One beyond what fits is refused by the bounds, rather than wrapped into something that looks right.
  constexpr auto longest = static_cast<std::uint64_t>(std::chrono::milliseconds::max().count());
  description.default_interval =
      base::milliseconds(static_cast<std::int64_t>(std::min(raw.default_interval_ms, longest)));
  description.default_page_size = raw.default_page_size;
  in.rows(raw.families, raw.family_count, raw.family_stride,
          offsetof(scanhost_family, count_field) + sizeof(scanhost_string), "families",
          [&](const scanhost_family& row) { description.families.push_back(to_family(row, in)); });
  in.rows(raw.options, raw.option_count, raw.option_stride,
          offsetof(scanhost_option, maximum) + sizeof(std::int64_t), "options",
          [&](const scanhost_option& row) { description.options.push_back(to_option(row, in)); });
  description.required_extensions =
      in.texts(raw.required_extensions, raw.required_extension_count, "required extensions");
  description.functions = in.texts(raw.functions, raw.function_count, "functions");
  return description;
}

}  // namespace

load_result<checked_descriptor> read_descriptor(const scanhost_plugin* given, std::string_view name) {
  reader in(name);
  if (given == nullptr)
    return load_error{
        refusal::null_descriptor,
        std::string(name) +
            ": " SCANHOST_ENTRY_SYMBOL
            " returned null, so the plugin has no descriptor: in C++ this is what an exception thrown by describe() comes to; return a constant descriptor always"};
  checked_descriptor checked{};
  std::memcpy(&checked.raw, given, head_size);
  check_head(checked.raw, in);
  if (in.problem()) return *in.problem();
  if (given->struct_size < min_struct_size)
    return load_error{refusal::bad_descriptor, std::string(name) + ": its descriptor has struct_size " +
                                                   std::to_string(given->struct_size) + ", at least " +
                                                   std::to_string(min_struct_size) +
                                                   " is needed; set it to sizeof(scanhost_plugin)"};
  std::memcpy(&checked.raw, given, std::min<std::size_t>(given->struct_size, sizeof checked.raw));
  check_minor(checked.raw, in);
  check_entries(checked.raw, in);
  if (in.problem()) return *in.problem();
  checked.description = read_description(checked.raw, in);
  if (in.problem()) return *in.problem();
  if (auto problem = check_description(checked.description, name)) return std::move(*problem);
  return checked;
}

}  // namespace scanhost::plugin
