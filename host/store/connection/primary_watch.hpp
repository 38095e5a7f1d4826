// SPDX-License-Identifier: Apache-2.0
//
// Where the primary is, as the Sentinels say, which are asked one after the other until one answers, and then
// again: a primary that they have replaced may live on and take writes that will be lost. The file of their
// password is looked at each time; a connection that exists logs in again when there is a new one.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/secret_file.hpp"
#include "config/settings.hpp"
#include "store/connection/sentinel.hpp"
#include "store/connection/server_rotation.hpp"
#include "store/connection/transport.hpp"
#include "store/protocol/codec.hpp"

namespace scanhost::store {

// Never called from inside a function of the watch, nor after close().
class primary_user {
 public:
  // The answer to find().
  virtual void on_primary(const config::server_address& primary) = 0;
  // No Sentinel could answer find(); why, of each of them.
  virtual void on_no_primary(std::string problem) = 0;
  // The primary is another one than the last that was found.
  virtual void on_moved(const config::server_address& primary) = 0;
  // warning() of the watch may be another one now.
  virtual void on_password_looked_at() = 0;

 protected:
  ~primary_user() = default;
};

// Owned by a shared_ptr, which its handlers share.
class primary_watch final : public stream_user, public std::enable_shared_from_this<primary_watch> {
 public:
  // `user` has to live until close().
  primary_watch(boost::asio::io_context& context, const config::store_settings& settings, primary_user& user);

  // Asks at once. One at a time.
  void find();

  // Idempotent.
  void close();

  // To be followed by "within the connect timeout".
  std::string missing() const;

  // What is wrong with the password of the Sentinels while the one before still serves. Empty: nothing.
  std::string warning() const;

 private:
  void on_open(std::string_view problem) override;
  void on_data(std::string_view bytes) override;
  void on_written(std::string) override {}
  void on_lost(std::string_view problem) override;

  void look();
  void connect();
  void set_timer(base::milliseconds delay);  // of the answer, or of the next look
  void timed_out();
  void answered();
  void failed(std::string_view problem);
  void drop_stream();

  boost::asio::io_context& context_;
  config::store_settings settings_;  // of a connection to the Sentinel that is asked
  config::sentinel_settings sentinel_;
  config::secret_file password_;
  std::string refusal_;  // of the new password, by the Sentinel that the stream leads to
  primary_user* user_;   // null: closed
  server_rotation sentinels_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<stream> stream_;
  std::optional<decoder> decoder_;
  std::optional<sentinel_dialogue> dialogue_;  // a question is under way, or the stream is opening
  bool finding_ = false;
  std::optional<config::server_address> found_;
  std::string problems_;  // of the Sentinels that have failed since the last answer
};

}  // namespace scanhost::store
