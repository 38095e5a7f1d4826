// SPDX-License-Identifier: Apache-2.0
#include "store/gate/read_only_form.hpp"

#include "scanhost/detail/refused_commands.hpp"
#include "scanhost/text.hpp"
#include "store/protocol/script.hpp"

namespace scanhost::store {
namespace {

std::string_view read_only_name(const scanhost_string& name) {
  if (detail::refused::same_word(name, "FCALL")) return "FCALL_RO";
  return detail::refused::same_word(name, "EVALSHA") ? "EVALSHA_RO" : "EVAL_RO";
}

}  // namespace

std::vector<scanhost_string> read_only_form(const scanhost_command& command) {
  std::vector<scanhost_string> words;
  if (const auto* script = script_of(command)) {
    words = {to_c("EVAL_RO"), to_c(script->source)};
    words.insert(words.end(), command.args, command.args + command.arg_count);
    return words;
  }
  words.assign(command.args, command.args + command.arg_count);
  words.front() = to_c(read_only_name(words.front()));
  return words;
}

bool is_refused_change(std::string_view error) noexcept {
  return error.find("not allowed from read-only scripts") != std::string_view::npos ||
         error.find("write flag using *_ro command") != std::string_view::npos;
}

}  // namespace scanhost::store
