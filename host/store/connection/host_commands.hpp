// SPDX-License-Identifier: Apache-2.0
//
// The commands that the host itself sends, besides those of its scanners: what a server's access rules have
// to allow. The tests compare the table with what a server gets.
#pragma once

#include <array>
#include <string_view>

namespace scanhost::store {

enum class asked_when {
  always,
  other_database,  // the database is not 0
  functions,       // a plugin has server functions
  counted,         // the store holds the number of partitions of a family
  members,         // a key in the store lists the members of a family
  cluster,         // the store is a cluster
  writes,          // a scanner writes
  gate,            // the commands of a scanner pass the gate
  explains         // a plugin explains items
};

struct host_command {
  std::string_view rule;  // as in ACL SETUSER
  asked_when when;
  std::string_view why;
};

// The key that the host asks for, behind the tag of a partition, to see whether a state of the store is over.
// It never exists.
inline constexpr std::string_view probe_key_end = "scanhost:probe";

// AUTH is not among them: every user may send it.
inline constexpr std::array host_commands = {
    host_command{"+select", asked_when::other_database, "the host selects the database"},
    host_command{"+client|setname", asked_when::always, "the host names its connections for CLIENT LIST"},
    host_command{"+info", asked_when::always,
                 "the host asks which server this is, and whether it is the primary"},
    host_command{"+time", asked_when::always, "the host reads the server's clock"},
    host_command{"+exists", asked_when::always, "the host looks whether a state of the store is over"},
    host_command{"+setrange", asked_when::writes,
                 "the host looks whether the store takes writes again, and writes nothing"},
    host_command{"+function|list", asked_when::functions, "the host looks which functions the server has"},
    host_command{"+hget", asked_when::counted, "the host reads the number of partitions"},
    host_command{"+type", asked_when::members, "the host reads the members of a family"},
    host_command{"+scard", asked_when::members, "the host reads the members of a family"},
    host_command{"+smembers", asked_when::members, "the host reads the members of a family"},
    host_command{"+zrange", asked_when::members, "the host reads the members of a family"},
    host_command{"+cluster|shards", asked_when::cluster, "the host reads which node has which slots"},
    host_command{"+cluster|slots", asked_when::cluster, "the same, of servers without CLUSTER SHARDS"},
    host_command{"+asking", asked_when::cluster,
                 "the host follows a slot that is on its way to another node"},
    host_command{"+command", asked_when::cluster, "the host looks where the keys of a command are"},
    host_command{"+command", asked_when::gate,
                 "the host asks what each command does, for a dry run, permissions or the audit"},
    host_command{"+command", asked_when::explains,
                 "the host asks which commands only read, to have items explained"}};

}  // namespace scanhost::store
