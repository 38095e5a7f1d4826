// SPDX-License-Identifier: Apache-2.0
#include "config/secret_file.hpp"

#include <chrono>
#include <utility>

namespace scanhost::config {
namespace {

// A file that was written this recently may be written again without looking different.
constexpr std::chrono::milliseconds max_granularity{100};

bool is_settled(const std::optional<base::file_identity>& file) {
  if (!file) return true;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return now - std::chrono::nanoseconds(file->modified) > max_granularity;
}

}  // namespace

secret_file::secret_file(std::filesystem::path path, base::secret known, reader read)
    : path_(std::move(path)), value_(std::move(known)), read_(read) {}

bool secret_file::refresh() {
  if (path_.empty()) return false;
  // Before the file is read, so that a change during the reading is seen the next time.
  const auto now = base::identify(path_);
  if (is_settled_ && now == seen_) return false;
  seen_ = now;
  is_settled_ = is_settled(now);
  auto read = read_(path_);
  if (!read) {
    read_failed(read.error().message);
    return false;
  }
  failed_ = false;
  problem_.clear();
  if (read->value == value_) return false;
  value_ = std::move(read->value);
  return true;
}

void secret_file::read_failed(std::string problem) {
  if (!std::exchange(failed_, true)) {
    is_settled_ = false;
    return;
  }
  problem_ = std::move(problem);
}

}  // namespace scanhost::config
