// SPDX-License-Identifier: Apache-2.0
//
// The state that a scanner hands over to the build that replaces it; see ext/state.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace scanhost {

// Optional: a scanner that hands its state over while the host runs. The bytes are its own business.
// `import_state` throws if it cannot read the state (of another version, say) and then leaves the scanner
// unchanged: it starts afresh.
template <class Scanner>
concept keeps_state = requires(Scanner& scanner, std::uint32_t version, std::string_view bytes) {
  { Scanner::state_version } -> std::convertible_to<std::uint32_t>;
  { scanner.export_state() } -> std::convertible_to<std::string>;
  scanner.import_state(version, bytes);
};

}  // namespace scanhost
