// SPDX-License-Identifier: Apache-2.0
//
// One secured connection without its socket: takes the bytes that arrived and gives those to be written, so
// that the stream decides when to write. A whole batch becomes one write, and what a socket does not take at
// once stays here; boost::asio::ssl::stream writes each record by itself, and loses data when a socket that
// does not wait is full.
//
// For one thread. It does not move, since OpenSSL points back to it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tls/context.hpp"
#include "tls/explain.hpp"

struct bio_st;
struct ssl_st;

namespace scanhost::tls {

class engine {
 public:
  // `name`: of the server, a host name or a literal IP address; its certificate must have it.
  engine(std::shared_ptr<const context> context, std::string_view name);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  // Begins the handshake: there is output afterwards.
  void start();

  // Takes bytes from the server; continues the handshake.
  void receive(std::string_view bytes);

  // The next part of what the server sent, valid until the next call; empty: there is no more yet, or a
  // problem.
  std::string_view read();

  // Turns a text into output. False: a problem, or the handshake is under way.
  bool send(std::string_view text);

  // What has to be written to the socket, valid until the next call of another function but read().
  std::string_view output() const noexcept;
  void consume(std::size_t written);  // drops the beginning of the output
  std::string take_output();

  // Tells the server that no more comes; there is output afterwards.
  void close();

  // The handshake is complete, and there was no problem since.
  bool is_open() const noexcept { return open_ && problem_.empty(); }

  // The server has yet to accept the client's certificate, or its absence, though the handshake is complete
  // (RFC 8446, section 4.4): its next record tells. Servers that send no session tickets tell nothing.
  bool awaits_verdict() const noexcept;

  // Why the connection cannot be used; empty: it can, or its handshake is under way.
  const std::string& problem() const noexcept { return problem_; }

  // The words for a connection that the server closed.
  std::string explain_close() const;

 private:
  struct free_handle {
    void operator()(ssl_st* handle) const noexcept;
  };

  void check_name(const std::string& name);
  void continue_handshake();
  void note_failure(int result);

  std::shared_ptr<const context> context_;
  std::string name_;
  std::unique_ptr<ssl_st, free_handle> handle_;
  bio_st* arrived_ = nullptr;  // owned by the handle, as is the next
  bio_st* departing_ = nullptr;
  bool open_ = false;
  bool begun_ = false;  // the server has sent something
  bool heard_ = false;  // it has, after the handshake
  handshake_facts facts_;
  refused_certificate refused_;
  std::string problem_;
  std::array<char, std::size_t{16} * 1024> text_;
};

}  // namespace scanhost::tls
