// SPDX-License-Identifier: Apache-2.0
#include "store/connection/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace scanhost::store {
namespace {

namespace asio = boost::asio;

// The delay that RFC 8305 recommends.
constexpr base::milliseconds max_stagger{250};
// Of a name server, so that the connect timeout has room for a second one, and for a second round.
constexpr int shares_of_a_server = 4;
constexpr base::milliseconds min_server_timeout{20};
constexpr base::milliseconds max_server_timeout{5000};

resolver_settings with_timeout(resolver_settings names, base::milliseconds patience) {
  names.server_timeout = std::clamp(patience / shares_of_a_server, min_server_timeout, max_server_timeout);
  return names;
}

}  // namespace

connector::connector(asio::io_context& context, base::milliseconds patience, resolver_settings names)
    : context_(context),
      timer_(context),
      patience_(patience),
      resolver_(context, with_timeout(std::move(names), patience)) {}

void connector::connect(const config::server_address& server, on_connected done) {
  done_ = std::move(done);
  server_ = server;
  boost::system::error_code is_name;
  const auto address = asio::ip::make_address(server.host, is_name);
  if (!is_name) {
    targets_.push_back({{}, asio::ip::tcp::endpoint(address, server.port), nullptr, {}});
    return begin_next();
  }
  resolving_ = true;
  resolver_.resolve(server.host, [self = weak_from_this()](base::result<resolver::addresses> found) {
    if (const auto alive = self.lock()) alive->resolved(std::move(found));
  });
}

void connector::connect(const std::string& socket_path, on_connected done) {
  done_ = std::move(done);
  targets_.push_back({{}, asio::local::stream_protocol::endpoint(socket_path), nullptr, {}});
  begin_next();
}

void connector::cancel() {
  done_ = {};
  resolver_.cancel();
  timer_.cancel();
  targets_.clear();
}

void connector::resolved(base::result<resolver::addresses> found) {
  resolving_ = false;
  if (!found) return fail(found.error().message);
  for (const auto& address : *found)
    targets_.push_back({address.to_string(), asio::ip::tcp::endpoint(address, server_.port), nullptr, {}});
  begin_next();
}

void connector::begin_next() {
  if (begun_ == targets_.size()) return;
  const auto which = begun_++;
  auto& link = targets_[which].link;
  link = std::make_unique<socket>(context_);
  link->async_connect(targets_[which].address, [self = shared_from_this(), which](const auto& problem) {
    if (self->done_) self->connected(which, problem);
  });
  stagger();
}

void connector::stagger() {
  if (begun_ == targets_.size()) return;
  const auto share = patience_ / static_cast<base::milliseconds::rep>(targets_.size());
  timer_.expires_after(std::min(max_stagger, share));
  timer_.async_wait([self = shared_from_this()](const auto& problem) {
    if (!problem && self->done_) self->begin_next();
  });
}

void connector::connected(std::size_t which, const boost::system::error_code& problem) {
  if (!problem) {
    const auto done = std::exchange(done_, {});
    auto link = std::move(*targets_[which].link);
    cancel();
    return done(std::move(link));
  }
  targets_[which].problem = problem.message();
  if (++failed_ == targets_.size()) return fail(problems());
  timer_.cancel();
  begin_next();
}

void connector::fail(std::string problem) {
  const auto done = std::exchange(done_, {});
  done(base::fail(base::errc::unavailable, std::move(problem)));
}

std::string connector::problems() const {
  std::string text;
  for (const auto& each : targets_)
    text += fmt::format("{}{}{}{}", text.empty() ? "" : "; ", each.name, each.name.empty() ? "" : ": ",
                        each.problem);
  return text;
}

std::string connector::missing() const {
  if (resolving_) return fmt::format("no name server answered for '{}'", server_.host);
  std::string silent, failures;
  for (const auto& each : targets_) {
    auto& to = each.problem.empty() ? silent : failures;
    if (!each.name.empty()) to += (to.empty() ? "" : ", ") + each.name;
    if (!each.name.empty() && !each.problem.empty()) to += ": " + each.problem;
  }
  return fmt::format("no answer{}{}{}", silent.empty() ? "" : " from ", silent,
                     failures.empty() ? "" : fmt::format(" ({})", failures));
}

}  // namespace scanhost::store
