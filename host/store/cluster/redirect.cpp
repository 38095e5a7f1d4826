// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/redirect.hpp"

#include <charconv>

#include "scanhost/slots.hpp"

namespace scanhost::store {
namespace {

std::optional<std::uint16_t> number_of(std::string_view text) {
  std::uint16_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// The first word, which is taken away from the text.
std::string_view take_word(std::string_view& text) {
  const auto end = text.find(' ');
  const auto word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return word;
}

// "host:port"; an IPv6 address comes without brackets. A server that does not know its name sends none, or ?.
std::optional<config::server_address> target_of(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = number_of(text.substr(colon + 1));
  auto host = text.substr(0, colon);
  if (host == "?") host = {};
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!port || *port == 0) return std::nullopt;
  return config::server_address{std::string(host), *port};
}

std::optional<redirect> read_target(redirect::kind what, std::string_view rest) {
  const auto slot = number_of(take_word(rest));
  auto target = target_of(take_word(rest));
  if (!slot || *slot >= slot_count || !target) return std::nullopt;
  return redirect{what, *slot, std::move(*target)};
}

}  // namespace

std::optional<redirect> redirect_of(std::string_view error) {
  const auto code = take_word(error);
  if (code == "MOVED") return read_target(redirect::kind::moved, error);
  if (code == "ASK") return read_target(redirect::kind::ask, error);
  if (code == "TRYAGAIN") return redirect{redirect::kind::try_again, 0, {}};
  if (code == "CLUSTERDOWN") return redirect{redirect::kind::cluster_down, 0, {}};
  return std::nullopt;
}

std::optional<redirect> redirect_of(const scanhost_reply* reply) {
  if (reply == nullptr || reply->kind != SCANHOST_REPLY_ERROR) return std::nullopt;
  return redirect_of(std::string_view(reply->text.data, reply->text.size));
}

}  // namespace scanhost::store
