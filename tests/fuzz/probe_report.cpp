// SPDX-License-Identifier: Apache-2.0
//
// The report of a probe. A report that was written is read as it was; other lines, which a plugin may write
// to the same descriptor, never end the host, and what is taken of them is a possible report.
#include "plugin/probe_report.hpp"

#include "base/utf8.hpp"
#include "fuzz.hpp"

namespace {

using namespace scanhost;
using fuzz::require;

std::string lines_of(const plugin::probe_report& report) {
  auto lines = plugin::line_of(report.step);
  if (report.refused) lines += plugin::line_of(*report.refused);
  if (report.bad_option) lines += plugin::line_of(*report.bad_option);
  if (report.description) lines += plugin::line_of(*report.description);
  return lines;
}

void check_possible(const config::description& plugin) {
  using config::option_type;
  for (const auto& option : plugin.options)
    require(option.type >= option_type::text && option.type <= option_type::choice,
            "an option has a type of the enumeration");
  for (const auto& family : plugin.families)
    require(
        family.members >= config::member_source::counted && family.members <= config::member_source::plugin,
        "a family has members of the enumeration");
}

// Whatever a plugin writes.
void read_any(std::string_view text) {
  const auto report = plugin::read_report(text);
  require(report.step <= plugin::probe_step::done && !plugin::to_text(report.step).empty(),
          "a report has a step of the enumeration");
  if (report.refused) require(!plugin::to_text(report.refused->reason).empty(), "a refusal has a name");
  if (report.description) check_possible(*report.description);
  const auto lines = lines_of(report);
  require(lines_of(plugin::read_report(lines)) == lines, "a report that is written again stays the same",
          lines);
}

// --- a report that the host writes

// As plugins may have them, or UTF-8.
std::string some_text(fuzz::input& from, bool utf8) {
  std::string text(from.any_text());
  if (!utf8) return text;
  std::string valid;
  for (std::string_view rest = text; !rest.empty();) {
    const auto length = base::utf8_character(rest);
    if (length > 0) valid += rest.substr(0, length);
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

std::vector<std::string> some_texts(fuzz::input& from, bool utf8) {
  std::vector<std::string> texts(from.up_to(3));
  for (auto& text : texts) text = some_text(from, utf8);
  return texts;
}

config::family some_family(fuzz::input& from, bool utf8) {
  config::family family{some_text(from, utf8), some_text(from, utf8)};
  family.default_count = static_cast<std::uint32_t>(from.number(4));
  family.count_key = some_text(from, utf8);
  family.count_field = some_text(from, utf8);
  family.members = static_cast<config::member_source>(from.up_to(3));
  family.members_from = some_text(from, utf8);
  return family;
}

config::option some_option(fuzz::input& from, bool utf8) {
  config::option option{some_text(from, utf8), static_cast<config::option_type>(1 + from.up_to(7))};
  option.help = some_text(from, utf8);
  option.default_value = some_text(from, utf8);
  if (from.flag()) option.minimum = static_cast<std::int64_t>(from.number());
  if (from.flag()) option.maximum = static_cast<std::int64_t>(from.number());
  if (from.flag()) option.real_minimum = static_cast<double>(from.number()) / 3;
  if (from.flag()) option.real_maximum = static_cast<double>(from.number()) * 1e-300;
  option.default_values = some_texts(from, utf8);
  option.choices = some_texts(from, utf8);
  option.required = from.flag();
  option.secret = from.flag();
  return option;
}

config::description some_description(fuzz::input& from, bool utf8) {
  config::description plugin;
  for (auto* text :
       {&plugin.name, &plugin.version, &plugin.summary, &plugin.author, &plugin.licence, &plugin.sdk_version,
        &plugin.function_library, &plugin.metric_prefix, &plugin.backlog_gauge})
    *text = some_text(from, utf8);
  plugin.abi_major = static_cast<std::uint16_t>(from.number(2));
  plugin.abi_minor_required = static_cast<std::uint16_t>(from.number(2));
  plugin.abi_minor_built = static_cast<std::uint16_t>(from.number(2));
  plugin.serial = from.flag();
  plugin.default_interval = base::milliseconds(static_cast<std::int64_t>(from.number()));
  plugin.default_page_size = static_cast<std::uint32_t>(from.number(4));
  for (auto left = from.up_to(3); left > 0; --left) plugin.families.push_back(some_family(from, utf8));
  for (auto left = from.up_to(4); left > 0; --left) plugin.options.push_back(some_option(from, utf8));
  for (auto* texts : {&plugin.required_extensions, &plugin.offered_extensions, &plugin.functions,
                      &plugin.optional_functions})
    *texts = some_texts(from, utf8);
  return plugin;
}

void require_same(const config::description& left, const config::description& right) {
  const auto same = [](const auto& written, const auto& read) {
    require(written == read, "a description is read as it was written");
  };
  same(left.name, right.name);
  same(left.version, right.version);
  same(left.summary, right.summary);
  same(left.author, right.author);
  same(left.licence, right.licence);
  same(left.sdk_version, right.sdk_version);
  same(left.abi_major, right.abi_major);
  same(left.abi_minor_required, right.abi_minor_required);
  same(left.abi_minor_built, right.abi_minor_built);
  same(left.serial, right.serial);
  same(left.families, right.families);
  same(left.default_interval, right.default_interval);
  same(left.default_page_size, right.default_page_size);
  same(left.options, right.options);
  same(left.required_extensions, right.required_extensions);
  same(left.offered_extensions, right.offered_extensions);
  same(left.function_library, right.function_library);
  same(left.functions, right.functions);
  same(left.optional_functions, right.optional_functions);
  same(left.metric_prefix, right.metric_prefix);
  same(left.backlog_gauge, right.backlog_gauge);
}

void write_and_read(fuzz::input from) {
  const bool utf8 = from.flag();
  plugin::probe_report report;
  report.step =
      static_cast<plugin::probe_step>(from.up_to(static_cast<std::size_t>(plugin::probe_step::done)));
  if (from.flag())
    report.refused = plugin::load_error{
        static_cast<plugin::refusal>(from.up_to(static_cast<std::size_t>(plugin::refusal::staging_failed))),
        some_text(from, utf8)};
  if (from.flag()) report.bad_option = plugin::bad_option{some_text(from, utf8), some_text(from, utf8)};
  report.description = some_description(from, utf8);
  const auto lines = lines_of(report);
  const auto read = plugin::read_report(lines);
  require(lines_of(read) == lines, "a report is read as it was written", lines);
  if (utf8) require_same(*report.description, *read.description);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_any(fuzz::text_of(data, size));
  write_and_read(fuzz::input(data, size));
  return 0;
}
