// SPDX-License-Identifier: Apache-2.0
#include "store/connection/sentinel.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "store/protocol/codec.hpp"

namespace scanhost::store {
namespace {

std::string_view words_of(const scanhost_reply& reply) { return {reply.text.data, reply.text.size}; }

std::optional<config::server_address> server_at(std::string_view host, std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (host.empty() || port == 0 || problem != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  return config::server_address{std::string(host), port};
}

// A Sentinel is described by names and values in turn.
std::optional<config::server_address> sentinel_at(const scanhost_reply& reply) {
  std::string_view host, port;
  for (std::size_t i = 0; i + 1 < reply.element_count; i += 2) {
    const auto name = words_of(reply.elements[i]);
    if (name == "ip") host = words_of(reply.elements[i + 1]);
    if (name == "port") port = words_of(reply.elements[i + 1]);
  }
  return server_at(host, port);
}

}  // namespace

sentinel_dialogue::sentinel_dialogue(const config::sentinel_settings& settings, occasion when)
    : when_(when), name_(settings.primary_name) {
  const bool logs_in = when != occasion::later;
  if (logs_in && !settings.username.empty())
    ask(question::login, {"AUTH", settings.username, settings.password.reveal()});
  else if (logs_in && !settings.password.empty())
    ask(question::login, {"AUTH", settings.password.reveal()});
  ask(question::primary, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name_});
  if (when == occasion::first) ask(question::others, {"SENTINEL", "SENTINELS", name_});
}

void sentinel_dialogue::ask(question asked, std::initializer_list<std::string_view> args) {
  std::vector<scanhost_string> strings;
  for (const auto arg : args) strings.push_back({arg.data(), arg.size()});
  encode(bytes_, strings);
  questions_.push_back(asked);
}

sentinel_dialogue::step sentinel_dialogue::answered(const scanhost_reply& reply) {
  const auto asked = questions_[next_++];
  if (asked == question::login && take_login(reply) == step::failed) return step::failed;
  if (asked == question::primary && take_primary(reply) == step::failed) return step::failed;
  if (asked == question::others && reply.kind == SCANHOST_REPLY_ARRAY)
    for (std::size_t i = 0; i < reply.element_count; ++i)
      if (auto other = sentinel_at(reply.elements[i])) others_.push_back(std::move(*other));
  return next_ == questions_.size() ? step::done : step::continues;
}

sentinel_dialogue::step sentinel_dialogue::take_login(const scanhost_reply& reply) {
  if (reply.kind != SCANHOST_REPLY_ERROR) return step::continues;
  if (when_ == occasion::first)
    return fail(fmt::format(
        "the Sentinel refused the login: {} (check store.sentinel.username and the password there)",
        words_of(reply)));
  refusal_ = words_of(reply);
  return step::continues;
}

sentinel_dialogue::step sentinel_dialogue::take_primary(const scanhost_reply& reply) {
  if (reply.kind == SCANHOST_REPLY_ERROR) {
    const auto text = words_of(reply);
    if (text.starts_with("ERR unknown command"))
      return fail("the server is no Sentinel; check the addresses in store.url and store.addresses");
    if (text.starts_with("NOAUTH"))
      return fail("the Sentinel needs a password; set store.sentinel.password_file or password_env");
    return fail(fmt::format("the Sentinel cannot name the primary '{}': {}", name_, text));
  }
  if (reply.kind != SCANHOST_REPLY_ARRAY || reply.element_count != 2)
    return fail(fmt::format("the Sentinel knows no primary '{}'; check store.sentinel.primary", name_));
  auto found = server_at(words_of(reply.elements[0]), words_of(reply.elements[1]));
  if (!found) return fail(fmt::format("the Sentinel's address of the primary '{}' makes no sense", name_));
  primary_ = std::move(*found);
  return step::continues;
}

sentinel_dialogue::step sentinel_dialogue::fail(std::string problem) {
  problem_ = std::move(problem);
  return step::failed;
}

}  // namespace scanhost::store
