// SPDX-License-Identifier: Apache-2.0
//
// Commands to bytes and bytes to reply nodes.
#include "store/protocol/codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory_resource>
#include <string>
#include <vector>

#include "support/commands.hpp"

namespace scanhost::store {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// A reply as text, to compare whole trees.
std::string print(const scanhost_reply& reply) {
  std::string text;
  switch (reply.kind) {
    case SCANHOST_REPLY_NIL:
      return "nil";
    case SCANHOST_REPLY_STRING:
      return text.append("\"").append(text_of(reply.text)).append("\"");
    case SCANHOST_REPLY_STATUS:
      return text.append("+").append(text_of(reply.text));
    case SCANHOST_REPLY_ERROR:
      return text.append("-").append(text_of(reply.text));
    case SCANHOST_REPLY_INTEGER:
      return std::to_string(reply.integer);
    default:
      break;
  }
  for (std::size_t i = 0; i < reply.element_count; ++i) {
    text.append(i ? "," : "[").append(print(reply.elements[i]));
  }
  return text.append(reply.element_count == 0 ? "[]" : "]");
}

// Feeds the pieces one after the other. Returns the decoded replies, or "!" and the problem.
std::vector<std::string> decode(const std::vector<std::string_view>& pieces, reply_limits limits = {}) {
  std::pmr::monotonic_buffer_resource memory;
  decoder reader(limits);
  std::vector<std::string> result;
  for (const auto piece : pieces) {
    reader.feed(piece);
    const scanhost_reply* reply = nullptr;
    while (!reader.empty()) {
      const auto step = reader.next(memory, reply);
      if (step == decoder::step::malformed) {
        result.push_back(std::string("!").append(reader.problem()));
        return result;
      }
      if (step == decoder::step::needs_more) break;
      result.push_back(print(*reply));
    }
  }
  return result;
}

constexpr auto stream =
    "+OK\r\n-ERR no such thing\r\n:-42\r\n$5\r\nhe\0lo\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n"
    "*3\r\n*2\r\n$1\r\na\r\n:7\r\n$-1\r\n*2\r\n*1\r\n+x\r\n-BAD y\r\n"sv;
const std::vector<std::string> expected = {
    "+OK",  "-ERR no such thing",           "-42", "\"he\0lo\""s, "nil", "nil", "[]",
    "\"\"", "[[\"a\",7],nil,[[+x],-BAD y]]"};

TEST(encode, writes_an_array_of_bulk_strings) {
  std::string out = "before";
  const std::array args = {string_of("SET"), string_of("k\0\r\n"sv), scanhost_string{nullptr, 0}};
  encode(out, args);
  EXPECT_EQ(out, "before*3\r\n$3\r\nSET\r\n$4\r\nk\0\r\n\r\n$0\r\n\r\n"s);
}

TEST(decoder, reads_every_kind_of_reply) { EXPECT_EQ(decode({stream}), expected); }

TEST(decoder, does_not_care_where_the_bytes_are_split) {
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    ASSERT_EQ(decode({stream.substr(0, cut), stream.substr(cut)}), expected) << cut;
  }
}

TEST(decoder, reads_bytes_that_come_one_by_one) {
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < stream.size(); ++i) pieces.push_back(stream.substr(i, 1));
  EXPECT_EQ(decode(pieces), expected);
}

TEST(decoder, reads_a_value_of_six_megabytes) {
  const auto value = std::string(6'000'000, 'v');
  const auto bytes = "$6000000\r\n" + value + "\r\n:1\r\n";
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < bytes.size(); i += decoder::max_feed_size) {
    pieces.push_back(std::string_view(bytes).substr(i, decoder::max_feed_size));
  }
  const auto result = decode(pieces);
  ASSERT_EQ(result.size(), 2u);
  EXPECT_TRUE(result[0] == std::string("\"").append(value).append("\""));
  EXPECT_EQ(result[1], "1");
}

TEST(decoder, refuses_what_is_not_resp) {
  for (const auto bytes : {"HTTP/1.1 400 Bad Request\r\n"sv, "$x\r\n"sv, ":1x\r\n"sv, "*-2\r\n"sv,
                           "\0\0\0\0"sv, "*1\r\n?\r\n"sv, "$-2\r\n"sv}) {
    const auto result = decode({bytes});
    ASSERT_EQ(result.size(), 1u) << bytes;
    EXPECT_EQ(result[0][0], '!') << bytes;
  }
}

TEST(decoder, refuses_nesting_without_end) {
  std::string bytes;
  for (int i = 0; i < 10'000; ++i) bytes += "*1\r\n";
  const auto result = decode({std::string_view(bytes).substr(0, decoder::max_feed_size)});
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result[0][0], '!');
}

// Counts what is asked of it.
class counting_memory final : public std::pmr::memory_resource {
 public:
  std::size_t bytes = 0;

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    bytes += size;
    return memory_.allocate(size, alignment);
  }
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  std::pmr::monotonic_buffer_resource memory_;
};

TEST(decoder, reserves_no_memory_for_elements_that_are_only_announced) {
  counting_memory memory;
  decoder reader;
  const scanhost_reply* reply = nullptr;
  reader.feed("*4194304\r\n:1\r\n");
  EXPECT_EQ(reader.next(memory, reply), decoder::step::needs_more);
  EXPECT_LT(memory.bytes, 1u << 20);
}

TEST(decoder, keeps_long_and_nested_arrays_whole_as_they_grow) {
  constexpr std::size_t count = 20'000;
  auto text = "*" + std::to_string(count) + "\r\n";
  for (std::size_t i = 0; i < count; ++i) text += "*2\r\n:" + std::to_string(i) + "\r\n$1\r\nx\r\n";
  counting_memory memory;
  decoder reader;
  const scanhost_reply* reply = nullptr;
  auto step = decoder::step::needs_more;
  for (std::size_t at = 0; at < text.size(); at += decoder::max_feed_size) {
    reader.feed(std::string_view(text).substr(at, decoder::max_feed_size));
    step = reader.next(memory, reply);
  }
  ASSERT_EQ(step, decoder::step::reply);
  ASSERT_EQ(reply->element_count, count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& pair = reply->elements[i];
    ASSERT_EQ(pair.element_count, 2u);
    ASSERT_EQ(pair.elements[0].integer, static_cast<std::int64_t>(i));
    ASSERT_EQ(std::string_view(pair.elements[1].text.data, pair.elements[1].text.size), "x");
  }
}

TEST(decoder, refuses_more_elements_than_the_limit) {
  const reply_limits limits{1 << 20, 10};
  EXPECT_EQ(decode({"*11\r\n"}, limits)[0][0], '!');
  EXPECT_EQ(decode({"*2147483647\r\n"}, limits)[0][0], '!');
  EXPECT_EQ(decode({"*5\r\n*6\r\n"}, limits)[0][0], '!');
  EXPECT_EQ(
      decode({"*1\r\n:1\r\n*10\r\n", ":1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n"}, limits)
          .size(),
      2u);
}

TEST(decoder, refuses_a_line_without_end) {
  const std::string part(decoder::max_feed_size, 'x');
  for (const auto begin : {"+"sv, "-ERR "sv, "*2\r\n:1\r\n+"sv}) {
    std::vector<std::string_view> pieces{begin};
    pieces.resize(80, part);
    EXPECT_EQ(decode(pieces), (std::vector<std::string>{"!a line of it is too long"})) << begin;
  }
}

TEST(decoder, reads_a_line_of_half_a_megabyte) {
  const std::string part(decoder::max_feed_size, 'x');
  std::vector<std::string_view> pieces{"+"};
  pieces.resize(32, part);
  pieces.push_back("\r\n:1\r\n");
  const auto replies = decode(pieces);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].size(), 1 + 31 * part.size());
}

TEST(decoder, refuses_a_reply_beyond_the_limit_of_bytes) {
  const reply_limits limits{100, 10};
  const std::string part(60, 'x');
  EXPECT_EQ(decode({"$200\r\n", part, part}, limits)[0][0], '!');
  EXPECT_EQ(decode({part, part}, limits)[0][0], '!');
}

TEST(decoder, reads_on_after_it_gave_memory_back) {
  std::pmr::monotonic_buffer_resource memory;
  decoder reader;
  const scanhost_reply* reply = nullptr;
  const auto value = "$200000\r\n" + std::string(200'000, 'v') + "\r\n";
  for (std::size_t i = 0; i < value.size(); i += decoder::max_feed_size) {
    reader.feed(std::string_view(value).substr(i, decoder::max_feed_size));
    const auto step = reader.next(memory, reply);
    EXPECT_EQ(step == decoder::step::reply, i + decoder::max_feed_size >= value.size());
  }
  ASSERT_TRUE(reader.empty());
  reader.shrink();
  reader.feed(":5\r\n");
  ASSERT_EQ(reader.next(memory, reply), decoder::step::reply);
  EXPECT_EQ(reply->integer, 5);
}

}  // namespace
}  // namespace scanhost::store
