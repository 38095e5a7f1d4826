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
  // Command `index` of the batch runs a script with these arguments, which are copied.
  void add(std::size_t index, const scanhost_script& script, std::span<const scanhost_string> args);
  bool empty() const noexcept { return commands_.empty(); }

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
  struct command {
    std::size_t index;
    const scanhost_script* script;
    std::size_t begin;  // of its arguments in bytes_, encoded
    std::size_t size;
    std::size_t count;
  };

  std::string bytes_;
  std::vector<command> commands_;
  std::vector<std::size_t> lost_;
  bool answered_after_loss_ = false;
  bool sent_again_ = false;
};

// Appends a command that runs the script: with its source (EVAL), or with its name (EVALSHA).
enum class script_form { source, name };
void encode_script(std::string& out, const scanhost_script& script, script_form form,
                   std::span<const scanhost_string> args);

}  // namespace scanhost::store
