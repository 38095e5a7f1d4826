// SPDX-License-Identifier: Apache-2.0
//
// Guarded writes: small constant scripts that check again what was read, and then write, atomically and in
// one round trip. All keys of one lie in one slot. Each answers 1 when its guard held, otherwise 0.
#pragma once

#include <scanhost/services.hpp>
#include <string_view>

namespace ff {

// Runs the script with these keys and arguments.
template <class Keys, class... Arguments>
scanhost::command guarded_write(const scanhost::services& host, std::string_view script, const Keys& keys,
                                const Arguments&... arguments) {
  auto write = host.script(script).on_each(keys);
  write.args(arguments...);
  return write;
}

// KEYS: a record, a sorted set. ARGV: a member. Removes the member if the record does not exist.
inline constexpr std::string_view remove_entry_without_record = R"lua(
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
)lua";

// KEYS: a record, a set. ARGV: a member. Removes the member if the record does not exist; 0 also where it is
// no member any more.
inline constexpr std::string_view remove_member_without_record = R"lua(
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
return redis.call('SREM', KEYS[2], ARGV[1])
)lua";

// KEYS: a waitpoint, its index. ARGV: the waitpoint's id. Removes it if the waitpoint is finished.
inline constexpr std::string_view remove_finished_waitpoint = R"lua(
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'closed' and state ~= 'expired' then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
)lua";

// KEYS: a record, a set or string, a sorted set. ARGV: a member. Deletes the second key and removes the
// member if the record does not exist.
inline constexpr std::string_view drop_what_lost_its_record = R"lua(
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
)lua";

}  // namespace ff
