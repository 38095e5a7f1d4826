// SPDX-License-Identifier: Apache-2.0
//
// Starting, ending and asking a private server.
#include "support/private_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "support/private_cluster.hpp"

namespace scanhost::test_support {
namespace {

using steady = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{20};
constexpr std::chrono::milliseconds between_looks{5};

std::filesystem::path make_directory() {
  auto name = (std::filesystem::temp_directory_path() / "scanhost-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "cannot make a directory for a test's server");
  }
  return name;
}

bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string rest = path ? path : "";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const auto file = std::filesystem::path(rest.substr(0, colon)) / program;
    if (::access(file.c_str(), X_OK) == 0) return true;
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
  }
  return false;
}

answer copy(const redisReply& reply) {
  answer result;
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      result = {answer::kind::text, {reply.str, reply.len}, 0, {}};
      break;
    case REDIS_REPLY_ERROR:
      result = {answer::kind::error, {reply.str, reply.len}, 0, {}};
      break;
    case REDIS_REPLY_INTEGER:
      result = {answer::kind::integer, {}, reply.integer, {}};
      break;
    case REDIS_REPLY_ARRAY:
      result.what = answer::kind::array;
      for (std::size_t i = 0; i < reply.elements; ++i) result.elements.push_back(copy(*reply.element[i]));
      break;
    default:
      break;
  }
  return result;
}

void append(redisContext* context, const std::vector<std::string>& args) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto& arg : args) {
    texts.push_back(arg.data());
    sizes.push_back(arg.size());
  }
  redisAppendCommandArgv(context, static_cast<int>(texts.size()), texts.data(), sizes.data());
}

// In the new process, where only few functions may be called. The kernel ends it with the thread that started
// it, so that a test that is killed leaves no server behind.
[[noreturn]] void become_server(char* const* words, pid_t parent, int report) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it has ended already
  ::execvp(words[0], words);
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

// Throws std::system_error if there is no such program.
pid_t start_server(std::vector<std::string> args) {
  std::vector<char*> words;
  for (auto& arg : args) words.push_back(arg.data());
  words.push_back(nullptr);
  std::array<int, 2> report{};
  if (::pipe2(report.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  const auto parent = ::getpid();
  const auto pid = ::fork();
  int error = pid < 0 ? errno : 0;
  if (pid == 0) become_server(words.data(), parent, report[1]);
  ::close(report[1]);
  if (pid > 0 && ::read(report[0], &error, sizeof error) > 0) ::waitpid(pid, nullptr, 0);
  ::close(report[0]);
  if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start " + args.front());
  return pid;
}

bool can_bind(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  address.sin_port = ::htons(port);
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

// Whether the port is this process's from now on, as in tests/support/ports.py: the name has no file, and is
// free again when the process has ended.
bool reserve(std::uint16_t port) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto name = "scanhost-test-port-" + std::to_string(port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0) return true;
  ::close(fd);
  return false;
}

// The last lines of a log, for a message.
std::string last_lines(const std::filesystem::path& file) {
  constexpr std::size_t enough = 400;
  std::ifstream stream(file);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  return text.substr(text.size() - std::min(text.size(), enough));
}

}  // namespace

std::uint16_t free_port() {
  // A port that the kernel chose may be given away again as soon as it is closed, also to a connection as its
  // own end. Below the kernel's range nobody else takes one by chance.
  constexpr unsigned lowest = 10'240;
  static const unsigned first_of_kernel = [] {
    unsigned first = 0;
    std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first;
    return first > lowest ? first : lowest + 1;
  }();
  static std::mutex mutex;
  static std::mt19937 random(std::random_device{}());
  const std::lock_guard lock(mutex);
  for (int tries = 0; tries < 1'000; ++tries) {
    const auto port = std::uniform_int_distribution<unsigned>(lowest, first_of_kernel - 1)(random);
    const auto narrow = static_cast<std::uint16_t>(port);
    if (can_bind(narrow) && reserve(narrow)) return narrow;
  }
  throw std::runtime_error("no free port on 127.0.0.1");
}

struct private_server::link {
  struct free_context {
    void operator()(redisContext* connection) const noexcept { redisFree(connection); }
  };
  struct free_reply {
    void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
  };

  std::unique_ptr<redisContext, free_context> context;

  explicit link(const std::string& path) : context(redisConnectUnix(path.c_str())) {}
  bool good() const noexcept { return context && context->err == 0; }

  answer next() {
    void* raw = nullptr;
    if (redisGetReply(context.get(), &raw) != REDIS_OK) {
      throw std::runtime_error(std::string("the test's server: ") + context->errstr);
    }
    const std::unique_ptr<redisReply, free_reply> reply(static_cast<redisReply*>(raw));
    return copy(*reply);
  }

  answer call(const std::vector<std::string>& args) {
    append(context.get(), args);
    return next();
  }
};

private_server::private_server(server_options options)
    : options_(std::move(options)), directory_(make_directory()) {
  const bool plain = !options_.alone && options_.arguments.empty() && options_.password.empty();
  if (plain && std::getenv("SCANHOST_TEST_CLUSTER") != nullptr) {
    cluster_ = &private_cluster::shared();
    return;
  }
  if (options_.tcp) port_ = free_port();
  start();
}

private_server::~private_server() {
  link_.reset();
  if (pid_ > 0) kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void private_server::spawn() {
  const char* chosen = std::getenv("SCANHOST_TEST_SERVER");
  const bool is_chosen = chosen != nullptr && *chosen != '\0';
  const std::string program = is_chosen                  ? chosen
                              : on_path("valkey-server") ? "valkey-server"
                                                         : "redis-server";
  std::vector<std::string> args = {program,
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--unixsocket",
                                   socket_path(),
                                   "--dir",
                                   directory_.string(),
                                   "--save",
                                   "",
                                   "--appendonly",
                                   options_.append_only ? "yes" : "no",
                                   "--appendfsync",
                                   "always",
                                   "--logfile",
                                   (directory_ / "log").string()};
  if (options_.sentinel) {  // which writes what it learns into its configuration
    const auto file = directory_ / "sentinel.conf";
    std::ofstream(file, std::ios::app).flush();
    args.insert(args.begin() + 1, {file.string(), "--sentinel"});
  }
  args.insert(args.end(), options_.arguments.begin(), options_.arguments.end());
  pid_ = start_server(std::move(args));
}

void private_server::start_without_waiting() {
  link_.reset();
  std::error_code ignored;
  std::filesystem::remove(socket_path(), ignored);
  spawn();
}

void private_server::start() {
  start_without_waiting();
  wait_until_it_answers();
}

// False while it is loading, and while it is ending at its start.
bool private_server::answers() const {
  link probe(socket_path());
  if (!probe.good()) return false;
  try {
    const auto reply = probe.call({"PING"});
    return reply.what != answer::kind::error || !reply.text.starts_with("LOADING");
  } catch (const std::runtime_error&) {
    return false;
  }
}

void private_server::wait_until_it_answers() {
  for (const auto end = steady::now() + patience; steady::now() < end;) {
    if (answers()) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("the test's server ended at its start: " + last_lines(directory_ / "log"));
    }
    std::this_thread::sleep_for(between_looks);
  }
  throw std::runtime_error("the test's server does not answer; its log is in " + directory_.string());
}

private_server::link& private_server::linked() {
  if (link_ && link_->good()) return *link_;
  link_ = std::make_unique<link>(socket_path());
  if (!link_->good()) throw std::runtime_error("cannot connect to the test's server");
  if (!options_.password.empty()) link_->call({"AUTH", options_.password});
  return *link_;
}

std::string private_server::socket_path() const {
  return cluster_ != nullptr ? cluster_->node(0).socket_path() : (directory_ / "s").string();
}

answer private_server::call(const std::vector<std::string>& args) {
  return cluster_ != nullptr ? cluster_->call_as_one(args) : linked().call(args);
}

void private_server::load(const std::vector<std::vector<std::string>>& commands) {
  constexpr std::size_t at_once = 1000;
  if (cluster_ != nullptr) {
    for (const auto& command : commands) cluster_->call_as_one(command);
    return;
  }
  auto& connected = linked();
  for (std::size_t first = 0; first < commands.size(); first += at_once) {
    const auto last = std::min(commands.size(), first + at_once);
    for (auto i = first; i < last; ++i) append(connected.context.get(), commands[i]);
    for (auto i = first; i < last; ++i) connected.next();
  }
}

void private_server::kill() {
  if (cluster_ != nullptr) throw std::logic_error("a shared cluster cannot be ended by a test");
  link_.reset();
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void private_server::freeze() { ::kill(pid_, SIGSTOP); }
void private_server::thaw() { ::kill(pid_, SIGCONT); }

}  // namespace scanhost::test_support
