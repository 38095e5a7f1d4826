// SPDX-License-Identifier: Apache-2.0
#include "boot/service_manager.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace {

using scanhost::boot::service_manager;
using namespace std::chrono_literals;

// A service manager's end of the protocol: what systemd would read.
class manager_socket {
 public:
  manager_socket() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    char folder[] = "/tmp/scanhost-notify-XXXXXX";
    folder_ = ::mkdtemp(folder);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = (folder_ / "socket").string();
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot bind " + path);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~manager_socket() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
    std::filesystem::remove_all(folder_);
  }
  manager_socket(const manager_socket&) = delete;
  manager_socket& operator=(const manager_socket&) = delete;

  void ask_for_keep_alive(std::chrono::microseconds within) {
    ::setenv("WATCHDOG_USEC", std::to_string(within.count()).c_str(), 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  }

  std::vector<std::string> messages() {
    std::vector<std::string> received;
    std::array<char, 4096> buffer;
    for (ssize_t size = 0; (size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0)) > 0;)
      received.emplace_back(buffer.data(), static_cast<std::size_t>(size));
    return received;
  }

 private:
  scanhost::base::unique_fd fd_;
  std::filesystem::path folder_;
};

TEST(service_manager, tells_when_the_host_is_ready_and_when_it_stops) {
  manager_socket socket;
  service_manager manager;
  manager.note_ready();
  manager.note_stopping();
  EXPECT_EQ(socket.messages(), (std::vector<std::string>{"READY=1", "STOPPING=1"}));
}

TEST(service_manager, tells_the_time_of_a_reload) {
  manager_socket socket;
  service_manager manager;
  manager.note_reloading();
  const auto messages = socket.messages();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].starts_with("RELOADING=1\nMONOTONIC_USEC=")) << messages[0];
  EXPECT_GT(std::stoull(messages[0].substr(messages[0].rfind('=') + 1)), 0U);
}

TEST(service_manager, sends_a_status_once_until_it_changes) {
  manager_socket socket;
  service_manager manager;
  manager.set_status("2 scanners run");
  manager.set_status("2 scanners run");
  manager.set_status("waiting for the store");
  EXPECT_EQ(socket.messages(),
            (std::vector<std::string>{"STATUS=2 scanners run", "STATUS=waiting for the store"}));
}

TEST(service_manager, keeps_a_status_of_several_lines_in_one_line) {
  manager_socket socket;
  service_manager manager;
  manager.set_status("one reason\nREADY=1");
  EXPECT_EQ(socket.messages(), (std::vector<std::string>{"STATUS=one reason READY=1"}));
}

TEST(service_manager, is_alive_twice_in_each_span_of_the_watchdog) {
  manager_socket socket;
  socket.ask_for_keep_alive(10s);
  service_manager manager;
  const scanhost::base::steady_time start{1h};
  for (int second = 0; second <= 10; ++second) manager.keep_alive(start + second * 1s);
  EXPECT_EQ(socket.messages(), (std::vector<std::string>{"WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"}));
}

TEST(service_manager, sends_no_keep_alive_without_a_watchdog) {
  manager_socket socket;
  service_manager manager;
  manager.keep_alive(scanhost::base::steady_time{1h});
  EXPECT_TRUE(socket.messages().empty());
}

}  // namespace
