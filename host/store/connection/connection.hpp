// SPDX-License-Identifier: Apache-2.0
//
// A connection to the primary of a store that re-establishes itself: to the server that is configured, to the
// first of several that is a primary, or to the one that the Sentinels name. A server that turns out to be a
// replica is left. The thin Asio code around the pure parts: the handshake says how to log in, the pipeline
// what to write and which reply belongs to which command, the rotation which server is next, the back-off
// when to retry.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/secret_file.hpp"
#include "config/settings.hpp"
#include "store/connection/back_off.hpp"
#include "store/connection/client_status.hpp"
#include "store/connection/connection_user.hpp"
#include "store/connection/handshake.hpp"
#include "store/connection/primary_watch.hpp"
#include "store/connection/server_rotation.hpp"
#include "store/connection/transport.hpp"
#include "store/protocol/codec.hpp"
#include "store/protocol/pipeline.hpp"
#include "store/protocol/reply_batch.hpp"

namespace scanhost::store {

// Owned by a shared_ptr, since its timers and posted work share the ownership. Its user calls detach() and
// stop() before it goes.
class connection final : public stream_user,
                         public primary_user,
                         public std::enable_shared_from_this<connection> {
 public:
  // `name`: for the server's client list.
  connection(boost::asio::io_context& context, const config::store_settings& settings, std::string name,
             connection_user& user);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  void start();

  // As in client.
  ticket execute(const scanhost_command* commands, std::size_t count, std::size_t stride, on_complete done);
  void cancel(ticket which);
  bool has_room(std::size_t count) const noexcept { return pipeline_.has_room(count); }
  client_status status() const;
  // As in pipeline; a part of a reply counts too.
  std::optional<base::steady_time> silent_since() const {
    const auto since = pipeline_.silent_since();
    return since ? std::optional(std::max(*since, data_arrived_)) : std::nullopt;
  }
  // Ends a connection that is up as if the server had closed it.
  void drop(std::string_view problem);
  void stop();

  // Batches that wait for the connection or for room end now, as unsent.
  void hand_back_waiting(std::string_view reason);

  // From now on this one is told. It has to outlive the connection, or call detach().
  void set_user(connection_user& user) noexcept { user_ = &user; }

  // The server, once it is known; else the whole store.
  const std::string& endpoint() const noexcept { return endpoint_; }

  // The server on TCP that it is connected with, or tries next. None: it is on a Unix socket, or not known
  // yet.
  std::optional<config::server_address> server() const {
    return servers_.size() > 0 ? std::optional(servers_.current()) : std::nullopt;
  }

  // The longest that an attempt to connect takes.
  base::milliseconds max_attempt() const noexcept;

  // From now on neither the user nor the callback of a batch is called.
  void detach() noexcept { user_ = nullptr; }

 private:
  void on_open(std::string_view problem) override;
  void on_data(std::string_view bytes) override;
  void on_written(std::string buffer) override;
  void on_lost(std::string_view problem) override;
  void on_primary(const config::server_address& primary) override;
  void on_no_primary(std::string problem) override;
  void on_moved(const config::server_address& primary) override;
  void on_password_looked_at() override;

  // Connecting. An attempt tries every server.
  void attempt();
  void try_server(const config::server_address* server);  // null: the one on the Unix socket
  void limit_attempt(base::milliseconds patience);
  void up();
  // A server, in an attempt.
  void failed(base::error problem, std::int32_t outcome, std::optional<connection_refusal> refusal = {});
  void attempt_failed(base::error problem);
  void lost(std::string_view problem);  // a connection that was up
  void timed_out();
  void note_warning(const std::string& warning);
  std::string warnings() const;

  // A password that changes while the connection is up: it logs in again, among the other commands.
  void watch_password();
  void look_at_password();
  void log_in_again();
  void login_answered(const scanhost_outcome& outcome);
  void refuse_tls();                      // the server speaks it, but the configuration does not ask for it
  void report(std::string_view problem);  // to the user, once an outage
  void try_again();
  void schedule_attempt(base::milliseconds delay);
  void drop_stream();

  // Moving bytes.
  bool decode(base::steady_time now);       // all complete replies; false: they make no sense
  bool greet(const scanhost_reply& reply);  // a reply to the handshake; false: the connection failed
  void broken();
  void flush();
  void keep(std::string buffer);

  // Completing batches. Posted, so that everything requested until then leaves in the same write, and batches
  // complete from a clean stack, never inside execute().
  void work_soon();
  void work();
  void deliver();

  // One timer, armed while a reply is owed. Deadlines only move back while it runs, so it is checked again
  // when it fires instead of being set for each batch.
  void watch_deadline();
  void deadline_passed();

  boost::asio::io_context& context_;
  config::store_settings settings_;
  std::string name_;
  std::string store_name_;
  std::string endpoint_;
  server_rotation servers_;
  std::shared_ptr<primary_watch> watch_;  // null: there are no Sentinels
  connection_user* user_;
  config::secret_file password_;
  pipeline pipeline_;
  boost::asio::steady_timer attempt_timer_;   // the attempt's end, or the next attempt
  boost::asio::steady_timer deadline_timer_;  // the pipeline's deadline
  boost::asio::steady_timer password_timer_;  // the next look at the file
  std::optional<base::steady_time> armed_;
  std::minstd_rand random_;
  back_off retry_;
  connection_state state_ = connection_state::connecting;
  std::shared_ptr<stream> stream_;
  std::optional<decoder> decoder_;
  std::optional<handshake> handshake_;  // while it is not up
  std::string spare_;
  std::vector<pipeline::finished> delivered_;  // kept for its room
  bool writing_ = false;
  bool heard_ = false;  // the server has sent something
  base::steady_time data_arrived_{};
  bool posted_ = false;
  bool in_data_ = false;  // work() follows
  bool demoted_ = false;  // the server has said that it is a replica
  std::string problems_;  // of the servers that this attempt has tried, where there are several
  std::uint64_t attempts_ = 0;
  bool was_up_ = false;
  bool reported_ = false;
  base::steady_time up_since_{};
  std::string last_error_;
  std::optional<connection_refusal> refusal_;
  std::string warning_;        // that was reported last
  std::string login_warning_;  // a new password that the server refused
  std::uint64_t reconnects_ = 0;
};

}  // namespace scanhost::store
