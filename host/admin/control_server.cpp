// SPDX-License-Identifier: Apache-2.0
//
// A connection reads one line, hands it to the handler, waits for the answer or for the peer to go, and
// writes one line.
#include "admin/control_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "admin/control_listener.hpp"
#include "admin/control_wire.hpp"
#include "base/clock.hpp"

namespace scanhost::admin {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using protocol = asio::local::stream_protocol;

constexpr base::milliseconds patience{10'000};  // for a request, and for a reader of an answer
constexpr base::milliseconds accept_pause{100};

class session;

// What a connection needs of its server.
struct house {
  control_handler handler;
  std::set<std::shared_ptr<session>> sessions;
  bool closed = false;
};

control_answer refusal(base::errc code, std::string message) {
  return {base::exit_code_of(code), std::move(message), {}};
}

class session : public std::enable_shared_from_this<session> {
 public:
  session(protocol::socket socket, std::weak_ptr<house> owner)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), owner_(std::move(owner)) {}

  void start() {
    wait_at_most(patience);
    asio::async_read_until(socket_, asio::dynamic_buffer(line_, max_request_size), '\n',
                           [self = shared_from_this()](const error_code& problem, std::size_t length) {
                             self->on_line(problem, length);
                           });
  }

  void answer(const control_answer& reply) {
    if (closed_ || answered_) return;
    answered_ = true;
    wait_at_most(patience);
    line_ = to_line(reply);
    asio::async_write(socket_, asio::buffer(line_),
                      [self = shared_from_this()](const error_code&, std::size_t) { self->close(); });
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
    if (const auto owner = owner_.lock()) owner->sessions.erase(shared_from_this());
  }

 private:
  // One for each request. Whoever holds the reply holds this; when the last of them lets go, it is over.
  class pending {
   public:
    pending(std::weak_ptr<session> to, asio::any_io_executor where)
        : to_(std::move(to)), where_(std::move(where)) {}
    ~pending() {
      if (!answered_ && !to_.expired())  // on whichever thread this is; else the context may be gone, too
        asio::post(where_, [to = to_] {
          say_to(to, refusal(base::errc::software, "no answer: the host lost the request, which is a bug"));
        });
    }
    pending(const pending&) = delete;
    pending& operator=(const pending&) = delete;

    void say(const control_answer& reply) {
      answered_ = true;
      say_to(to_, reply);
    }

   private:
    static void say_to(const std::weak_ptr<session>& to, const control_answer& reply) {
      if (const auto there = to.lock()) there->answer(reply);
    }

    std::weak_ptr<session> to_;
    asio::any_io_executor where_;
    std::atomic<bool> answered_ = false;
  };

  void wait_at_most(base::milliseconds limit) {
    timer_.expires_after(limit);
    timer_.async_wait([self = weak_from_this()](const error_code& problem) {
      const auto kept = self.lock();
      if (kept && !problem) kept->close();
    });
  }

  void on_line(const error_code& problem, std::size_t length) {
    if (closed_) return;
    if (problem == asio::error::not_found)
      return answer(refusal(base::errc::usage, "a request must not be longer than 64 KiB"));
    if (problem == asio::error::eof && !line_.empty())
      return answer(refusal(base::errc::usage, "a request must end with a newline"));
    if (problem) return close();
    auto request = read_request(std::string_view(line_).substr(0, length - 1));
    if (!request) return answer(refusal(request.error().code, request.error().message));
    timer_.cancel();
    watch_for_the_end();
    hand_over(std::move(*request));
  }

  void hand_over(control_request request) {
    const auto owner = owner_.lock();
    if (!owner) return close();
    const auto waiting = std::make_shared<pending>(weak_from_this(), socket_.get_executor());
    try {
      owner->handler(std::move(request), [waiting](const control_answer& reply) { waiting->say(reply); });
    } catch (const std::exception& problem) {
      waiting->say(refusal(base::errc::software, std::string("the host failed: ") + problem.what()));
    }
  }

  // Completes when the peer has closed; not when it has only said that nothing more will come.
  void watch_for_the_end() {
    socket_.async_wait(protocol::socket::wait_error, [self = weak_from_this()](const error_code& problem) {
      const auto kept = self.lock();
      if (kept && problem != asio::error::operation_aborted && !kept->answered_) kept->close();
    });
  }

  protocol::socket socket_;
  asio::steady_timer timer_;
  std::weak_ptr<house> owner_;
  std::string line_;
  bool answered_ = false;
  bool closed_ = false;
};

uid_t user_of(protocol::socket& peer) {
  ucred who{};
  socklen_t size = sizeof who;
  const bool known = ::getsockopt(peer.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0;
  return known ? who.uid : static_cast<uid_t>(-1);
}

// A word in passing: it fits into the socket's buffer, and nobody waits for whoever does not read it.
void turn_away(protocol::socket peer, const control_answer& reply) {
  error_code ignored;
  peer.non_blocking(true, ignored);
  peer.write_some(asio::buffer(to_line(reply)), ignored);
}

}  // namespace

class control_server::impl : public std::enable_shared_from_this<impl> {
 public:
  impl(asio::io_context& context, control_listener listener, control_handler handler)
      : listener_(std::move(listener)),
        acceptor_(context, protocol(), listener_->release_descriptor()),
        pause_(context),
        house_(std::make_shared<house>()) {
    house_->handler = std::move(handler);
  }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](const error_code& problem, protocol::socket peer) {
      if (self->house_->closed) return;
      if (problem) return self->accept_later();
      self->take(std::move(peer));
      self->accept();
    });
  }

  void close() {
    house_->closed = true;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    const auto open = house_->sessions;
    for (const auto& connection : open) connection->close();
    listener_.reset();
  }

 private:
  // No more descriptors, for one: those who have them will end.
  void accept_later() {
    pause_.expires_after(accept_pause);
    pause_.async_wait([self = shared_from_this()](const error_code& problem) {
      if (!problem && !self->house_->closed) self->accept();
    });
  }

  void take(protocol::socket peer) {
    if (!peer_allowed(user_of(peer), ::geteuid()))
      return turn_away(
          std::move(peer),
          refusal(base::errc::no_permission, "only root and the user that the host runs as may control it"));
    if (house_->sessions.size() >= max_connections)
      return turn_away(std::move(peer),
                       refusal(base::errc::unavailable, "too many requests are under way; try again later"));
    auto connection = std::make_shared<session>(std::move(peer), house_);
    house_->sessions.insert(connection);
    connection->start();
  }

  std::optional<control_listener> listener_;
  protocol::acceptor acceptor_;
  asio::steady_timer pause_;
  std::shared_ptr<house> house_;
};

control_server::control_server(std::shared_ptr<impl> server) noexcept : impl_(std::move(server)) {}
control_server::~control_server() { impl_->close(); }

base::result<std::unique_ptr<control_server>> control_server::open(asio::io_context& context,
                                                                   const std::filesystem::path& path,
                                                                   control_handler handler) {
  auto listener = control_listener::open(path);
  if (!listener) return listener.error();
  auto server = std::make_shared<impl>(context, std::move(*listener), std::move(handler));
  server->accept();
  return std::make_unique<control_server>(std::move(server));
}

bool peer_allowed(uid_t peer, uid_t own) noexcept { return peer == 0 || peer == own; }

}  // namespace scanhost::admin
