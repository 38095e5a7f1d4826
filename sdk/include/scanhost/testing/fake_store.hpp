// SPDX-License-Identifier: Apache-2.0
//
// A scripted store: which answer a command gets, and what was asked. It keeps no data; a memory_store behind
// it does.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../detail/refused_commands.hpp"
#include "../text.hpp"
#include "answer.hpp"
#include "memory_store.hpp"

namespace scanhost::inline v1_0::testing {

// Why the host would not send this command; nothing: it would.
inline std::optional<std::string> refusal_of(const std::vector<std::string>& args) {
  std::vector<scanhost_string> words;
  words.reserve(args.size());
  for (const auto& arg : args) words.push_back(to_c(arg));
  const auto reason = detail::reason_to_refuse(words.data(), words.size());
  if (reason.empty()) return std::nullopt;
  return (args.empty() ? std::string() : args[0] + ": ").append(reason);
}

class fake_store {
 public:
  // The next commands, whatever they are, get these answers in this order. Goes before all rules.
  template <class... Answers>
  void script(Answers&&... answers) {
    (script_.push_back(answer(std::forward<Answers>(answers))), ...);
  }

  // Commands that begin with these words ("HGET", "FCALL my_function") get this answer, or what the
  // function makes of them. Of the rules that fit, the last one that was added holds.
  void on(std::string_view words, answer fixed) {
    on(words, answer_to([kept = std::move(fixed)](const call&) { return kept; }));
  }
  template <std::convertible_to<value> Content>
  void on(std::string_view words, Content&& content) {
    on(words, answer(std::forward<Content>(content)));
  }
  template <std::invocable<const call&> Answer>
  void on(std::string_view words, Answer answers) {
    on(words, answer_to([kept = std::move(answers)](const call& asked) { return answer(kept(asked)); }));
  }
  void on(std::string_view words, answer_to answers) {
    std::istringstream split{std::string(words)};
    rule added{{}, std::move(answers)};
    for (std::string word; split >> word;) added.words.push_back(word);
    rules_.push_back(std::move(added));
  }

  // What neither the script nor a rule answers goes to this store, which has to outlive this one.
  void use(memory_store& store) noexcept { data_ = &store; }

  // `now`: the time of the server.
  answer ask(const call& asked, timestamp now = {}) {
    calls_.push_back(asked);
    if (auto why = refusal_of(asked.args)) return refused(*why);
    if (!script_.empty()) {
      auto next = std::move(script_.front());
      script_.pop_front();
      return next;
    }
    const auto last = std::find_if(rules_.rbegin(), rules_.rend(),
                                   [&](const rule& candidate) { return fits(candidate, asked); });
    if (last != rules_.rend()) return last->answers(asked);
    if (data_ == nullptr) return error("ERR no rule and no script answers: " + asked.text());
    data_->set_now(now);
    return data_->ask(asked);
  }

  const std::vector<call>& calls() const noexcept { return calls_; }
  std::size_t script_left() const noexcept { return script_.size(); }

 private:
  struct rule {
    std::vector<std::string> words;
    answer_to answers;
  };

  static bool fits(const rule& candidate, const call& asked) {
    if (candidate.words.size() > asked.args.size()) return false;
    for (std::size_t i = 0; i < candidate.words.size(); ++i)
      if (i == 0 ? !same_word(candidate.words[i], asked.args[i]) : candidate.words[i] != asked.args[i])
        return false;
    return true;
  }

  std::deque<answer> script_;
  std::vector<rule> rules_;
  std::vector<call> calls_;
  memory_store* data_ = nullptr;
};

}  // namespace scanhost::inline v1_0::testing
