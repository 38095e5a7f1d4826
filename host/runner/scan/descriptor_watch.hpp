// SPDX-License-Identifier: Apache-2.0
//
// Sees when descriptors of a plugin become ready, on the scanner's loop.
//
// Each is watched through a duplicate, so that the plugin may close its own at any time, and may wait for one
// descriptor several times at once. The duplicates stand in an epoll of their own: Asio would switch the
// plugin's descriptor to non-blocking, and would accept regular files, which epoll refuses.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::runner {

class descriptor_watch {
 public:
  // `ready` is called from the loop, with the number of a watched duplicate and SCANHOST_READY_*.
  using on_ready = std::function<void(int watched, std::uint32_t events)>;
  descriptor_watch(boost::asio::io_context& context, on_ready ready)
      : context_(context), ready_(std::move(ready)) {}
  descriptor_watch(const descriptor_watch&) = delete;
  descriptor_watch& operator=(const descriptor_watch&) = delete;

  // Watches for SCANHOST_READY_READ and WRITE, until they came once. The duplicate, to be given to remove();
  // or why the system does not watch it.
  base::result<base::unique_fd> add(int descriptor, std::uint32_t events);
  void remove(base::unique_fd& watched) noexcept;

 private:
  bool open();
  void wait();
  void deliver();

  boost::asio::io_context& context_;
  on_ready ready_;
  std::optional<boost::asio::posix::stream_descriptor> epoll_;  // since the first add()
};

}  // namespace scanhost::runner
