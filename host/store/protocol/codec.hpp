// SPDX-License-Identifier: Apache-2.0
//
// RESP2: commands to bytes, bytes to reply nodes. The decoder is the reader of hiredis, with callbacks that
// build our nodes directly in the memory of the batch that they belong to.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>

#include "scanhost/types.h"

struct redisReader;

namespace scanhost::store {

// Appends one command as a RESP array of bulk strings.
void encode(std::string& out, std::span<const scanhost_string> args);
// The same in pieces: the head of a command of `count` arguments, and then these, in one or more pieces.
void encode_array(std::string& out, std::size_t count);
void encode_elements(std::string& out, std::span<const scanhost_string> args);

// The limits of one reply; a peer that exceeds them is considered broken.
struct reply_limits {
  std::size_t bytes = std::size_t{512} << 20;   // the server's own limit of one value
  std::size_t elements = std::size_t{4} << 20;  // all arrays of one reply together
};

class decoder {
 public:
  // The reader of hiredis moves its buffer: larger pieces cost several times more.
  static constexpr std::size_t max_feed_size = std::size_t{16} * 1024;

  explicit decoder(reply_limits limits = {});
  ~decoder();
  decoder(const decoder&) = delete;
  decoder& operator=(const decoder&) = delete;

  // Takes bytes, at most `max_feed_size`.
  void feed(std::string_view bytes);

  enum class step { reply, needs_more, malformed };

  // Continues the current reply. `memory`: where to build it; the same until the reply is complete, and it
  // has to live that long. `reply` is set with step::reply. After step::malformed the decoder must not be
  // used again.
  step next(std::pmr::memory_resource& memory, const scanhost_reply*& reply);

  // No part of a reply is left.
  bool empty() const noexcept;

  // What is wrong, after step::malformed.
  std::string_view problem() const noexcept { return problem_; }

  // Frees memory that a large reply took. Precondition: empty().
  void shrink();

 private:
  struct sink;
  struct free_reader {
    void operator()(redisReader* reader) const noexcept;
  };
  void make_reader();
  step malformed(std::string_view problem);

  std::unique_ptr<sink> sink_;
  std::unique_ptr<redisReader, free_reader> reader_;
  std::size_t reply_bytes_ = 0;   // fed since the last complete reply
  std::size_t max_buffered_ = 0;  // the largest number of bytes that the reader held
  std::string problem_;
};

}  // namespace scanhost::store
