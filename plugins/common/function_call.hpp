// SPDX-License-Identifier: Apache-2.0
//
// Building the calls of the engine's functions.
#pragma once

#include <initializer_list>
#include <scanhost/command.hpp>
#include <scanhost/reply.hpp>
#include <string>
#include <string_view>

#include "common/keys.hpp"

namespace ff {

// FCALL <name> with these keys and arguments.
template <class Keys, class... Arguments>
scanhost::command function_call(std::string_view name, const Keys& keys, const Arguments&... arguments) {
  return scanhost::command("FCALL", name, std::size(keys), keys, arguments...);
}

// ff_expire_execution (contract 2.12), with the lane and attempt index as read from the core.
scanhost::command expire_execution_call(std::string_view tag, std::string_view id, std::string_view lane,
                                        std::string_view attempt_index, std::string_view reason);

// What has to be read of an execution before it is cancelled: HMGET, with the execution's route.
scanhost::command read_for_cancel(std::string_view tag, std::string_view id);

// ff_cancel_execution in the execution's own partition, with the fields that read_for_cancel() asked for.
scanhost::command cancel_execution_call(std::string_view tag, std::string_view id,
                                        const scanhost::reply& core, std::string_view reason,
                                        scanhost::timestamp due);

}  // namespace ff
