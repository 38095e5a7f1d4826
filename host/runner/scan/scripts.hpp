// SPDX-License-Identifier: Apache-2.0
//
// The scripts that a plugin has declared. Their handles live as long as this; the same source has one handle.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "store/protocol/script.hpp"

namespace scanhost::runner {

class scripts {
 public:
  // Precondition: the source is not empty.
  const scanhost_script* declare(std::string_view source) {
    const auto found = by_source_.find(source);
    if (found != by_source_.end()) return found->second.get();
    auto script = store::make_script(source);
    const auto* handle = script.get();
    handles_.insert(handle);
    by_source_.emplace(source, std::move(script));
    return handle;
  }
  bool contains(const scanhost_script* handle) const { return handles_.contains(handle); }

 private:
  std::map<std::string, std::unique_ptr<scanhost_script>, std::less<>> by_source_;
  std::unordered_set<const scanhost_script*> handles_;
};

}  // namespace scanhost::runner
