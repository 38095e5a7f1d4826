// SPDX-License-Identifier: Apache-2.0
//
// The batches of one scanner that wait for their moment, because a limit holds for its commands. They leave
// in the order in which they came, small ones together and a large one in several parts, whose outcomes come
// back together. So a scanner with many small batches gets no less than one with a few large ones. Nothing is
// refused or lost. What the limits let pass whole is neither copied nor kept.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "metrics/registry.hpp"
#include "store/connection/client_status.hpp"
#include "store/protocol/reply_batch.hpp"
#include "store/rate_limits.hpp"
#include "store/servers.hpp"

namespace scanhost::store {

class batch_pacer {
 public:
  // `waited_seconds`: how long batches waited; it counts only the time, not the batches. Precondition: there
  // is a limit.
  batch_pacer(boost::asio::io_context& context, servers& servers, rate_limits limits,
              metrics::counter waited_seconds);
  ~batch_pacer();
  batch_pacer(const batch_pacer&) = delete;
  batch_pacer& operator=(const batch_pacer&) = delete;

  // As in client, and likewise the rest.
  ticket execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                 std::string_view route, on_complete done);
  void cancel(ticket which);

  // Whether so many more commands can leave together with those that wait.
  bool has_room(std::size_t count) const;
  // Whether commands of this batch still wait.
  bool is_waiting(ticket which) const;
  // Whether they did, of a batch that is not complete or calls back at the moment.
  bool has_waited(ticket which) const { return jobs_.contains(which); }

  // From now on nothing waits; what does leaves at once. Or (true) the limits hold again.
  void set_enabled(bool enabled);

  rate_status status();

 private:
  struct job;
  using job_ptr = std::shared_ptr<job>;
  struct permit {
    std::size_t commands;
    base::steady_time from;
  };

  permit reserve(std::size_t count, base::steady_time now);
  std::size_t part_of(std::size_t count, base::steady_time now) const;
  std::size_t waiting() const;
  void widen_permit(base::steady_time now);
  void send(std::size_t count);
  void queue(const job_ptr& job, base::steady_time now);
  void pump();
  void wait_until(base::steady_time moment);
  void send_part(const job_ptr& job, std::size_t count);
  void take_part(const job_ptr& job, std::size_t first, std::size_t count,
                 std::unique_ptr<reply_batch> replies);
  void complete(const job_ptr& job);
  void complete_soon(const job_ptr& job);
  void count_wait(base::steady_time now);

  boost::asio::io_context& context_;
  servers& servers_;
  const rate_limits limits_;
  metrics::counter waited_seconds_;
  bool enabled_ = true;
  ticket last_;
  std::map<ticket, job_ptr> jobs_;  // that had to wait, until they are complete
  std::deque<job_ptr> queue_;       // those of which commands still wait
  std::optional<permit> permit_;    // of the first of their commands
  boost::asio::steady_timer timer_;
  base::steady_time counted_until_{};  // of the time that batches wait
  base::steady::duration waited_{};
};

}  // namespace scanhost::store
