// SPDX-License-Identifier: Apache-2.0
#include "config/tls_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/addresses.hpp"
#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "tls/context.hpp"

namespace scanhost::config {
namespace {

class tls_reader {
 public:
  tls_reader(const node* from, const std::filesystem::path& folder, diagnostics& diagnostics)
      : keys_(from, "store.tls",
              {"ca_file", "ca_dir", "cert_file", "key_file", "server_name", "min_version", "insecure"},
              diagnostics),
        folder_(folder),
        diagnostics_(diagnostics),
        problems_before_(diagnostics.problems.size()) {}

  tls_keys run() {
    read_path("ca_file", to_.ca_file);
    read_path("ca_dir", to_.ca_dir);
    read_path("cert_file", to_.cert_file);
    read_path("key_file", to_.key_file);
    read_server_name();
    read_min_version();
    keys_.flag("insecure", to_.insecure);
    check_combinations();
    return {to_, check_files()};
  }

 private:
  void problem(std::string_view key, std::string_view message) {
    diagnostics_.problem(keys_.line(key), fmt::format("{}: {}", keys_.path(key), message));
  }

  void read_path(std::string_view key, std::filesystem::path& to) {
    std::string text;
    if (!keys_.text(key, text)) return;
    if (text.empty()) return problem(key, "expected a path, found an empty text");
    to = below(folder_, text);
  }

  void read_server_name() {
    if (!keys_.text("server_name", to_.server_name)) return;
    if (!is_host(to_.server_name))
      problem("server_name", fmt::format("{} is not a host name or an IP address; write it without a port",
                                         in_quotes(to_.server_name)));
  }

  void read_min_version() {
    std::string text;
    if (!keys_.text("min_version", text)) return;
    if (text != "1.2" && text != "1.3")
      return problem("min_version", fmt::format("expected 1.2 or 1.3, found {}", in_quotes(text)));
    to_.min_version = text == "1.3" ? tls::version::v1_3 : tls::version::v1_2;
  }

  void check_combinations() {
    const auto has = [&](std::string_view key) { return keys_.find(key) != nullptr; };
    const auto exclude = [&](std::string_view key, std::string_view other) {
      if (has(key) && has(other))
        problem(other, fmt::format("{} (line {}) contradicts it; remove one of them", keys_.path(key),
                                   keys_.line(key)));
    };
    const auto require_both = [&](std::string_view key, std::string_view other) {
      if (has(key) && !has(other))
        problem(key, fmt::format("{} is missing; a client certificate needs both", keys_.path(other)));
    };
    exclude("ca_file", "ca_dir");
    require_both("cert_file", "key_file");
    require_both("key_file", "cert_file");
    if (!to_.insecure) return;
    exclude("ca_file", "insecure");
    exclude("ca_dir", "insecure");
    diagnostics_.warning(
        keys_.line("insecure"),
        fmt::format(
            "{}: the server's certificate is not checked: whoever can redirect the connection can pose as the server and learn the password; use ca_file instead",
            keys_.path("insecure")));
  }

  std::string check_files() {
    if (diagnostics_.problems.size() > problems_before_) return {};
    const auto context = tls::context::make(to_);
    if (!context) {
      problem(context.error().key, context.error().message);
      return {};
    }
    for (const auto& warning : (*context)->warnings())
      diagnostics_.warning(keys_.line(warning.key),
                           fmt::format("{}: {}", keys_.path(warning.key), warning.message));
    return (*context)->fingerprint();
  }

  fields keys_;
  const std::filesystem::path& folder_;
  diagnostics& diagnostics_;
  std::size_t problems_before_;
  tls::settings to_;
};

}  // namespace

tls_keys read_tls(const node* from, const std::filesystem::path& folder, diagnostics& diagnostics) {
  return tls_reader(from, folder, diagnostics).run();
}

}  // namespace scanhost::config
