// SPDX-License-Identifier: Apache-2.0
//
// The paging rule over one sorted set, as a pure object: where the next page begins, which entries are
// candidates, when the walk is over, and what is remembered for the next cycle.
//
// A place is a score and how many entries of exactly that score were examined and are still there. A walk
// begins at the head, or where the last cycle had to stop; then it wraps, and ends where it began. An early
// visit looks only at what came due since the index was last seen to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <scanhost/command.hpp>
#include <scanhost/reply.hpp>
#include <string>
#include <unordered_set>

#include "common/candidate.hpp"

namespace ff {

struct place {
  std::string score = "-inf";
  std::uint64_t offset = 0;

  bool operator==(const place&) const = default;
};

// What is kept of one index of one partition from cycle to cycle. Lost with the scanner's instance.
struct index_memory {
  std::optional<place> resume;                 // where the last cycle stopped
  std::optional<scanhost::timestamp> horizon;  // all scores up to this were offered once
  std::uint32_t stalled = 0;  // cycles in a row in which a page was acted on and nothing moved
};

// Which entries of the index are candidates.
struct due_rule {
  bool scored = true;               // false: all entries, whatever their score
  scanhost::milliseconds lag{0};    // due is what has a score of at most now - lag, and not below 0
  scanhost::milliseconds ahead{0};  // so far beyond it the query looks, to learn of what comes next
};

class index_walk {
 public:
  index_walk(std::string key, due_rule rule, index_memory& memory, bool early);

  // The walk is over: everything was offered.
  bool done() const noexcept { return done_; }

  // The query for the next page of at most `limit` entries.
  scanhost::command query(scanhost::timestamp now, std::uint32_t limit) const;

  // Reads the answer to that query: the candidates of the page. False: it has an unexpected shape.
  bool take(const scanhost::reply& answer, scanhost::timestamp now, std::uint32_t limit, page& page);

  // Notes what became of the page: candidates up to the first unexamined one are behind the walk.
  void advance(const page& examined);

  // It began where an earlier cycle had stopped, not at the head.
  bool resumed() const noexcept { return start_.has_value(); }

  // It stopped before its end. `from_here`: the next cycle goes on here; otherwise it begins at the head.
  void stop(bool from_here);

  // Calls of this walk; no candidate is acted on twice.
  bool acted_on(std::string_view id) const { return acted_.contains(std::hash<std::string_view>{}(id)); }

  // The first entry that is not due yet, where it was seen.
  std::optional<scanhost::timestamp> next_due() const noexcept { return next_due_; }

 private:
  void end_part();

  std::string key_;
  due_rule rule_;
  index_memory& memory_;
  place here_;
  std::optional<place> start_;
  std::uint64_t left_at_start_ = 0;  // entries of the start's score that the second part still offers
  bool wrapped_ = false;
  bool done_ = false;
  bool last_page_ = false;
  scanhost::timestamp bound_;  // the last page offered what has at most this score
  std::optional<scanhost::timestamp> next_due_;
  std::unordered_set<std::size_t> acted_;
};

}  // namespace ff
