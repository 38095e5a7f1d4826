// SPDX-License-Identifier: Apache-2.0
//
// The replies of the store: views of nodes that the host owns, and the batch that keeps them alive.
#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "host.h"
#include "text.hpp"

namespace scanhost::inline v1_0 {

// One node of a reply; a view, valid as long as the `replies` it came from. A default-made one is nil.
class reply {
 public:
  reply() noexcept = default;
  explicit reply(const scanhost_reply* node) noexcept : node_(node) {}

  int kind() const noexcept { return node_ ? node_->kind : SCANHOST_REPLY_NIL; }
  bool is_nil() const noexcept { return kind() == SCANHOST_REPLY_NIL; }
  bool is_array() const noexcept { return kind() == SCANHOST_REPLY_ARRAY; }
  bool is_integer() const noexcept { return node_ != nullptr && node_->kind == SCANHOST_REPLY_INTEGER; }
  bool is_text() const noexcept { return kind() == SCANHOST_REPLY_STRING || kind() == SCANHOST_REPLY_STATUS; }

  // The bytes of a string, status or error; empty for every other kind.
  std::string_view text() const noexcept { return node_ ? view(node_->text) : std::string_view(); }

  // The text, or nothing for nil and for every kind that has no text.
  std::optional<std::string_view> optional_text() const noexcept {
    return is_text() ? std::optional(text()) : std::nullopt;
  }

  // The number of an integer node; 0 for every other kind.
  std::int64_t integer() const noexcept {
    return node_ != nullptr && node_->kind == SCANHOST_REPLY_INTEGER ? node_->integer : 0;
  }

  // The number of an integer node, or of a text that is one as a whole (a score, an INCRBYFLOAT); nothing for
  // every other kind and text.
  std::optional<double> real() const noexcept;

  // Elements of an array; a reply of another kind has none, and a missing element is nil.
  std::size_t size() const noexcept { return is_array() ? node_->element_count : 0; }
  bool empty() const noexcept { return size() == 0; }
  reply operator[](std::size_t index) const noexcept {
    return index < size() ? reply(node_->elements + index) : reply();
  }

 private:
  const scanhost_reply* node_ = nullptr;
};

// The outcome of one command; a view, valid as long as the `replies` it came from.
class outcome {
 public:
  explicit outcome(const scanhost_outcome* raw) noexcept : raw_(raw) {}

  int kind() const noexcept { return raw_->kind; }
  bool ok() const noexcept { return kind() == SCANHOST_OUTCOME_REPLY; }
  explicit operator bool() const noexcept { return ok(); }
  bool cancelled() const noexcept { return kind() == SCANHOST_OUTCOME_CANCELLED; }
  bool held_back() const noexcept { return kind() == SCANHOST_OUTCOME_HELD_BACK; }
  bool error_reply() const noexcept { return kind() == SCANHOST_OUTCOME_ERROR_REPLY; }

  // Nil unless ok().
  scanhost::reply reply() const noexcept { return ok() ? scanhost::reply(raw_->reply) : scanhost::reply(); }
  scanhost::reply operator[](std::size_t index) const noexcept { return reply()[index]; }

  // Why it failed, for a log line; empty when ok().
  std::string_view message() const noexcept { return view(raw_->message); }

  // The first word of an error that the server answered: "WRONGTYPE"; otherwise empty.
  std::string_view error_code() const noexcept {
    if (ok() || raw_->reply == nullptr) return {};
    const auto text = view(raw_->reply->text);
    return text.substr(0, text.find(' '));
  }

 private:
  const scanhost_outcome* raw_;
};

// All outcomes of one `execute`, in the order of its commands. Releases the batch when it is destroyed.
class replies {
 public:
  replies() noexcept = default;
  replies(const scanhost_host* host, scanhost_scan* scan, const scanhost_replies* raw) noexcept
      : host_(host), scan_(scan), raw_(raw) {}
  replies(replies&& other) noexcept
      : host_(other.host_), scan_(other.scan_), raw_(std::exchange(other.raw_, nullptr)) {}
  replies& operator=(replies&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(scan_, other.scan_);
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~replies() {
    if (raw_) host_->replies_release(host_, scan_, raw_);
  }

  std::size_t size() const noexcept { return raw_ ? raw_->outcome_count : 0; }
  bool empty() const noexcept { return size() == 0; }

  // Precondition: index < size().
  outcome operator[](std::size_t index) const noexcept {
    const auto* first = reinterpret_cast<const char*>(raw_->outcomes);
    return outcome(reinterpret_cast<const scanhost_outcome*>(first + index * raw_->outcome_stride));
  }
  outcome front() const noexcept { return (*this)[0]; }

 private:
  const scanhost_host* host_ = nullptr;
  scanhost_scan* scan_ = nullptr;
  const scanhost_replies* raw_ = nullptr;
};

// The whole text as a number, strictly: an optional leading `+` (signed types also `-`), then digits,
// and the value fits. Otherwise nothing.
template <class Integer>
std::optional<Integer> parse_integer(std::string_view text) noexcept {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  Integer value{};
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

// The whole text as a real number, strictly: an optional leading sign, then what std::from_chars takes, or
// `inf`, as scores have it. Otherwise nothing, also for NaN and for what is too large for a double.
inline std::optional<double> parse_real(std::string_view text) noexcept {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end || std::isnan(value)) return std::nullopt;
  return value;
}

inline std::optional<double> reply::real() const noexcept {
  return is_integer() ? static_cast<double>(node_->integer) : is_text() ? parse_real(text()) : std::nullopt;
}

}  // namespace scanhost::inline v1_0
