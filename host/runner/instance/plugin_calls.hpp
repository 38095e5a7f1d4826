// SPDX-License-Identifier: Apache-2.0
//
// Every call of a plugin goes through here: counted for the watcher of hangs, noted for the
// handler of crashes, and whatever it throws is caught.
#pragma once

#include <exception>
#include <optional>
#include <string>

#include "runner/crash/crash_place.hpp"
#include "runner/instance/hang_watch.hpp"

namespace scanhost::runner {

class plugin_calls {
 public:
  explicit plugin_calls(call_count& count) noexcept : count_(count) {}

  // True while a call is under way: no other may be made.
  bool inside() const noexcept { return inside_; }

  // Makes a call of the entry, a literal. What it threw, as text; none: it returned. Precondition: !inside().
  template <class Call>
  std::optional<std::string> run(const char* entry, Call call) {
    const scope guard(*this, entry);
    try {
      call();
      return std::nullopt;
    } catch (const std::exception& problem) {
      return std::string("it threw: ") + problem.what();
    } catch (...) {
      return std::string("it threw something that is not a std::exception");
    }
  }

  // The host works on behalf of a blocking call: that time is not the plugin's.
  class pause {
   public:
    explicit pause(plugin_calls& calls) noexcept : calls_(calls) { calls_.count_.leave(); }
    ~pause() { calls_.count_.enter(); }
    pause(const pause&) = delete;
    pause& operator=(const pause&) = delete;

   private:
    plugin_calls& calls_;
    crash_place::in_entry host_{nullptr};
  };

 private:
  struct scope {
    scope(plugin_calls& owner, const char* entry) noexcept : calls(owner), place(entry) {
      calls.inside_ = true;
      calls.count_.enter();
    }
    ~scope() {
      calls.count_.leave();
      calls.inside_ = false;
    }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    plugin_calls& calls;
    crash_place::in_entry place;
  };

  call_count& count_;
  bool inside_ = false;
};

}  // namespace scanhost::runner
