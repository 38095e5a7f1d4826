// SPDX-License-Identifier: Apache-2.0
#include "boot/logging.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

namespace scanhost::boot {
namespace {

// The message as the inside of a JSON string. Bytes that are not ASCII pass as they are: what plugins
// and the store put into messages is made valid UTF-8 where it is quoted.
class json_message final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm&, spdlog::memory_buf_t& out) override {
    for (const char c : line.payload) append(static_cast<unsigned char>(c), out);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<json_message>(); }

 private:
  static void append(unsigned char c, spdlog::memory_buf_t& out) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c < 0x20) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", c);
      const std::string_view text(escaped.data());
      out.append(text.data(), text.data() + text.size());
    } else {
      out.push_back(static_cast<char>(c));
    }
  }
};

std::unique_ptr<spdlog::formatter> json_lines() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<json_message>('*').set_pattern(
      R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","thread":%t,"message":"%*"})");
  return formatter;
}

}  // namespace

base::result<void> start_logging(const std::string& level, log_format format) {
  const auto parsed_level = spdlog::level::from_str(level);
  if (parsed_level == spdlog::level::off && level != "off")
    return base::fail(
        base::errc::usage,
        fmt::format("unknown log level '{}'; use trace, debug, info, warn, error or off", level));

  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("scanhost", std::move(sink));
  if (format == log_format::json || (format == log_format::automatic && !terminal)) {
    logger->set_formatter(json_lines());
  } else {
    logger->set_pattern("%H:%M:%S.%e %^%-5l%$ %v");
  }
  logger->set_level(parsed_level);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace scanhost::boot
