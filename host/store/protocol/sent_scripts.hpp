// SPDX-License-Identifier: Apache-2.0
//
// The commands of one batch that run scripts, kept until their replies are there: a server that has lost a
// script (SCRIPT FLUSH, a restart, a fail-over) answers EVALSHA with NOSCRIPT, and then the host sends the
// source.
//
// The order of a batch holds all the same. Nothing was carried out from the first NOSCRIPT on if every later
// command of the batch was answered with NOSCRIPT, too: then all of these are sent again, in order. Otherwise
// a later command was carried out already, and those with NOSCRIPT end as transient: the next cycle finds
// their items again. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/protocol/script.hpp"

namespace scanhost::store {

class sent_scripts {
 public:
  struct command {
    std::size_t index;  // in the batch
    const scanhost_script* script;
    std::size_t count;  // of its arguments
    std::size_t begin;  // of these in the encoded batch
    std::size_t size;
  };
  void add(const command& sent) { commands_.push_back(sent); }
  // The encoded batch, once all are added. It is copied.
  void keep(std::string_view batch) { batch_ = batch; }

  // The replies of the batch, in order.
  void note_reply(std::size_t index, const scanhost_reply& reply);

  enum class step { finished, send_again, give_up };
  // Once all replies are there.
  step decide() const noexcept;

  // The commands that were answered with NOSCRIPT, in order.
  std::span<const std::size_t> lost() const noexcept { return lost_; }
  // Appends these commands as EVAL. They are not sent a third time.
  void encode_again(std::string& out);

 private:
  std::string batch_;
  std::vector<command> commands_;
  std::vector<std::size_t> lost_;
  bool answered_after_loss_ = false;
  bool sent_again_ = false;
};

// Appends what stands before the arguments of a command that runs the script, with its source (EVAL) or with
// its name (EVALSHA).
enum class script_form { source, name };
void encode_script(std::string& out, const scanhost_script& script, script_form form, std::size_t arguments);

}  // namespace scanhost::store
