// SPDX-License-Identifier: Apache-2.0
#include "admin/control_path.hpp"

namespace scanhost::admin {
namespace {

namespace fs = std::filesystem;

constexpr const char* socket_name = "control.sock";
constexpr const char* service_socket = "/run/scanhost/control.sock";

std::optional<fs::path> user_socket(const base::environment& variable) {
  const auto runtime = variable("XDG_RUNTIME_DIR");
  if (!runtime || !fs::path(*runtime).is_absolute()) return {};
  return fs::path(*runtime) / "scanhost" / socket_name;
}

}  // namespace

std::optional<fs::path> default_control_socket(const base::environment& variable, bool root) {
  // systemd separates the folders by colons if the unit names several.
  if (const auto runtime = variable("RUNTIME_DIRECTORY"); runtime && !runtime->empty())
    return fs::path(runtime->substr(0, runtime->find(':'))) / socket_name;
  if (root) return fs::path(service_socket);
  return user_socket(variable);
}

fs::path control_socket_to_ask(const base::environment& variable, bool root,
                               const std::function<bool(const fs::path&)>& exists) {
  if (root) return service_socket;
  const auto own = user_socket(variable);
  return own && (exists(*own) || !exists(service_socket)) ? *own : fs::path(service_socket);
}

}  // namespace scanhost::admin
