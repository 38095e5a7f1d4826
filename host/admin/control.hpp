// SPDX-License-Identifier: Apache-2.0
//
// Does what the commands of commands.hpp ask for: passes each on to the scanners or to the reloader, and
// answers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "admin/control_request.hpp"
#include "reload/pauses.hpp"
#include "reload/reloader.hpp"
#include "runner/roster.hpp"

namespace scanhost::admin {

// On the io_context's thread. The reloader answers on a thread of its own; its answers are posted to the
// context.
class control {
 public:
  control(boost::asio::io_context& context, runner::roster& scanners, reload::pauses& pauses)
      : context_(context), scanners_(scanners), pauses_(pauses) {}

  // Reloads are possible from here on; null: no longer.
  void use(reload::reloader* reloads) noexcept { reloads_ = reloads; }

  void pause(const control_request& request, on_answer done);
  void resume(const control_request& request, on_answer done);
  void run_now(const control_request& request, on_answer done);
  void retry(const control_request& request, on_answer done);
  void explain(const control_request& request, on_answer done);
  void set_log_level(const control_request& request, on_answer done);
  void reload(const control_request& request, on_answer done);
  void plan(const control_request& request, on_answer done);
  void roll_back(const control_request& request, on_answer done);
  void list_blocked(const control_request& request, on_answer done);
  void release(const control_request& request, on_answer done);

  // Ends the pauses whose time has come. To be called about once a second.
  void end_pauses(base::timestamp now);

 private:
  using arguments = std::vector<std::string>;

  // Does `act` with each scanner, with all of them if none is named. It returns why it could not; empty:
  // done.
  control_answer for_each(const arguments& names, const char* done_text,
                          const std::function<std::string(runner::scanner&)>& act) const;
  // A refusal, unless each is the name of a scanner or of one of the pauses, and the host has started.
  control_answer check_names(const arguments& names, const reload::pause_entries& kept) const;
  std::string without_secrets(const std::string& text) const;
  // Gives the answer when the pauses are on disk. If they cannot be, it says so.
  void answer_when_saved(on_answer done, control_answer answer);
  // Calls `ask` with the reloader and with where its answer goes.
  void ask_reloader(on_answer done,
                    const std::function<void(reload::reloader&, reload::reloader::on_done)>& ask);

  boost::asio::io_context& context_;
  runner::roster& scanners_;
  reload::pauses& pauses_;
  reload::reloader* reloads_ = nullptr;
};

}  // namespace scanhost::admin
