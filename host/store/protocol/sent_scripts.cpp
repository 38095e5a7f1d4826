// SPDX-License-Identifier: Apache-2.0
#include "store/protocol/sent_scripts.hpp"

#include <algorithm>
#include <array>

#include "scanhost/text.hpp"
#include "store/protocol/codec.hpp"

namespace scanhost::store {
namespace {

constexpr std::size_t words_before_arguments = 2;  // the command's name, and the script

}  // namespace

void encode_script(std::string& out, const scanhost_script& script, script_form form, std::size_t arguments) {
  encode_array(out, words_before_arguments + arguments);
  const bool source = form == script_form::source;
  const std::array<scanhost_string, words_before_arguments> words{
      to_c(source ? std::string_view("EVAL") : std::string_view("EVALSHA")),
      to_c(source ? script.source : script.sha1)};
  encode_elements(out, words);
}

void sent_scripts::note_reply(std::size_t index, const scanhost_reply& reply) {
  constexpr std::string_view mark = "NOSCRIPT";
  const bool scripted = std::ranges::binary_search(commands_, index, {}, &command::index);
  if (scripted && reply.kind == SCANHOST_REPLY_ERROR && view(reply.text).starts_with(mark))
    lost_.push_back(index);
  else if (!lost_.empty())
    answered_after_loss_ = true;
}

sent_scripts::step sent_scripts::decide() const noexcept {
  if (lost_.empty()) return step::finished;
  return answered_after_loss_ || sent_again_ ? step::give_up : step::send_again;
}

void sent_scripts::encode_again(std::string& out) {
  for (const auto index : lost_) {
    const auto& again = *std::ranges::lower_bound(commands_, index, {}, &command::index);
    encode_script(out, *again.script, script_form::source, again.count);
    out.append(batch_, again.begin, again.size);
  }
  lost_.clear();
  sent_again_ = true;
}

}  // namespace scanhost::store
