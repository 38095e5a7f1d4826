// SPDX-License-Identifier: Apache-2.0
//
// Short texts of the configuration: durations, sizes and numbers, the URL of the store, the address to listen
// on. What is taken can be written again and is then the same; what is refused has a reason of one line.
#include <fmt/format.h>

#include "base/utf8.hpp"
#include "config/addresses.hpp"
#include "config/quantity.hpp"
#include "config/suggestion.hpp"
#include "fuzz.hpp"

namespace {

using namespace scanhost;
using fuzz::require;

bool for_people(std::string_view line) {
  while (!line.empty()) {
    const auto length = base::utf8_character(line);
    if (length == 0 || static_cast<unsigned char>(line.front()) < ' ') return false;
    line.remove_prefix(length);
  }
  return true;
}

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

template <class Result>
void check_reason(const Result& result) {
  if (!result)
    require(!result.error().empty() && for_people(result.error()), "a reason is one line of text",
            result.error());
}

void check_quantities(std::string_view text) {
  const auto duration = config::parse_duration(text);
  check_reason(duration);
  if (duration) {
    require(*duration >= 0, "a duration is not negative", text);
    require(config::parse_duration(config::format_duration(base::milliseconds(*duration))) == *duration,
            "a duration that is written is the same", text);
  }
  const auto bytes = config::parse_size(text);
  check_reason(bytes);
  if (bytes) {
    require(*bytes >= 0, "a size is not negative", text);
    require(config::parse_size(config::format_size(*bytes)) == *bytes, "a size that is written is the same",
            text);
  }
  const auto integer = config::parse_integer(text);
  check_reason(integer);
  if (integer)
    require(config::parse_integer(std::to_string(*integer)) == *integer, "an integer is the same", text);
  const auto real = config::parse_real(text);
  check_reason(real);
  if (real) require(config::parse_real(config::format_real(*real)) == *real, "a number is the same", text);
  require(for_people(config::in_quotes(text)), "a quoted text is one line", config::in_quotes(text));
}

void check_url(std::string_view text) {
  const auto url = config::parse_store_url(text);
  if (!url) {
    require(for_people(url.error().message), "a reason is one line of text", url.error().message);
    const auto at = text.rfind('@');
    const auto begin = text.find(':', text.find("://") + 3);
    if (at != std::string_view::npos && begin < at && at - begin > 12)
      require(url.error().message.find(text.substr(begin + 1, at - begin - 1)) == std::string::npos,
              "what may be a password is not repeated", url.error().message);
    return;
  }
  require(printable(text), "a URL has no control characters", text);
  require(!url->socket_path.empty() || (config::is_host(url->host) && url->port != 0),
          "a URL has a host and a port", text);
  require(url->database.value_or(0) <= config::max_database, "a database is in range", text);
}

void check_listen(std::string_view text) {
  const auto listen = config::parse_listen(text);
  if (!listen) {
    require(for_people(listen.error().message), "a reason is one line of text", listen.error().message);
    return;
  }
  if (!listen->enabled) return;
  require(config::literal_ip(listen->address) && printable(listen->address),
          "an address is a literal IP address", listen->address);
  const bool six = listen->address.find(':') != std::string::npos;
  const auto written = six ? fmt::format("[{}]:{}", listen->address, listen->port)
                           : fmt::format("{}:{}", listen->address, listen->port);
  const auto again = config::parse_listen(written);
  require(again && again->address == listen->address && again->port == listen->port &&
              again->loopback == listen->loopback,
          "an address that is written is the same", written);
}

void check_suggestion(std::string_view text) {
  const std::vector<std::string> known{"interval", "page_size", "concurrency", "options"};
  require(for_people(config::suggestion(text, known, "the keys are")), "a suggestion is one line of text");
  require(config::edit_distance(text, text) == 0, "a word is no edit away from itself", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, std::min<std::size_t>(size, 4096));
  check_quantities(text);
  check_url(text);
  check_listen(text);
  check_suggestion(text.substr(0, 64));
  return 0;
}
