// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "judge.hpp"

namespace scanhost::demo {
namespace {

constexpr std::size_t batch_size = 2000;
constexpr std::size_t max_samples = 10;

struct examination {
  const record& r;
  const workload& load;
  world before, after;
  std::vector<question> asked;
};

struct index_count {
  data_type type;
  std::size_t members;  // that belong to records
};

class checker {
 public:
  checker(store& in, const check_times& times) : in_(in), times_(times) {}

  void add(const workload& load, const record& r) {
    auto before = load.before(r), after = before;
    load.after(r, after);
    auto asked = questions_about(before, after);
    for (const auto& question : asked) commands_.push_back(command_of(question));
    waiting_.push_back({r, load, std::move(before), std::move(after), std::move(asked)});
    if (commands_.size() >= batch_size) flush();
  }

  // Asks about what was added.
  void flush() {
    const auto answers = in_.batch(commands_);
    std::span<const reply> left(answers);
    for (const auto& subject : waiting_) {
      const auto own = left.first(subject.asked.size());
      decide(subject, own);
      remember(subject, own);
      left = left.subspan(own.size());
    }
    waiting_.clear();
    commands_.clear();
  }

  // Look for what belongs to no record that was added.
  void sweep_indexes() {
    std::vector<command> questions;
    for (const auto& [key, known] : indexes_)
      questions.push_back({known.type == data_type::set ? "SCARD" : "ZCARD", key});
    const auto sizes = in_.batch(questions);
    std::size_t at = 0;
    for (const auto& [key, known] : indexes_) {
      const auto size = static_cast<std::size_t>(sizes[at++].number);
      if (size != known.members)
        add_violation(
            fmt::format("{}: expected {} members, those of records, found {}", key, known.members, size));
    }
  }
  void sweep_keys() {
    keys_.insert("ff:config:partitions");
    std::string cursor = "0";
    do {
      const auto page = in_.ask({"SCAN", cursor, "COUNT", "5000"});
      cursor = page.list.at(0).text;
      for (const auto& key : page.list.at(1).list) {
        if (!keys_.contains(key.text) && !indexes_.contains(key.text))
          add_violation(key.text + ": this key belongs to no record");
      }
    } while (cursor != "0");
  }

  check_result take() { return std::move(result_); }

 private:
  void decide(const examination& subject, std::span<const reply> answers) {
    const auto& r = subject.r;
    const window when{std::max(r.due, times_.start), times_.stopped};
    const bool due = r.due != 0 && r.due <= times_.stopped;
    result_.seeded += r.executions;
    const auto judged = judge(due ? subject.after : subject.before, subject.asked, answers, when);
    if (due && judged.violation && times_.cut_short) {
      if (r.executions > 1 || !judge(subject.before, subject.asked, answers, when).violation) return;
    }
    if (due) ++result_.due;
    if (judged.violation)
      return add_violation(
          fmt::format("{}, {}: {}", subject.load.scanner, subject.load.situation_of(r), *judged.violation));
    if (!due) return;
    ++result_.done;
    if (r.due < times_.start) return;  // it waited for the host
    for (const auto at : judged.moments) result_.lateness.push_back(at - r.due);
  }

  void remember(const examination& subject, std::span<const reply> answers) {
    for (std::size_t at = 0; at < answers.size(); ++at) {
      const auto& [where, type] = subject.asked[at];
      if (where.member.empty())
        keys_.insert(where.key);
      else
        indexes_.try_emplace(where.key, index_count{type, 0}).first->second.members +=
            is_there(answers[at]) ? 1 : 0;
    }
  }

  void add_violation(std::string violation) {
    ++result_.violations;
    if (result_.samples.size() < max_samples) result_.samples.push_back(std::move(violation));
  }

  store& in_;
  check_times times_;
  check_result result_;
  std::vector<examination> waiting_;
  std::vector<command> commands_;
  std::unordered_set<std::string> keys_;  // of records
  std::unordered_map<std::string, index_count> indexes_;
};

}  // namespace

check_result check_all(store& in, const workloads& loads, const check_times& times) {
  checker checking(in, times);
  for (const auto& load : loads) {
    for (const auto& r : load.records()) checking.add(load, r);
  }
  checking.flush();
  checking.sweep_indexes();
  checking.sweep_keys();
  return checking.take();
}

bool looks_done(store& in, const workloads& loads, const check_times& times) {
  constexpr std::int64_t lately = 6000;
  constexpr std::size_t every = 10;
  checker checking(in, times);
  std::size_t seen = 0;
  for (const auto& load : loads) {
    for (const auto& r : load.records()) {
      if (r.due != 0 && (r.due > times.stopped - lately || seen++ % every == 0)) checking.add(load, r);
    }
  }
  checking.flush();
  return checking.take().violations == 0;
}

}  // namespace scanhost::demo
