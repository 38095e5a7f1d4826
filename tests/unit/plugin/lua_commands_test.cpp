// SPDX-License-Identifier: Apache-2.0
//
// Which commands Lua text runs.
#include "plugin/lua_commands.hpp"

#include <gtest/gtest.h>

namespace scanhost::plugin {
namespace {

using names = std::set<std::string>;

constexpr std::string_view library = R"(#!lua name=shop
local CHANNEL = 'shop:done'
local call -- redis.call
local function define(name, body)
  redis.register_function(name, function(keys, args)
    call = redis.call
    return body(keys, args)
  end)
end

local function now()
  return call('TIME')
end

-- call('FLUSHALL') is only mentioned here
local function note(key)
  call('HSET', key, 'at', now())
  call('PUBLISH', CHANNEL, key)
end

define('finish', function(keys)
  note(keys[1])
  return 1
end)

define("count", function(keys)
  return call("zcard", keys[1])
end)
)";

TEST(lua_commands, are_found_by_every_way_to_call_the_server) {
  const auto found = commands_in(
      "redis.call('GET', 1) server.pcall(\"hset\", 2) call( 'DEL') redis.call('XGROUP', 'CREATE', KEYS[1])");
  EXPECT_EQ(found.names, (names{"GET", "HSET", "DEL", "XGROUP CREATE"}));
  EXPECT_FALSE(found.computes_names);
}

TEST(lua_commands, are_not_seen_in_calls_of_others) {
  const auto found = commands_in("pcall('GET') recall('SET') pcall(cjson.decode, text)");
  EXPECT_EQ(found.names, names{});
  EXPECT_FALSE(found.computes_names);
}

TEST(lua_commands, are_unclear_where_the_name_is_computed) {
  EXPECT_TRUE(commands_in("redis.call(ARGV[1], KEYS[1])").computes_names);
}

TEST(lua_commands, of_a_function_are_its_own_and_those_of_what_it_uses) {
  const auto finish = commands_of(library, {"finish"});
  EXPECT_EQ(finish.names, (names{"TIME", "HSET", "PUBLISH"}));
  EXPECT_EQ(finish.channels, names{"shop:done"});
  const auto count = commands_of(library, {"count"});
  EXPECT_EQ(count.names, names{"ZCARD"});
  EXPECT_EQ(count.channels, names{});
}

TEST(lua_commands, of_a_function_that_is_not_found_are_all_of_the_library) {
  EXPECT_EQ(commands_of(library, {"other"}).names, (names{"TIME", "HSET", "PUBLISH", "ZCARD"}));
}

TEST(lua_commands, publish_to_any_channel_where_its_name_is_computed) {
  EXPECT_EQ(commands_in("redis.call('PUBLISH', KEYS[1], 'x')").channels, names{"*"});
  EXPECT_EQ(commands_in("redis.call('PUBLISH', 'a:' .. id, 'x')").channels, names{"*"});
  EXPECT_EQ(commands_in("redis.call('PUBLISH', 'a:b', 'x')").channels, names{"a:b"});
}

}  // namespace
}  // namespace scanhost::plugin
