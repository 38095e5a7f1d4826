// SPDX-License-Identifier: Apache-2.0
//
// A real server for one test: in a temporary directory, on a Unix socket, ended by its pid, and by the kernel
// when the thread that started it ends, also if the test is killed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::test_support {

// The server's answer to a command that a test sends for set-up or checks.
struct answer {
  enum class kind { nil, text, error, integer, array };
  kind what = kind::nil;
  std::string text;  // text and error
  std::int64_t integer = 0;
  std::vector<answer> elements;
};

struct server_options {
  bool tcp = false;                      // also on a free port of 127.0.0.1
  bool append_only = false;              // appendonly yes, appendfsync always: a kill loses nothing
  std::vector<std::string> arguments{};  // further arguments of the server's command line
  bool sentinel = false;                 // a Sentinel instead of a server with data
  std::string password{};                // that call() logs in with if it is not empty
  bool alone = false;                    // a server of its own also where tests share a cluster
};

// A port of 127.0.0.1 that was free a moment ago, and that no other test is given as long as this process
// lives.
std::uint16_t free_port();

class private_cluster;

// Where SCANHOST_TEST_CLUSTER is set in the environment, a server without arguments and password is a cluster
// of three primaries and three replicas, which all tests of the process share. It is emptied for each of
// them, and cannot be ended, frozen or started again.
class private_server {
 public:
  // Starts the server that the environment variable SCANHOST_TEST_SERVER names, else valkey-server if it is
  // installed, else redis-server, and waits until it answers.
  // Throws std::runtime_error if it does not answer within 20 s.
  explicit private_server(server_options options = {});
  ~private_server();
  private_server(const private_server&) = delete;
  private_server& operator=(const private_server&) = delete;

  std::string socket_path() const;                       // in a cluster: of one of its nodes
  std::uint16_t port() const noexcept { return port_; }  // 0 without tcp
  pid_t pid() const noexcept { return pid_; }
  const std::filesystem::path& directory() const noexcept { return directory_; }

  // Sends one command over a connection of its own; an error reply is an answer. Throws if there is no
  // connection.
  answer call(const std::vector<std::string>& args);

  // Sends all commands together without waiting; their answers are dropped.
  void load(const std::vector<std::vector<std::string>>& commands);

  void kill();                   // SIGKILL, and waits until the process has ended
  void freeze();                 // SIGSTOP
  void thaw();                   // SIGCONT
  void start();                  // starts it again with its data directory and waits until it answers
  void start_without_waiting();  // starts it again; it may still be loading

 private:
  struct link;
  void spawn();
  bool answers() const;
  void wait_until_it_answers();
  link& linked();

  server_options options_;
  std::filesystem::path directory_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
  std::unique_ptr<link> link_;
  private_cluster* cluster_ = nullptr;  // the shared one, if this is it
};

}  // namespace scanhost::test_support
