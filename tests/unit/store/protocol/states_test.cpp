// SPDX-License-Identifier: Apache-2.0
//
// What the server says, and what it means: a row for each text.
#include "store/protocol/states.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "base/exit_code.hpp"
#include "scanhost/store.h"
#include "scanhost/testing/answer.hpp"

namespace scanhost::store {
namespace {

constexpr auto reply = SCANHOST_OUTCOME_ERROR_REPLY;
constexpr auto transient = SCANHOST_OUTCOME_TRANSIENT;
constexpr auto permanent = SCANHOST_OUTCOME_PERMANENT;

struct row {
  std::string_view text;
  store::state state;
  int outcome;
};

constexpr std::array of_the_store{
    row{"LOADING Redis is loading the dataset in memory", state::loading, transient},
    row{"LOADING Valkey is loading the dataset in memory", state::loading, transient},
    row{"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", state::busy,
        reply},
    row{"BUSY Valkey is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.",
        state::busy, reply},
    row{"BUSY Redis is busy running a module command.", state::busy, reply},
    row{"UNKILLABLE Sorry the script already executed write commands against the dataset.", state::busy,
        reply},
    row{"OOM command not allowed when used memory > 'maxmemory'.", state::out_of_memory, reply},
    row{"OOM command not allowed when used memory > 'maxmemory'. script: ff_x, on @user_function:7.",
        state::out_of_memory, reply},
    row{"OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
        state::out_of_memory, reply},
    row{"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
        state::misconfigured, reply},
    row{"MISCONF Errors writing to the AOF file: No space left on device", state::misconfigured, reply},
    row{"NOREPLICAS Not enough good replicas to write.", state::too_few_replicas, reply},
    row{"READONLY You can't write against a read only replica.", state::read_only, transient},
    row{"READONLY Can not run script with write flag on readonly replica", state::read_only, transient},
    row{"REDIRECT 10.0.0.1:6379", state::read_only, reply},
    row{"UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
        state::read_only, reply},
    row{"CLUSTERDOWN Hash slot not served", state::cluster_down, transient},
    row{"CLUSTERDOWN The cluster is down and only accepts read commands", state::cluster_down, transient},
    row{"TRYAGAIN Multiple keys request during rehashing of slot", state::slots_moving, transient},
    row{"MOVED 3999 127.0.0.1:6381", state::slots_moving, transient},
    row{"ASK 3999 127.0.0.1:6381", state::slots_moving, transient},
    row{"ERR Script attempted to access a non local key in a cluster node script: f, on @user_function:183.",
        state::slots_moving, reply},
    row{"ERR Attempted to access a non local key in a cluster node script: on @user_script:1.",
        state::slots_moving, reply},
    row{"ERR Attempted to execute a write command while the cluster is down and readonly script: f",
        state::cluster_down, reply},
    row{"ERR Script attempted to execute a command while the cluster is down script: f, on @user_function:3.",
        state::cluster_down, reply},
    row{"ERR Script attempted to execute a write command while the cluster is down and readonly script: f",
        state::cluster_down, reply},
    row{"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        state::primary_down, transient},
    row{"NOAUTH Authentication required.", state::login_needed, permanent},
    row{"NOAUTH HELLO must be called with the client already authenticated", state::login_needed, permanent},
    row{"WRONGPASS invalid username-password pair or user is disabled.", state::login_refused, permanent},
    row{"ERR AUTH <password> called without any password configured for the default user.",
        state::login_refused, reply},
    row{"ERR invalid password", state::login_refused, reply},
    row{"NOPERM this user has no permissions to run the 'hset' command", state::no_permission, permanent},
    row{"NOPERM User s has no permissions to run the 'hset' command", state::no_permission, permanent},
    row{"NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call.",
        state::no_permission, permanent},
    row{"ERR The user executing the script can't run this command or subcommand script: f, on @f:3.",
        state::no_permission, reply},
    row{"ERR ACL failure in script: User s has no permissions to run the 'hset' command script: f, on @f:3.",
        state::no_permission, reply},
    row{"ERR max number of clients reached", state::too_many_clients, reply},
    row{"ERR max number of clients + cluster connections reached", state::too_many_clients, reply},
    row{"DENIED Redis is running in protected mode because protected mode is enabled", state::protected_mode,
        reply},
    row{"DENIED Running in protected mode because protected mode is enabled", state::protected_mode, reply},
    row{"ERR Function not found", state::functions_missing, transient},
    row{"ERR unknown command 'FCALL', with args beginning with: 'x' ", state::unknown_command, reply},
    row{"ERR unknown command `FCALL`, with args beginning with: ", state::unknown_command, reply},
    row{"ERR unknown subcommand 'LIST'. Try FUNCTION HELP.", state::unknown_command, reply},
    row{"ERR Unknown Redis command called from script script: f, on @f:3.", state::unknown_command, reply},
    row{"ERR DB index is out of range", state::wrong_database, reply},
    row{"ERR invalid DB index", state::wrong_database, reply},
    row{"ERR SELECT is not allowed in cluster mode", state::wrong_mode, reply},
    row{"EXECABORT Transaction discarded because of: OOM command not allowed", state::out_of_memory, reply},
    row{"ERR Error running script (call to f_1): @user_script:8: @user_script: 8: -MISCONF Redis is",
        state::misconfigured, reply},
};

TEST(judge, finds_the_state_in_what_the_server_says) {
  for (const auto& row : of_the_store) {
    const auto found = judge(row.text);
    EXPECT_EQ(found.fault, fault::store) << row.text;
    EXPECT_EQ(label_of(found.state), label_of(row.state)) << row.text;
    EXPECT_EQ(found.outcome, row.outcome) << row.text;
  }
}

// Redirects reach a plugin only when they lead nowhere, so a kit has no use for them.
TEST(judge, gives_a_command_the_outcome_that_the_test_kit_of_the_sdk_gives_it) {
  for (const auto& row : of_the_store) {
    if (row.text.starts_with("MOVED") || row.text.starts_with("ASK")) continue;
    EXPECT_EQ(judge(row.text).outcome, scanhost::testing::kind_of_error(row.text)) << row.text;
  }
}

TEST(judge, blames_the_item_for_what_is_about_it) {
  for (const auto* text :
       {"WRONGTYPE Operation against a key holding the wrong kind of value", "ERR value is not an integer",
        "ERR anything at all", "BUSYGROUP Consumer Group name already exists", "BUSYKEY Target key name",
        "NOGROUP No such consumer group", "LOADINGS", "loading x", "OOMPH", "ERR ff_x: OOM in a text", "ERR",
        "EXECABORT Transaction discarded because of previous errors.", "execution_not_found", ""}) {
    EXPECT_EQ(judge(text).fault, fault::item) << text;
    EXPECT_EQ(judge(text).state, state::serving) << text;
    EXPECT_EQ(judge(text).outcome, reply) << text;
  }
}

TEST(judge, blames_the_caller_for_a_command_that_cannot_work) {
  for (const auto* text : {"CROSSSLOT Keys in request don't hash to the same slot",
                           "ERR wrong number of arguments for 'get' command", "ERR syntax error"}) {
    EXPECT_EQ(judge(text).fault, fault::caller) << text;
    EXPECT_EQ(judge(text).outcome, reply) << text;
  }
}

TEST(judge, tells_a_right_for_a_key_from_one_for_a_command) {
  for (const auto* text :
       {"NOPERM this user has no permissions to access one of the keys used as arguments",
        "NOPERM No permissions to access a key", "NOPERM User s has no permissions to access the 'k' key",
        "ERR The user executing the script can't access at least one of the keys mentioned in the command"})
    EXPECT_TRUE(judge(text).about_key) << text;
  EXPECT_FALSE(judge("NOPERM this user has no permissions to run the 'hset' command").about_key);
  EXPECT_FALSE(judge("WRONGTYPE Operation against a key").about_key);
}

TEST(facts_of, knows_each_state_by_its_own_label) {
  std::set<std::string_view> labels;
  for (std::size_t i = 0; i < state_count; ++i) {
    const auto& facts = facts_of(static_cast<state>(i));
    EXPECT_EQ(static_cast<std::size_t>(facts.state), i);
    EXPECT_TRUE(labels.insert(facts.label).second) << facts.label;
    EXPECT_FALSE(facts.sentence.empty());
  }
}

TEST(facts_of, ends_a_command_with_the_code_of_the_state) {
  for (std::size_t i = 1; i < state_count; ++i) {
    const auto& facts = facts_of(static_cast<state>(i));
    const auto code = base::exit_code_of(facts.error);
    const bool waits = code == base::exit_code::unavailable;
    EXPECT_EQ(waits, facts.passes) << facts.label;
    const bool needs_operator = code == base::exit_code::no_permission || code == base::exit_code::config ||
                                facts.state == state::unknown_command;
    EXPECT_NE(needs_operator, facts.passes) << facts.label;
  }
}

TEST(facts_of, never_advises_to_remove_anything_that_belongs_to_an_item) {
  for (std::size_t i = 0; i < state_count; ++i) {
    const std::string advice(facts_of(static_cast<state>(i)).advice);
    for (const auto* word : {"delete", "remove", "entry", "item"})
      EXPECT_EQ(advice.find(word), std::string::npos) << advice;
  }
}

}  // namespace
}  // namespace scanhost::store
