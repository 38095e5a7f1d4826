// SPDX-License-Identifier: Apache-2.0
//
// The outcomes of commands that were never sent because their scan was cancelled.
#pragma once

#include <cstddef>
#include <memory>

#include "store/client.hpp"

namespace scanhost::runner {

std::unique_ptr<store::reply_batch> cancelled_batch(std::size_t count);

}  // namespace scanhost::runner
