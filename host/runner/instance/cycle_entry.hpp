// SPDX-License-Identifier: Apache-2.0
//
// The entries of a plugin that start a scan without a partition.
#pragma once

namespace scanhost::runner {

enum class cycle_entry { begin, end };

}  // namespace scanhost::runner
