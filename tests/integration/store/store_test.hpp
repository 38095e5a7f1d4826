// SPDX-License-Identifier: Apache-2.0
//
// A client of a private server, and a loop that runs until a condition holds.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "metrics/registry.hpp"
#include "store/client.hpp"
#include "support/commands.hpp"
#include "support/private_server.hpp"

namespace scanhost::store {

using batches = std::vector<std::unique_ptr<reply_batch>>;

class store_test : public testing::Test {
 protected:
  static config::store_settings settings_of(const test_support::private_server& server) {
    config::store_settings settings;
    settings.socket_path = server.socket_path();
    return settings;
  }

  void connect(const config::store_settings& settings) {
    line.emplace(context, settings, metrics, "test");
    line->start();
  }

  // Runs the loop until `seen` returns true, at most half a minute.
  template <class Seen>
  [[nodiscard]] bool run_until(Seen seen) {
    const auto end = base::steady::now() + std::chrono::seconds(30);
    context.restart();
    while (!seen() && base::steady::now() < end) {
      if (context.run_one_until(end) == 0) break;
    }
    return seen();
  }

  bool up() {
    return run_until([&] { return line->status().state == connection_state::up; });
  }

  ticket send(command_list commands) {
    return line->execute(commands.data(), commands.size(), sizeof(scanhost_command), "",
                         [this](auto batch) { ended.push_back(std::move(batch)); });
  }

  // Sends one batch and waits for its outcomes.
  const scanhost_replies& ask(command_list commands) {
    const auto before = ended.size();
    send(std::move(commands));
    if (!run_until([&] { return ended.size() > before; }))
      throw std::runtime_error("no answer in half a minute");
    return *ended.back()->raw();
  }

  double metric(const std::string& line_start) {
    const auto text = metrics.text();
    const auto found = text.find(line_start + " ");
    return found == std::string::npos ? -1 : std::stod(text.substr(found + line_start.size() + 1));
  }

  boost::asio::io_context context{1};
  metrics::registry metrics;
  batches ended;
  std::optional<client> line;  // destroyed before the loop
};

inline std::string message_of(const scanhost_outcome& outcome) {
  return std::string(text_of(outcome.message));
}

}  // namespace scanhost::store
