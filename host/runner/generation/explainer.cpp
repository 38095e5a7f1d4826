// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/explainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "runner/instance/abi_reading.hpp"
#include "scanhost/text.hpp"

namespace scanhost::runner {
namespace {

constexpr base::milliseconds max_clock_age{1000};
constexpr std::size_t min_finding = offsetof(scanhost_finding, reason) + sizeof(scanhost_finding::reason);

bool is_known(const scanhost_finding& found) noexcept {
  return found.struct_size >= min_finding && (found.flags & ~std::uint32_t{SCANHOST_FINDING_SCORE}) == 0 &&
         found.standing >= SCANHOST_STANDING_NOT_HERE && found.standing <= SCANHOST_STANDING_UNKNOWN;
}

void give(item_question& question, item_explanation explanation) {
  std::exchange(question.on_explained, nullptr)(std::move(explanation));
}

}  // namespace

void explainer::ask(item_question question) {
  if (questions_.size() < max_waiting) return questions_.push_back(std::move(question));
  item_explanation busy;
  busy.problem = fmt::format("it is being asked about {} other items; ask again", max_waiting);
  give(question, std::move(busy));
}

bool explainer::step(instance& instance, std::uint64_t cycle) {
  if (questions_.empty()) return false;
  if (!under_way_) begin(instance);
  if (asking_) {
    if (const auto end = scans_.take_explanation_end()) {
      take(*end);
      return true;
    }
    if (base::steady::now() >= questions_.front().deadline) scans_.cancel_explanation();
    return false;
  }
  if (next_ < end_ && base::steady::now() < questions_.front().deadline) return ask_next_partition(cycle);
  answer();
  return true;
}

void explainer::begin(instance& instance) {
  under_way_ = true;
  asking_clock_ = knows_clock_ = false;
  ++number_;
  answer_ = {};
  answer_.partitions = family_.count();
  next_ = end_ = 0;
  deadline_.set(questions_.front().deadline);
  if (!instance.explains())
    return note_problem("its plugin does not explain items (it lacks the extension scanhost.explain/1)");
  if (family_.count() == 0)
    return note_problem(
        "it has no partitions at present; those of a listed family are known once a cycle has begun");
  const auto index = index_of(questions_.front().item, instance);
  next_ = index.value_or(0);
  end_ = index ? *index + 1 : family_.count();
}

std::optional<std::uint32_t> explainer::index_of(std::string_view item, instance& instance) const {
  if (const auto tagged = index_by_tag(item)) return tagged;
  const auto found = instance.find_partition(item, family_.count());
  return found && *found < family_.count() ? found : std::nullopt;
}

// The first hash tag decides, as it does for the server.
std::optional<std::uint32_t> explainer::index_by_tag(std::string_view item) const {
  const auto open = item.find('{');
  const auto close = open == std::string_view::npos ? open : item.find('}', open);
  if (close == std::string_view::npos) return std::nullopt;
  const auto tag = item.substr(open, close + 1 - open);
  for (std::uint32_t index = 0; index < family_.count(); ++index)
    if (family_.tag(family_.partition_at(index)) == tag) return index;
  return std::nullopt;
}

// A serial plugin has one scan at a time.
bool explainer::ask_next_partition(std::uint64_t cycle) {
  if (!scans_.may_explain()) return false;
  const auto partition = family_.partition_at(next_);
  if (!clock_is_known(family_.route(partition))) return false;
  ++next_;
  knows_clock_ = false;
  tag_ = family_.tag(partition);
  asking_ = true;
  ++answer_.partitions_asked;
  scans_.explain(family_, partition, cycle, questions_.front().item, &add_finding, this);
  return true;
}

// Whether an item is due is judged by the clock of its node, which nobody may have asked for long.
bool explainer::clock_is_known(const std::string& route) {
  if (knows_clock_ || client_.clock_age(route) <= max_clock_age) return true;
  if (std::exchange(asking_clock_, true)) return false;
  client_.refresh_clock(route, [this, asked = number_](const base::result<void>& answered) {
    if (asked != number_ || !under_way_) return;
    asking_clock_ = false;
    knows_clock_ = answered.has_value();
    if (!answered) note_problem("the store does not answer: " + answered.error().message);
    if (!answered) next_ = end_;
    ring_();
  });
  return false;
}

void explainer::take(const explanation_end& end) {
  asking_ = false;
  if (!end.problem.empty()) note_problem(redact_(end.problem));
  if (end.cancelled) note_problem("it was not explained in time");
  // What is wrong in one partition is wrong in all of them.
  if (!answer_.problem.empty()) next_ = end_;
}

void explainer::note_problem(const std::string& problem) {
  if (answer_.problem.empty()) answer_.problem = base::utf8_prefix(problem, max_text_size);
}

void explainer::answer() {
  if (next_ < end_)
    note_problem(fmt::format("only {} of its {} partitions could be asked in time", answer_.partitions_asked,
                             answer_.partitions));
  drop_those_that_are_not_here();
  if (answer_.findings.empty()) note_problem("its plugin said nothing about the item");
  deadline_.set(std::nullopt);
  under_way_ = false;
  auto question = std::move(questions_.front());
  questions_.pop_front();
  give(question, std::move(answer_));
}

// Of many partitions, those in which nothing was found say as much as one of them.
void explainer::drop_those_that_are_not_here() {
  auto& findings = answer_.findings;
  if (answer_.partitions_asked <= 1 || findings.empty()) return;
  auto first = findings.front();
  std::erase_if(findings, [](const item_finding& found) { return found.where == standing::not_here; });
  if (!findings.empty()) return;
  first.partition.clear();
  first.index.clear();
  findings.push_back(std::move(first));
}

void explainer::end(const std::string& problem) {
  asking_ = under_way_ = false;
  deadline_.set(std::nullopt);
  item_explanation ended;
  ended.problem = problem;
  for (auto& question : std::exchange(questions_, {})) give(question, ended);
}

scanhost_status explainer::add(const scanhost_finding* raw) {
  if (raw == nullptr || !asking_ || !scans_.admits_calls()) return SCANHOST_INVALID;
  const auto found = read_growing(*raw);
  if (!is_known(found) || answer_.findings.size() >= max_findings) return SCANHOST_INVALID;
  const auto where = static_cast<standing>(found.standing);
  // In each of many partitions: the first stands for all of them.
  if (where == standing::not_here && answer_.partitions_asked > 1 && !answer_.findings.empty())
    return SCANHOST_OK;
  auto& kept = answer_.findings.emplace_back();
  kept.partition = tag_;
  kept.where = where;
  kept.index = shown(found.index);
  if ((found.flags & SCANHOST_FINDING_SCORE) != 0) kept.score = found.score;
  if (found.due_ms > 0) kept.due = base::timestamp(base::milliseconds(found.due_ms));
  kept.reason = shown(found.reason);
  return SCANHOST_OK;
}

scanhost_status explainer::add_finding(void* self, const scanhost_finding* found) noexcept {
  try {
    return static_cast<explainer*>(self)->add(found);
  } catch (...) {  // no memory: it must not unwind through the plugin
    return SCANHOST_INVALID;
  }
}

std::string explainer::shown(scanhost_string text) const {
  return std::string(base::utf8_prefix(redact_(view(text)), max_text_size));
}

}  // namespace scanhost::runner
