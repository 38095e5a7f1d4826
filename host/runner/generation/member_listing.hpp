// SPDX-License-Identifier: Apache-2.0
//
// Who the members of a listed family are in the cycle that begins: from an option, from a key in the store,
// or from what the plugin names in begin_cycle. On the scanner's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/description.hpp"
#include "config/settings.hpp"
#include "runner/generation/member_reader.hpp"
#include "runner/scan/member_offers.hpp"
#include "runner/scan/wake_signal.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

class member_listing {
 public:
  // All of them have to outlive it.
  member_listing(const config::family& family, const config::scanner_settings& settings,
                 store::client& client, wake_signal& wake)
      : family_(family), settings_(settings), reader_(client), wake_(wake) {}

  // A cycle begins. Raises the signal when members that have to be read are known.
  void begin();
  void drop();
  bool under_way() const noexcept { return under_way_; }

  struct result {
    std::optional<std::vector<std::string>> members;  // none: those of the last cycle, or there are no others
    std::string refusal;                              // why the key could not be read; empty: it could
    bool failed = false;                              // not all could be read: the cycle has an error
  };
  // What is known before begin_cycle; once.
  result take();

  // What the plugin names in begin_cycle.
  member_offers& offers() noexcept { return offers_; }

 private:
  void take_read(base::result<std::vector<std::string>> members);
  void report(const std::string& problem);

  const config::family& family_;
  const config::scanner_settings& settings_;
  member_reader reader_;
  wake_signal& wake_;
  member_offers offers_;
  bool under_way_ = false;
  result result_;
  std::string problem_;  // of the last cycle; empty: none
};

}  // namespace scanhost::runner
