// SPDX-License-Identifier: Apache-2.0
#include "store/connection/resolver.hpp"

#include <ares.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/time.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"

namespace scanhost::store {
namespace {

namespace asio = boost::asio;

constexpr int rounds_of_servers = 2;
// c-ares looks at its time-outs only when it is called.
constexpr base::milliseconds max_pause{1000};

base::error unresolved(int status, const std::string& host) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_ENONAME:
      return base::fail(
          base::errc::unavailable,
          fmt::format(
              "the name '{}' has no address: neither /etc/hosts nor the name servers have one; correct the name, or add it there",
              host));
    case ARES_ETIMEOUT:
    case ARES_ECONNREFUSED:
      return base::fail(
          base::errc::unavailable,
          fmt::format("no name server answered for '{}'; check /etc/resolv.conf and the network", host));
    case ARES_EBADNAME:
      return base::fail(base::errc::unavailable,
                        fmt::format("'{}' is not the name of a host; correct it", host));
    default:
      return base::fail(base::errc::unavailable,
                        fmt::format("the name '{}' cannot be resolved: {}", host, ares_strerror(status)));
  }
}

std::optional<asio::ip::address> address_of(const sockaddr& from) {
  if (from.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (from.sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &from, sizeof v6);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

resolver::addresses addresses_of(const ares_addrinfo* found) {
  resolver::addresses result;
  for (const auto* node = found == nullptr ? nullptr : found->nodes; node != nullptr; node = node->ai_next) {
    const auto address = node->ai_addr == nullptr ? std::nullopt : address_of(*node->ai_addr);
    if (address && std::ranges::find(result, *address) == result.end()) result.push_back(*address);
  }
  return result;
}

// RFC 6761, 6.3: these names are this machine's, whatever files and name servers say, or where there are
// none.
bool is_localhost(std::string_view host) {
  constexpr std::string_view localhost = "localhost";
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() > localhost.size() && host[host.size() - localhost.size() - 1] != '.') return false;
  if (host.size() < localhost.size()) return false;
  return std::ranges::equal(host.substr(host.size() - localhost.size()), localhost,
                            [](char left, char right) { return base::to_lower(left) == right; });
}

resolver::addresses loopback() {
  return {asio::ip::address_v6::loopback(), asio::ip::address_v4::loopback()};
}

int start_library() { return ares_library_init(ARES_LIB_INIT_ALL); }

}  // namespace

// A lookup with a channel of c-ares of its own, whose sockets and time-outs the io_context watches. Shared
// with its handlers, which may come after the end.
class resolver::lookup final : public std::enable_shared_from_this<lookup> {
 public:
  lookup(asio::io_context& context, std::string host, on_resolved done)
      : context_(context), timer_(context), host_(std::move(host)), done_(std::move(done)) {}
  ~lookup() { close(); }
  lookup(const lookup&) = delete;
  lookup& operator=(const lookup&) = delete;

  void start(const resolver_settings& settings) {
    if (is_localhost(host_)) return finish_soon(ARES_SUCCESS, loopback());
    if (const int status = open(settings); status != ARES_SUCCESS) return finish_soon(status, {});
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    ares_getaddrinfo(channel_, host_.c_str(), nullptr, &hints, &lookup::on_found, this);
    set_timer();
  }

  // `done` is not called any more.
  void cancel() {
    done_ = {};
    close();
  }

 private:
  // A socket of c-ares, which opens and closes it.
  struct watched {
    explicit watched(asio::io_context& context) : descriptor(context) {}
    asio::posix::stream_descriptor descriptor;
    bool wants_read = false, wants_write = false;
    bool awaits_read = false, awaits_write = false;
    bool is_open = true;
  };

  int open(const resolver_settings& settings) {
    static const int library = start_library();
    if (library != ARES_SUCCESS) return library;
    ares_options options{};
    options.timeout = static_cast<int>(settings.server_timeout.count());
    options.tries = rounds_of_servers;
    options.sock_state_cb = &lookup::on_socket_state;
    options.sock_state_cb_data = this;
    const int status =
        ares_init_options(&channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS || settings.servers.empty()) return status;
    return ares_set_servers_ports_csv(channel_, settings.servers.c_str());
  }

  // c-ares calls on_found and on_socket_state from in here.
  void close() {
    closing_ = true;
    timer_.reset();
    if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
    for (auto& [number, socket] : sockets_) forget(*socket);
    sockets_.clear();
  }

  static void on_found(void* self, int status, int /*timeouts*/, ares_addrinfo* found) {
    auto& lookup = *static_cast<resolver::lookup*>(self);
    auto addresses = addresses_of(found);
    if (found != nullptr) ares_freeaddrinfo(found);
    if (!lookup.closing_) lookup.finish_soon(status, std::move(addresses));
  }

  // From inside of c-ares: the channel must not go now.
  void finish_soon(int status, addresses found) {
    asio::post(context_, [self = shared_from_this(), status, found = std::move(found)]() mutable {
      const auto done = std::exchange(self->done_, {});
      self->close();
      if (!done) return;
      if (status == ARES_SUCCESS && found.empty()) status = ARES_ENODATA;
      if (status == ARES_SUCCESS)
        done(std::move(found));
      else
        done(unresolved(status, self->host_));
    });
  }

  static void on_socket_state(void* self, ares_socket_t number, int readable, int writable) {
    auto& lookup = *static_cast<resolver::lookup*>(self);
    if (!lookup.closing_) lookup.watch(number, readable != 0, writable != 0);
    // While it closes, c-ares closes the sockets: they must be out of the io_context's hands before.
    if (lookup.closing_) lookup.release(number);
  }

  void watch(int number, bool readable, bool writable) {
    if (!readable && !writable) return release(number);
    auto& socket = sockets_[number];
    if (!socket) {
      socket = std::make_shared<watched>(context_);
      boost::system::error_code problem;
      socket->descriptor.assign(number, problem);
    }
    socket->wants_read = readable;
    socket->wants_write = writable;
    arm(number, socket);
  }

  void release(int number) {
    const auto found = sockets_.find(number);
    if (found == sockets_.end()) return;
    forget(*found->second);
    sockets_.erase(found);
  }

  static void forget(watched& socket) {
    socket.is_open = false;
    if (socket.descriptor.is_open()) socket.descriptor.release();
  }

  void arm(int number, const std::shared_ptr<watched>& socket) {
    using descriptor = asio::posix::stream_descriptor;
    if (socket->wants_read && !std::exchange(socket->awaits_read, true))
      socket->descriptor.async_wait(descriptor::wait_read,
                                    [self = shared_from_this(), number, socket](const auto& problem) {
                                      socket->awaits_read = false;
                                      if (!problem && socket->is_open)
                                        self->process(number, ARES_SOCKET_BAD, socket);
                                    });
    if (socket->wants_write && !std::exchange(socket->awaits_write, true))
      socket->descriptor.async_wait(descriptor::wait_write,
                                    [self = shared_from_this(), number, socket](const auto& problem) {
                                      socket->awaits_write = false;
                                      if (!problem && socket->is_open)
                                        self->process(ARES_SOCKET_BAD, number, socket);
                                    });
  }

  void process(ares_socket_t readable, ares_socket_t writable, const std::shared_ptr<watched>& socket) {
    if (channel_ == nullptr) return;
    ares_process_fd(channel_, readable, writable);
    if (socket->is_open) arm(readable == ARES_SOCKET_BAD ? writable : readable, socket);
    set_timer();
  }

  void set_timer() {
    if (channel_ == nullptr || !timer_) return;
    timeval longest{};
    longest.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(max_pause).count();
    timeval pause{};
    ares_timeout(channel_, &longest, &pause);
    timer_->expires_after(std::chrono::seconds(pause.tv_sec) + std::chrono::microseconds(pause.tv_usec) +
                          std::chrono::milliseconds(1));
    timer_->async_wait([self = shared_from_this()](const auto& problem) {
      if (problem || self->channel_ == nullptr) return;
      ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      self->set_timer();
    });
  }

  asio::io_context& context_;
  std::optional<asio::steady_timer> timer_;  // none: it has ended
  std::string host_;
  on_resolved done_;
  ares_channel channel_ = nullptr;
  bool closing_ = false;
  std::map<int, std::shared_ptr<watched>> sockets_;
};

void resolver::resolve(const std::string& host, on_resolved done) {
  cancel();
  lookup_ = std::make_shared<lookup>(context_, host, std::move(done));
  lookup_->start(settings_);
}

void resolver::cancel() {
  if (lookup_) lookup_->cancel();
  lookup_.reset();
}

}  // namespace scanhost::store
