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
#include "reload/reloader.hpp"
#include "runner/roster.hpp"

namespace scanhost::admin {

// On the io_context's thread. The reloader answers on a thread of its own; its answers are posted to the
// context.
class control {
 public:
  using arguments = std::vector<std::string>;

  control(boost::asio::io_context& context, runner::roster& scanners)
      : context_(context), scanners_(scanners) {}

  // Reloads are possible from here on; null: no longer.
  void use(reload::reloader* reloads) noexcept { reloads_ = reloads; }

  void pause(const arguments& scanners, on_answer done);
  void resume(const arguments& scanners, on_answer done);
  void run_now(const arguments& scanners, on_answer done);
  void set_log_level(const arguments& scanner_and_level, on_answer done);
  void reload(const arguments& scanners, on_answer done);
  void plan(const arguments& none, on_answer done);
  void roll_back(const arguments& scanner, on_answer done);
  void list_blocked(const arguments& none, on_answer done);
  void release(const arguments& sha256, on_answer done);

 private:
  // Does `act` with each scanner, with all of them if none is named. It returns why it could not; empty:
  // done.
  control_answer for_each(const arguments& names, const char* done_text,
                          const std::function<std::string(runner::scanner&)>& act) const;
  // Calls `ask` with the reloader and with where its answer goes.
  void ask_reloader(on_answer done,
                    const std::function<void(reload::reloader&, reload::reloader::on_done)>& ask);

  boost::asio::io_context& context_;
  runner::roster& scanners_;
  reload::reloader* reloads_ = nullptr;
};

}  // namespace scanhost::admin
