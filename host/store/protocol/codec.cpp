// SPDX-License-Identifier: Apache-2.0
#include "store/protocol/codec.hpp"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <memory>
#include <new>

namespace scanhost::store {
namespace {

#if HIREDIS_MAJOR >= 1
using element_count = std::size_t;
#else
using element_count = int;
#endif

// Everything but the bytes of a bulk string stands in lines. The reader looks for the end of a line from its
// beginning whenever more has arrived: 32 MB of one without an end take 9 s, and the limit of bytes 40 min.
constexpr std::size_t max_line_size = std::size_t{1} << 20;

bool has_endless_line(const redisReader& reader) noexcept {
  const std::string_view waiting(reader.buf + reader.pos, reader.len - reader.pos);
  return waiting.size() > max_line_size &&
         waiting.substr(0, max_line_size).find("\r\n") == std::string_view::npos;
}

std::size_t digits_of(std::size_t number) noexcept {
  std::size_t digits = 1;
  for (; number >= 10; number /= 10) ++digits;
  return digits;
}

// A mark, a number and the end of the line.
std::size_t header_size(std::size_t number) noexcept { return 1 + digits_of(number) + 2; }

std::size_t size_of(std::span<const scanhost_string> args) noexcept {
  std::size_t size = 0;
  for (const auto& arg : args) size += header_size(arg.size) + arg.size + 2;
  return size;
}

// Numbers below 100 are nearly all: to_chars takes longer for them than everything else here.
char* write_number(char* to, std::size_t number) noexcept {
  if (number >= 100) return std::to_chars(to, to + digits_of(number), number).ptr;
  if (number >= 10) *to++ = static_cast<char>('0' + number / 10);
  *to++ = static_cast<char>('0' + number % 10);
  return to;
}

char* write_header(char* to, char mark, std::size_t number) noexcept {
  *to++ = mark;
  to = write_number(to, number);
  *to++ = '\r';
  *to++ = '\n';
  return to;
}

void write_elements(char* to, std::span<const scanhost_string> args) noexcept {
  for (const auto& arg : args) {
    to = write_header(to, '$', arg.size);
    if (arg.size > 0) std::memcpy(to, arg.data, arg.size);
    to += arg.size;
    *to++ = '\r';
    *to++ = '\n';
  }
}

// Makes the output longer by so much, and returns where that begins.
char* grow(std::string& out, std::size_t size) {
  const auto begin = out.size();
  out.resize(begin + size);
  return out.data() + begin;
}

}  // namespace

// Not redisFormatCommandArgv: the format is trivial, and hiredis needs an allocation, a copy and two arrays
// of pointers and lengths for each command (tests/bench/store_bench.cpp measures both).
void encode(std::string& out, std::span<const scanhost_string> args) {
  auto* to = grow(out, header_size(args.size()) + size_of(args));
  write_elements(write_header(to, '*', args.size()), args);
}

void encode_array(std::string& out, std::size_t count) {
  write_header(grow(out, header_size(count)), '*', count);
}

void encode_elements(std::string& out, std::span<const scanhost_string> args) {
  write_elements(grow(out, size_of(args)), args);
}

// Where the callbacks of the reader build nodes. They are called from C: nothing may be thrown, and a null
// result makes the reader give up.
struct decoder::sink {
  reply_limits limits;
  std::pmr::memory_resource* memory = nullptr;
  std::size_t elements = 0;

  static sink& of(const redisReadTask* task) noexcept { return *static_cast<sink*>(task->privdata); }

  template <class Build>
  static void* guarded(const redisReadTask* task, Build build) noexcept {
    try {
      auto* node = of(task).place(task);
      build(*node, of(task));
      return node;
    } catch (const std::exception&) {
      return nullptr;
    }
  }

  // An array gets room as its elements arrive: a server that announces millions and sends none costs little.
  static constexpr std::size_t first_room = 4096;  // elements, a power of two; doubled when it is full

  void make_room(scanhost_reply& array, std::size_t filled, std::size_t room) const {
    void* memory_for_all = memory->allocate(room * sizeof(scanhost_reply), alignof(scanhost_reply));
    auto* grown = static_cast<scanhost_reply*>(memory_for_all);
    std::uninitialized_copy_n(array.elements, filled, grown);
    std::uninitialized_value_construct_n(grown + filled, room - filled);
    array.elements = grown;
  }

  // The node of an element is in the array of its parent; the outermost node is allocated alone.
  scanhost_reply* place(const redisReadTask* task) const {
    if (task->parent == nullptr) {
      return ::new (memory->allocate(sizeof(scanhost_reply), alignof(scanhost_reply))) scanhost_reply{};
    }
    auto& array = *static_cast<scanhost_reply*>(task->parent->obj);
    const auto index = static_cast<std::size_t>(task->idx);
    if (index >= first_room && std::has_single_bit(index))
      make_room(array, index, std::min(2 * index, array.element_count));
    return const_cast<scanhost_reply*>(array.elements) + index;
  }

  static void* make_string(const redisReadTask* task, char* data, std::size_t size) noexcept {
    return guarded(task, [&](scanhost_reply& node, sink& self) {
      node.kind = task->type == REDIS_REPLY_STATUS  ? SCANHOST_REPLY_STATUS
                  : task->type == REDIS_REPLY_ERROR ? SCANHOST_REPLY_ERROR
                                                    : SCANHOST_REPLY_STRING;
      if (task->type > REDIS_REPLY_ERROR) throw std::bad_alloc();
      auto* copy = static_cast<char*>(self.memory->allocate(size + 1, 1));
      std::memcpy(copy, data, size);
      node.text = {copy, size};
    });
  }

  static void* make_array(const redisReadTask* task, element_count count) noexcept {
    return guarded(task, [&](scanhost_reply& node, sink& self) {
      const auto size = static_cast<std::size_t>(count);
      if (task->type != REDIS_REPLY_ARRAY || size > self.limits.elements - self.elements) {
        throw std::bad_alloc();
      }
      self.elements += size;
      node.kind = SCANHOST_REPLY_ARRAY;
      node.element_count = size;
      if (size == 0) return;
      self.make_room(node, 0, std::min(size, first_room));
    });
  }

  static void* make_integer(const redisReadTask* task, long long value) noexcept {
    return guarded(task, [&](scanhost_reply& node, sink&) {
      node.kind = SCANHOST_REPLY_INTEGER;
      node.integer = value;
    });
  }

  static void* make_nil(const redisReadTask* task) noexcept {
    return guarded(task, [](scanhost_reply& node, sink&) { node.kind = SCANHOST_REPLY_NIL; });
  }

  // The arena frees everything at once.
  static void free_node(void*) noexcept {}

#if HIREDIS_MAJOR >= 1
  // RESP3 was not requested.
  static void* make_double(const redisReadTask*, double, char*, std::size_t) noexcept { return nullptr; }
  static void* make_bool(const redisReadTask*, int) noexcept { return nullptr; }
#endif
};

void decoder::free_reader::operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }

decoder::decoder(reply_limits limits) : sink_(std::make_unique<sink>()) {
  sink_->limits = limits;
  make_reader();
}

decoder::~decoder() = default;

void decoder::make_reader() {
#if HIREDIS_MAJOR >= 1
  static redisReplyObjectFunctions functions = {sink::make_string, sink::make_array, sink::make_integer,
                                                sink::make_double, sink::make_nil,   sink::make_bool,
                                                sink::free_node};
#else
  static redisReplyObjectFunctions functions = {sink::make_string, sink::make_array, sink::make_integer,
                                                sink::make_nil, sink::free_node};
#endif
  reader_.reset(redisReaderCreateWithFunctions(&functions));
  if (!reader_) throw std::bad_alloc();
  reader_->privdata = sink_.get();
  reader_->maxbuf = 0;  // otherwise it frees its buffer whenever it is empty, only to allocate it again
  max_buffered_ = 0;
}

void decoder::feed(std::string_view bytes) {
  reply_bytes_ += bytes.size();
  redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
  max_buffered_ = std::max(max_buffered_, reader_->len);
}

decoder::step decoder::next(std::pmr::memory_resource& memory, const scanhost_reply*& reply) {
  sink_->memory = &memory;
  void* node = nullptr;
  if (redisReaderGetReply(reader_.get(), &node) != REDIS_OK) {
    return malformed(reader_->err == REDIS_ERR_OOM ? "it is too large or not RESP2" : reader_->errstr);
  }
  if (node == nullptr) {
    if (reply_bytes_ > sink_->limits.bytes) return malformed("it is too large");
    if (has_endless_line(*reader_)) return malformed("a line of it is too long");
    return step::needs_more;
  }
  sink_->elements = 0;
  reply_bytes_ = reader_->len - reader_->pos;
  reply = static_cast<const scanhost_reply*>(node);
  return step::reply;
}

bool decoder::empty() const noexcept { return reader_->ridx == -1 && reader_->pos == reader_->len; }

decoder::step decoder::malformed(std::string_view problem) {
  problem_ = problem;
  return step::malformed;
}

void decoder::shrink() {
  if (max_buffered_ > 4 * max_feed_size) make_reader();
}

}  // namespace scanhost::store
