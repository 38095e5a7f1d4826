// SPDX-License-Identifier: Apache-2.0
//
// Building commands. A command owns its bytes; arguments are text, numbers or ranges of texts.
//
//   command("HGET", key, "lane_id")
//   command("FCALL", "f", 1, key, id).acts(id, due)
//   command("DEL", keys)
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store.h"
#include "text.hpp"

namespace scanhost::inline v1_0 {

// Numbers as arguments. Characters and flags are excluded: 'a' would be sent as 97, true as 1.
template <class T>
concept whole_number =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

// A real number is sent in the shortest form that reads back as the same number: 0.1, 1700000000.5, 1e+300.
template <class T>
concept real_number = std::same_as<T, float> || std::same_as<T, double>;

// Texts as so many arguments: a vector of keys.
template <class T>
concept text_range = !std::convertible_to<const T&, std::string_view> && std::ranges::sized_range<const T> &&
                     std::convertible_to<std::ranges::range_reference_t<const T>, std::string_view>;

namespace detail {

template <class T>
inline constexpr bool is_moment = false;
template <class Clock, class Duration>
inline constexpr bool is_moment<std::chrono::time_point<Clock, Duration>> = true;
template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;

}  // namespace detail

// A command that waits to be sent. Its arguments, the item and the route are copied into it; each of them is
// smaller than 1 GiB, else std::length_error is thrown.
class command {
 public:
  // The name first. (Variadic on purpose: g++ 12 rejects braced lists inside co_await.)
  template <class Name, class... Args>
  explicit command(const Name& name, const Args&... args) {
    bytes_.reserve(((room_for_item + room_for(readable(name))) + ... + room_for(args)));
    add(readable(name), args...);
  }

  command& arg(std::string_view text) { return add(text); }
  command& arg(const char* text) { return add(text); }
  template <whole_number Integer>
  command& arg(Integer value) {
    return add(value);
  }
  // Infinity is sent as inf or -inf. Throws std::invalid_argument for NaN.
  template <real_number Real>
  command& arg(Real value) {
    return add(value);
  }
  // Refused by name: a store has milliseconds in one place and seconds in another.
  template <class Time>
  requires(detail::is_moment<Time> || detail::is_duration<Time>) command& arg(Time value) {
    return add(value);
  }

  // Several arguments. A range of texts, here and behind the name, stands for all of its elements.
  template <class... Args>
  command& args(const Args&... more) {
    return add(more...);
  }

  // Sends it to the node of this key or hash tag instead of the scan's partition.
  command& route(std::string_view key_or_tag) { return attach(part::route, key_or_tag); }

  // The item it is about, for log lines.
  command& about(std::string_view item) { return attach(part::item, item); }

  // Marks the call that changes the item; `due`: when the item came due, if that is known.
  command& acts(std::string_view item, timestamp due = {}) {
    flags_ |= SCANHOST_COMMAND_ACTS;
    due_ms_ = to_ms(due);
    return about(item);
  }

  // A call that acts on up to this many items at once, such as XAUTOCLAIM with a COUNT.
  command& items(std::uint32_t count) {
    item_count_ = count;
    return *this;
  }

  std::size_t size() const noexcept { return arg_count_; }
  std::string_view operator[](std::size_t index) const noexcept {
    for (std::size_t at = 0;;) {
      const auto [kind, text] = next(at);
      if (kind == part::argument && index-- == 0) return text;
    }
  }

  // In the form of the ABI. `args` has room for size() of them; they point into this command.
  scanhost_command raw(scanhost_string* args) const noexcept {
    scanhost_command raw{};
    raw.struct_size = sizeof raw;
    raw.flags = flags_;
    raw.args = args;
    for (std::size_t at = 0; at < bytes_.size();) {
      const auto [kind, text] = next(at);
      (kind == part::argument ? args[raw.arg_count++]
       : kind == part::item   ? raw.item
                              : raw.route) = to_c(text);
    }
    raw.due_ms = due_ms_;
    raw.script = script_;
    raw.item_count = item_count_;
    return raw;
  }

 private:
  friend class script;

  // Runs a script; there is room for its keys, of this size, and for what mostly follows them.
  command(const scanhost_script* script, std::size_t room_for_keys) : script_(script) {
    bytes_.reserve(room_for(std::size_t{0}) + room_for_keys + room_for_values + room_for_item);
  }

  // All parts stand in one block of memory, each behind its kind and size: commands are made by the hundred,
  // and a block for each part takes longer than everything else about them.
  enum class part : std::uint32_t { argument, item, route };
  struct header {
    part kind : 2;
    std::uint32_t size : 30;
  };
  struct found {
    part kind;
    std::string_view text;
  };

  // Of numbers as text.
  template <class Number>
  static constexpr std::size_t max_digits = std::integral<Number> ? 20 : 32;
  static constexpr std::size_t max_size = (std::size_t{1} << 30) - 1;  // of a part
  static constexpr std::size_t room_for_item = 56;                     // what mostly follows the arguments
  static constexpr std::size_t room_for_values = 128;  // what mostly follows the keys of a script

  // Keeps a name that is a literal in the plugin's file, where `scanhost plugin describe --acl` finds it; the
  // compiler would rather make it part of the code.
  static std::string_view readable(std::string_view name) noexcept {
    const char* text = name.data();
    __asm__("" : "+r"(text));
    return {text, name.size()};
  }
  template <class Number>
  requires(!std::convertible_to<Number, std::string_view>) static Number readable(Number value) noexcept {
    return value;
  }

  // The bytes grow once, and are written in place.
  template <class... Args>
  command& add(const Args&... args) {
    (require_number(args), ...);
    const auto begin = bytes_.size();
    bytes_.resize((begin + ... + room_for(args)));
    auto* end = bytes_.data() + begin;
    ((end = write(end, args)), ...);
    bytes_.resize(static_cast<std::size_t>(end - bytes_.data()));
    arg_count_ += static_cast<std::uint32_t>((std::size_t{0} + ... + count_of(args)));
    return *this;
  }

  template <class Value>
  static void require_number([[maybe_unused]] const Value& value) {
    if constexpr (real_number<Value>)
      if (std::isnan(value)) throw std::invalid_argument("a command's argument is not a number (NaN)");
  }

  static std::size_t room_for(std::string_view text) {
    if (text.size() > max_size)
      throw std::length_error("a part of a command has 1 GiB or more, which no server takes");
    return sizeof(header) + text.size();
  }
  template <text_range Range>
  static std::size_t room_for(const Range& texts) {
    std::size_t room = 0;
    for (const auto& text : texts) room += room_for(std::string_view(text));
    return room;
  }
  template <class Number>
  requires(!std::convertible_to<Number, std::string_view> && !text_range<Number>) static std::size_t
      room_for(Number) noexcept {
    return sizeof(header) + max_digits<Number>;
  }

  template <class Value>
  static std::size_t count_of([[maybe_unused]] const Value& value) {
    if constexpr (text_range<Value>)
      return static_cast<std::size_t>(std::ranges::size(value));
    else
      return 1;
  }

  // Write one argument behind its size, or several, and return their end.
  static char* write(char* to, std::string_view text) noexcept {
    if (!text.empty()) std::memcpy(to + sizeof(header), text.data(), text.size());
    return write_header(to, part::argument, text.size());
  }
  static char* write(char* to, const char* text) noexcept { return write(to, std::string_view(text)); }
  template <text_range Range>
  static char* write(char* to, const Range& texts) {
    for (const auto& text : texts) to = write(to, std::string_view(text));
    return to;
  }
  template <whole_number Integer>
  static char* write(char* to, Integer value) noexcept {
    auto* digits = to + sizeof(header);
    return write_header(
        to, part::argument,
        static_cast<std::size_t>(std::to_chars(digits, digits + max_digits<Integer>, value).ptr - digits));
  }
  template <real_number Real>
  static char* write(char* to, Real value) noexcept {
    // Without an exponent where people write none: 1700000000, not 1.7e+09.
    const bool plain = value == 0 || (std::abs(value) >= Real(1e-5) && std::abs(value) < Real(1e15));
    const auto form = plain || std::isinf(value) ? std::chars_format::fixed : std::chars_format::scientific;
    auto* digits = to + sizeof(header);
    return write_header(
        to, part::argument,
        static_cast<std::size_t>(std::to_chars(digits, digits + max_digits<Real>, value, form).ptr - digits));
  }
  template <class Time>
  requires(detail::is_moment<Time> || detail::is_duration<Time>) static char* write(char* to, Time) {
    static_assert(!detail::is_moment<Time>, "say the unit of this moment: to_ms(time) or to_seconds(time)");
    static_assert(!detail::is_duration<Time>,
                  "say the unit of this duration, for example delay.count() of milliseconds");
    return to;
  }
  static char* write_header(char* to, part kind, std::size_t size) noexcept {
    const header head{kind, static_cast<std::uint32_t>(size)};
    std::memcpy(to, &head, sizeof head);
    return to + sizeof head + size;
  }

  // Of several routes or items the last counts. The text may be a part of this command.
  command& attach(part kind, std::string_view text) {
    const auto begin = bytes_.size();
    const auto end = begin + room_for(text);
    std::string before;
    if (end > bytes_.capacity()) {
      before.reserve(end + room_for_item);
      before = bytes_;
      before.swap(bytes_);
    }
    bytes_.resize(begin + sizeof(header));
    write_header(bytes_.data() + begin, kind, text.size());
    bytes_.append(text);
    return *this;
  }

  // The part at this place in the bytes; moves on to the one behind it.
  found next(std::size_t& at) const noexcept {
    header head;
    std::memcpy(&head, bytes_.data() + at, sizeof head);
    const std::string_view text(bytes_.data() + at + sizeof head, head.size);
    at += sizeof head + head.size;
    return {head.kind, text};
  }

  std::string bytes_;
  std::int64_t due_ms_ = 0;
  std::uint32_t flags_ = 0;
  std::uint32_t item_count_ = 0;
  std::uint32_t arg_count_ = 0;
  const scanhost_script* script_ = nullptr;
};

// A Lua script that was declared once (services::script); it travels by its name, not by its source. All keys
// of a command lie in one slot.
//
//   calls.add(remove_stale_.on(index, record).args(id, limit)).acts(id);
class script {
 public:
  explicit script(const scanhost_script* handle) noexcept : handle_(handle) {}

  // A command that runs it with these keys; its arguments are added by `arg` and `args`.
  template <class... Keys>
  command on(const Keys&... keys) const {
    command run(handle_, (std::size_t{0} + ... + command::room_for(keys)));
    return std::move(run.args(sizeof...(Keys), keys...));
  }
  // The same with a range of keys.
  template <class Keys>
  command on_each(const Keys& keys) const {
    command run(handle_, command::room_for(keys));
    return std::move(run.args(std::size(keys), keys));
  }

  const scanhost_script* raw() const noexcept { return handle_; }

 private:
  const scanhost_script* handle_;
};

// Commands that leave together; their outcomes come back in the same order.
class batch {
 public:
  // The reference holds until the next `add`.
  template <class... Args>
  command& add(const Args&... args) {
    return commands_.emplace_back(args...);
  }
  command& add(command next) { return commands_.emplace_back(std::move(next)); }

  std::size_t size() const noexcept { return commands_.size(); }
  bool empty() const noexcept { return commands_.empty(); }
  void reserve(std::size_t count) { commands_.reserve(count); }
  void clear() noexcept { commands_.clear(); }
  const command& operator[](std::size_t index) const noexcept { return commands_[index]; }

 private:
  std::vector<command> commands_;
};

// A command in the form of the ABI, mostly without an allocation. Points into the command that it was made
// from.
class raw_command {
 public:
  explicit raw_command(const command& source) {
    const auto size = source.size();
    if (size > few_.size()) many_.resize(size);
    raw_ = source.raw(many_.empty() ? few_.data() : many_.data());
  }
  raw_command(const raw_command&) = delete;
  raw_command& operator=(const raw_command&) = delete;
  const scanhost_command* data() const noexcept { return &raw_; }

 private:
  scanhost_command raw_;
  std::array<scanhost_string, 16> few_;
  std::vector<scanhost_string> many_;
};

// A batch in the form of the ABI. Points into the batch that it was made from.
class raw_batch {
 public:
  explicit raw_batch(const batch& source)
      : size_(source.size()), commands_(std::make_unique_for_overwrite<scanhost_command[]>(size_)) {
    std::size_t args = 0;
    for (std::size_t i = 0; i < size_; ++i) args += source[i].size();
    args_ = std::make_unique_for_overwrite<scanhost_string[]>(args);
    auto* next = args_.get();
    for (std::size_t i = 0; i < size_; ++i) {
      commands_[i] = source[i].raw(next);
      next += commands_[i].arg_count;
    }
  }
  const scanhost_command* data() const noexcept { return commands_.get(); }
  std::size_t size() const noexcept { return size_; }

 private:
  std::size_t size_;
  std::unique_ptr<scanhost_string[]> args_;
  std::unique_ptr<scanhost_command[]> commands_;
};

}  // namespace scanhost::inline v1_0
