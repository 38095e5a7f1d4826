// SPDX-License-Identifier: Apache-2.0
//
// What `scanhost ctl` and the page's buttons can ask of a running host: from a request to the part that does
// it, and back to an answer.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>

#include "admin/control.hpp"
#include "reload/reloader.hpp"
#include "runner/roster.hpp"

namespace scanhost::boot {

// Control thread. The answers of reloads come from another thread; they are posted to the context.
class control {
 public:
  control(boost::asio::io_context& context, runner::roster& scanners)
      : context_(context), scanners_(scanners) {}

  // Reloads are possible from here on; null: not any more.
  void use(reload::reloader* reloads) noexcept { reloads_ = reloads; }

  void handle(const admin::control_request& request, admin::control_reply reply);

 private:
  admin::control_answer status() const;
  admin::control_answer for_each(const std::vector<std::string>& names, bool all_when_empty, const char* done,
                                 const std::function<std::string(runner::scanner&)>& what) const;
  void ask_reloads(const admin::control_request& request, admin::control_reply reply);
  reload::reloader::on_done posted(admin::control_reply reply);

  boost::asio::io_context& context_;
  runner::roster& scanners_;
  reload::reloader* reloads_ = nullptr;
};

}  // namespace scanhost::boot
