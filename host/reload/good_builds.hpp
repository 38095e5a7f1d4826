// SPDX-License-Identifier: Apache-2.0
//
// The builds with which each scanner ran well, so that a scanner whose present build crashed its host can go
// back to the build before. They are kept in the place of the staging folders: `good.json`, and a copy of
// each build as `good/<sha256>/<plugin>.so`. Several hosts may share the place: each has its own entries, by
// its configuration file.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "plan/scanner_plan.hpp"
#include "runner/record/status.hpp"

namespace scanhost::reload {

struct good_build {
  std::string sha256;
  std::string plugin;
  std::string version;
  base::timestamp since{};  // when it was first found to run well
};

// One thread at a time; waits for the disk.
class good_builds {
 public:
  // `warn` is called when the file cannot be parsed; it is then written anew.
  good_builds(std::filesystem::path place, const std::filesystem::path& config_file,
              std::function<void(const std::string&)> warn);

  // The scanner's build runs well. Keeps it and the one before.
  base::result<void> keep(const plan::scanner_plan& plan);

  // The builds that are kept for the scanner, the newest first.
  base::result<std::vector<good_build>> find(const std::string& scanner) const;

  std::filesystem::path file_of(const good_build& build) const;

 private:
  using entries = std::map<std::string, std::vector<good_build>>;  // by configuration file and scanner
  base::result<entries> read() const;
  base::result<void> write(const entries& builds) const;
  base::result<void> store_copy(const plan::scanner_plan& plan) const;
  void remove_unused_copies(const entries& builds) const;
  std::string key_of(const std::string& scanner) const;

  std::filesystem::path place_;
  std::string config_file_;
  std::function<void(const std::string&)> warn_;
};

// Tells when a build has run well: it completed some cycles without a restart. Pure: it is shown the status
// from time to time.
class run_watch {
 public:
  // True once for each build of a scanner.
  bool has_run_well(const runner::scanner_status& now, std::uint64_t cycles);
  // Whether the present build of this scanner was found to run well.
  bool is_known(const runner::scanner_status& now) const;

 private:
  struct entry {
    std::string sha256;
    std::uint64_t cycles;  // completed when it was first seen, or was last restarted
    std::uint64_t restarts;
    bool known = false;
  };
  std::map<std::string, entry> builds_;  // by scanner
};

}  // namespace scanhost::reload
