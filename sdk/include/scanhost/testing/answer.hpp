// SPDX-License-Identifier: Apache-2.0
//
// The vocabulary of a scripted store: reply values, outcomes, and the commands that were sent to it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../store.h"
#include "../text.hpp"

namespace scanhost::inline v1_0::testing {

// A reply that owns its bytes. Text and whole numbers convert by themselves: `array("a", 1, nil())`.
struct value {
  int kind = SCANHOST_REPLY_NIL;
  std::int64_t number = 0;
  std::string text = {};
  std::vector<value> elements = {};

  value() = default;
  value(std::string bytes) : kind(SCANHOST_REPLY_STRING), text(std::move(bytes)) {}
  value(std::string_view bytes) : value(std::string(bytes)) {}
  value(const char* bytes) : value(std::string(bytes)) {}
  template <std::integral Integer>
  value(Integer integer) : kind(SCANHOST_REPLY_INTEGER), number(static_cast<std::int64_t>(integer)) {}
};

inline value nil() { return {}; }

inline value array(std::vector<value> elements) {
  value result;
  result.kind = SCANHOST_REPLY_ARRAY;
  result.elements = std::move(elements);
  return result;
}
template <class... Elements>
requires(sizeof...(Elements) != 1 || (std::convertible_to<Elements, value> && ...)) value
    array(Elements&&... elements) {
  return array(std::vector<value>{value(std::forward<Elements>(elements))...});
}

// A simple string such as OK.
inline value status(std::string text) {
  value result(std::move(text));
  result.kind = SCANHOST_REPLY_STATUS;
  return result;
}

// An error of the server; the text begins with its code: "WRONGTYPE Operation against ...".
inline value error(std::string text) {
  value result(std::move(text));
  result.kind = SCANHOST_REPLY_ERROR;
  return result;
}

// The kind of outcome that the host derives from an error of the server, by its code. A function that is not
// there is no answer about the item, so it is like a server that is not ready.
inline int kind_of_error(std::string_view text) {
  const auto code = text.substr(0, text.find(' '));
  for (const std::string_view known : {"LOADING", "READONLY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN"})
    if (code == known) return SCANHOST_OUTCOME_TRANSIENT;
  if (text.substr(0, 22) == "ERR Function not found") return SCANHOST_OUTCOME_TRANSIENT;
  for (const std::string_view known : {"NOAUTH", "WRONGPASS", "NOPERM"})
    if (code == known) return SCANHOST_OUTCOME_PERMANENT;
  return SCANHOST_OUTCOME_ERROR_REPLY;
}

// The outcome of one command. A value converts by itself; an error value becomes a failed outcome.
struct answer {
  int kind = SCANHOST_OUTCOME_REPLY;
  bool answered = false;  // `reply` is set
  value reply = {};
  std::string message = {};

  answer(value content) : answered(true), reply(std::move(content)) {
    if (reply.kind != SCANHOST_REPLY_ERROR) return;
    kind = kind_of_error(reply.text);
    message = reply.text;
  }
  template <std::convertible_to<value> Content>
  answer(const Content& content) : answer(value(content)) {}
  answer(int failed, std::string why) : kind(failed), message(std::move(why)) {}
};

// Outcomes without a reply.
inline answer transient(std::string why = "the connection was lost") {
  return {SCANHOST_OUTCOME_TRANSIENT, std::move(why)};
}
inline answer permanent(std::string why = "the reply is not RESP") {
  return {SCANHOST_OUTCOME_PERMANENT, std::move(why)};
}
inline answer cancelled() { return {SCANHOST_OUTCOME_CANCELLED, "the scan was cancelled"}; }
// What a host answers in a dry run to a command that acts or may change something.
inline answer held_back() { return {SCANHOST_OUTCOME_HELD_BACK, "held back: this is a dry run"}; }
inline answer refused(std::string why) { return {SCANHOST_OUTCOME_REFUSED, std::move(why)}; }

// A command as the plugin sent it.
struct call {
  std::vector<std::string> args;
  std::string route;        // empty: the scan's partition
  std::string item;         // empty: none
  std::int64_t due_ms = 0;  // 0: unknown
  std::uint32_t flags = 0;
  std::uint32_t items = 1;  // how many it acts on
  std::string tag;          // of the partition whose scan sent it
  std::size_t batch = 0;    // numbers the calls of `execute`, from 1

  bool acts() const noexcept { return (flags & SCANHOST_COMMAND_ACTS) != 0; }

  // The arguments with spaces between, for comparison and failure messages.
  std::string text() const {
    std::string joined;
    for (const auto& arg : args) joined.append(joined.empty() ? "" : " ").append(arg);
    return joined;
  }
};

using answer_to = std::function<answer(const call&)>;

}  // namespace scanhost::inline v1_0::testing
