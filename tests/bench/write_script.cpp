// SPDX-License-Identifier: Apache-2.0
#include "bench/write_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "bench/workload.hpp"

namespace scanhost::bench {
namespace {

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// Words such as the name of a field or a state are part of a script; numbers, ids and times are not.
bool is_word(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !letter && c != '_' && c != ' ' && c != ',' && c != '*' && c != '~';
  });
}

std::optional<std::size_t> place_in(const command& list, const std::string& text) {
  const auto found = std::ranges::find(list, text);
  if (found == list.end()) return std::nullopt;
  return static_cast<std::size_t>(found - list.begin()) + 1;
}

// One call while it is turned into a script.
class substitution {
 public:
  explicit substitution(const function_call& call) : call_(call) {
    const auto count = std::stoul(call.args[2]);
    keys_.assign(call.args.begin() + 3, call.args.begin() + 3 + static_cast<std::ptrdiff_t>(count));
    given_.assign(call.args.begin() + 3 + static_cast<std::ptrdiff_t>(count), call.args.end());
  }

  std::string body() {
    add_record();
    std::string text = fmt::format("call('HGETALL', keys[{}]) ", record());
    for (const auto& write : call_.writes) {
      text += "call(";
      for (const auto& argument : write) {
        if (&argument != &write.front()) text += ", ";
        text += expression(argument);
      }
      text += ") ";
    }
    return text + "return {1, 'OK'}";
  }

  command call_of(const std::string& name) const {
    command args{"FCALL", name, std::to_string(keys_.size())};
    args.insert(args.end(), keys_.begin(), keys_.end());
    args.insert(args.end(), given_.begin(), given_.end());
    return args;
  }

 private:
  // The key that holds the record: the execution's core, else the first key.
  std::size_t record() const {
    const auto core = std::ranges::find_if(keys_, is_core);
    return core == keys_.end() ? 1 : static_cast<std::size_t>(core - keys_.begin()) + 1;
  }

  // A call may be about an execution without naming its core; the script reads the core nevertheless.
  void add_record() {
    if (std::ranges::any_of(keys_, is_core)) return;
    for (const auto& argument : given_) {
      if (!argument.starts_with("{fp:")) continue;
      keys_.push_back(core_key(argument));
      return;
    }
  }

  static bool is_core(const std::string& key) { return key.ends_with(":core"); }

  std::string expression(const std::string& argument) {
    if (const auto key = place_in(keys_, argument)) return fmt::format("keys[{}]", *key);
    if (is_word(argument)) return fmt::format("'{}'", argument);
    if (const auto at = place_in(given_, argument)) return fmt::format("args[{}]", *at);
    given_.push_back(argument);
    return fmt::format("args[{}]", given_.size());
  }

  const function_call& call_;
  command keys_;
  command given_;
};

}  // namespace

std::vector<function_call> calls_that_write(const std::vector<monitored>& lines,
                                            const std::set<std::string, std::less<>>& write_names) {
  std::vector<function_call> calls;
  bool inside = false;  // a function, as opposed to another script
  for (const auto& line : lines) {
    if (!line.of_script) {
      inside = line.args[0] == "FCALL";
      if (inside) calls.push_back({line.args, {}});
    } else if (inside && write_names.contains(upper(line.args[0]))) {
      calls.back().writes.push_back(line.args);
    }
  }
  std::erase_if(calls, [](const auto& call) { return call.writes.empty(); });
  return calls;
}

command write_scripts::substitute(const function_call& call) {
  substitution script(call);
  const auto [found, added] = names_.try_emplace(script.body(), fmt::format("writes_{}", names_.size()));
  return script.call_of(found->second);
}

std::string write_scripts::library() const {
  std::string text = "#!lua name=scanhost_bench\nlocal call\n";
  for (const auto& [body, name] : names_)
    text += fmt::format("redis.register_function('{}', function(keys, args) call = redis.call {} end)\n",
                        name, body);
  return text;
}

}  // namespace scanhost::bench
