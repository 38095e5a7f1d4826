// SPDX-License-Identifier: Apache-2.0
#include "store/gate/audit_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/clock.hpp"
#include "base/errno_text.hpp"

namespace scanhost::store {
namespace {

constexpr base::milliseconds max_end_wait{1000};
constexpr mode_t file_mode = 0640;

// The file itself, on the writer's thread.
class rotated_file {
 public:
  explicit rotated_file(const config::audit_settings& settings) : settings_(settings) {}
  ~rotated_file() { close(); }
  rotated_file(const rotated_file&) = delete;
  rotated_file& operator=(const rotated_file&) = delete;

  // Empty: the line is in the file.
  std::string write(std::string_view line) {
    if (descriptor_ < 0 && !open()) return problem("cannot be opened");
    const auto size = static_cast<std::int64_t>(line.size());
    if (size_ > 0 && size_ + size > settings_.max_size && !rotate()) return problem("cannot be rotated");
    if (!append(line)) return problem("cannot be written");
    size_ += size;
    return {};
  }

  // Whoever moved the file away expects a new one at its place.
  void follow_name() {
    if (descriptor_ < 0) return;
    struct stat here {
    }, there{};
    const bool same = ::fstat(descriptor_, &here) == 0 && ::stat(settings_.file.c_str(), &there) == 0 &&
                      here.st_dev == there.st_dev && here.st_ino == there.st_ino;
    if (!same) close();
  }

 private:
  bool open() {
    descriptor_ =
        ::open(settings_.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, file_mode);
    struct stat now {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &now) != 0) return false;
    size_ = now.st_size;
    return true;
  }

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  std::string name(std::uint32_t age) const {
    return age == 0 ? settings_.file.string() : fmt::format("{}.{}", settings_.file.string(), age);
  }

  bool rotate() {
    close();
    if (settings_.max_files == 1) {
      if (::unlink(name(0).c_str()) != 0 && errno != ENOENT) return false;
      return open();
    }
    for (auto age = settings_.max_files - 1; age > 0; --age)
      if (::rename(name(age - 1).c_str(), name(age).c_str()) != 0 && errno != ENOENT) return false;
    return open();
  }

  bool append(std::string_view line) {
    std::size_t done = 0;
    while (done < line.size()) {
      const auto written = ::write(descriptor_, line.data() + done, line.size() - done);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return undo(done);
      done += static_cast<std::size_t>(written);
    }
    return true;
  }

  // Half a line would spoil the next.
  bool undo(std::size_t done) {
    const auto reason = errno;
    if (done > 0 && ::ftruncate(descriptor_, size_) != 0) close();
    errno = reason;
    return false;
  }

  std::string problem(std::string_view what) const {
    return fmt::format("the audit file '{}' {}: {}", settings_.file.string(), what, base::errno_text(errno));
  }

  const config::audit_settings& settings_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace

class audit_file::writer {
 public:
  explicit writer(config::audit_settings settings) : settings_(std::move(settings)) {}

  void add(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (line.size() > queue_.capacity() - queue_.size() || queue_.capacity() < max_queued) {
      ++counts_.dropped;
      return;
    }
    queue_ += line;
    changed_.notify_one();
  }

  counts take_counts() {
    const std::lock_guard lock(mutex_);
    return std::exchange(counts_, {});
  }

  std::optional<notice> take_notice() {
    const std::lock_guard lock(mutex_);
    return std::exchange(notice_, std::nullopt);
  }

  void run() {
    rotated_file file(settings_);
    std::string lines;
    lines.reserve(max_queued);
    std::unique_lock lock(mutex_);
    queue_.reserve(max_queued);
    finished_.notify_all();
    for (;;) {
      changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (queue_.empty()) break;
      lines.swap(queue_);
      lock.unlock();
      write(file, lines);
      lines.clear();
      lock.lock();
    }
    ended_ = true;
    finished_.notify_all();
  }

  void begin() {
    std::unique_lock lock(mutex_);
    finished_.wait_for(lock, max_end_wait, [this] { return queue_.capacity() >= max_queued; });
  }

  // Whether the thread is about to end; if not, the disk holds it.
  bool end() {
    std::unique_lock lock(mutex_);
    ending_ = true;
    changed_.notify_one();
    return finished_.wait_for(lock, max_end_wait, [this] { return ended_; });
  }

  // There is no thread, so nothing will be written.
  void give_up(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    ended_ = failing_ = true;
    notice_ =
        notice{true, fmt::format("the audit file '{}' is not written, since its thread cannot start: {}",
                                 settings_.file.string(), reason)};
  }

 private:
  void write(rotated_file& file, std::string_view lines) {
    file.follow_name();
    while (!lines.empty()) {
      const auto line = lines.substr(0, lines.find('\n') + 1);
      take_result(file.write(line));
      lines.remove_prefix(line.size());
    }
  }

  void take_result(const std::string& problem) {
    const std::lock_guard lock(mutex_);
    ++(problem.empty() ? counts_.written : counts_.dropped);
    if (problem.empty()) return report_recovery();
    ++lost_;
    if (std::exchange(failing_, true)) return;
    notice_ = notice{true, problem + "; changes are not recorded until it can be written"};
  }

  void report_recovery() {
    if (!std::exchange(failing_, false)) return;
    notice_ = notice{false, fmt::format("the audit file '{}' is written again; {} entries are lost",
                                        settings_.file.string(), std::exchange(lost_, 0))};
  }

  const config::audit_settings settings_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable finished_;
  std::string queue_;  // whole lines
  counts counts_;
  std::optional<notice> notice_;
  std::uint64_t lost_ = 0;  // since it is failing
  bool failing_ = false;
  bool ending_ = false;
  bool ended_ = false;
};

audit_file::audit_file(config::audit_settings settings)
    : writer_(std::make_shared<writer>(std::move(settings))) {
  try {
    thread_.start("audit", [shared = writer_] { shared->run(); });
    writer_->begin();
  } catch (const std::system_error& problem) {
    writer_->give_up(problem.code().message());
  }
}

audit_file::~audit_file() {
  if (writer_->end()) thread_.join();
}

void audit_file::add(std::string_view line) { writer_->add(line); }
audit_file::counts audit_file::take_counts() { return writer_->take_counts(); }
std::optional<audit_file::notice> audit_file::take_notice() { return writer_->take_notice(); }

std::shared_ptr<audit_file> shared_audit_file(const config::audit_settings& settings) {
  if (settings.file.empty()) return nullptr;
  static std::mutex& mutex = *std::make_unique<std::mutex>().release();
  static auto& files = *std::make_unique<std::map<std::string, std::weak_ptr<audit_file>>>().release();
  const auto key = fmt::format("{}\n{}\n{}", settings.file.string(), settings.max_size, settings.max_files);
  const std::lock_guard lock(mutex);
  std::erase_if(files, [](const auto& entry) { return entry.second.expired(); });
  auto& known = files[key];
  auto file = known.lock();
  if (!file) known = file = std::make_shared<audit_file>(settings);
  return file;
}

}  // namespace scanhost::store
