// SPDX-License-Identifier: Apache-2.0
//
// A stream to a peer that reads only when the test reads, so that a write fills the socket's buffers.
#include "store/connection/transport.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace scanhost::store {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// More than a socket's buffers hold.
constexpr std::size_t large = 8 << 20;

class transport_test : public testing::Test, public stream_user {
 protected:
  transport_test() {
    std::string pattern = (std::filesystem::temp_directory_path() / "scanhost-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    settings_.socket_path = (folder_ / "peer.sock").string();
    acceptor_.emplace(context, asio::local::stream_protocol::endpoint(settings_.socket_path));
    line = std::make_shared<stream>(context, settings_, *this);
    line->open();
    while (!open_ && context.run_one_for(10s) > 0) {
    }
    peer.emplace(acceptor_->accept());
  }
  ~transport_test() override {
    line->close();
    std::filesystem::remove_all(folder_);
  }

  // Reads that many bytes at the peer while the stream goes on writing.
  std::string received(std::size_t size) {
    std::string text(size, '\0');
    bool done = false;
    asio::async_read(*peer, asio::buffer(text), [&done](const auto&, std::size_t) { done = true; });
    while (!done && context.run_one_for(10s) > 0) {
    }
    EXPECT_TRUE(done);
    return text;
  }

  static std::string numbered(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
    return text;
  }

  asio::io_context context{1};
  std::shared_ptr<stream> line;
  std::optional<asio::local::stream_protocol::socket> peer;
  std::string written;  // the buffer that the stream gave back
  std::string lost;

 private:
  void on_open(std::string_view problem) override { open_ = problem.empty(); }
  void on_data(std::string_view) override {}
  void on_written(std::string buffer) override { written = std::move(buffer); }
  void on_lost(std::string_view problem) override { lost = problem; }

  std::filesystem::path folder_;
  config::store_settings settings_;
  std::optional<asio::local::stream_protocol::acceptor> acceptor_;
  bool open_ = false;
};

TEST_F(transport_test, writes_at_once_what_the_socket_takes) {
  EXPECT_EQ(line->write_now("hello"), 5u);
  EXPECT_EQ(received(5), "hello");
}

TEST_F(transport_test, says_how_much_it_wrote_where_the_socket_takes_only_a_part_and_writes_the_rest_later) {
  const auto text = numbered(large);
  const auto at_once = line->write_now(text);
  EXPECT_GT(at_once, 0u);
  ASSERT_LT(at_once, text.size());
  line->write(text.substr(at_once));
  EXPECT_TRUE(received(text.size()) == text);
  while (written.empty() && context.run_one_for(10s) > 0) {
  }
  EXPECT_EQ(written.size(), text.size() - at_once);
}

TEST_F(transport_test, writes_nothing_where_the_socket_is_full) {
  const auto text = numbered(large);
  ASSERT_LT(line->write_now(text), text.size());
  EXPECT_EQ(line->write_now("more"), 0u);
  EXPECT_EQ(lost, "");
}

TEST_F(transport_test, tells_of_a_peer_that_is_gone_after_a_write_that_wrote_nothing) {
  peer->close();
  EXPECT_EQ(line->write_now("hello"), 0u);
  while (lost.empty() && context.run_one_for(10s) > 0) {
  }
  EXPECT_NE(lost, "");
}

}  // namespace
}  // namespace scanhost::store
