// SPDX-License-Identifier: Apache-2.0
#include "reload/kept_state.hpp"

#include <string>
#include <string_view>

#include "base/log.hpp"

namespace scanhost::reload {
namespace {

namespace events = base::events;

void log_unreadable(const std::string& problem) { base::log(events::state_file_unreadable, problem); }

// What was done, whose error is logged after these words.
base::result<void> logged(base::result<void> done, const base::log_event& event,
                          std::string_view consequence) {
  if (!done)
    base::log(event, {}, std::string(consequence) + ": " + done.error().message,
              {{"error", done.error().message}});
  return done;
}

}  // namespace

kept_state::kept_state(const std::filesystem::path& place, const std::filesystem::path& config_file)
    : blocked(place, &log_unreadable),
      good(place, config_file, &log_unreadable),
      pauses(place, config_file, &log_unreadable),
      histories(place, config_file, &log_unreadable) {}

void kept_state::load() {
  logged(pauses.load(), events::pauses_unknown,
         "which scanners were paused is not known, so all of them run");
  logged(histories.load(), events::state_file_unreadable, "the histories of the scanners begin anew");
}

base::result<void> kept_state::save_pauses() {
  return logged(pauses.save(), events::pause_not_saved,
                "what is paused now will not be so after a restart of the host");
}

base::result<void> kept_state::save_histories() {
  return logged(histories.save(), events::state_file_unreadable,
                "the histories of the scanners are not kept");
}

}  // namespace scanhost::reload
