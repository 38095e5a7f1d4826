// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <spdlog/spdlog.h>

namespace scanhost::base {

namespace {

spdlog::level::level_enum level_of(severity level) noexcept {
  switch (level) {
    case severity::trace:
      return spdlog::level::trace;
    case severity::debug:
      return spdlog::level::debug;
    case severity::info:
      return spdlog::level::info;
    case severity::warn:
      return spdlog::level::warn;
    case severity::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

bool logs(severity level) noexcept { return spdlog::should_log(level_of(level)); }

void log(severity level, std::string_view scanner, std::string_view text) {
  spdlog::log(level_of(level), "scanner={} {}", scanner, text);
}

}  // namespace scanhost::base
