// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <scanhost/detail/quantity.hpp>
#include <set>

namespace scanhost::demo {
namespace {

using complaint = std::optional<std::string>;

// Compares the answers about one record with what is expected, and keeps the moments that it has seen.
class comparer {
 public:
  explicit comparer(const window& when) : when_(when) {}

  complaint compare(const world& want, const question& asked, const reply& answer) {
    const auto expected = want.contents().find(asked.at);
    const bool there = is_there(answer);
    if (answer.kind == reply_kind::error) return answer.text;
    if (expected == want.contents().end())
      return there ? complaint("expected nothing, found something") : std::nullopt;
    if (!there) return "is missing";
    if (asked.at.member.empty()) return compare_content(expected->second, answer);
    if (asked.type == data_type::set) return std::nullopt;
    return compare_text(expected->second.items.begin()->second, answer.text, true);
  }

  std::map<unsigned, std::int64_t> moments;  // by step

 private:
  complaint compare_moment(const text& want, const std::string& found) {
    const auto number = detail::parse_integer(found);
    if (!number) return fmt::format("expected a time within the run, found '{}'", found);
    const auto at = number.value - want.plus;
    if (at < when_.from) return fmt::format("{} is {} ms too early", found, when_.from - at);
    if (at > when_.until) return fmt::format("{} is after the end of the run", found);
    if (moments.try_emplace(*want.step, at).first->second == at) return std::nullopt;
    return fmt::format("{} differs from other times of the record: it was changed more than once", found);
  }

  // Scores are numbers: the store may write them in another form than they were written in.
  complaint compare_text(const text& want, const std::string& found, bool is_score = false) {
    if (want.step) return compare_moment(want, found);
    const bool same_score =
        is_score && std::strtod(want.exact.c_str(), nullptr) == std::strtod(found.c_str(), nullptr);
    if (same_score || want.exact == found) return std::nullopt;
    return fmt::format("expected '{}', found '{}'", want.exact, found);
  }

  // Members of a set; fields or members with their values or scores; in any order.
  complaint compare_items(const content& want, const std::vector<reply>& found) {
    const std::size_t width = want.type == data_type::set ? 1 : 2;
    const auto* kind = want.type == data_type::hash ? "field" : "member";
    std::set<std::string_view> seen;
    for (std::size_t at = 0; at + width <= found.size(); at += width) {
      const auto& name = found[at].text;
      const auto item = want.items.find(name);
      if (item == want.items.end()) return fmt::format("unexpected {} '{}'", kind, name);
      seen.insert(name);
      if (width == 1) continue;
      if (const auto wrong =
              compare_text(item->second, found[at + 1].text, want.type == data_type::sorted_set))
        return fmt::format("{} '{}': {}", kind, name, *wrong);
    }
    for (const auto& [name, value] : want.items) {
      if (!seen.contains(name)) return fmt::format("{} '{}' is missing", kind, name);
    }
    return std::nullopt;
  }

  complaint compare_entry(const fields& want, const std::vector<reply>& found) {
    if (found.size() != want.size() * 2)
      return fmt::format("expected {} fields, found {}", want.size(), found.size() / 2);
    for (std::size_t at = 0; at < want.size(); ++at) {
      const auto& [name, value] = want[at];
      if (found[at * 2].text != name)
        return fmt::format("expected the field '{}', found '{}'", name, found[at * 2].text);
      if (const auto wrong = compare_text(value, found[at * 2 + 1].text))
        return fmt::format("field '{}': {}", name, *wrong);
    }
    return std::nullopt;
  }

  complaint compare_content(const content& want, const reply& answer) {
    if (want.type == data_type::string) return compare_text(want.items.begin()->second, answer.text);
    if (want.type != data_type::stream) return compare_items(want, answer.list);
    if (answer.list.size() != want.entries.size())
      return fmt::format("expected {} entries, found {}", want.entries.size(), answer.list.size());
    for (std::size_t at = 0; at < want.entries.size(); ++at) {
      if (const auto wrong = compare_entry(want.entries[at], answer.list[at].list.at(1).list))
        return fmt::format("entry {}: {}", at + 1, *wrong);
    }
    return std::nullopt;
  }

  window when_;
};

}  // namespace

std::vector<question> questions_about(const world& before, const world& after) {
  std::vector<question> questions;
  for (const auto& [at, content] : after.contents()) questions.push_back({at, content.type});
  for (const auto& [at, content] : before.contents()) {
    if (!after.contents().contains(at)) questions.push_back({at, content.type});
  }
  return questions;
}

command command_of(const question& asked) {
  const auto& [key, member] = asked.at;
  if (!member.empty()) return {asked.type == data_type::set ? "SISMEMBER" : "ZSCORE", key, member};
  switch (asked.type) {
    case data_type::string:
      return {"GET", key};
    case data_type::hash:
      return {"HGETALL", key};
    case data_type::set:
      return {"SMEMBERS", key};
    case data_type::sorted_set:
      return {"ZRANGE", key, "0", "-1", "WITHSCORES"};
    case data_type::stream:
      break;
  }
  return {"XRANGE", key, "-", "+"};
}

bool is_there(const reply& answer) {
  if (answer.kind == reply_kind::number) return answer.number != 0;
  if (answer.kind == reply_kind::list) return !answer.list.empty();
  return answer.kind != reply_kind::nil;
}

judgement judge(const world& want, std::span<const question> asked, std::span<const reply> answers,
                const window& when) {
  comparer compared(when);
  judgement judged;
  for (std::size_t at = 0; at < asked.size() && !judged.violation; ++at) {
    const auto& [key, member] = asked[at].at;
    if (const auto wrong = compared.compare(want, asked[at], answers[at]))
      judged.violation = fmt::format("{}{}{}: {}", key, member.empty() ? "" : ", member ", member, *wrong);
  }
  for (const auto& [step, moment] : compared.moments) judged.moments.push_back(moment);
  return judged;
}

}  // namespace scanhost::demo
