// SPDX-License-Identifier: Apache-2.0
#include "runner/record/item_explanation.hpp"

namespace scanhost::runner {

std::string_view to_text(standing where) noexcept {
  switch (where) {
    case standing::not_here:
      return "not_here";
    case standing::due:
      return "due";
    case standing::waiting:
      return "waiting";
    case standing::held:
      return "held";
    case standing::filtered:
      return "filtered";
    case standing::in_order:
      return "in_order";
    case standing::malformed:
      return "malformed";
    case standing::unknown:
      break;
  }
  return "unknown";
}

}  // namespace scanhost::runner
