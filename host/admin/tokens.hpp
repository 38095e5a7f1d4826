// SPDX-License-Identifier: Apache-2.0
//
// Who may do what at admin.listen: the tokens of admin.read_token_file and admin.operator_token_file. A file
// that has changed is read again at the next request, so that tokens can be replaced while the host runs.
//
// Threads: the control thread. It looks at the files, so they must not lie where that can hang.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/secret_file.hpp"
#include "config/settings.hpp"

namespace scanhost::admin {

// The later ones may do what the earlier ones may, too.
enum class role {
  stranger,  // asks whether the host is alive and ready, and for the page without what it shows
  reader,    // sees everything
  commander  // uses the commands of the page, if there are any
};

class tokens {
 public:
  // As configured: without a file its token is not asked for.
  explicit tokens(const config::admin_settings& settings);

  // `authorizations`: each Authorization header of a request, "Bearer TOKEN". One that cannot be read counts
  // as none.
  role role_of(const std::vector<std::string_view>& authorizations);

 private:
  // A file and what was last said about it.
  struct token {
    config::secret_file file;
    const char* key;      // in the configuration
    std::string problem;  // that was logged last
  };
  static bool matches(token& expected, std::string_view given);
  static void refresh(token& expected);

  token read_;
  token operator_;
};

}  // namespace scanhost::admin
