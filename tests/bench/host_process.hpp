// SPDX-License-Identifier: Apache-2.0
//
// The real host as a separate process, as it runs in production.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::bench {

struct host_paths {
  std::filesystem::path program;  // scanhost
  std::filesystem::path plugins;
};

// A configuration file for these scanners (name -> YAML of its keys, or empty), with these further lines,
// in a temporary folder.
class host_config {
 public:
  host_config(const host_paths& paths, const std::string& url,
              const std::vector<std::pair<std::string, std::string>>& scanners,
              const std::string& more = "admin: {listen: none, socket: none}\n");
  ~host_config();
  host_config(const host_config&) = delete;
  host_config& operator=(const host_config&) = delete;
  const std::filesystem::path& file() const noexcept { return file_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path file_;
};

// Runs the host with these arguments until it ends and returns what it printed. Throws if it fails.
std::string run_host(const host_paths& paths, const std::vector<std::string>& arguments);

// A host that runs as a service; the destructor stops it by SIGTERM.
class host_service {
 public:
  host_service(const host_paths& paths, const host_config& config);
  ~host_service();
  host_service(const host_service&) = delete;
  host_service& operator=(const host_service&) = delete;

  double cpu_seconds() const;  // used so far, all threads
  double rss_mib() const;
  double peak_rss_mib() const;
  void run_when_idle();  // from now on it gets a processor when nobody else wants it
  // The same but for this thread, which gets these cores as other programs do. Waits for it.
  void run_when_idle_but(std::string_view thread, const cpu_set_t& cores);
  void pause() const noexcept;   // SIGSTOP
  void resume() const noexcept;  // SIGCONT
  void stop();                   // SIGTERM; throws unless it exits with 0

 private:
  double memory_mib(std::string_view line) const;

  pid_t pid_ = -1;
};

}  // namespace scanhost::bench
