// SPDX-License-Identifier: Apache-2.0
#include "boot/logging.hpp"

#include <fmt/format.h>
#include <spdlog/details/os.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/environment.hpp"
#include "base/log.hpp"
#include "base/non_blocking_output.hpp"
#include "boot/log_text.hpp"

namespace scanhost::boot {
namespace {

// The text of a line and what belongs to it, as these functions give them.
struct line_style {
  std::string (*text)(std::string_view);
  std::string (*context)(const base::line_context&);  // what belongs to it besides the text
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

using context_text = std::string (*)(const base::line_context&);

std::unique_ptr<spdlog::formatter> json_lines(context_text context) {
  return lines_of({&json_log_text, context}, spdlog::pattern_time_type::utc,
                  R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","thread":%t,"message":"%*"%~})");
}

std::unique_ptr<spdlog::formatter> human_lines(context_text context) {
  return lines_of({&human_log_text, context}, spdlog::pattern_time_type::utc,
                  "%Y-%m-%d %H:%M:%S.%eZ %^%-5l%$ %*%~");
}

// --- writing

std::string_view color_of(spdlog::level::level_enum level) noexcept {
  switch (level) {
    case spdlog::level::trace:
      return "\033[37m";
    case spdlog::level::debug:
      return "\033[36m";
    case spdlog::level::info:
      return "\033[32m";
    case spdlog::level::warn:
      return "\033[33m\033[1m";
    default:
      return "\033[31m\033[1m";
  }
}

std::string colored(std::string_view line, std::size_t begin, std::size_t end, std::string_view color) {
  return fmt::format("{}{}{}\033[m{}", line.substr(0, begin), color, line.substr(begin, end - begin),
                     line.substr(end));
}

// spdlog's own sinks wait for whoever reads standard error.
class standard_error_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit standard_error_sink(bool colors) : colors_(colors) {}

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    spdlog::memory_buf_t buffer;
    formatter_->format(line, buffer);
    const std::string_view text(buffer.data(), buffer.size());
    const auto begin = line.color_range_start, end = line.color_range_end;
    if (colors_ && begin < end)
      base::standard_error().write(colored(text, begin, end, color_of(line.level)));
    else
      base::standard_error().write(text);
  }
  void flush_() override { base::standard_error().drain(); }

  const bool colors_;
};

// Written by whichever thread comes next, so it is no scanner's line even if that thread is a scanner's.
base::non_blocking_output::notice notice_of_dropped_lines(std::unique_ptr<spdlog::formatter> formatter) {
  const std::shared_ptr<spdlog::formatter> shared = std::move(formatter);
  return [shared](std::uint64_t dropped) {
    const auto text = fmt::format(
        "log lines were dropped, since nobody read standard error or it could not be written: lines={}",
        dropped);
    spdlog::memory_buf_t buffer;
    shared->format(spdlog::details::log_msg("", spdlog::level::warn, text), buffer);
    return std::string(buffer.data(), buffer.size());
  };
}

// Of the line about dropped lines.
std::string json_context_of_notice(const base::line_context&) {
  return json_log_context({{}, {}, base::events::log_lines_dropped.name, {}});
}

std::string no_context(const base::line_context&) { return {}; }

// https://no-color.org
bool colors_unwanted() {
  const auto value = base::process_environment("NO_COLOR");
  return value && !value->empty();
}

}  // namespace

base::result<void> start_logging(const std::string& level, log_format format) {
  const auto parsed_level = spdlog::level::from_str(level);
  if (parsed_level == spdlog::level::off && level != "off")
    return base::fail(
        base::errc::usage,
        fmt::format("unknown log level '{}'; use trace, debug, info, warn, error or off", level));

  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const bool json = format == log_format::json || (format == log_format::automatic && !terminal);
  const bool colors = terminal && spdlog::details::os::is_color_terminal() && !colors_unwanted();
  auto logger = std::make_shared<spdlog::logger>("scanhost", std::make_shared<standard_error_sink>(colors));
  logger->set_formatter(json ? json_lines(&json_log_context) : human_lines(&human_log_context));
  base::standard_error().set_notice(
      notice_of_dropped_lines(json ? json_lines(&json_context_of_notice) : human_lines(&no_context)));
  logger->set_level(parsed_level);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace scanhost::boot
