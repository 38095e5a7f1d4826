// SPDX-License-Identifier: Apache-2.0
#include "admin/control_path.hpp"

#include <cstdlib>

namespace scanhost::admin {
namespace {

namespace fs = std::filesystem;

constexpr const char* socket_name = "control.sock";
constexpr const char* of_the_service = "/run/scanhost/control.sock";

std::optional<fs::path> of_the_user(const environment& variable) {
  const auto runtime = variable("XDG_RUNTIME_DIR");
  if (!runtime || !fs::path(*runtime).is_absolute()) return {};
  return fs::path(*runtime) / "scanhost" / socket_name;
}

}  // namespace

std::optional<std::string> from_process(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::optional<fs::path> default_control_socket(const environment& variable, bool root) {
  // systemd gives several folders separated by colons when the unit names several.
  if (const auto runtime = variable("RUNTIME_DIRECTORY"); runtime && !runtime->empty())
    return fs::path(runtime->substr(0, runtime->find(':'))) / socket_name;
  if (root) return fs::path(of_the_service);
  return of_the_user(variable);
}

fs::path control_socket_to_ask(const environment& variable, bool root,
                               const std::function<bool(const fs::path&)>& exists) {
  if (root) return of_the_service;
  const auto own = of_the_user(variable);
  return own && (exists(*own) || !exists(of_the_service)) ? *own : fs::path(of_the_service);
}

}  // namespace scanhost::admin
