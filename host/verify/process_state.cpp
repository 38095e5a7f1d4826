// SPDX-License-Identifier: Apache-2.0
#include "verify/process_state.hpp"

#include <dirent.h>
#include <dlfcn.h>
#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/thread_costs.hpp"

namespace scanhost::verify {
namespace {

// The numeric names in a folder of /proc, without the descriptor that reading it opens.
std::vector<int> numbers_in(const char* folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder), &::closedir);
  std::vector<int> numbers;
  if (!open) return numbers;
  while (const auto* entry = ::readdir(open.get()))
    if (entry->d_name[0] != '.') numbers.push_back(std::atoi(entry->d_name));
  std::erase(numbers, ::dirfd(open.get()));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

std::size_t count_threads() {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir("/proc/self/task"), &::closedir);
  std::size_t count = 0;
  while (const auto* entry = open ? ::readdir(open.get()) : nullptr) count += entry->d_name[0] != '.' ? 1 : 0;
  return count;
}

std::vector<int> open_descriptors() { return numbers_in("/proc/self/fd"); }

signal_handlers current_signal_handlers() {
  signal_handlers handlers{};
  for (std::size_t number = 1; number < handlers.size(); ++number) {
    struct sigaction now {};
    if (::sigaction(static_cast<int>(number), nullptr, &now) == 0)
      handlers[number] = reinterpret_cast<const void*>(now.sa_handler);
  }
  return handlers;
}

bool is_mapped(int fd) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return false;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::string range, rights, offset, device;
    std::uint64_t inode = 0;
    fields >> range >> rights >> offset >> device >> inode;
    const auto colon = device.find(':');
    if (inode != file.st_ino || colon == std::string::npos) continue;
    if (std::stoul(device.substr(0, colon), nullptr, 16) == major(file.st_dev) &&
        std::stoul(device.substr(colon + 1), nullptr, 16) == minor(file.st_dev))
      return true;
  }
  return false;
}

std::int64_t heap_in_use() {
  using counter = std::size_t (*)();
  if (const auto sanitizer =
          reinterpret_cast<counter>(::dlsym(RTLD_DEFAULT, "__sanitizer_get_current_allocated_bytes")))
    return static_cast<std::int64_t>(sanitizer());
  if (const auto counted = base::thread_memory()) return *counted;
  return static_cast<std::int64_t>(::mallinfo2().uordblks);
}

}  // namespace scanhost::verify
