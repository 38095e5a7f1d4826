// SPDX-License-Identifier: Apache-2.0
#include "store/batch_pacer.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <span>
#include <string>
#include <utility>

#include "scanhost/detail/growing.hpp"
#include "store/cluster/joined_batch.hpp"
#include "store/cluster/kept_commands.hpp"

namespace scanhost::store {
namespace {

// Far from the tickets of the connections.
constexpr ticket first_ticket = ticket{1} << 48;

}  // namespace

// A batch that waits, or has waited.
struct batch_pacer::job {
  job(const scanhost_command* given, std::size_t count, std::size_t stride, std::string_view to,
      on_complete then)
      : commands(given, count, stride),
        outcomes(std::make_unique<joined_batch>(count)),
        route(to),
        done(std::move(then)) {}

  std::size_t waiting() const noexcept { return commands.all().size() - sent; }
  bool is_over() const noexcept { return waiting() == 0 && parts.empty(); }

  kept_commands commands;
  std::unique_ptr<joined_batch> outcomes;
  std::string route;
  on_complete done;
  ticket id = 0;
  std::size_t sent = 0;                 // commands; of a cancelled batch all
  std::map<std::size_t, ticket> parts;  // without an answer yet, by their first command
  bool ending = false;                  // it is about to call back
};

batch_pacer::batch_pacer(boost::asio::io_context& context, servers& servers, rate_limits limits,
                         metrics::counter waited_seconds)
    : context_(context),
      servers_(servers),
      limits_(std::move(limits)),
      waited_seconds_(waited_seconds),
      last_(first_ticket),
      timer_(context) {}

batch_pacer::~batch_pacer() = default;

ticket batch_pacer::execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                            std::string_view route, on_complete done) {
  const auto pass = [&] { return servers_.execute(commands, count, stride, route, std::move(done)); };
  if (!enabled_) return pass();
  const auto now = base::steady::now();
  if (queue_.empty()) {
    permit_ = reserve(count, now);
    if (permit_->from <= now && permit_->commands == count) {
      permit_.reset();
      return pass();
    }
  }
  const auto added = std::make_shared<job>(commands, count, stride, route, std::move(done));
  added->id = ++last_;
  jobs_.emplace(added->id, added);
  queue(added, now);
  return added->id;
}

// The part that all limits let pass, from the moment on that suits the last of them.
batch_pacer::permit batch_pacer::reserve(std::size_t count, base::steady_time now) {
  permit granted{part_of(count, now), now};
  for (const auto& limit : limits_) {
    granted.from = std::max(granted.from, limit.limiter->reserve(granted.commands, now));
    if (limit.probe) limit.probe->request();
  }
  return granted;
}

std::size_t batch_pacer::part_of(std::size_t count, base::steady_time now) const {
  for (const auto& limit : limits_) count = limit.limiter->part_of(count, now);
  return count;
}

// What comes while the moment of others has not come yet leaves with them, as far as one part goes: the
// moment stays, and whoever asks next waits longer.
void batch_pacer::widen_permit(base::steady_time now) {
  if (!permit_) return;
  const auto part = part_of(waiting(), now);
  if (part <= permit_->commands) return;
  for (const auto& limit : limits_) limit.limiter->reserve(part - permit_->commands, now);
  permit_->commands = part;
}

bool batch_pacer::has_room(std::size_t count) const {
  if (queue_.empty()) return true;
  const auto together = waiting() + count;
  return part_of(together, base::steady::now()) == together;
}

std::size_t batch_pacer::waiting() const {
  std::size_t commands = 0;
  for (const auto& job : queue_) commands += job->waiting();
  return commands;
}

void batch_pacer::queue(const job_ptr& job, base::steady_time now) {
  queue_.push_back(job);
  if (queue_.size() > 1) return widen_permit(now);
  counted_until_ = now;
  pump();
}

void batch_pacer::pump() {
  while (!queue_.empty()) {
    const auto now = base::steady::now();
    if (enabled_ && !permit_) permit_ = reserve(waiting(), now);
    if (enabled_ && permit_->from > now) return wait_until(permit_->from);
    const auto allowed = enabled_ ? permit_->commands : waiting();
    permit_.reset();
    send(allowed);
    if (queue_.empty()) count_wait(now);
  }
}

// So many of the commands that wait.
void batch_pacer::send(std::size_t count) {
  while (count > 0 && !queue_.empty()) {
    const auto first = queue_.front();
    const auto part = std::min(count, first->waiting());
    if (part == first->waiting()) queue_.pop_front();
    send_part(first, part);
    count -= part;
  }
}

void batch_pacer::wait_until(base::steady_time moment) {
  timer_.expires_at(moment);
  timer_.async_wait([this](const auto& problem) {
    if (!problem) pump();
  });
}

void batch_pacer::send_part(const job_ptr& job, std::size_t count) {
  const auto first = std::exchange(job->sent, job->sent + count);
  const auto part = job->commands.all().subspan(first, count);
  job->parts[first] =
      servers_.execute(part.data(), count, sizeof(scanhost_command), job->route,
                       [this, weak = std::weak_ptr(job), first, count](std::unique_ptr<reply_batch> replies) {
                         if (const auto alive = weak.lock())
                           take_part(alive, first, count, std::move(replies));
                       });
}

void batch_pacer::take_part(const job_ptr& job, std::size_t first, std::size_t count,
                            std::unique_ptr<reply_batch> replies) {
  const auto& raw = *replies->raw();
  for (std::size_t i = 0; i < count && i < raw.outcome_count; ++i)
    job->outcomes->take(first + i, detail::at_stride(raw.outcomes, i, raw.outcome_stride));
  job->outcomes->keep(std::move(replies));
  job->parts.erase(first);
  if (job->is_over() && !job->ending) complete(job);
}

void batch_pacer::cancel(ticket which) {
  const auto found = jobs_.find(which);
  if (found == jobs_.end()) return servers_.cancel(which);
  const auto job = found->second;
  const auto parts = job->parts;
  if (job->waiting() > 0) {
    const auto place = std::ranges::find(queue_, job);
    const bool was_first = place == queue_.begin();
    queue_.erase(place);
    if (was_first) permit_.reset();
    for (auto i = job->sent; i < job->commands.all().size(); ++i)
      job->outcomes->settle(i, SCANHOST_OUTCOME_CANCELLED, cancelled_text);
    job->sent = job->commands.all().size();
    if (parts.empty()) complete_soon(job);
    if (queue_.empty()) count_wait(base::steady::now());
    if (was_first) pump();
  }
  for (const auto& [first, part] : parts) servers_.cancel(part);
}

bool batch_pacer::is_waiting(ticket which) const {
  const auto found = jobs_.find(which);
  return found != jobs_.end() && found->second->waiting() > 0;
}

void batch_pacer::complete(const job_ptr& job) {
  job->ending = true;
  job->done(std::move(job->outcomes));
  jobs_.erase(job->id);
}

// Never from inside of cancel.
void batch_pacer::complete_soon(const job_ptr& job) {
  job->ending = true;
  boost::asio::post(context_, [this, weak = std::weak_ptr(job)] {
    if (const auto alive = weak.lock()) complete(alive);
  });
}

void batch_pacer::set_enabled(bool enabled) {
  enabled_ = enabled;
  permit_.reset();
  if (!enabled) pump();
}

void batch_pacer::count_wait(base::steady_time now) {
  const auto more = now - std::exchange(counted_until_, now);
  waited_ += more;
  waited_seconds_.add(std::chrono::duration<double>(more).count());
}

rate_status batch_pacer::status() {
  if (!queue_.empty()) count_wait(base::steady::now());
  rate_status status;
  status.waiting = waiting();
  status.waited = std::chrono::duration_cast<base::milliseconds>(waited_);
  const auto lowest = std::ranges::min_element(
      limits_, {}, [](const auto& limit) { return limit.limiter->commands_per_s(); });
  status.commands_per_s = lowest->limiter->commands_per_s();
  status.target_latency = lowest->limiter->target_latency();
  if (lowest->probe) status.latency = lowest->probe->latency();
  return status;
}

}  // namespace scanhost::store
