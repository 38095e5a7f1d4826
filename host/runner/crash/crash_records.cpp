// SPDX-License-Identifier: Apache-2.0
#include "runner/crash/crash_records.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/random_text.hpp"
#include "plugin/staging.hpp"

namespace scanhost::runner {
namespace {

namespace fs = std::filesystem;
using base::errc;
using base::fail;
using base::unique_fd;

constexpr std::string_view prefix = "crash-";
constexpr std::string_view suffix = ".txt";

base::error record_error(const fs::path& file, const char* what) {
  return fail(errc::os, fmt::format("{}: {}: {}; set plugins.staging to a folder that scanhost may write to",
                                    file.string(), what, std::generic_category().message(errno)));
}

// --- writing

// No allocation, no locale, no errno: it runs inside the handler of a fatal signal.
class line_writer {
 public:
  explicit line_writer(std::span<char> to) noexcept : to_(to) {}

  line_writer& text(std::string_view more) noexcept {
    const auto size = std::min(more.size(), to_.size() - size_);
    std::copy_n(more.data(), size, to_.data() + size_);
    size_ += size;
    return *this;
  }
  line_writer& number(std::uint64_t value, int base = 10) noexcept {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
    return text({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  // Where in which file, as far as that is known.
  line_writer& code(std::uintptr_t address, const base::mapped_range& plugin,
                    const base::mapped_range& host) noexcept {
    const auto* owner = plugin.contains(address) ? &plugin : host.contains(address) ? &host : nullptr;
    if (owner != nullptr) text(owner == &plugin ? "plugin+" : "host+");
    return text("0x").number(address - (owner != nullptr ? owner->load_address : 0), 16);
  }
  std::string_view written() const noexcept { return {to_.data(), size_}; }

 private:
  std::span<char> to_;
  std::size_t size_ = 0;
};

std::string_view name_of(int signal) noexcept {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGILL:
      return "SIGILL";
    case SIGFPE:
      return "SIGFPE";
    case SIGABRT:
      return "SIGABRT";
    default:
      return "";
  }
}

std::string_view until_zero(std::span<const char> text) noexcept {
  return {text.data(), static_cast<std::size_t>(std::find(text.begin(), text.end(), '\0') - text.begin())};
}

// --- reading

// Takes `key` and its value, up to a space, from the start of the text; none: it starts with another key.
std::optional<std::string> take(std::string_view& text, std::string_view key) {
  if (!text.starts_with(key)) return std::nullopt;
  text.remove_prefix(key.size());
  const auto end = std::min(text.find(' '), text.size());
  std::string value(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

bool is_record(const fs::path& file) {
  const auto name = file.filename().string();
  return name.starts_with(prefix) && name.ends_with(suffix);
}

std::string read_record(int fd) {
  std::array<char, 4096> text;
  const auto got = ::pread(fd, text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

struct found_record {
  timespec written;
  crash what;
};

bool earlier(const found_record& record, const found_record& other) {
  return std::tie(record.written.tv_sec, record.written.tv_nsec) <
         std::tie(other.written.tv_sec, other.written.tv_nsec);
}

// Reads and removes the record of a dead host; none: its host is alive, or did not crash.
std::optional<found_record> take_record(const fs::path& file) {
  const unique_fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  auto what = parse_crash_lines(read_record(fd.get()));
  // One that cannot be removed would be counted again at every start.
  if (::unlink(file.c_str()) != 0 || !what) return std::nullopt;
  what->at =
      base::timestamp(base::milliseconds(status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000));
  return found_record{status.st_mtim, std::move(*what)};
}

}  // namespace

std::string_view write_crash_line(std::span<char> to, const crash_place::place& place, const fault_site& site,
                                  const base::mapped_range& host) noexcept {
  line_writer line(to);
  line.text("scanner=").text(until_zero(place.scanner));
  line.text(" generation=").number(place.generation);
  line.text(" sha256=").text(until_zero(place.sha256));
  line.text(" entry=").text(place.entry == nullptr ? "" : place.entry);
  line.text(" signal=").text(name_of(site.signal));
  line.text(" address=");
  if (site.signal != SIGABRT) line.text("0x").number(reinterpret_cast<std::uintptr_t>(site.address), 16);
  line.text(" code=");
  if (site.code != 0) line.code(site.code, place.library, host);
  line.text(" copy=").text(until_zero(place.copy));
  return line.text("\n").written();
}

std::string_view write_trace_line(std::span<char> to, const crash_place::place& place,
                                  std::span<void* const> frames, const base::mapped_range& host) noexcept {
  line_writer line(to);
  line.text("trace=");
  for (std::size_t i = 0; i < frames.size(); ++i)
    line.text(i == 0 ? "" : ",").code(reinterpret_cast<std::uintptr_t>(frames[i]), place.library, host);
  return line.text("\n").written();
}

std::optional<crash> parse_crash_lines(std::string_view lines) {
  const auto end_of_first = std::min(lines.find('\n'), lines.size());
  auto rest = lines.substr(0, end_of_first);
  auto second = lines.substr(std::min(end_of_first + 1, lines.size()));
  second = second.substr(0, second.find('\n'));
  const auto scanner = take(rest, "scanner=");
  const auto generation = take(rest, "generation=");
  const auto sha256 = take(rest, "sha256=");
  const auto entry = take(rest, "entry=");
  const auto signal = take(rest, "signal=");
  const auto address = take(rest, "address=");
  if (!scanner || !generation || !sha256 || !entry || !signal || !address) return std::nullopt;
  if (signal->empty()) return std::nullopt;
  crash found{*scanner, 0, *sha256, *entry, *signal, *address, {}, {}, {}, {}};
  found.code = take(rest, "code=").value_or("");
  found.copy = take(rest, "copy=").value_or("");
  found.trace = take(second, "trace=").value_or("");
  const auto* end = generation->data() + generation->size();
  const auto read = std::from_chars(generation->data(), end, found.generation);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return found;
}

crash_record::crash_record(fs::path file, unique_fd fd) noexcept
    : file_(std::move(file)), fd_(std::move(fd)) {}

crash_record::crash_record(crash_record&& other) noexcept
    : file_(std::exchange(other.file_, {})), fd_(std::move(other.fd_)) {}

crash_record::~crash_record() {
  if (!file_.empty()) ::unlink(file_.c_str());
}

base::result<crash_record> crash_record::open(const fs::path& staging) {
  // The lock of the folder keeps others from finding a record before it is locked.
  const auto lock = plugin::lock_file(staging / plugin::staging_lock_name, LOCK_EX);
  if (!lock) return lock.error();
  auto file = staging / fmt::format("{}{}-{}{}", prefix, ::getpid(), base::random_text(), suffix);
  unique_fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_APPEND, 0600));
  if (!fd) return record_error(file, "cannot be created");
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    auto problem = record_error(file, "cannot be locked");
    ::unlink(file.c_str());
    return problem;
  }
  return crash_record(std::move(file), std::move(fd));
}

base::result<std::vector<crash>> collect_crashes(const fs::path& staging) {
  const auto lock = plugin::lock_file(staging / plugin::staging_lock_name, LOCK_EX);
  if (!lock) return lock.error();
  std::vector<found_record> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(staging, problem))
    if (is_record(entry.path()))
      if (auto record = take_record(entry.path())) found.push_back(std::move(*record));
  if (problem)
    return fail(errc::os, fmt::format("{}: cannot be listed: {}", staging.string(), problem.message()));
  std::sort(found.begin(), found.end(), earlier);
  std::vector<crash> crashes;
  crashes.reserve(found.size());
  for (auto& record : found) crashes.push_back(std::move(record.what));
  return crashes;
}

}  // namespace scanhost::runner
