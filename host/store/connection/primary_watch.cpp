// SPDX-License-Identifier: Apache-2.0
#include "store/connection/primary_watch.hpp"

#include <fmt/format.h>

#include <utility>

#include "config/store_keys.hpp"

namespace scanhost::store {
namespace {

constexpr base::milliseconds look_pause{500};

}  // namespace

primary_watch::primary_watch(boost::asio::io_context& context, const config::store_settings& settings,
                             primary_user& user)
    : context_(context),
      settings_(settings),
      sentinel_(settings.sentinel),
      password_(settings.sentinel.password_file, settings.sentinel.password),
      user_(&user),
      sentinels_(settings.addresses),
      timer_(context) {}

void primary_watch::find() {
  finding_ = true;
  if (!dialogue_) look();
}

void primary_watch::close() {
  user_ = nullptr;
  timer_.cancel();
  drop_stream();
}

std::string primary_watch::missing() const {
  return fmt::format("{} of the Sentinel {}", stream_ ? stream_->missing() : "no answer",
                     config::to_text(sentinels_.current()));
}

std::string primary_watch::warning() const {
  if (!refusal_.empty())
    return fmt::format(
        "the Sentinel {} refuses the new password in {}: {}; this connection to it keeps the login that it has, but no other can be made",
        config::to_text(sentinels_.current()), password_.path().string(), refusal_);
  if (!password_.problem().empty())
    return fmt::format("store.sentinel.password_file: {}; the password that it had before is used",
                       password_.problem());
  return {};
}

void primary_watch::look() {
  const bool changed = password_.refresh();
  sentinel_.password = password_.value();
  if (!stream_) return connect();
  using occasion = sentinel_dialogue::occasion;
  dialogue_.emplace(sentinel_, changed ? occasion::new_password : occasion::later);
  if (changed) refusal_.clear();
  set_timer(sentinels_.share_of(settings_.connect_timeout));
  stream_->write(dialogue_->bytes());
}

void primary_watch::connect() {
  settings_.addresses = {sentinels_.current()};
  decoder_.emplace();
  dialogue_.emplace(sentinel_, sentinel_dialogue::occasion::first);
  stream_ = std::make_shared<stream>(context_, settings_, *this);
  set_timer(sentinels_.share_of(settings_.connect_timeout));
  stream_->open();
}

void primary_watch::set_timer(base::milliseconds delay) {
  timer_.expires_after(delay);
  timer_.async_wait([self = shared_from_this()](const auto& problem) {
    if (!problem && self->user_) self->timed_out();
  });
}

void primary_watch::timed_out() {
  if (!dialogue_) {
    look();
    if (user_ != nullptr) user_->on_password_looked_at();
    return;
  }
  failed(fmt::format("{} in time", stream_->missing()));
}

void primary_watch::on_open(std::string_view problem) {
  const auto self = shared_from_this();
  if (!problem.empty()) return failed(problem);
  stream_->write(dialogue_->bytes());
}

void primary_watch::on_lost(std::string_view problem) {
  const auto self = shared_from_this();
  failed(problem);
}

void primary_watch::on_data(std::string_view bytes) {
  const auto self = shared_from_this();
  decoder_->feed(bytes);
  while (user_ != nullptr && stream_ && !decoder_->empty()) {
    if (!dialogue_) return failed("the Sentinel sent a reply without a request");
    const scanhost_reply* reply = nullptr;
    const auto step = decoder_->next(dialogue_->memory(), reply);
    if (step == decoder::step::needs_more) return;
    if (step == decoder::step::malformed) return failed("the Sentinel sent a reply that cannot be read");
    switch (dialogue_->answered(*reply)) {
      case sentinel_dialogue::step::continues:
        break;
      case sentinel_dialogue::step::done:
        answered();
        break;
      case sentinel_dialogue::step::failed:
        return failed(std::string(dialogue_->problem()));
    }
  }
}

void primary_watch::answered() {
  const auto primary = dialogue_->primary();
  if (!dialogue_->refusal().empty()) refusal_ = dialogue_->refusal();
  for (const auto& other : dialogue_->others()) sentinels_.learn(other);
  dialogue_.reset();
  sentinels_.succeed();
  problems_.clear();
  set_timer(look_pause);
  const bool moved = found_ && *found_ != primary;
  found_ = primary;
  if (std::exchange(finding_, false)) return user_->on_primary(primary);
  if (moved) user_->on_moved(primary);
}

void primary_watch::failed(std::string_view problem) {
  problems_ += fmt::format("{}Sentinel {}: {}", problems_.empty() ? "" : "; ",
                           config::to_text(sentinels_.current()), problem);
  drop_stream();
  if (!sentinels_.fail()) return connect();
  set_timer(look_pause);
  auto problems = std::exchange(problems_, {});
  if (std::exchange(finding_, false)) user_->on_no_primary(std::move(problems));
}

void primary_watch::drop_stream() {
  if (stream_) stream_->close();
  stream_.reset();
  dialogue_.reset();
  refusal_.clear();
}

}  // namespace scanhost::store
