// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scanhost::inline v1_0::detail {

// Whether this is compiled with AddressSanitizer; each compiler says so in its own way.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool address_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif
#else
inline constexpr bool address_sanitizer = false;
#endif

}  // namespace scanhost::inline v1_0::detail
