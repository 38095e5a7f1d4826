// SPDX-License-Identifier: Apache-2.0
#include "store/connection/password_file.hpp"

#include <chrono>
#include <utility>

#include "config/secret_source.hpp"

namespace scanhost::store {
namespace {

// A file that was written this recently may be written again without looking different.
constexpr std::chrono::milliseconds max_granularity{100};

bool is_settled(const std::optional<base::file_identity>& file) {
  if (!file) return true;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return now - std::chrono::nanoseconds(file->modified) > max_granularity;
}

}  // namespace

password_file::password_file(std::filesystem::path path, base::secret known)
    : path_(std::move(path)), password_(std::move(known)) {}

bool password_file::refresh() {
  if (path_.empty()) return false;
  // Before the file is read, so that a change during the reading is seen the next time.
  const auto now = base::identify(path_);
  if (is_settled_ && now == seen_) return false;
  seen_ = now;
  is_settled_ = is_settled(now);
  auto read = config::secret_from_file(path_);
  if (!read) {
    read_failed(read.error().message);
    return false;
  }
  failed_ = false;
  problem_.clear();
  if (read->value == password_) return false;
  password_ = std::move(read->value);
  return true;
}

void password_file::read_failed(std::string problem) {
  if (!std::exchange(failed_, true)) {
    is_settled_ = false;
    return;
  }
  problem_ = std::move(problem);
}

}  // namespace scanhost::store
