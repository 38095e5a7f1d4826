// SPDX-License-Identifier: Apache-2.0
#include "config/store_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/addresses.hpp"
#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "config/suggestion.hpp"
#include "config/tls_keys.hpp"

namespace scanhost::config {
namespace {

constexpr bounds time_outs{10, 3'600'000};
constexpr bounds databases{0, max_database};
constexpr bounds commands_in_flight{1, 1'000'000};
constexpr std::size_t max_addresses = 100;

constexpr std::array modes = {std::pair{std::string_view("auto"), store_mode::automatic},
                              std::pair{std::string_view("standalone"), store_mode::standalone},
                              std::pair{std::string_view("cluster"), store_mode::cluster},
                              std::pair{std::string_view("sentinel"), store_mode::sentinel}};

class store_reader {
 public:
  store_reader(const node* from, secret_keys& secrets, const std::filesystem::path& folder,
               diagnostics& diagnostics)
      : from_(from),
        secrets_(secrets),
        folder_(folder),
        diagnostics_(diagnostics),
        keys_(from, "store",
              {"url", "mode", "addresses", "sentinel", "username", "password_file", "password_env",
               "database", "connect_timeout", "command_timeout", "max_in_flight", "tls"},
              diagnostics) {}

  store_settings run() {
    read_mode();
    read_url();
    read_addresses();
    read_sentinel();
    keys_.integer("database", databases, to_.database);
    check_mode();
    keys_.text("username", to_.username);
    if (auto password = secrets_.read(from_, "store", "password", diagnostics_)) to_.password = *password;
    to_.password_file = secrets_.file_of(from_, "password");
    keys_.duration("connect_timeout", time_outs, to_.connect_timeout);
    keys_.duration("command_timeout", time_outs, to_.command_timeout);
    keys_.integer("max_in_flight", commands_in_flight, to_.max_in_flight);
    read_security();
    return std::move(to_);
  }

 private:
  void problem(std::string_view key, std::string_view message) {
    diagnostics_.problem(keys_.line(key), fmt::format("{}: {}", keys_.path(key), message));
  }

  std::uint16_t default_port() const {
    return to_.mode == store_mode::sentinel ? default_sentinel_port : default_store_port;
  }

  void read_mode() {
    std::string text;
    if (!keys_.text("mode", text)) return;
    const auto same = [&](const auto& mode) { return mode.first == text; };
    if (const auto found = std::ranges::find_if(modes, same); found != modes.end())
      to_.mode = found->second;
    else
      problem("mode",
              fmt::format("expected auto, standalone, cluster or sentinel, found {}", in_quotes(text)));
  }

  void read_url() {
    if (keys_.find("url") == nullptr) return;
    std::string url;
    url_is_valid_ = keys_.text("url", url);
    if (!url_is_valid_) return;
    const auto address = parse_store_url(url);
    url_is_valid_ = address.has_value();
    if (!address) return problem("url", address.error().message);
    to_.url = url;
    to_.socket_path = address->socket_path;
    to_.addresses.clear();
    if (to_.socket_path.empty())
      to_.addresses.push_back({address->host, address->port.value_or(default_port())});
    if (address->tls) to_.tls.emplace();
    to_.database = address->database.value_or(0);
    compare_databases(address->database);
  }

  void compare_databases(std::optional<std::uint32_t> in_url) {
    std::uint32_t database = 0;
    if (!in_url || !keys_.integer("database", databases, database) || database == *in_url) return;
    diagnostics_.problem(
        keys_.line("database"),
        fmt::format(
            "store.database and the database number in store.url (line {}) contradict each other; remove one of them",
            keys_.line("url")));
  }

  void read_addresses() {
    std::vector<std::string> texts;
    if (!keys_.texts("addresses", texts) || texts.empty()) return use_default_url();
    if (!to_.socket_path.empty())
      return problem("addresses", "has no effect with the Unix socket in store.url; remove one of them");
    if (texts.size() > max_addresses)
      return problem("addresses",
                     fmt::format("{} are too many; the maximum is {}", texts.size(), max_addresses));
    if (keys_.find("url") == nullptr) to_.addresses.clear();
    for (const auto& text : texts) read_address(text);
    use_default_url();
  }

  // For messages, where none is written.
  void use_default_url() {
    if (keys_.find("url") != nullptr || to_.addresses.empty()) return;
    if (keys_.find("addresses") == nullptr) to_.addresses.front().port = default_port();
    to_.url = "valkey://" + to_text(to_.addresses.front());
  }

  void read_address(const std::string& text) {
    auto parsed = parse_host_address(text);
    if (!parsed) return problem("addresses", parsed.error().message);
    server_address address{std::move(parsed->host), parsed->port.value_or(default_port())};
    if (std::ranges::find(to_.addresses, address) != to_.addresses.end())
      return problem("addresses", fmt::format("{} is there twice, here or in store.url; remove one of them",
                                              in_quotes(text)));
    to_.addresses.push_back(std::move(address));
  }

  void read_sentinel() {
    const auto* map = section(keys_.find("sentinel"), "store.sentinel", diagnostics_);
    if (map != nullptr && to_.mode != store_mode::sentinel)
      problem("sentinel", "has no effect without mode: sentinel; add that, or remove store.sentinel");
    const fields sentinel(map, "store.sentinel", {"primary", "username", "password_file", "password_env"},
                          diagnostics_);
    const bool named = sentinel.text("primary", to_.sentinel.primary_name);
    if (named && !is_primary_name(to_.sentinel.primary_name))
      diagnostics_.problem(
          sentinel.line("primary"),
          "store.sentinel.primary: expected the name of the primary in the Sentinels' configuration, such as mymaster (letters, digits, '.', '-' and '_')");
    sentinel.text("username", to_.sentinel.username);
    if (auto password = secrets_.read(map, "store.sentinel", "password", diagnostics_))
      to_.sentinel.password = *password;
    to_.sentinel.password_file = secrets_.file_of(map, "password");
  }

  // As Sentinel itself takes them.
  static bool is_primary_name(std::string_view name) {
    constexpr auto allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
  }

  void check_mode() {
    if (to_.mode == store_mode::sentinel && to_.sentinel.primary_name.empty())
      problem(
          "mode",
          "the mode sentinel needs store.sentinel.primary, the name of the primary in the Sentinels' configuration");
    const bool many = to_.mode == store_mode::cluster || to_.mode == store_mode::sentinel;
    if (many && !to_.socket_path.empty())
      problem("mode",
              fmt::format("the mode {} needs TCP, and store.url names a Unix socket", to_text(to_.mode)));
    if (to_.mode == store_mode::cluster && to_.database != 0)
      diagnostics_.problem(
          keys_.line(keys_.find("database") != nullptr ? "database" : "url"),
          fmt::format("store.database: a cluster has only the database 0, found {}; remove it",
                      to_.database));
  }

  // The settings of TLS exist already if the URL asks for it.
  void read_security() {
    const auto* entry = keys_.find("tls");
    const auto* map = section(entry, "store.tls", diagnostics_);
    if (!to_.tls && map == nullptr) return;
    auto read = read_tls(map, folder_, diagnostics_);
    if (to_.tls) {
      to_.tls = std::move(read.settings);
      to_.tls_fingerprint = std::move(read.fingerprint);
    } else if (url_is_valid_) {
      diagnostics_.problem(
          entry->line,
          "store.tls has no effect with this store.url, which does not use TLS; write valkeys:// or rediss:// there, or remove store.tls");
    }
  }

  const node* from_;
  secret_keys& secrets_;
  const std::filesystem::path& folder_;
  diagnostics& diagnostics_;
  fields keys_;
  bool url_is_valid_ = true;
  store_settings to_;
};

}  // namespace

store_settings read_store(const node* from, secret_keys& secrets, const std::filesystem::path& folder,
                          diagnostics& diagnostics) {
  return store_reader(from, secrets, folder, diagnostics).run();
}

std::string to_text(const server_address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", address.host, v6 ? "]" : "", address.port);
}

std::string_view to_text(store_mode mode) noexcept {
  for (const auto& [text, value] : modes)
    if (value == mode) return text;
  return "unknown";
}

}  // namespace scanhost::config
