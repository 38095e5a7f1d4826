// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/member_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scanhost/detail/member_rules.hpp"
#include "scanhost/text.hpp"

namespace scanhost::runner {

namespace {

std::vector<std::string> elements_of(const scanhost_reply& reply) {
  std::vector<std::string> elements;
  elements.reserve(reply.element_count);
  for (std::size_t i = 0; i < reply.element_count; ++i) elements.emplace_back(view(reply.elements[i].text));
  return elements;
}

}  // namespace

void member_reader::read(std::string key, on_members receive) {
  ++reading_;
  key_ = std::move(key);
  receive_ = std::move(receive);
  ask({"TYPE", key_}, &member_reader::take_type);
}

void member_reader::ask(std::initializer_list<std::string_view> words, step next) {
  std::vector<scanhost_string> args;
  for (const auto word : words) args.push_back(to_c(word));
  scanhost_command command{};
  command.struct_size = sizeof command;
  command.args = args.data();
  command.arg_count = args.size();
  client_.execute(&command, 1, sizeof command, key_,
                  [this, next, asked = reading_](std::unique_ptr<store::reply_batch> replies) {
                    if (asked != reading_ || !receive_) return;
                    const auto& outcome = replies->raw()->outcomes[0];
                    if (outcome.kind == SCANHOST_OUTCOME_REPLY) return (this->*next)(*outcome.reply);
                    finish(base::fail(base::errc::unavailable, std::string(view(outcome.message))));
                  });
}

void member_reader::take_type(const scanhost_reply& reply) {
  const auto type = view(reply.text);
  if (type == "none") return finish(std::vector<std::string>());
  if (type == "set") return ask({"SCARD", key_}, &member_reader::take_size);
  // One more than may be, so that too many are noticed.
  if (type == "zset")
    return ask({"ZRANGE", key_, "0", std::to_string(detail::max_members)}, &member_reader::take_sorted_set);
  finish(base::fail(base::errc::data, fmt::format("it holds a {}; make it a set or a sorted set", type)));
}

void member_reader::take_size(const scanhost_reply& reply) {
  if (reply.integer > static_cast<std::int64_t>(detail::max_members)) return refuse_size();
  ask({"SMEMBERS", key_}, &member_reader::take_set);
}

void member_reader::take_set(const scanhost_reply& reply) {
  auto members = elements_of(reply);
  std::ranges::sort(members);
  finish(std::move(members));
}

void member_reader::take_sorted_set(const scanhost_reply& reply) {
  if (reply.element_count > detail::max_members) return refuse_size();
  finish(elements_of(reply));
}

void member_reader::refuse_size() {
  finish(base::fail(base::errc::data, fmt::format("it has more than {} members", detail::max_members)));
}

void member_reader::finish(base::result<std::vector<std::string>> members) {
  const auto receive = std::exchange(receive_, nullptr);
  receive(std::move(members));
}

}  // namespace scanhost::runner
