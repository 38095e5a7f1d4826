// SPDX-License-Identifier: Apache-2.0
#include "store/session.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "scanhost/text.hpp"
#include "store/protocol/command_of.hpp"
#include "store/protocol/states.hpp"
#include "store/servers.hpp"

namespace scanhost::store {
namespace {

// Added to the timeouts of the connection, which end every wait by themselves.
constexpr base::milliseconds grace{1000};

base::error error_of(state which, const std::string& command, std::string_view reply) {
  const auto& facts = facts_of(which);
  return base::fail(facts.error, fmt::format("{}: the server {}: {}{}{}", command, facts.sentence, reply,
                                             facts.advice.empty() ? "" : "; what helps: ", facts.advice));
}

base::error error_of(const scanhost_outcome& outcome, const std::string& command) {
  const auto found = outcome.reply == nullptr ? verdict{} : judge(view(outcome.message));
  if (found.fault == fault::store) return error_of(found.state, command, view(outcome.message));
  const auto message = fmt::format("{}: {}", command, view(outcome.message));
  switch (outcome.kind) {
    case SCANHOST_OUTCOME_PERMANENT:
      return base::fail(base::errc::no_permission, message);
    case SCANHOST_OUTCOME_REFUSED:
      return base::fail(base::errc::software, message);
    case SCANHOST_OUTCOME_ERROR_REPLY:
      return base::fail(base::errc::data, message);
    default:
      return base::fail(base::errc::unavailable, message);
  }
}

}  // namespace

class session::impl final : public connection_user {
 public:
  impl(const config::store_settings& settings, std::stop_token stop)
      : settings_(settings),
        servers_(context_, settings, "session", static_cast<connection_user&>(*this)),
        on_stop_(std::move(stop), [this] { boost::asio::post(context_, [this] { stopped_ = true; }); }) {}

  base::result<void> open() {
    servers_.start();
    run_until([&] { return up_ || problem_; }, servers_.max_attempt() + grace);
    if (stopped_) return given_up();
    if (up_) return {};
    return problem_.value_or(base::fail(base::errc::timed_out, "the store did not answer in time"));
  }

  const servers& nodes() const noexcept { return servers_; }

  base::result<std::unique_ptr<reply_batch>> call(const std::string& route,
                                                  const std::vector<std::string>& args) {
    std::vector<scanhost_string> strings;
    strings.reserve(args.size());
    for (const auto& arg : args) strings.push_back({arg.data(), arg.size()});
    const auto command = command_of(strings);
    // Shared with the callback: a late reply must still find it.
    const auto answer = std::make_shared<std::unique_ptr<reply_batch>>();
    const auto which =
        servers_.execute(&command, 1, sizeof(command), route,
                         [answer](std::unique_ptr<reply_batch> batch) { *answer = std::move(batch); });
    run_until([&] { return *answer != nullptr; },
              settings_.connect_timeout + settings_.command_timeout + grace);
    if (stopped_) return given_up();
    const std::string name = args.empty() ? "" : args.front();
    if (!*answer) {
      servers_.cancel(which);
      return base::fail(base::errc::timed_out, fmt::format("{}: no reply within the command timeout", name));
    }
    const auto& outcome = (*answer)->raw()->outcomes[0];
    if (outcome.kind == SCANHOST_OUTCOME_REPLY) return std::move(*answer);
    return error_of(outcome, name);
  }

  void on_up(bool, const server_identity& server, const base::timestamp*) override {
    if (const auto supported = require_supported(server); !supported) problem_ = supported.error();
    up_ = !problem_;
  }
  void on_down() override {}
  void on_failed_attempt(const base::error& problem) override { problem_ = problem; }
  void on_outage(std::string_view, std::string_view) override {}   // the caller gets an error
  void on_warning(std::string_view, std::string_view) override {}  // the scanners' connections report it
  void on_recovery(std::string_view) override {}
  void on_outcomes(const outcome_counts&) override {}

 private:
  static base::error given_up() {
    return base::fail(base::errc::unavailable, "the host stops, so the store is not asked any more");
  }

  template <class Done>
  void run_until(Done done, base::milliseconds limit) {
    const auto end = base::steady::now() + limit;
    context_.restart();
    while (!stopped_ && !done() && base::steady::now() < end) {
      if (context_.run_one_until(end) == 0) break;
    }
  }

  config::store_settings settings_;
  boost::asio::io_context context_{1};
  bool up_ = false;
  bool stopped_ = false;
  std::optional<base::error> problem_;
  servers servers_;
  std::stop_callback<std::function<void()>> on_stop_;
};

base::result<session> session::open(const config::store_settings& settings, std::stop_token stop) {
  auto implementation = std::make_unique<impl>(settings, std::move(stop));
  if (auto opened = implementation->open(); !opened) return opened.error();
  return session(std::move(implementation));
}

session::session(std::unique_ptr<impl> implementation) noexcept : impl_(std::move(implementation)) {}
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

base::result<std::unique_ptr<reply_batch>> session::call(const std::vector<std::string>& args) {
  return impl_->call("", args);
}

std::size_t session::node_count() const noexcept { return impl_->nodes().node_count(); }

std::string session::node_name(std::size_t index) const { return impl_->nodes().node_name(index); }

base::result<std::unique_ptr<reply_batch>> session::call_at(std::size_t index,
                                                            const std::vector<std::string>& args) {
  return impl_->call(impl_->nodes().node_route(index), args);
}

const scanhost_reply& reply_of(const reply_batch& batch) noexcept { return *batch.raw()->outcomes[0].reply; }

}  // namespace scanhost::store
