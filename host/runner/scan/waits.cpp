// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/waits.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

namespace scanhost::runner {

waits::waits(boost::asio::io_context& context, callbacks& callbacks)
    : context_(context),
      callbacks_(callbacks),
      mailbox_(std::make_shared<mailbox>()),
      descriptors_(context, [this](int watched, std::uint32_t events) {
        const auto found = by_descriptor_.find(watched);
        if (found != by_descriptor_.end()) end(wait_ptr(found->second), events & found->second->events);
      }) {
  mailbox_->owner = this;
}

waits::~waits() { mailbox_->owner = nullptr; }

std::uint64_t waits::add_token(const scan_ptr& scan) {
  const auto token = mailbox_->tokens.add();
  scan->wake_tokens.push_back(token);
  return token;
}

void waits::wake(std::uint64_t token) {
  if (!mailbox_->tokens.wake(token)) return;
  boost::asio::post(context_, [mailbox = mailbox_] {
    if (mailbox->owner != nullptr) mailbox->owner->look_for_wakes();
  });
}

void waits::look_for_wakes() {
  for (const auto token : mailbox_->tokens.take_raised()) {
    const auto found = by_token_.find(token);
    if (found != by_token_.end() && mailbox_->tokens.take(token))
      end(wait_ptr(found->second), SCANHOST_READY_WOKEN);
  }
}

std::string waits::wait_for_wake(const request& request, std::uint64_t token) {
  if (std::ranges::count(request.scan->wake_tokens, token) == 0)
    return "wait: the token is not one of this scan";
  if (by_token_.contains(token)) return "wait: the token is waited for already";
  const auto wait = start(request);
  wait->token = token;
  by_token_.emplace(token, wait);
  if (request.scan->cancelled)
    end(wait, 0);
  else if (mailbox_->tokens.take(token))
    end(wait, SCANHOST_READY_WOKEN);
  return {};
}

std::string waits::wait_for_descriptor(const request& request, int descriptor, std::uint32_t events) {
  constexpr std::uint32_t known = SCANHOST_READY_READ | SCANHOST_READY_WRITE;
  if (events == 0 || (events & ~known) != 0)
    return "when_ready: the events have to be SCANHOST_READY_READ, SCANHOST_READY_WRITE or both";
  auto watched = descriptors_.add(descriptor, events);
  if (!watched) return "when_ready: " + watched.error().message;
  const auto wait = start(request);
  wait->watched = std::move(*watched);
  wait->events = events;
  by_descriptor_.emplace(wait->watched.get(), wait);
  if (request.scan->cancelled) end(wait, 0);
  return {};
}

waits::wait_ptr waits::start(const request& request) {
  auto wait = std::make_shared<pending_wait>(context_, request.timeout);
  wait->scan = request.scan;
  wait->on_ready = request.on_ready;
  wait->user = request.user;
  ++request.scan->pending;
  request.scan->waits.push_back(wait);
  wait->timer.async_wait([this, wait](const auto&) {
    if (!wait->ended) end(wait, 0);
  });
  return wait;
}

void waits::end(const wait_ptr& wait, std::uint32_t events) {
  forget(*wait);
  std::erase(wait->scan->waits, wait);
  due_callback callback;
  callback.scan = wait->scan;
  callback.on_ready = wait->on_ready;
  callback.events = events;
  callback.user = wait->user;
  callbacks_.add(std::move(callback));
}

void waits::forget(pending_wait& wait) {
  wait.ended = true;
  wait.timer.cancel();
  if (wait.token != 0) by_token_.erase(wait.token);
  if (!wait.watched) return;
  by_descriptor_.erase(wait.watched.get());
  descriptors_.remove(wait.watched);
}

void waits::cancel(const scan_ptr& scan) {
  for (const auto& wait : std::vector(scan->waits)) end(wait, 0);
}

void waits::close(const scan_ptr& scan) {
  for (const auto& wait : scan->waits) forget(*wait);
  scan->waits.clear();
  for (const auto token : scan->wake_tokens) mailbox_->tokens.remove(token);
  scan->wake_tokens.clear();
}

}  // namespace scanhost::runner
