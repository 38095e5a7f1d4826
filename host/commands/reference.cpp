// SPDX-License-Identifier: Apache-2.0
//
// `scanhost reference`: what each key of the configuration file means.
#include "config/reference.hpp"

#include "base/embedded_file.hpp"
#include "commands/output.hpp"
#include "commands/requests.hpp"

namespace scanhost::commands {

base::exit_code print_reference(const reference_request& request) {
  const auto reference = config::read_reference(base::text_at(config::shipped_files(), "scanhost.yaml"));
  auto printed = print(request.manual_page ? config::to_manual_page(reference, SCANHOST_VERSION)
                                           : config::to_text(reference));
  return printed ? base::exit_code::ok : report(printed.error());
}

}  // namespace scanhost::commands
