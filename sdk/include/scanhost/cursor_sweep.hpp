// SPDX-License-Identifier: Apache-2.0
//
// A sweep along a cursor: SCAN over keys, SSCAN, HSCAN or ZSCAN over one key. As sorted_set_sweep, for what
// has no order. The server offers more or fewer elements than it was asked for: what exceeds the allowance of
// a turn waits for the next turn, or for the next cycle, which goes on where this one has stopped.
//
//   return sweep_.run(scan, cursor_over::set("bull:" + tag + ":stalled"), [=](const element& job) { ... });
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "candidate.hpp"
#include "decision.hpp"
#include "detail/page_handling.hpp"
#include "detail/partition_memories.hpp"
#include "scanner.hpp"

namespace scanhost::inline v1_0 {

// What a pass goes over.
class cursor_over {
 public:
  static cursor_over keys() { return {"SCAN", {}}; }  // of the scan's node: in the family `node`
  static cursor_over set(std::string key) { return {"SSCAN", std::move(key)}; }
  static cursor_over hash(std::string key) { return {"HSCAN", std::move(key)}; }
  static cursor_over sorted_set(std::string key) { return {"ZSCAN", std::move(key)}; }

  // Only what matches this glob pattern; the server looks at the others, too, and offers smaller pages.
  cursor_over& match(std::string pattern) {
    pattern_ = std::move(pattern);
    return *this;
  }
  // Only keys of this type, as the server names it: "hash". For keys() alone.
  cursor_over& type(std::string name) {
    type_ = std::move(name);
    return *this;
  }
  // Several passes of one scan are 0, 1, ...
  cursor_over& pass(std::uint32_t number) {
    pass_ = number;
    return *this;
  }
  // A key or tag elsewhere than in the scan's partition: where it is read. Give its calls a route, too.
  cursor_over& route(std::string key_or_tag) {
    route_ = std::move(key_or_tag);
    return *this;
  }

  std::uint32_t pass() const noexcept { return pass_; }

  // The query for the next elements, `count` of them or so.
  command query(std::string_view cursor, std::uint32_t count) const {
    command next(name_);
    if (!key_.empty()) next.arg(key_);
    next.arg(cursor);
    if (!pattern_.empty()) next.arg("MATCH").arg(pattern_);
    next.arg("COUNT").arg(count);
    if (!type_.empty()) next.arg("TYPE").arg(type_);
    next.route(route_);
    return next;
  }
  bool has_values() const noexcept { return name_ == "HSCAN" || name_ == "ZSCAN"; }
  // For log lines.
  std::string name() const { return key_.empty() ? "the keys" : key_; }

 private:
  cursor_over(std::string_view name, std::string key) : name_(name), key_(std::move(key)) {}

  std::string_view name_;
  std::string key_;
  std::string pattern_;
  std::string type_;
  std::string route_;
  std::uint32_t pass_ = 0;
};

// A member of the scanner, which has to outlive its scans: it knows the places in all partitions.
class cursor_sweep {
 public:
  // Throws std::runtime_error when the host does not track failures.
  explicit cursor_sweep(services host) : host_(host) { (void)host.failures(); }
  cursor_sweep(const cursor_sweep&) = delete;  // scans know where it is
  cursor_sweep& operator=(const cursor_sweep&) = delete;

  // One pass, which ends when the cursor has come round. `decide` and `judge` as for sorted_set_sweep::run,
  // with elements. The server may offer an element twice; it is not called twice in one pass.
  template <class Decide, class Judge = changed_unless_zero>
  task<result> run(scan_context& scan, cursor_over source, Decide decide, Judge judge = {}) {
    static_assert(
        detail::decides_each<Decide, element> || detail::decides_pages<Decide, element>,
        "decide takes a const element& and returns a command, an optional command or a decision; or it takes "
        "a std::span<const element> and returns a task<std::vector<decision>>");
    static_assert(detail::judges<Judge, element>, "judge takes a reply, or a const element& and a reply");
    detail::scan_count counts(host_, scan);
    detail::page_handling<element, Decide, Judge> pages(scan, counts, decide, judge);
    auto& place = memories_.of(scan, source.pass());
    const auto pass = scan.pass(source.pass());
    std::uint32_t acted = 0;
    do {
      const auto turn = co_await pass.next_page(std::exchange(acted, 0));
      if (!turn) co_return counts.found();
      if (place.surplus.empty() && !co_await read(scan, source, place, counts)) co_return counts.found();
      acted = co_await handle(pages, place, turn.allowance);
    } while (!counts.cancelled() && !(place.surplus.empty() && place.cursor == start));
    if (!counts.cancelled()) ++place.walks;
    co_return counts.found();
  }

  // How often this pass has come round in the scan's partition, since the instance was created.
  std::uint64_t walks(const scan_context& scan, std::uint32_t pass = 0) {
    return memories_.of(scan, pass).walks;
  }

 private:
  static constexpr std::string_view start = "0";

  struct place_in_walk {
    std::string cursor{start};
    std::vector<element> surplus = {};  // offered, and not examined yet
    std::uint64_t walks = 0;
  };

  // The next elements. False: the pass ends here, with an error or because the scan was cancelled.
  task<bool> read(scan_context& scan, const cursor_over& source, place_in_walk& place,
                  detail::scan_count& counts) const {
    const auto answers = co_await scan.execute(source.query(place.cursor, host_.page_size()));
    const auto answer = answers.front();
    if (answer.cancelled()) co_return false;
    if (!answer.ok())
      counts.add_error("reading " + source.name(), answer);
    else if (!take(answer.reply(), source.has_values(), place))
      counts.add_error("reading " + source.name() + ": the reply has an unexpected shape");
    else
      co_return true;
    co_return false;
  }

  static bool take(const reply& answer, bool with_values, place_in_walk& place) {
    const auto cursor = answer[0].optional_text();
    const auto offered = answer[1];
    const std::size_t step = with_values ? 2 : 1;
    if (!cursor || !offered.is_array() || offered.size() % step != 0) return false;
    place.cursor = *cursor;
    for (std::size_t i = 0; i < offered.size(); i += step)
      place.surplus.push_back(
          {.id = std::string(offered[i].text()),
           .value = std::string(with_values ? offered[i + 1].text() : std::string_view())});
    return true;
  }

  // At most a page of what was offered.
  template <class Pages>
  task<std::uint32_t> handle(Pages& pages, place_in_walk& place, std::uint32_t allowance) {
    const auto size = std::min<std::size_t>(place.surplus.size(), host_.page_size());
    const std::span<element> page(place.surplus.data(), size);
    const auto acted = co_await pages.handle(page, allowance);
    const auto rest = std::find_if(page.begin(), page.end(),
                                   [](const element& each) { return each.entry == fate::unexamined; });
    place.surplus.erase(place.surplus.begin(), place.surplus.begin() + (rest - page.begin()));
    co_return acted;
  }

  services host_;
  detail::partition_memories<place_in_walk> memories_;
};

}  // namespace scanhost::inline v1_0
