// SPDX-License-Identifier: Apache-2.0
//
// Records in batches: ask, judge, count; then a sweep over all keys for what stands for no record.
#include "check.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "judge.hpp"

namespace scanhost::demo {
namespace {

constexpr std::size_t batch_size = 2000;
constexpr std::size_t max_samples = 10;

struct examined {
  const record* what;
  const workload* source;
  world before, after;
  std::vector<question> asked;
};

class checker {
 public:
  checker(store& in, const check_times& times) : in_(in), times_(times) {}

  void add(const workload& source, const record& r);
  void flush();
  void sweep();
  findings take() { return std::move(found_); }

 private:
  void decide(const examined& subject, std::span<const reply> answers);
  void remember(const examined& subject, std::span<const reply> answers);
  void report(std::string violation);
  void sweep_indexes();
  void sweep_keys();

  store& in_;
  check_times times_;
  findings found_;
  std::vector<examined> waiting_;
  std::vector<command> commands_;
  std::unordered_set<std::string> keys_;  // of records
  struct index_count {
    bool sorted = false;
    std::size_t members = 0;
  };
  std::unordered_map<std::string, index_count> indexes_;
};

void checker::add(const workload& source, const record& r) {
  examined subject{&r, &source, source.before(r), {}, {}};
  subject.after = subject.before;
  source.after(r, subject.after);
  subject.asked = questions_about(subject.before, subject.after);
  for (const auto& ask : subject.asked) commands_.push_back(command_of(ask));
  waiting_.push_back(std::move(subject));
  if (commands_.size() >= batch_size) flush();
}

void checker::flush() {
  const auto answers = in_.batch(commands_);
  std::span<const reply> left(answers);
  for (const auto& subject : waiting_) {
    const auto own = left.first(subject.asked.size());
    decide(subject, own);
    remember(subject, own);
    left = left.subspan(subject.asked.size());
  }
  waiting_.clear();
  commands_.clear();
}

void checker::decide(const examined& subject, std::span<const reply> answers) {
  const auto& r = *subject.what;
  found_.seeded += r.executions;
  const window when{std::max(r.due, times_.start), times_.stopped};
  const bool due = r.due != 0 && r.due <= times_.stopped;
  auto verdict = judge(due ? subject.after : subject.before, subject.asked, answers, when);
  if (due && verdict.violation && times_.cut_short) {
    if (r.executions > 1 || !judge(subject.before, subject.asked, answers, when).violation) return;
  }
  if (due) ++found_.due;
  if (verdict.violation)
    return report(std::string(subject.source->scanner()) + ", " + std::string(subject.source->situation(r)) +
                  ": " + *verdict.violation);
  if (!due) return;
  ++found_.done;
  if (r.due < times_.start) return;  // it waited for the host
  for (const auto at : verdict.moments) found_.lateness.push_back(at - r.due);
}

// What is there belongs to somebody; what the sweep finds beyond it does not.
void checker::remember(const examined& subject, std::span<const reply> answers) {
  for (std::size_t at = 0; at < subject.asked.size(); ++at) {
    const auto& ask = subject.asked[at];
    if (ask.member.empty()) {
      keys_.insert(ask.key);
      continue;
    }
    auto& index = indexes_[ask.key];
    index.sorted = index.sorted || ask.kind == question::kind::score;
    if (is_there(answers[at])) ++index.members;
  }
}

void checker::report(std::string violation) {
  ++found_.violations;
  if (found_.samples.size() < max_samples) found_.samples.push_back(std::move(violation));
}

void checker::sweep() {
  sweep_indexes();
  sweep_keys();
}

void checker::sweep_indexes() {
  std::vector<command> sizes;
  for (const auto& [key, index] : indexes_) sizes.push_back({index.sorted ? "ZCARD" : "SCARD", key});
  const auto answers = in_.batch(sizes);
  std::size_t at = 0;
  for (const auto& [key, index] : indexes_) {
    const auto& answer = answers[at++];
    if (answer.kind == reply::kind::number && static_cast<std::size_t>(answer.number) == index.members)
      continue;
    report(key + ": holds " + std::to_string(answer.number) + " members, of which " +
           std::to_string(index.members) + " stand for a record");
  }
}

void checker::sweep_keys() {
  keys_.insert("ff:config:partitions");
  std::string cursor = "0";
  do {
    const auto page = in_.ask({"SCAN", cursor, "COUNT", "5000"});
    cursor = page.list.at(0).text;
    for (const auto& key : page.list.at(1).list) {
      if (!keys_.contains(key.text) && !indexes_.contains(key.text))
        report(key.text + ": no record speaks of this key");
    }
  } while (cursor != "0");
}

}  // namespace

findings check_all(store& in, const std::vector<std::unique_ptr<workload>>& workloads,
                   const check_times& times) {
  checker checking(in, times);
  for (const auto& workload : workloads) {
    for (const auto& r : workload->records()) checking.add(*workload, r);
  }
  checking.flush();
  checking.sweep();
  return checking.take();
}

bool looks_done(store& in, const std::vector<std::unique_ptr<workload>>& workloads,
                const check_times& times) {
  constexpr std::int64_t lately = 6000;
  constexpr std::size_t every = 10;
  checker checking(in, times);
  std::size_t seen = 0;
  for (const auto& workload : workloads) {
    for (const auto& r : workload->records()) {
      if (r.due == 0) continue;
      if (r.due > times.stopped - lately || seen++ % every == 0) checking.add(*workload, r);
    }
  }
  checking.flush();
  return checking.take().violations == 0;
}

}  // namespace scanhost::demo
