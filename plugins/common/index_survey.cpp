// SPDX-License-Identifier: Apache-2.0
#include "common/index_survey.hpp"

#include <algorithm>
#include <utility>

#include "common/keys.hpp"

namespace ff {
namespace {

using scanhost::task;

constexpr std::uint32_t neighbourhood = 64;
// Scans of a cycle begin together, and so do early ones. An older answer is not good enough: what entered the
// index since then would be seen that much later.
constexpr scanhost::milliseconds answer_lifetime{5};

}  // namespace

task<bool> index_survey::may_exist(scanhost::scan_context& scan) {
  const auto place = scan.index() / neighbourhood;
  while (place >= all_.size()) all_.emplace_back();
  auto& some = all_[place];
  if (!some.askable) co_return true;
  co_await some.gate.enter(1);
  const auto now = scan.now();
  const bool is_fresh =
      some.answered_at && *some.answered_at <= now && now - *some.answered_at <= answer_lifetime;
  if (some.askable && !is_fresh) co_await ask(scan, some);
  const bool answer = some.may_exist;
  some.gate.leave(1);
  co_return answer;
}

// A failure says nothing about the index; whoever reads it will meet and count it.
task<void> index_survey::ask(scanhost::scan_context& scan, neighbours& some) const {
  const auto first = scan.index() / neighbourhood * neighbourhood;
  const auto end = std::min(first + neighbourhood, scan.partition_count());
  scanhost::command question("EXISTS");
  for (auto partition = first; partition < end; ++partition)
    question.arg(index_key(flow_tag(partition), index_));
  const auto answers = co_await scan.execute(std::move(question));
  const auto answer = answers.front();
  some.may_exist = !answer.ok() || answer.reply().integer() != 0 || !answer.reply().is_integer();
  some.askable = answer.error_code() != "CROSSSLOT";
  some.answered_at = scan.now();
}

}  // namespace ff
