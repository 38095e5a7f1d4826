// SPDX-License-Identifier: Apache-2.0
//
// Comparing answers with what is wanted, field by field.
#include "judge.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <set>

namespace scanhost::demo {
namespace {

enum question::kind kind_of(const value& content) {
  if (std::holds_alternative<hash>(content)) return question::kind::hash;
  if (std::holds_alternative<members>(content)) return question::kind::members;
  if (std::holds_alternative<scored>(content)) return question::kind::scored;
  if (std::holds_alternative<stream>(content)) return question::kind::stream;
  return question::kind::plain;
}

const place* find_place(const world& w, const question& asked) {
  for (const auto& place : w.places()) {
    if (place.index == asked.key && place.member == asked.member) return &place;
  }
  return nullptr;
}

std::string shown(const text& want) { return want.step ? "a moment of the run" : "'" + want.exact + "'"; }

// Compares one record's answers with what is wanted; keeps the moments that it has seen.
class comparison {
 public:
  explicit comparison(const window& when) : when_(when) {}

  std::optional<std::string> key(const value* want, const reply& answer);
  std::optional<std::string> place_of(const place* want, const reply& answer);
  std::vector<std::int64_t> moments() const {
    std::vector<std::int64_t> times;
    for (const auto& [step, at] : moments_) times.push_back(at);
    return times;
  }

 private:
  std::optional<std::string> text_of(const text& want, const std::string& got);
  std::optional<std::string> moment_of(const text& want, const std::string& got);
  std::optional<std::string> score_of(const text& want, const std::string& got);
  std::optional<std::string> hash_of(const std::map<std::string, text, std::less<>>& want,
                                     const reply& answer);
  std::optional<std::string> members_of(const std::vector<std::string>& want, const reply& answer);
  std::optional<std::string> scored_of(const scored& want, const reply& answer);
  std::optional<std::string> stream_of(const stream& want, const reply& answer);

  window when_;
  std::map<unsigned, std::int64_t> moments_;
};

std::optional<std::string> comparison::moment_of(const text& want, const std::string& got) {
  std::int64_t at = 0;
  const auto end = got.data() + got.size();
  if (const auto [stop, failed] = std::from_chars(got.data(), end, at);
      failed != std::errc() || stop != end) {
    return "must be a moment of the run, is '" + got + "'";
  }
  at -= want.plus;
  if (at < when_.from)
    return "says that it happened " + std::to_string(when_.from - at) + " ms too early (" + got + ")";
  if (at > when_.until) return "lies after the run's end (" + got + ")";
  if (const auto [seen, first] = moments_.try_emplace(*want.step, at); !first && seen->second != at) {
    return "differs from the record's other times: it was changed more than once (" + got + ")";
  }
  return std::nullopt;
}

std::optional<std::string> comparison::text_of(const text& want, const std::string& got) {
  if (want.step) return moment_of(want, got);
  if (want.exact == got) return std::nullopt;
  return "must be " + shown(want) + ", is '" + got + "'";
}

// Scores are numbers: the store may write them otherwise than they were written.
std::optional<std::string> comparison::score_of(const text& want, const std::string& got) {
  if (want.step) return moment_of(want, got);
  if (std::strtod(want.exact.c_str(), nullptr) == std::strtod(got.c_str(), nullptr)) return std::nullopt;
  return "must have the score " + want.exact + ", has " + got;
}

std::optional<std::string> comparison::hash_of(const std::map<std::string, text, std::less<>>& want,
                                               const reply& answer) {
  std::size_t known = 0;
  for (std::size_t at = 0; at + 1 < answer.list.size(); at += 2) {
    const auto& field = answer.list[at].text;
    const auto found = want.find(field);
    if (found == want.end())
      return "has a field '" + field + "' that must not be there, '" + answer.list[at + 1].text + "'";
    if (auto wrong = text_of(found->second, answer.list[at + 1].text))
      return "field '" + field + "' " + *wrong;
    ++known;
  }
  if (known == want.size()) return std::nullopt;
  for (const auto& [field, content] : want) {
    const auto is_field = [&name = field](const reply& element) { return element.text == name; };
    bool there = false;
    for (std::size_t at = 0; at < answer.list.size(); at += 2) there = there || is_field(answer.list[at]);
    if (!there) return "lacks the field '" + field + "', which must be " + shown(content);
  }
  return "has a field twice";
}

std::optional<std::string> comparison::members_of(const std::vector<std::string>& want, const reply& answer) {
  std::set<std::string> left(want.begin(), want.end());
  for (const auto& member : answer.list) {
    if (left.erase(member.text) == 0) return "has a member '" + member.text + "' that must not be there";
  }
  if (left.empty()) return std::nullopt;
  return "lacks the member '" + *left.begin() + "'";
}

std::optional<std::string> comparison::scored_of(const scored& want, const reply& answer) {
  if (answer.list.size() != want.value.size() * 2) {
    return "must have " + std::to_string(want.value.size()) + " members, has " +
           std::to_string(answer.list.size() / 2);
  }
  for (const auto& [member, score] : want.value) {
    std::size_t at = 0;
    while (at < answer.list.size() && answer.list[at].text != member) at += 2;
    if (at >= answer.list.size()) return "lacks the member '" + member + "'";
    if (auto wrong = score_of(score, answer.list[at + 1].text)) return "member '" + member + "' " + *wrong;
  }
  return std::nullopt;
}

std::optional<std::string> comparison::stream_of(const stream& want, const reply& answer) {
  if (answer.list.size() != want.value.size()) {
    return "must have " + std::to_string(want.value.size()) + " entries, has " +
           std::to_string(answer.list.size());
  }
  for (std::size_t at = 0; at < want.value.size(); ++at) {
    const auto entry = "entry " + std::to_string(at + 1) + " ";
    const auto& got = answer.list[at].list.at(1).list;
    if (got.size() != want.value[at].size() * 2) return entry + "has other fields";
    for (std::size_t field = 0; field < want.value[at].size(); ++field) {
      const auto& [name, content] = want.value[at][field];
      if (got[field * 2].text != name)
        return entry + "has '" + got[field * 2].text + "' in the place of '" + name + "'";
      if (auto wrong = text_of(content, got[field * 2 + 1].text))
        return entry + "field '" + name + "' " + *wrong;
    }
  }
  return std::nullopt;
}

std::optional<std::string> comparison::key(const value* want, const reply& answer) {
  const bool there = is_there(answer);
  if (want == nullptr)
    return there ? std::optional<std::string>("must be gone, is still there") : std::nullopt;
  if (!there) return "must be there, is gone";
  if (const auto* plain_text = std::get_if<plain>(want)) return text_of(plain_text->value, answer.text);
  if (const auto* expiring_text = std::get_if<expiring>(want))
    return text_of(expiring_text->value, answer.text);
  if (const auto* hash_fields = std::get_if<hash>(want)) return hash_of(hash_fields->value, answer);
  if (const auto* set_members = std::get_if<members>(want)) return members_of(set_members->value, answer);
  if (const auto* scored_members = std::get_if<scored>(want)) return scored_of(*scored_members, answer);
  return stream_of(std::get<stream>(*want), answer);
}

std::optional<std::string> comparison::place_of(const place* want, const reply& answer) {
  const bool there = is_there(answer);
  if (want == nullptr)
    return there ? std::optional<std::string>("must not hold it, still does") : std::nullopt;
  if (!there) return "must hold it, does not";
  return want->score ? score_of(*want->score, answer.text) : std::nullopt;
}

}  // namespace

std::vector<question> questions_about(const world& before, const world& after) {
  std::vector<question> questions;
  for (const auto& [key, content] : after.keys()) questions.push_back({kind_of(content), key, {}});
  for (const auto& [key, content] : before.keys()) {
    if (!after.has(key)) questions.push_back({kind_of(content), key, {}});
  }
  const auto ask_place = [&](const place& place) {
    questions.push_back(
        {place.score ? question::kind::score : question::kind::membership, place.index, place.member});
  };
  for (const auto& place : after.places()) ask_place(place);
  for (const auto& place : before.places()) {
    if (find_place(after, {question::kind::score, place.index, place.member}) == nullptr) ask_place(place);
  }
  return questions;
}

command command_of(const question& asked) {
  switch (asked.kind) {
    case question::kind::plain:
      return {"GET", asked.key};
    case question::kind::hash:
      return {"HGETALL", asked.key};
    case question::kind::members:
      return {"SMEMBERS", asked.key};
    case question::kind::scored:
      return {"ZRANGE", asked.key, "0", "-1", "WITHSCORES"};
    case question::kind::stream:
      return {"XRANGE", asked.key, "-", "+"};
    case question::kind::score:
      return {"ZSCORE", asked.key, asked.member};
    case question::kind::membership:
      break;
  }
  return {"SISMEMBER", asked.key, asked.member};
}

bool is_there(const reply& answer) {
  switch (answer.kind) {
    case reply::kind::nil:
      return false;
    case reply::kind::number:
      return answer.number != 0;
    case reply::kind::list:
      return !answer.list.empty();
    default:
      return true;
  }
}

verdict judge(const world& want, std::span<const question> asked, std::span<const reply> answers,
              const window& when) {
  comparison compared(when);
  for (std::size_t at = 0; at < asked.size(); ++at) {
    const auto& question = asked[at];
    if (answers[at].kind == reply::kind::error) return {question.key + ": " + answers[at].text, {}};
    const bool in_index = !question.member.empty();
    const auto found = want.keys().find(question.key);
    const auto wrong = in_index
                           ? compared.place_of(find_place(want, question), answers[at])
                           : compared.key(found == want.keys().end() ? nullptr : &found->second, answers[at]);
    if (wrong)
      return {question.key + (in_index ? " for " + question.member : std::string()) + ": " + *wrong,
              compared.moments()};
  }
  return {std::nullopt, compared.moments()};
}

}  // namespace scanhost::demo
