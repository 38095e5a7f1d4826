// SPDX-License-Identifier: Apache-2.0
//
// What a function answered: the reply tuples `[1, "OK", detail...]` and `[0, code, detail...]`.
#pragma once

#include <scanhost/reply.hpp>
#include <string>
#include <string_view>

namespace ff {

class function_reply {
 public:
  explicit function_reply(const scanhost::reply& answer) noexcept : answer_(answer) {}

  // Neither form: an error.
  bool malformed() const noexcept { return !(answer_[0].is_integer() && (status() == 0 || status() == 1)); }
  bool accepted() const noexcept { return answer_[0].is_integer() && status() == 1; }
  bool refused() const noexcept { return answer_[0].is_integer() && status() == 0; }

  // Of an accepted one: the first detail; of a refusal: its code. Empty where there is none.
  std::string_view word() const noexcept { return answer_[accepted() ? 2 : 1].text(); }
  // How many elements it has, the status included.
  std::size_t size() const noexcept { return answer_.size(); }
  bool refused_with(std::string_view code) const noexcept { return refused() && word() == code; }

  // For a log line: what it says, and that it was not what was hoped for.
  std::string complaint(std::string_view function) const;

 private:
  std::int64_t status() const noexcept { return answer_[0].integer(); }

  scanhost::reply answer_;
};

// What a reply means for the counters and for the entry in the index.
struct verdict {
  bool error = false;
  bool changed = false;
  bool entry_stays = false;
};

namespace verdicts {
inline constexpr verdict changed{.changed = true};
inline constexpr verdict changed_and_stays{.changed = true, .entry_stays = true};
inline constexpr verdict unchanged{};
inline constexpr verdict unchanged_and_stays{.entry_stays = true};
inline constexpr verdict refusal{.error = true, .entry_stays = true};
}  // namespace verdicts

// By function, for those whose reply says all (contract 5.1). The others are judged by their scanners.
verdict judge_mark_lease(const function_reply& reply) noexcept;
verdict judge_promote_delayed(const function_reply& reply) noexcept;
verdict judge_expire_execution(const function_reply& reply) noexcept;
verdict judge_expire_suspension(const function_reply& reply) noexcept;
verdict judge_reset_budget(const function_reply& reply) noexcept;

// Whether after this reply of ff_cancel_execution nothing of the execution is left to cancel.
bool settles_cancel(const function_reply& reply) noexcept;

// A record of the wrong type fails for ever: whatever waits for it must go on without it. Every other failure
// passes.
inline bool fails_for_ever(const scanhost::outcome& outcome) noexcept {
  return outcome.error_code() == "WRONGTYPE";
}

}  // namespace ff
