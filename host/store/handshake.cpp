// SPDX-License-Identifier: Apache-2.0
//
// The questions of the handshake and what their answers mean.
#include "store/handshake.hpp"

#include "store/codec.hpp"
#include "store/node_clock.hpp"
#include "store/outcome.hpp"

namespace scanhost::store {
namespace {

// CLIENT SETNAME takes printable characters without spaces.
std::string client_name(std::string_view name) {
  std::string text = "scanhost:";
  for (const char c : name) text += c > ' ' && c <= '~' ? c : '_';
  return text;
}

}  // namespace

handshake::handshake(const config::store_settings& settings, std::string_view name)
    : database_(settings.database) {
  if (!settings.username.empty()) {
    ask(question::login, {"AUTH", settings.username, settings.password.reveal()});
  } else if (!settings.password.empty()) {
    ask(question::login, {"AUTH", settings.password.reveal()});
  }
  if (database_ != 0) ask(question::database, {"SELECT", std::to_string(database_)});
  ask(question::name, {"CLIENT", "SETNAME", client_name(name)});
  ask(question::time, {"TIME"});
}

void handshake::ask(question what, std::initializer_list<std::string_view> args) {
  std::vector<scanhost_string> strings;
  for (const auto arg : args) strings.push_back({arg.data(), arg.size()});
  encode(bytes_, strings);
  questions_.push_back(what);
}

handshake::step handshake::answered(const scanhost_reply& reply) {
  const auto what = questions_[next_++];
  const std::string_view text(reply.text.data, reply.text.size);
  if (reply.kind == SCANHOST_REPLY_ERROR && (what == question::login || what == question::database)) {
    return refuse(what, text);
  }
  // A user who may not set a name or ask for the time can work all the same.
  if (what == question::time) time_ = time_of(reply);
  return next_ == questions_.size() ? step::done : step::goes_on;
}

handshake::step handshake::refuse(question what, std::string_view reply) {
  // Whatever it is called: without a login or the right database, nothing will work until somebody acts.
  const auto kind = outcome_of_error(reply);
  refusal_.outcome = kind == SCANHOST_OUTCOME_TRANSIENT ? kind : SCANHOST_OUTCOME_PERMANENT;
  refusal_.message = what == question::login
                         ? "the server refused the login: "
                         : "the server refused database " + std::to_string(database_) + ": ";
  refusal_.message += reply;
  refusal_.message += what == question::login ? " (check the store's user name and password)"
                                              : " (check the database number in the store's url)";
  return step::refused;
}

}  // namespace scanhost::store
