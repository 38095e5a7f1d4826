// SPDX-License-Identifier: Apache-2.0
#include "store/connection/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "config/store_keys.hpp"
#include "store/protocol/outcome.hpp"
#include "tls/explain.hpp"

namespace scanhost::store {
namespace {

namespace asio = boost::asio;

// This much output leaves at once, so that the server can work while further scans are started. Less output
// waits until no scan is ready. More than the first commands of the scans that start in a row, which would
// else be cut in two, the second part for the last one alone; and less than a server reads at once, since it
// answers all of that before it sends a reply, and meanwhile the host would have nothing to do.
constexpr std::size_t enough_output = std::size_t{12} * 1024;

// A larger buffer is not kept for the next write.
constexpr std::size_t max_kept_buffer = std::size_t{64} * 1024;

// A connection shorter than this does not reset the back-off.
constexpr base::milliseconds min_recovery{1000};

// How often the file of the password is looked at.
constexpr base::milliseconds password_interval{1000};

constexpr std::string_view closed_by_host = "the host closed the connection to the store";

// The servers to try, one after the other.
std::vector<config::server_address> servers_of(const config::store_settings& settings) {
  const bool found_otherwise = settings.mode == config::store_mode::sentinel || !settings.socket_path.empty();
  return found_otherwise ? std::vector<config::server_address>() : settings.addresses;
}

base::errc error_of(const handshake::login_failure& failure) {
  if (failure.state != state::serving) return facts_of(failure.state).error;
  return failure.outcome == SCANHOST_OUTCOME_PERMANENT ? base::errc::no_permission : base::errc::unavailable;
}

}  // namespace

connection::connection(asio::io_context& context, const config::store_settings& settings, std::string name,
                       connection_user& user)
    : context_(context),
      settings_(settings),
      name_(std::move(name)),
      store_name_(endpoint_name(settings)),
      endpoint_(store_name_),
      servers_(servers_of(settings)),
      user_(&user),
      password_(settings.password_file, settings.password),
      pipeline_({settings.max_in_flight, settings.connect_timeout, settings.command_timeout}),
      attempt_timer_(context),
      deadline_timer_(context),
      password_timer_(context),
      random_(std::random_device{}()) {
  if (settings.mode == config::store_mode::sentinel)
    watch_ = std::make_shared<primary_watch>(context, settings, static_cast<primary_user&>(*this));
}

void connection::start() {
  attempt();
  if (password_.exists()) watch_password();
}

ticket connection::execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                           on_complete done) {
  // The deadline of a batch behind others counts from the reply to them: it needs no reading of the clock.
  const auto now = pipeline_.in_flight() > 0 ? base::steady_time{} : base::steady::now();
  const auto which = pipeline_.add(commands, count, stride, std::move(done), now);
  if (state_ == connection_state::stopped) {
    pipeline_.fail_waiting(SCANHOST_OUTCOME_TRANSIENT, closed_by_host);
  }
  if (pipeline_.output_size() >= enough_output) flush();
  work_soon();
  watch_deadline();
  return which;
}

void connection::cancel(ticket which) {
  pipeline_.cancel(which, base::steady::now());
  work_soon();
}

client_status connection::status() const {
  return {state_, endpoint_, last_error_, refusal_, reconnects_, pipeline_.in_flight(), {}};
}

void connection::hand_back_waiting(std::string_view reason) {
  pipeline_.fail_waiting(SCANHOST_OUTCOME_TRANSIENT, reason);
  work_soon();
}

void connection::drop(std::string_view problem) {
  if (state_ == connection_state::up) lost(problem);
}

void connection::stop() {
  if (state_ == connection_state::stopped) return;
  const bool was_up = state_ == connection_state::up;
  state_ = connection_state::stopped;
  drop_stream();
  if (watch_) watch_->close();
  attempt_timer_.cancel();
  deadline_timer_.cancel();
  password_timer_.cancel();
  pipeline_.closed(closed_by_host, base::steady::now());
  pipeline_.fail_waiting(SCANHOST_OUTCOME_TRANSIENT, closed_by_host);
  if (was_up && user_) user_->on_down();
  work_soon();
}

base::milliseconds connection::max_attempt() const noexcept {
  const auto servers = static_cast<base::milliseconds::rep>(std::max<std::size_t>(servers_.size(), 1));
  return servers_.share_of(settings_.connect_timeout) * servers;
}

void connection::attempt() {
  state_ = connection_state::connecting;
  if (!watch_) return try_server(servers_.size() == 0 ? nullptr : &servers_.current());
  limit_attempt(settings_.connect_timeout);
  watch_->find();
}

void connection::try_server(const config::server_address* server) {
  auto settings = settings_;
  if (server != nullptr) settings.addresses = {*server};
  state_ = connection_state::connecting;
  decoder_.emplace();
  writing_ = false;
  heard_ = false;
  demoted_ = false;
  password_.refresh();
  settings_.password = password_.value();
  login_warning_.clear();
  handshake_.emplace(settings_, name_);
  stream_ = std::make_shared<stream>(context_, settings, *this);
  if (!watch_) limit_attempt(servers_.share_of(settings_.connect_timeout));
  stream_->open();
  note_warning(warnings());
}

void connection::limit_attempt(base::milliseconds patience) {
  attempt_timer_.expires_after(patience);
  attempt_timer_.async_wait([self = shared_from_this(), number = ++attempts_](const auto& problem) {
    if (problem || self->attempts_ != number || self->state_ != connection_state::connecting) return;
    self->timed_out();
  });
}

void connection::on_primary(const config::server_address& primary) {
  const auto self = shared_from_this();
  endpoint_ = config::to_text(primary);
  if (state_ == connection_state::connecting && !stream_) try_server(&primary);
}

void connection::on_no_primary(std::string problem) {
  const auto self = shared_from_this();
  if (state_ != connection_state::connecting || stream_) return;
  endpoint_ = store_name_;
  failed({base::errc::unavailable, std::move(problem)}, SCANHOST_OUTCOME_TRANSIENT);
}

void connection::on_moved(const config::server_address& primary) {
  const auto self = shared_from_this();
  const auto problem = fmt::format("the Sentinels have made {} the primary", config::to_text(primary));
  if (state_ == connection_state::up) {
    lost(problem);
  } else if (state_ == connection_state::connecting && stream_) {
    failed({base::errc::unavailable, problem}, SCANHOST_OUTCOME_TRANSIENT);
  }
  if (state_ == connection_state::down) schedule_attempt(base::milliseconds{0});
}

void connection::on_password_looked_at() { note_warning(warnings()); }

void connection::note_warning(const std::string& warning) {
  if (warning == warning_) return;
  warning_ = warning;
  if (!warning_.empty() && user_) user_->on_warning(endpoint_, warning_);
}

std::string connection::warnings() const {
  std::string text = stream_ ? stream_->warning() : std::string();
  const auto add = [&](const std::string& more) {
    if (!more.empty()) text += fmt::format("{}{}", text.empty() ? "" : "; ", more);
  };
  if (!password_.problem().empty())
    add(fmt::format("store.password_file: {}; the password that it had before is used", password_.problem()));
  add(login_warning_);
  if (watch_) add(watch_->warning());
  return text;
}

void connection::watch_password() {
  password_timer_.expires_after(password_interval);
  password_timer_.async_wait([self = shared_from_this()](const auto& problem) {
    if (problem || self->state_ == connection_state::stopped) return;
    self->look_at_password();
    self->watch_password();
  });
}

void connection::look_at_password() {
  const bool changed = password_.refresh();
  if (changed && state_ == connection_state::up) log_in_again();
  note_warning(warnings());
  // The server may be waiting for this password.
  if (changed && state_ == connection_state::down) schedule_attempt(base::milliseconds{0});
}

// A server that refuses it keeps the login before: nothing is lost either way.
void connection::log_in_again() {
  settings_.password = password_.value();
  login_warning_.clear();
  pipeline_.add_login(
      login_command(settings_),
      [self = weak_from_this()](std::unique_ptr<reply_batch> batch) {
        if (const auto alive = self.lock()) alive->login_answered(batch->raw()->outcomes[0]);
      },
      base::steady::now());
  work_soon();
  watch_deadline();
}

void connection::login_answered(const scanhost_outcome& outcome) {
  const std::string_view message(outcome.message.data, outcome.message.size);
  if (outcome.kind == SCANHOST_OUTCOME_REPLY || state_ != connection_state::up) return;
  login_warning_ = fmt::format(
      "the server refuses the new password in {}: {}; this connection keeps the login that it has, but no other can be made",
      password_.path().string(), message);
  note_warning(warnings());
}

void connection::timed_out() {
  auto problem =
      fmt::format("{} within the connect timeout", stream_ ? stream_->missing() : watch_->missing());
  if (stream_ && stream_->is_in_handshake())
    problem = fmt::format(
        "the TLS handshake took longer than the connect timeout; if the server does not speak TLS on this port, {}",
        tls::advise_plain());
  failed({base::errc::timed_out, std::move(problem)}, SCANHOST_OUTCOME_TRANSIENT);
}

void connection::on_open(std::string_view problem) {
  const auto self = shared_from_this();
  if (!problem.empty()) {
    return failed({base::errc::unavailable, std::string(problem)}, SCANHOST_OUTCOME_TRANSIENT);
  }
  writing_ = true;
  stream_->write(handshake_->bytes());
}

void connection::up() {
  const auto time = handshake_->time();
  const auto server = handshake_->server();
  handshake_.reset();
  attempt_timer_.cancel();
  state_ = connection_state::up;
  if (servers_.size() > 0) endpoint_ = config::to_text(servers_.current());
  servers_.succeed();
  if (server.cluster) servers_.keep_current();  // the others are other nodes, not the same store
  problems_.clear();
  up_since_ = base::steady::now();
  const bool again = std::exchange(was_up_, true);
  if (again) ++reconnects_;
  last_error_.clear();
  refusal_.reset();
  if (std::exchange(reported_, false) && user_) user_->on_recovery(endpoint_);
  if (user_) user_->on_up(again, server, time ? &*time : nullptr);
  pipeline_.opened(up_since_);
}

void connection::failed(base::error problem, std::int32_t outcome,
                        std::optional<connection_refusal> refusal) {
  state_ = connection_state::down;
  refusal_ = std::move(refusal);
  drop_stream();
  handshake_.reset();
  const bool several = servers_.size() > 1;
  if (several)
    problems_ += fmt::format("{}{}: {}", problems_.empty() ? "" : "; ", config::to_text(servers_.current()),
                             problem.message);
  const bool all_failed = servers_.fail();
  // Nothing will work until an operator acts, so nobody should wait for it.
  if (outcome == SCANHOST_OUTCOME_PERMANENT && all_failed)
    pipeline_.fail_waiting(outcome, fmt::format("store {}: {}", endpoint_, problem.message));
  if (!all_failed) return schedule_attempt(base::milliseconds{0});
  if (several) problem.message = std::exchange(problems_, {});
  attempt_failed(std::move(problem));
}

void connection::attempt_failed(base::error problem) {
  if (servers_.size() > 0) endpoint_ = store_name_;
  report(problem.message);
  problem.message = fmt::format("store {}: {}", endpoint_, problem.message);
  if (user_) user_->on_failed_attempt(problem);
  try_again();
  work_soon();
}

void connection::lost(std::string_view problem) {
  const auto now = base::steady::now();
  report(problem);
  state_ = connection_state::down;
  drop_stream();
  if (now - up_since_ >= min_recovery) retry_.reset();
  pipeline_.closed(fmt::format("store {}: {}", endpoint_, problem), now);
  if (user_) user_->on_down();
  try_again();
  work_soon();
  watch_deadline();
}

void connection::report(std::string_view problem) {
  last_error_ = problem;
  if (!std::exchange(reported_, true) && user_) user_->on_outage(endpoint_, problem);
}

void connection::try_again() {
  if (state_ == connection_state::stopped) return;
  schedule_attempt(retry_.next(std::uniform_real_distribution<>(0, 1)(random_)));
}

void connection::schedule_attempt(base::milliseconds delay) {
  attempt_timer_.expires_after(delay);
  attempt_timer_.async_wait([self = shared_from_this()](const auto& problem) {
    if (!problem && self->state_ == connection_state::down) self->attempt();
  });
}

void connection::drop_stream() {
  if (stream_) stream_->close();
  stream_.reset();
}

void connection::on_data(std::string_view bytes) {
  const auto self = shared_from_this();  // a callback may destroy the client
  const auto now = base::steady::now();
  if (handshake_ && !settings_.tls && tls::starts_like_tls(bytes)) return refuse_tls();
  heard_ = true;
  data_arrived_ = now;
  decoder_->feed(bytes);
  in_data_ = true;
  if (!decode(now))
    broken();
  else if (demoted_ && state_ == connection_state::up)
    lost("the server is a replica now, and only the primary takes writes");
  in_data_ = false;
  work();
  if (pipeline_.idle() && decoder_->empty()) decoder_->shrink();
}

void connection::refuse_tls() {
  failed({base::errc::unavailable, fmt::format("the server speaks TLS on this port; {}", tls::advise_tls())},
         SCANHOST_OUTCOME_TRANSIENT);
}

bool connection::decode(base::steady_time now) {
  const scanhost_reply* reply = nullptr;
  while (!decoder_->empty()) {
    auto* memory = handshake_ ? &handshake_->memory() : pipeline_.reply_memory();
    if (memory == nullptr) return false;
    const auto step = decoder_->next(*memory, reply);
    if (step == decoder::step::malformed) return false;
    if (step == decoder::step::needs_more) return true;
    if (!handshake_) {
      if (reply->kind == SCANHOST_REPLY_ERROR)
        demoted_ |= is_from_replica({reply->text.data, reply->text.size});
      pipeline_.answered(*reply, now);
    } else if (!greet(*reply)) {
      return true;
    }
  }
  return true;
}

bool connection::greet(const scanhost_reply& reply) {
  switch (handshake_->answered(reply)) {
    case handshake::step::continues:
      return true;
    case handshake::step::done:
      up();
      return true;
    case handshake::step::failed:
      break;
  }
  const auto failure = handshake_->failure();
  std::optional<connection_refusal> refusal;
  if (failure.state != state::serving) refusal = {failure.state, failure.reply};
  failed({error_of(failure), failure.message}, failure.outcome, std::move(refusal));
  return false;
}

void connection::broken() {
  const auto why = decoder_->problem();
  const auto problem = why.empty() ? std::string("the server sent a reply without a request")
                                   : fmt::format("the server sent a reply that cannot be read: {}", why);
  if (handshake_) {
    failed({base::errc::data, problem}, SCANHOST_OUTCOME_PERMANENT);
  } else {
    // The command of this reply would get the same answer again; the commands behind it may not.
    pipeline_.garbled(problem);
    lost(problem);
  }
}

void connection::on_written(std::string buffer) {
  writing_ = false;
  keep(std::move(buffer));
  flush();
}

void connection::on_lost(std::string_view problem) {
  const auto self = shared_from_this();
  if (!handshake_) return lost(problem);
  // A server that waits for TLS closes without a word.
  const bool wants_tls = !heard_ && !settings_.tls && settings_.socket_path.empty();
  auto message = std::string(problem);
  if (wants_tls) message += fmt::format("; if the server expects TLS on this port, {}", tls::advise_tls());
  failed({base::errc::unavailable, std::move(message)}, SCANHOST_OUTCOME_TRANSIENT);
}

void connection::flush() {
  if (state_ != connection_state::up || writing_ || !pipeline_.has_output()) return;
  auto bytes = pipeline_.take_output(std::exchange(spare_, {}));
  const auto written = stream_->write_now(bytes);
  if (written == bytes.size()) return keep(std::move(bytes));
  bytes.erase(0, written);
  writing_ = true;
  stream_->write(std::move(bytes));
}

void connection::keep(std::string buffer) {
  if (buffer.capacity() <= max_kept_buffer) spare_ = std::move(buffer);
}

void connection::work_soon() {
  if (in_data_ || std::exchange(posted_, true)) return;
  asio::post(context_, [self = shared_from_this()] {
    self->posted_ = false;
    self->work();
  });
}

void connection::work() {
  if (pipeline_.has_finished()) deliver();
  flush();
  watch_deadline();
  if (pipeline_.has_finished()) work_soon();
}

void connection::deliver() {
  auto batches = pipeline_.take_finished(std::exchange(delivered_, {}));
  outcome_counts counts{};
  for (auto& finished : batches) {
    if (!user_) break;
    count_outcomes(*finished.batch->raw(), counts);
    finished.done(std::move(finished.batch));
  }
  if (user_) user_->on_outcomes(counts);
  batches.clear();
  if (batches.capacity() * sizeof(batches[0]) <= max_kept_buffer) delivered_ = std::move(batches);
}

void connection::watch_deadline() {
  const auto due = pipeline_.deadline();
  if (!due || state_ == connection_state::stopped || (armed_ && *armed_ <= *due)) return;
  armed_ = due;
  deadline_timer_.expires_at(*due);
  deadline_timer_.async_wait([self = shared_from_this()](const auto& problem) {
    if (problem) return;
    self->armed_.reset();
    self->deadline_passed();
  });
}

void connection::deadline_passed() {
  const auto reason = fmt::format("store {}: no connection within the connect timeout{}", endpoint_,
                                  last_error_.empty() ? "" : fmt::format(" ({})", last_error_));
  if (pipeline_.expire(base::steady::now(), reason)) lost("no reply within the command timeout");
  work();
}

}  // namespace scanhost::store
