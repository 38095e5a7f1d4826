// SPDX-License-Identifier: Apache-2.0
//
// Ids of the engine's records: UUID texts, execution ids, and the partitions they lie in.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ff {

using uuid = std::array<std::uint8_t, 16>;

// A UUID text in one of the accepted forms: hyphenated; 32 digits; hyphenated inside braces; hyphenated
// after `urn:uuid:`. Digits in any letter case. Nothing for every other text.
std::optional<uuid> parse_uuid(std::string_view text) noexcept;

// Lower-case, hyphenated.
std::string canonical(const uuid& id);

// The canonical form if it is a UUID text, else the text itself.
std::string canonical_or_as_found(std::string_view text);

// A fresh one that names nothing.
uuid random_uuid();

// The partition of a flow, budget or quota id. Precondition: count > 0.
std::uint32_t partition_of(const uuid& id, std::uint32_t count) noexcept;

// The partition that an execution id names: `{fp:N}:<uuid>`. Nothing when it is malformed.
std::optional<std::uint16_t> execution_partition(std::string_view execution_id) noexcept;

}  // namespace ff
