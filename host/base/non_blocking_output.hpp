// SPDX-License-Identifier: Apache-2.0
//
// Writes lines without ever waiting for whoever reads them: a scanner's thread must not stand still, and be
// taken for a plugin that hangs, because nobody reads the log. Lines that the reader is late for are kept, up
// to a limit; then lines are dropped and counted, until the reader has taken everything that was kept, and
// one line says how many are missing. Lines stay whole and in order. Thread safe.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::base {

class non_blocking_output {
 public:
  static constexpr std::size_t max_kept = std::size_t{256} << 10;  // bytes

  // The line, with its newline, that says how many were dropped. Called by whichever thread notices that the
  // reader is back, never by two at once.
  using notice = std::function<std::string(std::uint64_t dropped)>;

  // `fd` remains the caller's, and may become another file by dup2.
  explicit non_blocking_output(int fd) noexcept : fd_(fd) {}
  non_blocking_output(const non_blocking_output&) = delete;
  non_blocking_output& operator=(const non_blocking_output&) = delete;

  void set_notice(notice text);

  // A line with its newline.
  void write(std::string_view line);

  // Writes what was kept, as far as the reader takes it now. Cheap where nothing was kept.
  void drain();

  // As drain(), but waits for the reader. False: it did not take everything in time.
  bool flush(milliseconds limit);

  // Lines since the start.
  std::uint64_t dropped() const noexcept { return all_dropped_.load(std::memory_order_relaxed); }

  // For the handler of a fatal signal: what was kept, then `text`, each with a limit of 200 ms. Allocates and
  // locks nothing.
  void write_while_crashing(std::string_view text) noexcept;

 private:
  enum class file_kind { unknown, plain, socket, pipe };
  enum class progress { all, some, failed };

  class lock;

  void look_at_file();
  progress push(std::string_view& rest) noexcept;
  ssize_t write_some(std::string_view bytes) noexcept;
  int target() const noexcept { return own_ ? own_.get() : fd_; }
  progress catch_up();
  bool send_kept();
  bool send_notice();
  void push_with_limit(std::string_view text) noexcept;
  void send(std::string_view line);
  void drop() noexcept;
  bool wait_for_reader(int milliseconds) const noexcept;

  const int fd_;
  std::atomic_flag locked_;
  std::atomic<bool> behind_{false};  // something was kept or dropped
  std::atomic<std::uint64_t> all_dropped_{0};
  std::uint64_t dropped_now_ = 0;  // since the reader fell behind
  std::string kept_;
  std::size_t sent_ = 0;  // of kept_
  notice notice_;
  file_kind kind_ = file_kind::unknown;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  unique_fd own_;  // the same pipe or terminal, opened again with O_NONBLOCK, which others do not share
};

// How long a process that ends waits for whoever reads its standard error.
inline constexpr milliseconds max_wait_at_exit{1'000};

// Of this process. Never destroyed: the thread of a stuck scanner may log until the process ends.
non_blocking_output& standard_error();

}  // namespace scanhost::base
