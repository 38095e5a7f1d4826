// SPDX-License-Identifier: Apache-2.0
#include "common/index_survey.hpp"

#include <algorithm>
#include <utility>

#include "common/keys.hpp"

namespace ff {
namespace {

using scanhost::task;

constexpr std::uint32_t partitions_at_once = 64;
// Scans of a cycle begin together, and so do early ones. An older answer is not good enough: what entered the
// index since then would be seen that much later.
constexpr scanhost::milliseconds answer_lifetime{5};

}  // namespace

task<bool> index_survey::may_exist(scanhost::scan_context& scan) {
  const auto place = scan.index() / partitions_at_once;
  while (place >= neighbourhoods_.size()) neighbourhoods_.emplace_back();
  auto& here = neighbourhoods_[place];
  if (!here.askable) co_return true;
  co_await here.gate.enter(1);
  const auto now = scan.now();
  const bool is_fresh =
      here.answered_at && *here.answered_at <= now && now - *here.answered_at <= answer_lifetime;
  if (here.askable && !is_fresh) co_await ask(scan, here);
  const bool answer = here.may_exist;
  here.gate.leave(1);
  co_return answer;
}

// A failure says nothing about the index; whoever reads it will meet and count it.
task<void> index_survey::ask(scanhost::scan_context& scan, neighbourhood& here) const {
  const auto first = scan.index() / partitions_at_once * partitions_at_once;
  const auto end = std::min(first + partitions_at_once, scan.partition_count());
  scanhost::command question("EXISTS");
  for (auto partition = first; partition < end; ++partition)
    question.arg(index_key(flow_tag(partition), index_));
  const auto answers = co_await scan.execute(std::move(question));
  const auto answer = answers.front();
  here.may_exist = !answer.ok() || answer.reply().integer() != 0 || !answer.reply().is_integer();
  here.askable = answer.error_code() != "CROSSSLOT";
  here.answered_at = scan.now();
}

}  // namespace ff
