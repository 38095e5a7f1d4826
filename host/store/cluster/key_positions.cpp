// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/key_positions.hpp"

#include <algorithm>
#include <charconv>

#include "base/ascii.hpp"
#include "scanhost/text.hpp"
#include "store/protocol/command_table.hpp"
#include "store/protocol/reply_lists.hpp"
#include "store/protocol/script.hpp"

namespace scanhost::store {
namespace {

using command_table::append_name;

const scanhost_reply* field_of(const scanhost_reply* list, std::string_view name) {
  return value_in(list_in(list), name);
}

std::string_view text_field(const scanhost_reply* list, std::string_view name) {
  return text_in(field_of(list, name));
}

std::int64_t number_field(const scanhost_reply* list, std::string_view name) {
  const auto* field = field_of(list, name);
  return field == nullptr ? 0 : field->integer;
}

bool is_same_word(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, base::to_lower, base::to_lower);
}

std::string_view argument(const scanhost_command& command, std::int64_t index) {
  if (index < 0 || index >= static_cast<std::int64_t>(command.arg_count)) return {};
  const auto& text = command.args[index];
  return {text.data == nullptr ? "" : text.data, text.size};
}

// The key at `first`, if the number at `count` says that there are keys.
std::string_view counted_key(const scanhost_command& command, std::int64_t count, std::int64_t first) {
  const auto text = argument(command, count);
  std::uint32_t keys = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), keys);
  return parsed.ec == std::errc() && keys > 0 ? argument(command, first) : std::string_view();
}

// Appends every `step`-th argument from `first` to `last`. False: there are not so many.
bool append_range(const scanhost_command& command, std::int64_t first, std::int64_t last, std::int64_t step,
                  std::vector<std::string_view>& to) {
  const auto count = static_cast<std::int64_t>(command.arg_count);
  if (first < 0 || last >= count || step < 1) return false;
  for (auto i = first; i <= last; i += step) to.push_back(argument(command, i));
  return true;
}

// As many as the number at `count_at` says.
bool append_counted(const scanhost_command& command, std::int64_t count_at, std::int64_t first,
                    std::int64_t step, std::vector<std::string_view>& to) {
  const auto text = argument(command, count_at);
  std::uint32_t keys = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), keys);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return false;
  return keys == 0 || append_range(command, first, first + (std::int64_t{keys} - 1) * step, step, to);
}

// The index behind a word; -1: it is not there.
std::int64_t behind_word(const scanhost_command& command, std::string_view word, std::int64_t from) {
  const auto count = static_cast<std::int64_t>(command.arg_count);
  const std::int64_t step = from < 0 ? -1 : 1;
  for (auto i = from < 0 ? count + from : from; i >= 1 && i < count; i += step)
    if (is_same_word(argument(command, i), word)) return i + 1;
  return -1;
}

}  // namespace

key_positions key_positions::of(const scanhost_reply& commands) {
  key_positions positions;
  for (const auto& command : list_in(&commands)) positions.add(command);
  return positions;
}

void key_positions::add(const scanhost_reply& command) {
  const auto parts = list_in(&command);
  if (parts.size() <= command_table::specifications_place) return;
  std::string name;
  append_name(name, view(parts[command_table::name_place].text));
  auto& keys = rules_[name];
  for (const auto& description : list_in(&parts[command_table::specifications_place])) {
    rule how;
    const bool known = read_rule(description, how);
    keys.complete =
        keys.complete && known && !has_text(list_in(field_of(&description, "flags")), "incomplete");
    if (known) keys.rules.push_back(std::move(how));
  }
  if (parts.size() <= command_table::subcommands_place) return;
  for (const auto& subcommand : list_in(&parts[command_table::subcommands_place])) add(subcommand);
}

bool key_positions::read_rule(const scanhost_reply& description, rule& to) {
  const auto* begin = field_of(&description, "begin_search");
  const auto* begin_spec = field_of(begin, "spec");
  const auto begin_type = text_field(begin, "type");
  if (begin_type == "index") {
    to.begin = number_field(begin_spec, "index");
  } else if (begin_type == "keyword") {
    to.keyword = text_field(begin_spec, "keyword");
    to.begin = number_field(begin_spec, "startfrom");
  } else {
    return false;
  }
  const auto* find = field_of(&description, "find_keys");
  const auto* find_spec = field_of(find, "spec");
  const auto find_type = text_field(find, "type");
  to.counted = find_type == "keynum";
  to.count_at = number_field(find_spec, "keynumidx");
  to.first_at = number_field(find_spec, "firstkey");
  to.last = number_field(find_spec, "lastkey");
  to.step = number_field(find_spec, "keystep");
  to.limit = number_field(find_spec, "limit");
  return to.counted || find_type == "range";
}

std::string_view key_positions::first_key(const scanhost_command& command) const {
  if (script_of(command) != nullptr) return counted_key(command, 0, 1);
  const auto* keys = keys_of(command);
  if (keys == nullptr) return {};
  for (const auto& rule : keys->rules)
    if (const auto key = key_by(rule, command); key.data() != nullptr) return key;
  return {};
}

std::optional<std::vector<std::string_view>> key_positions::all_keys(const scanhost_command& command) const {
  std::vector<std::string_view> found;
  if (script_of(command) != nullptr) {
    if (!append_counted(command, 0, 1, 1, found)) return std::nullopt;
    return found;
  }
  const auto* keys = keys_of(command);
  if (keys == nullptr || !keys->complete) return std::nullopt;
  for (const auto& rule : keys->rules)
    if (!append_keys(rule, command, found)) return std::nullopt;
  return found;
}

bool key_positions::append_keys(const rule& how, const scanhost_command& command,
                                std::vector<std::string_view>& to) {
  const auto begin = how.keyword.empty() ? how.begin : behind_word(command, how.keyword, how.begin);
  if (begin < 1) return !how.keyword.empty();  // the word is not there, and so no key
  if (how.counted) return append_counted(command, begin + how.count_at, begin + how.first_at, how.step, to);
  const auto count = static_cast<std::int64_t>(command.arg_count);
  auto last = begin + how.last;
  if (how.last < 0) last = how.limit > 0 ? begin + (count - begin) / how.limit + how.last : count + how.last;
  return append_range(command, begin, last, how.step, to);
}

const key_positions::command_keys* key_positions::keys_of(const scanhost_command& command) const {
  std::string name;
  append_name(name, argument(command, 0));
  const auto found = rules_.find(name);
  if (found == rules_.end()) return nullptr;
  if (!found->second.rules.empty() || command.arg_count < 2) return &found->second;
  name += '|';
  append_name(name, argument(command, 1));
  const auto subcommand = rules_.find(name);
  return subcommand == rules_.end() ? &found->second : &subcommand->second;
}

std::string_view key_positions::key_by(const rule& how, const scanhost_command& command) {
  const auto begin = how.keyword.empty() ? how.begin : behind_word(command, how.keyword, how.begin);
  if (begin < 1) return {};
  if (how.counted) return counted_key(command, begin + how.count_at, begin + how.first_at);
  return argument(command, begin);
}

}  // namespace scanhost::store
