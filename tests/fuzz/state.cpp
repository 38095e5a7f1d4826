// SPDX-License-Identifier: Apache-2.0
//
// Files that a host finds at its start: the blocked builds, the builds that ran well, the pauses, the
// histories, the record of a crash. Whatever they hold, the host goes on, and what it writes then is read as
// it was written.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fuzz.hpp"
#include "reload/blocked_builds.hpp"
#include "reload/good_builds.hpp"
#include "reload/histories.hpp"
#include "reload/pauses.hpp"
#include "runner/crash/crash_records.hpp"

namespace {

using namespace scanhost;
using fuzz::require;
namespace fs = std::filesystem;

constexpr auto config_file = "/etc/scanhost/scanhost.yaml";
constexpr std::string_view known_hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// A folder for the files, in memory where the system has such a place.
class folder {
 public:
  folder() { fs::create_directories(path_); }
  ~folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  const fs::path& path() const noexcept { return path_; }

  void put(const char* name, std::string_view text) const {
    for (const auto& entry : fs::directory_iterator(path_)) fs::remove_all(entry);
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  static fs::path place() {
    return fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
  }
  fs::path path_ = place() / fmt::format("scanhost-fuzz-state-{}", ::getpid());
};

const fs::path& place_with(const char* name, std::string_view text) {
  static const folder files;
  files.put(name, text);
  return files.path();
}

void read_blocked(std::string_view text, bool change) {
  int warnings = 0;
  reload::blocked_builds builds(place_with("blocked.json", text), [&](const std::string&) { ++warnings; });
  const auto known = builds.list();
  require(known.has_value(), "the blocked builds can be read");
  require(warnings <= 1, "a file that cannot be parsed is reported once");
  if (!change) return;
  reload::blocked_build added{std::string(known_hash), "sweeper", "sweeper", "it crashed", {}};
  require(builds.block(added).has_value(), "a build can be blocked");
  const auto now = builds.list();
  require(now && now->size() == known->size() + (known->contains(added.sha256) ? 0 : 1),
          "a build more is blocked, and none less");
  require(builds.crashed(added, 3).value(), "a blocked build stays blocked");
  const auto released = builds.release(known_hash.substr(0, 64));
  require(released.has_value(), "a blocked build can be released");
  require(builds.list()->size() == now->size() - 1 && warnings <= 1, "it is blocked no more");
}

void read_good(std::string_view text) {
  int warnings = 0;
  const reload::good_builds builds(place_with("good.json", text), config_file,
                                   [&](const std::string&) { ++warnings; });
  const auto found = builds.find("sweeper");
  require(found.has_value(), "the builds that ran well can be read");
  require(warnings <= 1, "a file that cannot be parsed is reported once");
  for (const auto& build : *found) builds.file_of(build);
}

void read_pauses(std::string_view text) {
  int warnings = 0;
  reload::pauses subject(place_with("pauses.json", text), config_file,
                         [&](const std::string&) { ++warnings; });
  require(subject.load().has_value(), "the pauses can be read");
  require(warnings <= 1, "a file that cannot be parsed is reported once");
  subject.set("sweeper", {"root", "why", {}, {}});
  const auto expected = subject.entries();
  require(subject.save().has_value(), "the pauses can be written");
  require(subject.load().has_value() && subject.entries() == expected, "they are read as they were written");
}

void read_histories(std::string_view text) {
  int warnings = 0;
  reload::histories subject(place_with("history.json", text), config_file,
                            [&](const std::string&) { ++warnings; });
  require(subject.load().has_value(), "the histories can be read");
  require(warnings <= 1, "a file that cannot be parsed is reported once");
  const auto expected = subject.find("sweeper");
  require(subject.save().has_value(), "the histories can be written");
  require(subject.load().has_value() && subject.find("sweeper") == expected,
          "they are read as they were written");
}

void read_crash(std::string_view text) {
  const auto found = runner::parse_crash_lines(text);
  if (!found) return;
  require(!found->signal.empty(), "a crash has a signal");
  for (const auto* value : {&found->scanner, &found->sha256, &found->entry, &found->signal, &found->address,
                            &found->code, &found->copy, &found->trace})
    require(value->find_first_of(" \n") == std::string::npos, "a value is one word", *value);
}

}  // namespace

// The last byte chooses the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input from(data, size);
  const auto choice = from.up_to(5);
  const auto text = from.rest();
  if (choice < 2) read_blocked(text, choice == 1);
  if (choice == 2) read_good(text);
  if (choice == 3) read_crash(text);
  if (choice == 4) read_pauses(text);
  if (choice == 5) read_histories(text);
  return 0;
}
