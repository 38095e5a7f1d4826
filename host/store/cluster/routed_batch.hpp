// SPDX-License-Identifier: Apache-2.0
//
// One batch on its way through a cluster: which slots its commands are about, what has been answered, and
// what has to be sent again because its slot has moved. Pure: it is told what came back, and says what to do
// next.
//
// Commands about one key keep their order. Those that are sent again go together; and if a later command
// about the same key was carried out already, an earlier one is not sent again, but ends as transient: the
// next cycle finds its item again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "store/cluster/joined_batch.hpp"
#include "store/cluster/kept_commands.hpp"
#include "store/cluster/key_positions.hpp"
#include "store/cluster/redirect.hpp"
#include "store/protocol/reply_batch.hpp"

namespace scanhost::store {

class routed_batch {
 public:
  using index_list = std::vector<std::uint32_t>;

  // How often one command follows a redirect; TRYAGAIN does not count.
  static constexpr std::uint8_t max_redirects = 5;

  // `route`: for commands that name none and have no key.
  routed_batch(kept_commands commands, std::string_view route, const key_positions& keys, on_complete done,
               base::steady_time now);

  std::size_t size() const noexcept { return commands_.all().size(); }
  std::span<const scanhost_command> commands() const noexcept { return commands_.all(); }
  std::uint16_t slot(std::size_t index) const noexcept { return places_[index].slot; }
  base::steady_time begun() const noexcept { return begun_; }
  index_list all_indexes() const;

  // Finds the slots by the keys, once it is known where these are.
  void route_by(const key_positions& keys);

  // What to do with commands that were not carried out, in their order.
  struct next_step {
    redirect::kind what = redirect::kind::moved;  // moved, ask: to `target`; try_again: after a while
    config::server_address target;
    index_list indexes;
    std::vector<std::uint16_t> slots;  // moved: those that the target serves now
  };

  // The part with these commands came back. `may_wait`: there is time for what has to be tried again.
  std::vector<next_step> take(const index_list& indexes, std::unique_ptr<reply_batch> part, bool may_wait);

  // A node said that the cluster is down, since this was last asked.
  bool take_cluster_down() noexcept { return std::exchange(cluster_down_, false); }

  // These commands end without a reply.
  void settle(const index_list& indexes, std::int32_t kind, std::string_view message);
  void cancel() noexcept { cancelled_ = true; }
  bool cancelled() const noexcept { return cancelled_; }

  // The parts that are out, and the commands that wait for another attempt.
  void part_leaves() noexcept { ++parts_; }
  void part_returns() noexcept { --parts_; }  // without having been sent
  void wait_begins() noexcept { ++waits_; }
  void wait_ends() noexcept { --waits_; }
  bool complete() const noexcept { return parts_ == 0 && waits_ == 0; }

  // Once it is complete.
  on_complete take_callback() { return std::move(done_); }
  std::unique_ptr<reply_batch> take_outcomes();

 private:
  struct place {
    std::uint16_t slot = 0;
    std::uint8_t redirects = 0;
    std::size_t key = 0;  // a hash; 0: none
  };

  void find_place(std::size_t index, const key_positions& keys);
  bool was_overtaken(std::uint32_t index) const;
  bool follows(std::uint32_t index, const redirect& where, bool may_wait);
  void add_step(std::vector<next_step>& steps, std::uint32_t index, redirect where) const;
  joined_batch& joined();

  kept_commands commands_;
  std::uint16_t default_slot_;
  std::vector<place> places_;
  on_complete done_;
  base::steady_time begun_;
  std::unique_ptr<reply_batch> whole_;    // the outcomes, if they came in one part
  std::unique_ptr<joined_batch> joined_;  // else
  std::vector<std::uint32_t> carried_out_;
  std::size_t parts_ = 0;
  std::size_t waits_ = 0;
  bool cancelled_ = false;
  bool cluster_down_ = false;
};

}  // namespace scanhost::store
