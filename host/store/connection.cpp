// SPDX-License-Identifier: Apache-2.0
//
// The thin Asio code that obeys pipeline, handshake and back-off.
#include "store/connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <random>
#include <utility>

#include "store/back_off.hpp"
#include "store/codec.hpp"
#include "store/handshake.hpp"
#include "store/pipeline.hpp"
#include "store/transport.hpp"

namespace scanhost::store {
namespace {

namespace asio = boost::asio;

// So much output leaves at once, so that the server works while the next scans are started; less waits
// until nothing more is ready.
constexpr std::size_t enough_output = 8 * 1024;

// A buffer that grew beyond this is not kept.
constexpr std::size_t kept_buffer = 64 * 1024;

// A connection that lasted shorter does not count as a recovery.
constexpr base::milliseconds settled{1000};

}  // namespace

class connection::impl final : public stream_user, public std::enable_shared_from_this<impl> {
 public:
  impl(asio::io_context& context, const config::store_settings& settings, std::string name,
       connection_user& user)
      : context_(context),
        settings_(settings),
        name_(std::move(name)),
        endpoint_(endpoint_name(settings)),
        user_(&user),
        pipeline_({settings.max_in_flight, settings.connect_timeout, settings.command_timeout}),
        attempt_timer_(context),
        deadline_timer_(context),
        random_(std::random_device{}()) {}

  void start() { attempt(); }

  ticket execute(const scanhost_command* commands, std::size_t count, std::size_t stride, on_complete done) {
    const auto which = pipeline_.add(commands, count, stride, std::move(done), base::steady::now());
    if (state_ == connection_state::stopped) {
      pipeline_.fail_waiting(SCANHOST_OUTCOME_TRANSIENT, "the connection to the store was closed by us");
    }
    if (pipeline_.output_size() >= enough_output) flush();
    work_soon();
    watch_deadline();
    return which;
  }

  void cancel(ticket which) {
    pipeline_.cancel(which, base::steady::now());
    work_soon();
  }

  bool has_room(std::size_t count) const noexcept { return pipeline_.has_room(count); }

  client_status status() const {
    return {state_, endpoint_, last_error_, reconnects_, pipeline_.in_flight()};
  }

  void stop() {
    if (state_ == connection_state::stopped) return;
    const bool was_up = state_ == connection_state::up;
    state_ = connection_state::stopped;
    drop_stream();
    attempt_timer_.cancel();
    deadline_timer_.cancel();
    constexpr std::string_view reason = "the connection to the store was closed by us";
    pipeline_.closed(reason, base::steady::now());
    pipeline_.fail_waiting(SCANHOST_OUTCOME_TRANSIENT, reason);
    if (was_up && user_) user_->on_down();
    work_soon();
  }

  void detach() { user_ = nullptr; }

 private:
  // --- connecting ---

  void attempt() {
    state_ = connection_state::connecting;
    decoder_.emplace();
    writing_ = false;
    handshake_.emplace(settings_, name_);
    stream_ = make_stream(context_, settings_, *this);
    attempt_timer_.expires_after(settings_.connect_timeout);
    attempt_timer_.async_wait([self = shared_from_this(), number = ++attempts_](const auto& problem) {
      if (problem || self->attempts_ != number || !self->handshake_) return;
      self->failed({base::errc::timed_out, "no answer within the connect timeout"},
                   SCANHOST_OUTCOME_TRANSIENT);
    });
    stream_->open();
  }

  void on_open(std::string_view problem) override {
    const auto self = shared_from_this();
    if (!problem.empty()) {
      return failed({base::errc::unavailable, std::string(problem)}, SCANHOST_OUTCOME_TRANSIENT);
    }
    writing_ = true;
    stream_->write(handshake_->bytes());
  }

  void up() {
    const auto time = handshake_->time();
    handshake_.reset();
    attempt_timer_.cancel();
    state_ = connection_state::up;
    up_since_ = base::steady::now();
    const bool again = std::exchange(was_up_, true);
    if (again) ++reconnects_;
    last_error_.clear();
    if (std::exchange(reported_, false) && user_) user_->on_recovery();
    if (user_) user_->on_up(again, time ? &*time : nullptr);
    pipeline_.opened(up_since_);
  }

  // An attempt, or what began as one, came to nothing.
  void failed(base::error problem, std::int32_t outcome) {
    report(problem.message);
    problem.message = "store " + endpoint_ + ": " + problem.message;
    state_ = connection_state::down;
    drop_stream();
    handshake_.reset();
    // Nothing will work until an operator acts: do not let anybody wait for it.
    if (outcome == SCANHOST_OUTCOME_PERMANENT) pipeline_.fail_waiting(outcome, problem.message);
    if (user_) user_->on_failed_attempt(problem);
    try_again();
    work_soon();
  }

  // A connection that was up is lost.
  void lost(std::string_view problem) {
    const auto now = base::steady::now();
    report(problem);
    state_ = connection_state::down;
    drop_stream();
    if (now - up_since_ >= settled) retry_.reset();
    pipeline_.closed("store " + endpoint_ + ": " + std::string(problem), now);
    if (user_) user_->on_down();
    try_again();
    work_soon();
    watch_deadline();
  }

  // The user hears of an outage once, the status of every failed attempt.
  void report(std::string_view problem) {
    last_error_ = problem;
    if (!std::exchange(reported_, true) && user_) user_->on_outage(problem);
  }

  void try_again() {
    if (state_ == connection_state::stopped) return;
    attempt_timer_.expires_after(retry_.next(std::uniform_real_distribution<>(0, 1)(random_)));
    attempt_timer_.async_wait([self = shared_from_this()](const auto& problem) {
      if (!problem && self->state_ == connection_state::down) self->attempt();
    });
  }

  void drop_stream() {
    if (stream_) stream_->close();
    stream_.reset();
  }

  // --- moving bytes ---

  void on_data(std::string_view bytes) override {
    const auto self = shared_from_this();  // a callback may destroy the client
    const auto now = base::steady::now();
    decoder_->feed(bytes);
    in_data_ = true;
    if (!decode(now)) broken();
    in_data_ = false;
    work();
    if (pipeline_.idle() && decoder_->empty()) decoder_->shrink();
  }

  // Takes all complete replies; false: what the server says makes no sense.
  bool decode(base::steady_time now) {
    const scanhost_reply* reply = nullptr;
    while (!decoder_->empty()) {
      auto* memory = handshake_ ? &handshake_->memory() : pipeline_.reply_memory();
      if (memory == nullptr) return false;
      const auto step = decoder_->next(*memory, reply);
      if (step == decoder::step::malformed) return false;
      if (step == decoder::step::needs_more) return true;
      if (!handshake_) {
        pipeline_.answered(*reply, now);
      } else if (!greet(*reply)) {
        return true;
      }
    }
    return true;
  }

  // A reply of the handshake; false: there is no connection any more.
  bool greet(const scanhost_reply& reply) {
    switch (handshake_->answered(reply)) {
      case handshake::step::goes_on:
        return true;
      case handshake::step::done:
        up();
        return true;
      case handshake::step::refused:
        break;
    }
    const auto refusal = handshake_->refusal();
    const bool permanent = refusal.outcome == SCANHOST_OUTCOME_PERMANENT;
    failed({permanent ? base::errc::no_permission : base::errc::unavailable, refusal.message},
           refusal.outcome);
    return false;
  }

  void broken() {
    const auto why = decoder_->problem();
    std::string problem = "the server sent ";
    problem += why.empty() ? std::string("a reply that nobody asked for")
                           : "a reply that cannot be read: " + std::string(why);
    if (handshake_) {
      failed({base::errc::data, problem}, SCANHOST_OUTCOME_PERMANENT);
    } else {
      // The command whose reply it was will get the same answer again; those behind it may not.
      pipeline_.garbled(problem);
      lost(problem);
    }
  }

  void on_written(std::string buffer) override {
    writing_ = false;
    keep(std::move(buffer));
    flush();
  }

  void on_lost(std::string_view problem) override {
    const auto self = shared_from_this();
    if (handshake_)
      return failed({base::errc::unavailable, std::string(problem)}, SCANHOST_OUTCOME_TRANSIENT);
    lost(problem);
  }

  void flush() {
    if (state_ != connection_state::up || writing_ || !pipeline_.has_output()) return;
    auto bytes = pipeline_.take_output(std::exchange(spare_, {}));
    const auto written = stream_->write_now(bytes);
    if (written == bytes.size()) return keep(std::move(bytes));
    bytes.erase(0, written);
    writing_ = true;
    stream_->write(std::move(bytes));
  }

  void keep(std::string buffer) {
    if (buffer.capacity() <= kept_buffer) spare_ = std::move(buffer);
  }

  // Posted: whatever else is asked for before leaves in the same write, and batches complete from a
  // clean stack, never inside execute().
  void work_soon() {
    if (in_data_ || std::exchange(posted_, true)) return;
    asio::post(context_, [self = shared_from_this()] {
      self->posted_ = false;
      self->work();
    });
  }

  void work() {
    if (pipeline_.has_finished()) deliver();
    flush();
    watch_deadline();
    if (pipeline_.has_finished()) work_soon();
  }

  void deliver() {
    auto batches = pipeline_.take_finished(std::exchange(delivered_, {}));
    outcome_counts counts{};
    for (auto& each : batches) {
      if (!user_) break;
      count_outcomes(*each.batch->raw(), counts);
      each.done(std::move(each.batch));
    }
    if (user_) user_->on_outcomes(counts);
    batches.clear();
    if (batches.capacity() * sizeof(batches[0]) <= kept_buffer) delivered_ = std::move(batches);
  }

  // --- time ---

  // One timer, armed while something is owed: deadlines only ever move back while it runs, so it is
  // asked again when it fires rather than set anew for each batch.
  void watch_deadline() {
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

  void deadline_passed() {
    const auto reason = "store " + endpoint_ + ": no connection within the connect timeout" +
                        (last_error_.empty() ? "" : " (" + last_error_ + ")");
    if (pipeline_.expire(base::steady::now(), reason)) lost("no reply within the command timeout");
    work();
  }

  asio::io_context& context_;
  config::store_settings settings_;
  std::string name_;
  std::string endpoint_;
  connection_user* user_;
  pipeline pipeline_;
  asio::steady_timer attempt_timer_;   // the attempt's end, or the next attempt
  asio::steady_timer deadline_timer_;  // the pipeline's deadline
  std::optional<base::steady_time> armed_;
  std::minstd_rand random_;
  back_off retry_;
  connection_state state_ = connection_state::connecting;
  std::shared_ptr<stream> stream_;
  std::optional<decoder> decoder_;
  std::optional<handshake> handshake_;  // while it is not up
  std::string spare_;
  std::vector<pipeline::finished> delivered_;  // kept for its room
  bool writing_ = false;
  bool posted_ = false;
  bool in_data_ = false;  // work() follows
  std::uint64_t attempts_ = 0;
  bool was_up_ = false;
  bool reported_ = false;
  base::steady_time up_since_{};
  std::string last_error_;
  std::uint64_t reconnects_ = 0;
};

connection::connection(asio::io_context& context, const config::store_settings& settings, std::string name,
                       connection_user& user)
    : impl_(std::make_shared<impl>(context, settings, std::move(name), user)) {}

connection::~connection() {
  impl_->detach();
  impl_->stop();
}

void connection::start() { impl_->start(); }

ticket connection::execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                           on_complete done) {
  return impl_->execute(commands, count, stride, std::move(done));
}

void connection::cancel(ticket which) { impl_->cancel(which); }
bool connection::has_room(std::size_t count) const noexcept { return impl_->has_room(count); }
client_status connection::status() const { return impl_->status(); }
void connection::stop() { impl_->stop(); }

}  // namespace scanhost::store
