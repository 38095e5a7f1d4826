// SPDX-License-Identifier: Apache-2.0
#include "store/protocol/pipeline.hpp"

#include <algorithm>
#include <utility>

#include "scanhost/detail/growing.hpp"
#include "scanhost/detail/refused_commands.hpp"
#include "store/protocol/codec.hpp"

namespace scanhost::store {
namespace {

// A cancelled batch as its owner gets it: the pipeline shares its memory until the late replies have arrived.
class shared_batch final : public reply_batch {
 public:
  explicit shared_batch(std::shared_ptr<batch> memory) : memory_(std::move(memory)) {}
  const scanhost_replies* raw() const noexcept override { return memory_->raw(); }

 private:
  std::shared_ptr<batch> memory_;
};

}  // namespace

ticket pipeline::add(const scanhost_command* commands, std::size_t count, std::size_t stride,
                     on_complete done, base::steady_time now) {
  entry next{++last_, std::make_unique<batch>(count), nullptr, std::move(done)};
  const bool leaves = open_ && waiting_.empty() && fits(count);
  auto& out = leaves ? output_ : next.bytes;
  const auto begin = out.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& command = detail::at_stride(commands, i, stride);
    const auto reason = script_of(command) == nullptr
                            ? detail::reason_to_refuse(command.args, command.arg_count)
                            : std::string_view();
    if (!reason.empty()) {
      next.owned->settle(i, SCANHOST_OUTCOME_REFUSED, reason);
    } else {
      encode_command(next, i, command, begin, out);
      ++next.owed;
    }
  }
  if (next.scripts) next.scripts->keep(std::string_view(out).substr(begin));
  take(std::move(next), leaves, now);
  return last_;
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): finish() has moved the batch on
}

void pipeline::take(entry&& next, bool leaves, base::steady_time now) {
  next.since = now;
  if (next.owed == 0) {
    finish(next);
  } else if (leaves) {
    send(std::move(next), now);
  } else {
    waiting_commands_ += next.owed;
    waiting_.push_back(std::move(next));
  }
}

void pipeline::add_login(const std::vector<std::string>& words, on_complete done, base::steady_time now) {
  entry next{++last_, std::make_unique<batch>(1), nullptr, std::move(done)};
  const bool leaves = open_ && waiting_.empty() && in_flight_ == 0;
  std::vector<scanhost_string> strings;
  strings.reserve(words.size());
  for (const auto& word : words) strings.push_back({word.data(), word.size()});
  encode(leaves ? output_ : next.bytes, strings);
  next.owed = 1;
  next.is_login = true;
  take(std::move(next), leaves, now);
}

// `begin`: of its batch in the output. A script's first use on a connection sends the source: the uses behind
// it can name it.
void pipeline::encode_command(entry& next, std::size_t index, const scanhost_command& command,
                              std::size_t begin, std::string& out) {
  const std::span args(command.args, command.arg_count);
  const auto* script = script_of(command);
  if (script == nullptr) return encode(out, args);
  const bool known = !loaded_.insert(script).second;
  encode_script(out, *script, known ? script_form::name : script_form::source, args.size());
  const auto arguments = out.size();
  encode_elements(out, args);
  if (!next.scripts) next.scripts = std::make_unique<sent_scripts>();
  next.scripts->add({index, script, args.size(), arguments - begin, out.size() - arguments});
}

void pipeline::cancel(ticket which, base::steady_time now) {
  for (std::size_t i = 0; i < sent_.size(); ++i)  // not sorted: a batch may be sent again
    if (sent_[i].id == which && sent_[i].owned) return cancel_sent(sent_[i]);
  if (const auto late = std::ranges::find(waiting_, which, &entry::id); late != waiting_.end()) {
    late->owned->settle_open(SCANHOST_OUTCOME_CANCELLED, cancelled_text);
    waiting_commands_ -= late->owed;
    finish(*late);
    waiting_.erase(late);
    send_waiting(now);
  }
}

void pipeline::cancel_sent(entry& which) {
  which.owned->settle_open(SCANHOST_OUTCOME_CANCELLED, cancelled_text);
  which.shared = std::move(which.owned);
  finished_.push_back({std::move(which.done), std::make_unique<shared_batch>(which.shared)});
  which.done = nullptr;
}

void pipeline::opened(base::steady_time now) {
  open_ = true;
  heard_ = now;
  send_waiting(now);
}

void pipeline::closed(std::string_view reason, base::steady_time now) {
  open_ = false;
  loaded_.clear();
  output_.clear();
  in_flight_ = 0;
  login_in_flight_ = false;
  for (; !sent_.empty(); sent_.pop_front()) {
    auto& lost = sent_.front();
    if (!lost.owned) continue;
    lost.owned->settle_open(SCANHOST_OUTCOME_TRANSIENT, reason);
    finish(lost);
  }
  for (auto& waits : waiting_) waits.since = now;
}

void pipeline::fail_waiting(std::int32_t kind, std::string_view reason) {
  waiting_commands_ = 0;
  for (auto& waits : std::exchange(waiting_, {})) {
    waits.owned->settle_open(kind, reason);
    waits.owned->mark_unsent();
    finish(waits);
  }
}

std::string pipeline::take_output(std::string spare) {
  spare.clear();
  return std::exchange(output_, std::move(spare));
}

std::pmr::memory_resource* pipeline::reply_memory() noexcept {
  return sent_.empty() ? nullptr : &sent_.front().memory().memory();
}

void pipeline::answered(const scanhost_reply& reply, base::steady_time now) {
  auto& first = sent_.front();
  heard_ = now;
  --in_flight_;
  if (first.is_login) login_in_flight_ = false;
  if (first.owned) {
    if (first.scripts) first.scripts->note_reply(first.owned->next_open(), reply);
    first.owned->answer(reply);
  }
  if (--first.owed == 0) complete_first(now);
  send_waiting(now);
}

void pipeline::complete_first(base::steady_time now) {
  auto& first = sent_.front();
  if (first.owned && first.scripts && sends_first_again(now)) return;
  if (first.owned) finish(first);
  sent_.pop_front();
}

// What the loss of scripts leaves to do. True: the batch is not complete, but behind the others again.
bool pipeline::sends_first_again(base::steady_time now) {
  auto& first = sent_.front();
  const auto next = first.scripts->decide();
  if (next == sent_scripts::step::finished) return false;
  loaded_.clear();
  const auto lost = first.scripts->lost();
  if (next == sent_scripts::step::give_up) {
    for (const auto index : lost)
      first.owned->settle(index, SCANHOST_OUTCOME_TRANSIENT,
                          "the server had lost the script, so the command was not carried out");
    return false;
  }
  first.owned->reopen(lost);
  first.owed = lost.size();
  first.scripts->encode_again(output_);
  auto again = std::move(first);
  sent_.pop_front();
  send(std::move(again), now);
  return true;
}

void pipeline::garbled(std::string_view reason) {
  if (sent_.empty() || !sent_.front().owned) return;
  sent_.front().owned->settle_next(SCANHOST_OUTCOME_PERMANENT, reason);
}

std::optional<base::steady_time> pipeline::silent_since() const {
  if (sent_.empty()) return std::nullopt;
  return std::max(sent_.front().since, heard_);
}

std::optional<base::steady_time> pipeline::deadline() const {
  if (const auto silent = silent_since()) return *silent + limits_.command;
  if (!open_ && !waiting_.empty()) return waiting_.front().since + limits_.connect;
  return std::nullopt;
}

bool pipeline::expire(base::steady_time now, std::string_view reason) {
  const auto due = deadline();
  if (!due || now < *due) return false;
  if (open_) return true;
  while (!waiting_.empty() && waiting_.front().since + limits_.connect <= now) {
    auto& late = waiting_.front();
    late.owned->settle_open(SCANHOST_OUTCOME_TRANSIENT, reason);
    late.owned->mark_unsent();
    waiting_commands_ -= late.owed;
    finish(late);
    waiting_.pop_front();
  }
  return false;
}

std::vector<pipeline::finished> pipeline::take_finished(std::vector<finished> spare) {
  spare.clear();
  return std::exchange(finished_, std::move(spare));
}

bool pipeline::has_room(std::size_t count) const noexcept {
  const auto taken = in_flight_ + waiting_commands_;
  return taken == 0 || taken + count <= limits_.max_in_flight;
}

bool pipeline::fits(std::size_t commands) const noexcept {
  return in_flight_ == 0 || (!login_in_flight_ && in_flight_ + commands <= limits_.max_in_flight);
}

bool pipeline::may_leave(const entry& next) const noexcept {
  return next.is_login ? in_flight_ == 0 : fits(next.owed);
}

void pipeline::send(entry&& next, base::steady_time now) {
  next.since = now;
  in_flight_ += next.owed;
  if (next.is_login) login_in_flight_ = true;
  sent_.emplace_back(std::move(next));
}

void pipeline::send_waiting(base::steady_time now) {
  while (open_ && !waiting_.empty() && may_leave(waiting_.front())) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_commands_ -= next.owed;
    output_ += std::exchange(next.bytes, {});
    send(std::move(next), now);
  }
}

void pipeline::finish(entry& which) { finished_.push_back({std::move(which.done), std::move(which.owned)}); }

}  // namespace scanhost::store
