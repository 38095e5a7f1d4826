// SPDX-License-Identifier: Apache-2.0
#include "config/suggestion.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace scanhost::config {
namespace {

char folded(char c) noexcept { return c == '-' ? '_' : base::to_lower(c); }

// A longer word is no typing mistake, and the table below would only get large.
constexpr std::size_t max_word_length = 64;

}  // namespace

std::size_t edit_distance(std::string_view word, std::string_view other) {
  std::vector<std::size_t> before(other.size() + 1), previous(other.size() + 1), row(other.size() + 1);
  for (std::size_t column = 0; column <= other.size(); ++column) row[column] = column;
  for (std::size_t i = 1; i <= word.size(); ++i) {
    before.swap(previous);
    previous.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const bool same = folded(word[i - 1]) == folded(other[j - 1]);
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && folded(word[i - 1]) == folded(other[j - 2]) &&
                           folded(word[i - 2]) == folded(other[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[other.size()];
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  std::optional<std::string> best;
  if (word.size() > max_word_length) return best;
  std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
  for (const auto& candidate : known) {
    if (candidate.size() > max_word_length) continue;
    const auto distance = edit_distance(word, candidate);
    if (distance > allowed || distance >= std::max(word.size(), candidate.size()) ||
        (best && distance == allowed))
      continue;
    best = candidate;
    allowed = distance;
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known, std::string_view list) {
  if (const auto near = nearest(word, known)) return "did you mean '" + *near + "'?";
  std::string text(list);
  for (std::size_t index = 0; index < known.size(); ++index) text += (index == 0 ? " " : ", ") + known[index];
  return known.empty() ? text + " none" : text;
}

}  // namespace scanhost::config
