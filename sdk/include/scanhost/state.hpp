// SPDX-License-Identifier: Apache-2.0
//
// The state that a scanner hands over to the build that replaces it; see ext/state.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace scanhost::inline v1_0 {

// Optional: a scanner that hands its state over while the host runs, by three public members. One that has
// some of them and not all does not compile. The bytes are its own business. `import_state` throws if it
// cannot read the state (of another version, say) and then leaves the scanner unchanged: it starts afresh.
template <class Scanner>
concept keeps_state = requires(Scanner& scanner, std::uint32_t version, std::string_view bytes) {
  { Scanner::state_version } -> std::convertible_to<std::uint32_t>;
  { scanner.export_state() } -> std::convertible_to<std::string>;
  scanner.import_state(version, bytes);
};

namespace detail {

// Each of the three members alone: one that is missing has to be named.
template <class Scanner>
concept has_state_version = requires {
  Scanner::state_version;
};
template <class Scanner>
concept has_export_state = requires {
  &Scanner::export_state;
};
template <class Scanner>
concept has_import_state = requires {
  &Scanner::import_state;
};
template <class Scanner>
concept has_any_of_state =
    has_state_version<Scanner> || has_export_state<Scanner> || has_import_state<Scanner>;

// Fails to compile where a scanner has some of the three and not all, or one that cannot be used.
template <class Scanner>
consteval bool check_state() {
  if constexpr (has_any_of_state<Scanner>) {
    static_assert(has_state_version<Scanner>,
                  "this scanner hands over a state without a public state_version: "
                  "static constexpr std::uint32_t state_version = 1;");
    static_assert(has_export_state<Scanner>,
                  "this scanner has a state_version or import_state() without a public export_state(): "
                  "std::string export_state() const;");
    static_assert(has_import_state<Scanner>,
                  "this scanner has a state_version or export_state() without a public import_state(): "
                  "void import_state(std::uint32_t version, std::string_view bytes);");
    static_assert(
        !has_state_version<Scanner> || !has_export_state<Scanner> || !has_import_state<Scanner> ||
            keeps_state<Scanner>,
        "the members of this scanner's state have other types than: static constexpr std::uint32_t state_version; "
        "std::string export_state() const; void import_state(std::uint32_t version, std::string_view bytes);");
  }
  return true;
}

}  // namespace detail
}  // namespace scanhost::inline v1_0
