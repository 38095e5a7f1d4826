// SPDX-License-Identifier: Apache-2.0
#include "store/gate/audit_entry.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "scanhost/text.hpp"
#include "store/protocol/outcome.hpp"

namespace scanhost::store {
namespace {

std::string time_with_ms(base::timestamp at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (at - seconds).count());
}

void append_reply(const scanhost_reply& reply, std::string& to) {
  if (to.size() > max_reply_text) return;
  if (reply.kind == SCANHOST_REPLY_NIL) {
    to += "(nil)";
  } else if (reply.kind == SCANHOST_REPLY_INTEGER) {
    to += std::to_string(reply.integer);
  } else if (reply.kind == SCANHOST_REPLY_ARRAY) {
    to += '[';
    for (std::size_t i = 0; i < reply.element_count && to.size() <= max_reply_text; ++i) {
      if (i > 0) to += ", ";
      append_reply(reply.elements[i], to);
    }
    to += ']';
  } else {
    to += view(reply.text).substr(0, max_reply_text + 1);
  }
}

// A character of UTF-8 is not longer than 4 bytes.
void cut_between_characters(std::string& text) {
  if (text.size() <= max_reply_text) return;
  auto end = max_reply_text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
  };
  for (int steps = 0; steps < 3 && continues(end); ++steps) --end;
  text.resize(end);
}

}  // namespace

std::string reply_text(const scanhost_reply& reply) {
  std::string text;
  append_reply(reply, text);
  cut_between_characters(text);
  return text;
}

std::string to_line(const audit_author& author, const audit_entry& entry) {
  using json = nlohmann::ordered_json;
  const auto& outcome = entry.outcome;
  const auto shown = [&](const std::string& text) { return author.secrets.apply(text); };
  json line{{"time", time_with_ms(entry.at)},  {"scanner", author.scanner},
            {"generation", author.generation}, {"build", author.build},
            {"partition", entry.partition},    {"item", shown(std::string(entry.item))},
            {"command", entry.command.command}};
  if (!entry.command.function.empty()) line["function"] = entry.command.function;
  if (!entry.command.script.empty()) line["script"] = entry.command.script;
  line["outcome"] = outcome_name(static_cast<std::size_t>(outcome.kind));
  line["held_back"] = outcome.kind == SCANHOST_OUTCOME_HELD_BACK;
  line["reply"] = outcome.reply != nullptr ? json(shown(reply_text(*outcome.reply))) : json();
  line["lateness_ms"] = entry.lateness ? json(entry.lateness->count()) : json();
  return base::json_line(line);
}

}  // namespace scanhost::store
