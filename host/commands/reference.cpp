// SPDX-License-Identifier: Apache-2.0
//
// `scanhost reference`: what each key of the configuration file means.
#include "config/reference.hpp"

#include "commands/output.hpp"
#include "commands/requests.hpp"

namespace scanhost::commands {

base::exit_code print_reference(const reference_request& request) {
  config::reference reference;
  for (const auto& file : config::shipped_files())
    if (file.path == "scanhost.yaml") reference = config::read_reference(file.text);
  auto printed = print(request.manual_page ? config::to_manual_page(reference, SCANHOST_VERSION)
                                           : config::to_text(reference));
  return printed ? base::exit_code::ok : report(printed.error());
}

}  // namespace scanhost::commands
