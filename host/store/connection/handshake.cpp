// SPDX-License-Identifier: Apache-2.0
#include "store/connection/handshake.hpp"

#include <fmt/format.h>

#include "config/store_keys.hpp"
#include "store/connection/node_clock.hpp"
#include "store/protocol/codec.hpp"

namespace scanhost::store {
namespace {

// CLIENT SETNAME takes printable characters without spaces.
std::string client_name(std::string_view name) {
  std::string text = "scanhost:";
  for (const char c : name) text += c > ' ' && c <= '~' ? c : '_';
  return text;
}

// A server that does not say what it is may be anything.
bool fits_mode(const server_identity& server, config::store_mode mode) {
  if (server.name.empty()) return true;
  if (server.cluster) return mode == config::store_mode::automatic || mode == config::store_mode::cluster;
  return mode != config::store_mode::cluster;
}

}  // namespace

std::vector<std::string> login_command(const config::store_settings& settings) {
  if (!settings.username.empty()) return {"AUTH", settings.username, settings.password.reveal()};
  if (!settings.password.empty()) return {"AUTH", settings.password.reveal()};
  return {};
}

handshake::handshake(const config::store_settings& settings, std::string_view name)
    : database_(settings.database), mode_(settings.mode) {
  const auto login = login_command(settings);
  if (!login.empty()) ask(question::login, {login.begin(), login.end()});
  if (database_ != 0) ask(question::database, {"SELECT", std::to_string(database_)});
  ask(question::name, {"CLIENT", "SETNAME", client_name(name)});
  ask(question::about, {"INFO", "server"});
  ask(question::role, {"INFO", "replication"});
  ask(question::time, {"TIME"});
}

void handshake::ask(question asked, const std::vector<std::string_view>& args) {
  std::vector<scanhost_string> strings;
  strings.reserve(args.size());
  for (const auto arg : args) strings.push_back({arg.data(), arg.size()});
  encode(bytes_, strings);
  questions_.push_back(asked);
}

handshake::step handshake::answered(const scanhost_reply& reply) {
  const auto asked = questions_[next_++];
  const std::string_view text(reply.text.data, reply.text.size);
  if (reply.kind == SCANHOST_REPLY_ERROR)
    if (const auto state = state_after(asked, text); state != state::serving) return fail(asked, state, text);
  // A user that may not set a name or ask for these can still work.
  if (asked == question::about && reply.kind == SCANHOST_REPLY_STRING) {
    server_ = identity_of(text);
    if (!fits_mode(server_, mode_)) return refuse_mode();
  }
  if (asked == question::role && reply.kind == SCANHOST_REPLY_STRING && !server_.cluster)
    if (const auto primary = primary_of_replica(text)) return refuse_replica(*primary);
  if (asked == question::time) time_ = time_of(reply);
  return next_ == questions_.size() ? step::done : step::continues;
}

// The state that ends the attempt; serving: it goes on. A server that has no place for a client, or is busy,
// answers whatever it was asked with that.
state handshake::state_after(question asked, std::string_view text) {
  const auto found = judge(text);
  const bool of_commands = found.state == state::login_needed;  // which then say so themselves
  if (facts_of(found.state).refuses == refusal::all && !of_commands) return found.state;
  if (asked != question::login && asked != question::database) return state::serving;
  if (found.fault == fault::store) return found.state;
  return asked == question::login ? state::login_refused : state::wrong_database;
}

handshake::step handshake::fail(question asked, state which, std::string_view text) {
  const auto& facts = facts_of(which);
  // Without a login or the right database, nothing will work until an operator acts.
  failure_.outcome = facts.passes ? SCANHOST_OUTCOME_TRANSIENT : SCANHOST_OUTCOME_PERMANENT;
  failure_.state = which;
  failure_.reply = text;
  const auto subject = asked == question::database && which == state::wrong_database
                           ? fmt::format("the server does not have database {}", database_)
                           : fmt::format("the server {}", facts.sentence);
  failure_.message = facts.advice.empty() ? fmt::format("{}: {}", subject, text)
                                          : fmt::format("{}: {} ({})", subject, text, facts.advice);
  return step::failed;
}

// Reads would work, but no item could be acted on.
handshake::step handshake::refuse_replica(std::string_view primary) {
  failure_ = {SCANHOST_OUTCOME_TRANSIENT,
              fmt::format("the server is a replica of {}, and only the primary takes writes", primary),
              state::read_only, fmt::format("its primary is {}", primary)};
  return step::failed;
}

handshake::step handshake::refuse_mode() {
  failure_.outcome = SCANHOST_OUTCOME_PERMANENT;
  failure_.state = state::wrong_mode;
  failure_.reply = server_.cluster ? "it runs in cluster mode" : "it does not run in cluster mode";
  failure_.message =
      server_.cluster
          ? fmt::format("the server is a node of a cluster, but store.mode is {}; write auto or cluster",
                        config::to_text(mode_))
          : std::string(
                "the server is not part of a cluster, but store.mode is cluster; write auto or standalone");
  return step::failed;
}

}  // namespace scanhost::store
