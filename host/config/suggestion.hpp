// SPDX-License-Identifier: Apache-2.0
//
// Finds the known word that somebody may have meant by an unknown one. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::config {

// Letters to insert, delete, replace or swap with their neighbour to make one word of the other; upper
// and lower case, and '-' and '_', count as the same.
std::size_t edit_distance(std::string_view word, std::string_view other);

// The known word nearest to `word`, when it is near enough to be what was meant.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

// "did you mean 'interval'?", or `list` and all the known words when none is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& known, std::string_view list);

}  // namespace scanhost::config
