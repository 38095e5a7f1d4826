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

std::string shown(const text& want) { return want.step ? "a time within the run" : "'" + want.exact + "'"; }

// Compares the answers about one record with what is wanted, and keeps the moments that it has seen.
class comparer {
 public:
  explicit comparer(const window& when) : when_(when) {}

  complaint compare(const world& want, const question& asked, const reply& answer);
  std::vector<std::int64_t> moments() const {
    std::vector<std::int64_t> times;
    for (const auto& [step, at] : moments_) times.push_back(at);
    return times;
  }

 private:
  complaint compare_content(const content& want, const reply& answer);
  complaint compare_items(const content& want, const std::vector<reply>& found);
  complaint compare_entry(const fields& want, const std::vector<reply>& found);
  complaint compare_text(const text& want, const std::string& found);
  complaint compare_score(const text& want, const std::string& found);
  complaint compare_moment(const text& want, const std::string& found);

  window when_;
  std::map<unsigned, std::int64_t> moments_;
};

complaint comparer::compare_moment(const text& want, const std::string& found) {
  const auto number = detail::parse_integer(found);
  if (!number) return fmt::format("expected a time within the run, found '{}'", found);
  const auto at = number.value - want.plus;
  if (at < when_.from) return fmt::format("{} is {} ms too early", found, when_.from - at);
  if (at > when_.until) return fmt::format("{} is after the end of the run", found);
  if (const auto [seen, is_first] = moments_.try_emplace(*want.step, at); !is_first && seen->second != at)
    return fmt::format("{} differs from other times of the record: it was changed more than once", found);
  return std::nullopt;
}

complaint comparer::compare_text(const text& want, const std::string& found) {
  if (want.step) return compare_moment(want, found);
  if (want.exact == found) return std::nullopt;
  return fmt::format("expected '{}', found '{}'", want.exact, found);
}

// Scores are numbers: the store may write them in another form than they were written in.
complaint comparer::compare_score(const text& want, const std::string& found) {
  if (want.step) return compare_moment(want, found);
  if (std::strtod(want.exact.c_str(), nullptr) == std::strtod(found.c_str(), nullptr)) return std::nullopt;
  return fmt::format("expected the score {}, found {}", want.exact, found);
}

// Members of a set; fields or members with their values or scores, in any order.
complaint comparer::compare_items(const content& want, const std::vector<reply>& found) {
  const std::size_t width = want.type == data_type::set ? 1 : 2;
  const auto* kind = want.type == data_type::hash ? "field" : "member";
  std::set<std::string_view> left;
  for (const auto& [name, value] : want.items) left.insert(name);
  for (std::size_t at = 0; at + width <= found.size(); at += width) {
    const auto& name = found[at].text;
    const auto item = want.items.find(name);
    if (item == want.items.end()) return fmt::format("unexpected {} '{}'", kind, name);
    left.erase(name);
    if (width == 1) continue;
    const auto& value = found[at + 1].text;
    const auto wrong =
        want.type == data_type::hash ? compare_text(item->second, value) : compare_score(item->second, value);
    if (wrong) return fmt::format("{} '{}': {}", kind, name, *wrong);
  }
  if (left.empty()) return std::nullopt;
  const auto& missing = *want.items.find(*left.begin());
  const auto expected = width == 1 ? std::string() : ", expected " + shown(missing.second);
  return fmt::format("{} '{}' is missing{}", kind, missing.first, expected);
}

complaint comparer::compare_entry(const fields& want, const std::vector<reply>& found) {
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

complaint comparer::compare_content(const content& want, const reply& answer) {
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

complaint comparer::compare(const world& want, const question& asked, const reply& answer) {
  const bool there = is_there(answer);
  if (asked.member.empty()) {
    const auto key = want.keys().find(asked.key);
    if (key == want.keys().end()) return there ? complaint("expected no such key, found one") : std::nullopt;
    return there ? compare_content(key->second, answer) : "the key is missing";
  }
  const auto* entry = want.find(asked.key, asked.member);
  if (entry == nullptr) return there ? complaint("expected no entry, found one") : std::nullopt;
  if (!there) return "the entry is missing";
  return entry->score ? compare_score(*entry->score, answer.text) : std::nullopt;
}

}  // namespace

std::vector<question> questions_about(const world& before, const world& after) {
  std::vector<question> questions;
  const auto ask_entry = [&](const index_entry& entry) {
    questions.push_back({entry.score ? data_type::sorted_set : data_type::set, entry.index, entry.member});
  };
  for (const auto& [key, content] : after.keys()) questions.push_back({content.type, key, {}});
  for (const auto& [key, content] : before.keys()) {
    if (!after.has(key)) questions.push_back({content.type, key, {}});
  }
  for (const auto& entry : after.index_entries()) ask_entry(entry);
  for (const auto& entry : before.index_entries()) {
    if (after.find(entry.index, entry.member) == nullptr) ask_entry(entry);
  }
  return questions;
}

command command_of(const question& asked) {
  const bool entry = !asked.member.empty();
  switch (asked.type) {
    case data_type::string:
      return {"GET", asked.key};
    case data_type::hash:
      return {"HGETALL", asked.key};
    case data_type::stream:
      return {"XRANGE", asked.key, "-", "+"};
    case data_type::set:
      return entry ? command{"SISMEMBER", asked.key, asked.member} : command{"SMEMBERS", asked.key};
    case data_type::sorted_set:
      break;
  }
  return entry ? command{"ZSCORE", asked.key, asked.member}
               : command{"ZRANGE", asked.key, "0", "-1", "WITHSCORES"};
}

bool is_there(const reply& answer) {
  if (answer.kind == reply_kind::number) return answer.number != 0;
  if (answer.kind == reply_kind::list) return !answer.list.empty();
  return answer.kind != reply_kind::nil;
}

judgement judge(const world& want, std::span<const question> asked, std::span<const reply> answers,
                const window& when) {
  comparer compared(when);
  for (std::size_t at = 0; at < asked.size(); ++at) {
    const auto wrong = answers[at].kind == reply_kind::error ? complaint(answers[at].text)
                                                             : compared.compare(want, asked[at], answers[at]);
    if (!wrong) continue;
    const auto entry = asked[at].member.empty() ? std::string() : ", entry " + asked[at].member;
    return {fmt::format("{}{}: {}", asked[at].key, entry, *wrong), compared.moments()};
  }
  return {std::nullopt, compared.moments()};
}

}  // namespace scanhost::demo
