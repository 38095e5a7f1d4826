// SPDX-License-Identifier: Apache-2.0
#include "base/non_blocking_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <utility>

namespace scanhost::base {
namespace {

constexpr int crash_patience_ms = 200;

bool would_block(int problem) noexcept { return problem == EAGAIN || problem == EWOULDBLOCK; }

}  // namespace

// A mutex that the handler of a fatal signal may try to take.
class non_blocking_output::lock {
 public:
  explicit lock(std::atomic_flag& flag) noexcept : flag_(flag) {
    while (flag_.test_and_set(std::memory_order_acquire)) flag_.wait(true, std::memory_order_relaxed);
  }
  ~lock() {
    flag_.clear(std::memory_order_release);
    flag_.notify_one();
  }
  lock(const lock&) = delete;
  lock& operator=(const lock&) = delete;

 private:
  std::atomic_flag& flag_;
};

void non_blocking_output::set_notice(notice text) {
  const lock held(locked_);
  notice_ = std::move(text);
}

void non_blocking_output::write(std::string_view line) {
  const lock held(locked_);
  look_at_file();
  const bool reader_is_back = send_kept() && send_notice();
  if (reader_is_back) return send(line);
  if (dropped_now_ > 0 || kept_.size() - sent_ + line.size() > max_kept) return drop();
  kept_.append(line);
}

void non_blocking_output::drain() {
  if (behind_.load(std::memory_order_relaxed)) catch_up();
}

non_blocking_output::progress non_blocking_output::catch_up() {
  const lock held(locked_);
  look_at_file();
  if (send_kept()) send_notice();
  if (!behind_) return progress::all;
  return kept_.empty() ? progress::failed : progress::some;
}

bool non_blocking_output::flush(milliseconds limit) {
  const auto deadline = steady::now() + limit;
  for (;;) {
    const auto done = catch_up();
    if (done != progress::some) return done == progress::all;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady::now());
    if (left.count() <= 0 || !wait_for_reader(static_cast<int>(left.count()))) return false;
  }
}

// What the descriptor is, as long as it is that: asked again for each line, since it may be redirected.
void non_blocking_output::look_at_file() {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return;
  if (kind_ != file_kind::unknown && status.st_dev == device_ && status.st_ino == inode_) return;
  device_ = status.st_dev;
  inode_ = status.st_ino;
  own_.reset();
  kind_ = file_kind::plain;
  if (S_ISSOCK(status.st_mode)) kind_ = file_kind::socket;
  if (!S_ISFIFO(status.st_mode) && ::isatty(fd_) != 1) return;
  kind_ = file_kind::pipe;
  // Setting O_NONBLOCK on the descriptor itself would set it for everybody who shares it, such as the shell.
  const auto path = "/proc/self/fd/" + std::to_string(fd_);
  own_ = unique_fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

// A pipe that cannot be opened again, as it may belong to another user, is asked first. Only another process
// that writes to the same pipe at this moment can still make the write wait.
ssize_t non_blocking_output::write_some(std::string_view bytes) noexcept {
  if (kind_ == file_kind::socket) return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (kind_ != file_kind::pipe || own_) return ::write(target(), bytes.data(), bytes.size());
  if (!wait_for_reader(0)) {
    errno = EAGAIN;
    return -1;
  }
  return ::write(fd_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
}

// Takes from the front of `rest` what the reader takes now.
non_blocking_output::progress non_blocking_output::push(std::string_view& rest) noexcept {
  while (!rest.empty()) {
    const auto written = write_some(rest);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 && would_block(errno) ? progress::some : progress::failed;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return progress::all;
}

// Whether nothing is kept any more.
bool non_blocking_output::send_kept() {
  if (kept_.empty()) return true;
  auto rest = std::string_view(kept_).substr(sent_);
  const auto done = push(rest);
  sent_ = kept_.size() - rest.size();
  if (done == progress::some) return false;
  const auto lost = static_cast<std::uint64_t>(std::ranges::count(rest, '\n'));
  all_dropped_ += lost;
  dropped_now_ += lost;
  kept_ = {};  // with its memory
  sent_ = 0;
  behind_ = dropped_now_ > 0;
  return true;
}

// Whether nothing is missing, or the reader has got the line that says so.
bool non_blocking_output::send_notice() {
  if (dropped_now_ == 0) return true;
  const auto text = notice_ ? notice_(dropped_now_) : std::string();
  std::string_view rest = text;
  if (push(rest) == progress::failed) return false;
  dropped_now_ = 0;
  kept_ = rest;
  behind_ = !kept_.empty();
  return kept_.empty();
}

void non_blocking_output::send(std::string_view line) {
  auto rest = line;
  const auto done = push(rest);
  if (done == progress::failed) return drop();
  if (done == progress::all) return;
  behind_ = true;
  kept_ = rest;
}

void non_blocking_output::drop() noexcept {
  ++dropped_now_;
  all_dropped_.fetch_add(1, std::memory_order_relaxed);
  behind_ = true;
}

bool non_blocking_output::wait_for_reader(int milliseconds) const noexcept {
  pollfd waits{target(), POLLOUT, 0};
  return ::poll(&waits, 1, milliseconds) == 1 && waits.revents == POLLOUT;
}

void non_blocking_output::push_with_limit(std::string_view text) noexcept {
  while (push(text) == progress::some)
    if (!wait_for_reader(crash_patience_ms)) return;
}

// Where the crash happened inside one of the calls above, what was kept cannot be trusted.
void non_blocking_output::write_while_crashing(std::string_view text) noexcept {
  bool taken = !locked_.test_and_set(std::memory_order_acquire);
  for (int turn = 0; !taken && turn < crash_patience_ms; ++turn) {
    ::poll(nullptr, 0, 1);  // another thread is writing
    taken = !locked_.test_and_set(std::memory_order_acquire);
  }
  if (taken && sent_ < kept_.size()) {
    push_with_limit(std::string_view(kept_).substr(sent_));
    sent_ = kept_.size();
  }
  push_with_limit(text);
  if (taken) locked_.clear(std::memory_order_release);
}

non_blocking_output& standard_error() {
  static non_blocking_output& only = *std::make_unique<non_blocking_output>(STDERR_FILENO).release();
  return only;
}

}  // namespace scanhost::base
