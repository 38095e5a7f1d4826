// SPDX-License-Identifier: Apache-2.0
//
// Decides what happens on a connection, without the connection: which batches leave now and which wait, which
// reply belongs to which command, and how batches end when the connection is lost. Pure: takes events with
// their time, and returns bytes to write and completed batches.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "base/ring_queue.hpp"
#include "scanhost/store.h"
#include "store/protocol/batch.hpp"
#include "store/protocol/reply_batch.hpp"
#include "store/protocol/sent_scripts.hpp"

namespace scanhost::store {

class pipeline {
 public:
  struct limits {
    std::size_t max_in_flight;   // commands sent and not answered; a larger batch goes alone
    base::milliseconds connect;  // how long a batch waits for a connection
    base::milliseconds command;  // how long the server may stay silent while it owes a reply
  };

  // A completed batch, to be handed out from a clean stack.
  struct finished {
    on_complete done;
    std::unique_ptr<reply_batch> batch;
  };

  explicit pipeline(const limits& bounds) : limits_(bounds) {}

  // Takes a batch and copies everything. Refused commands are settled here and not sent.
  ticket add(const scanhost_command* commands, std::size_t count, std::size_t stride, on_complete done,
             base::steady_time now);

  // A new login of the connection itself, in its place among the other commands: a scanner's would be
  // refused. It goes alone: it is sent when no reply is owed, and what comes behind it waits for its reply.
  // Servers since Redis 7.2 do not answer a refused AUTH while they have other replies for the connection, so
  // that all replies behind it would be taken for those of other commands.
  void add_login(const std::vector<std::string>& words, on_complete done, base::steady_time now);

  // The server sends the late replies all the same; they are dropped.
  void cancel(ticket which, base::steady_time now);

  // The connection is ready: waiting batches leave, in order.
  void opened(base::steady_time now);

  // The connection is lost: batches that were sent end, since nobody knows whether they were carried out; the
  // others wait for the next connection.
  void closed(std::string_view reason, base::steady_time now);

  // There will be no connection soon: the waiting batches end too.
  void fail_waiting(std::int32_t kind, std::string_view reason);

  // The bytes to write, perhaps none. `spare`: a buffer for further output.
  std::string take_output(std::string spare = {});
  bool has_output() const noexcept { return !output_.empty(); }
  std::size_t output_size() const noexcept { return output_.size(); }

  // The memory for the next reply; null when no reply is owed.
  std::pmr::memory_resource* reply_memory() noexcept;

  // The next reply, built in reply_memory(). Precondition: one is owed.
  void answered(const scanhost_reply& reply, base::steady_time now);

  // The next reply cannot be read. Its command would get the same answer next time, so its outcome is
  // permanent; the commands behind it end with closed(), which has to follow.
  void garbled(std::string_view reason);

  // Since when the server has owed a reply without sending any; none: it owes none.
  std::optional<base::steady_time> silent_since() const;

  // When to call expire(), if at all.
  std::optional<base::steady_time> deadline() const;

  // Ends the batches that waited too long for a connection (`reason`: why there is none). True: the server
  // has been silent for too long, and the connection must be closed.
  bool expire(base::steady_time now, std::string_view reason);

  std::vector<finished> take_finished(std::vector<finished> spare = {});
  bool has_finished() const noexcept { return !finished_.empty(); }

  // Whether `count` more commands would leave at once if there is a connection.
  bool has_room(std::size_t count) const noexcept;
  std::size_t in_flight() const noexcept { return in_flight_; }
  bool idle() const noexcept { return sent_.empty() && waiting_.empty(); }

 private:
  struct entry {
    ticket id;
    std::unique_ptr<batch> owned;   // until it ends
    std::shared_ptr<batch> shared;  // of a cancelled one: a reply may be half built in its memory
    on_complete done;
    std::size_t owed = 0;                     // replies
    base::steady_time since{};                // sent, or waiting for a connection
    std::string bytes{};                      // while it waits
    std::unique_ptr<sent_scripts> scripts{};  // null: it has none
    bool is_login = false;
    batch& memory() const noexcept { return owned ? *owned : *shared; }
  };

  void take(entry&& next, bool leaves, base::steady_time now);
  bool may_leave(const entry& next) const noexcept;
  bool fits(std::size_t commands) const noexcept;
  void send(entry&& next, base::steady_time now);
  void send_waiting(base::steady_time now);
  void encode_command(entry& next, std::size_t index, const scanhost_command& command, std::size_t begin,
                      std::string& out);
  void complete_first(base::steady_time now);
  bool sends_first_again(base::steady_time now);
  void finish(entry& which);
  void cancel_sent(entry& which);

  limits limits_;
  bool open_ = false;
  ticket last_ = 0;
  base::ring_queue<entry> sent_;  // in order of their replies
  std::deque<entry> waiting_;
  std::size_t in_flight_ = 0;
  bool login_in_flight_ = false;
  std::size_t waiting_commands_ = 0;
  base::steady_time heard_{};  // the last reply
  std::string output_;
  std::unordered_set<const scanhost_script*> loaded_;  // sent to the server since the connection is open
  std::vector<finished> finished_;
};

}  // namespace scanhost::store
