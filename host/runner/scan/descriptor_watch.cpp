// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/descriptor_watch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "scanhost/ext/waiting.h"

namespace scanhost::runner {

namespace {

// At the end and on an error, reading and writing do not block either.
std::uint32_t ready_events(std::uint32_t events) noexcept {
  constexpr std::uint32_t readable = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  constexpr std::uint32_t writable = EPOLLOUT | EPOLLHUP | EPOLLERR;
  return ((events & readable) != 0 ? std::uint32_t{SCANHOST_READY_READ} : 0u) |
         ((events & writable) != 0 ? std::uint32_t{SCANHOST_READY_WRITE} : 0u);
}

epoll_event watched_event(int watched, std::uint32_t events) noexcept {
  epoll_event event{};
  event.events = EPOLLONESHOT;
  if ((events & SCANHOST_READY_READ) != 0) event.events |= EPOLLIN | EPOLLRDHUP;
  if ((events & SCANHOST_READY_WRITE) != 0) event.events |= EPOLLOUT;
  event.data.fd = watched;
  return event;
}

base::error refusal(int descriptor) {
  if (errno == EPERM)
    return base::fail(base::errc::data,
                      fmt::format("descriptor {} is a regular file or a folder, which the system cannot "
                                  "wait for: read and write it without waiting",
                                  descriptor));
  return base::fail(base::errc::unavailable,
                    fmt::format("descriptor {} cannot be waited for: {}", descriptor, std::strerror(errno)));
}

}  // namespace

base::result<base::unique_fd> descriptor_watch::add(int descriptor, std::uint32_t events) {
  base::unique_fd watched(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!watched || !open()) return refusal(descriptor);
  auto event = watched_event(watched.get(), events);
  if (::epoll_ctl(epoll_->native_handle(), EPOLL_CTL_ADD, watched.get(), &event) != 0)
    return refusal(descriptor);
  return watched;
}

// The plugin's own descriptor may still be open, and would keep the duplicate in the epoll.
void descriptor_watch::remove(base::unique_fd& watched) noexcept {
  if (watched) ::epoll_ctl(epoll_->native_handle(), EPOLL_CTL_DEL, watched.get(), nullptr);
  watched.reset();
}

bool descriptor_watch::open() {
  if (epoll_) return true;
  base::unique_fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return false;
  epoll_.emplace(context_, epoll.release());
  wait();
  return true;
}

void descriptor_watch::wait() {
  epoll_->async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const auto& problem) {
    if (problem) return;
    deliver();
    wait();
  });
}

void descriptor_watch::deliver() {
  std::array<epoll_event, 64> events{};
  const auto count = ::epoll_wait(epoll_->native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    ready_(event.data.fd, ready_events(event.events));
  }
}

}  // namespace scanhost::runner
