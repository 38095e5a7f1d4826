// SPDX-License-Identifier: Apache-2.0
#include "boot/logging.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "boot/log_text.hpp"

namespace scanhost::boot {
namespace {

// The text of a line and what belongs to it, as these functions give them.
struct line_style {
  std::string (*text)(std::string_view);
  std::string (*context)(const base::line_context&);
};

class line_body final : public spdlog::custom_flag_formatter {
 public:
  explicit line_body(std::function<std::string(std::string_view)> body) : body_(std::move(body)) {}
  void format(const spdlog::details::log_msg& line, const std::tm&, spdlog::memory_buf_t& out) override {
    const auto text = body_({line.payload.data(), line.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<line_body>(body_); }

 private:
  std::function<std::string(std::string_view)> body_;
};

std::unique_ptr<spdlog::formatter> lines_of(line_style style, spdlog::pattern_time_type time,
                                            const char* pattern) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(time);
  formatter->add_flag<line_body>('*', style.text);
  formatter->add_flag<line_body>(
      '~', [style](std::string_view) { return style.context(base::context_of_line()); });
  formatter->set_pattern(pattern);
  return formatter;
}

std::unique_ptr<spdlog::formatter> json_lines() {
  return lines_of({&json_log_text, &json_log_context}, spdlog::pattern_time_type::utc,
                  R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","thread":%t,"message":"%*"%~})");
}

std::unique_ptr<spdlog::formatter> human_lines() {
  return lines_of({&human_log_text, &human_log_context}, spdlog::pattern_time_type::local,
                  "%H:%M:%S.%e %^%-5l%$ %*%~");
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
    logger->set_formatter(human_lines());
  }
  logger->set_level(parsed_level);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace scanhost::boot
