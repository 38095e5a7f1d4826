// SPDX-License-Identifier: Apache-2.0
//
// Where the control socket is by default, for the host and for those who ask it.
#include "admin/control_path.hpp"

#include <gtest/gtest.h>

#include <map>

namespace scanhost::admin {
namespace {

using path = std::filesystem::path;
constexpr const char* service = "/run/scanhost/control.sock";

base::environment variables(std::map<std::string, std::string> set) {
  return [set = std::move(set)](const char* name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

std::function<bool(const path&)> only(const path& file) {
  return [file](const path& asked) { return asked == file; };
}

TEST(default_control_socket, is_in_the_runtime_folder_under_systemd) {
  const auto found = default_control_socket(variables({{"RUNTIME_DIRECTORY", "/run/a:/run/b"}}), false);
  EXPECT_EQ(found, path("/run/a/control.sock"));
}

TEST(default_control_socket, is_below_run_for_root) {
  EXPECT_EQ(default_control_socket(variables({{"XDG_RUNTIME_DIR", "/run/user/0"}}), true), path(service));
}

TEST(default_control_socket, is_below_the_runtime_folder_of_another_user) {
  EXPECT_EQ(default_control_socket(variables({{"XDG_RUNTIME_DIR", "/run/user/7"}}), false),
            path("/run/user/7/scanhost/control.sock"));
}

TEST(default_control_socket, is_nowhere_for_a_user_without_one) {
  EXPECT_FALSE(default_control_socket(variables({}), false));
  EXPECT_FALSE(default_control_socket(variables({{"XDG_RUNTIME_DIR", "relative"}}), false));
}

TEST(control_socket_to_ask, is_the_one_of_the_users_own_host_first) {
  const auto set = variables({{"XDG_RUNTIME_DIR", "/run/user/7"}});
  const path own = "/run/user/7/scanhost/control.sock";
  EXPECT_EQ(control_socket_to_ask(set, false, only(own)), own);
  EXPECT_EQ(control_socket_to_ask(set, false, only(service)), service);
  EXPECT_EQ(control_socket_to_ask(set, false, only("/nothing")), own);
}

TEST(control_socket_to_ask, is_the_services_for_root_and_where_there_is_no_other) {
  EXPECT_EQ(control_socket_to_ask(variables({{"XDG_RUNTIME_DIR", "/x"}}), true, only("/x")), service);
  EXPECT_EQ(control_socket_to_ask(variables({}), false, only("/x")), service);
}

}  // namespace
}  // namespace scanhost::admin
