// SPDX-License-Identifier: Apache-2.0
//
// What can be checked in a file without a plugin: every mistake is reported with its line, all at once.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/files.hpp"
#include "unit/config/loading.hpp"

namespace scanhost::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST(load, fills_in_what_is_not_written) {
  const auto settings = settings_of("scanners:\n  sweeper:\n");
  EXPECT_THAT(settings.store.addresses, ElementsAre(server_address{"127.0.0.1", 6379}));
  EXPECT_EQ(settings.store.mode, store_mode::automatic);
  EXPECT_EQ(settings.admin.port, 9464);
  ASSERT_EQ(settings.scanners.size(), 1u);
  EXPECT_EQ(settings.scanners[0].plugin, "sweeper");
  EXPECT_EQ(settings.scanners[0].interval, base::milliseconds(1500));
  EXPECT_EQ(settings.scanners[0].page_size, 50u);
  EXPECT_EQ(settings.scanners[0].hang_timeout, base::milliseconds(10'000));
  EXPECT_TRUE(settings.scanners[0].drain);
  EXPECT_EQ(settings.scanners[0].drain_timeout, base::milliseconds(10'000));
  EXPECT_EQ(settings.scanners[0].memory_limit.bytes, 0);
  EXPECT_EQ(settings.scanners[0].reload, reload_policy::together);
  EXPECT_EQ(settings.scanners[0].sha256, "");
  EXPECT_TRUE(settings.plugins.check_owner);
  EXPECT_EQ(settings.plugins.probation, 3u);
  EXPECT_EQ(settings.plugins.error_margin, 20u);
  EXPECT_EQ(settings.plugins.crash_limit, 3u);
  EXPECT_TRUE(settings.admin.socket_enabled && settings.admin.control);
  EXPECT_FALSE(settings.admin.socket_configured);
}

TEST(load, reads_every_key) {
  ::setenv("SCANHOST_TEST_SECRET", "hunter2", 1);
  const auto settings = settings_of(R"(
store:
  url: redis://db:7000/2
  username: joe
  password_env: SCANHOST_TEST_SECRET
  connect_timeout: 1s
  command_timeout: 3s
  max_in_flight: 100
partitions: {flow: 32}
plugins:
  path: [plugins, /opt/x]
  staging: staging
  watch: false
  allow_needed: [libz.so.1]
  check_owner: false
  probation: 5
  error_margin: 10
  crash_limit: 2
run:
  dry_run: true
  audit: {file: audit.jsonl, max_size: 1MiB, max_files: 2}
scanners:
  sweeper@acme:
    plugin: sweeper
    enabled: false
    interval: 3s
    drain: false
    page_size: 7
    budget: {calls: 10, time: 2s, pages: 3}
    concurrency: 4
    scan_timeout: 30s
    hang_timeout: 5s
    drain_timeout: 20s
    memory_limit: 64MiB
    log_level: debug
    unload: never
    reload: rolling
    permissions: {read_only: true, commands: [GET, XINFO STREAM], key_prefixes: ["a:"]}
    rate: {target_latency: 300us, min_commands_per_s: 20, max_commands_per_s: 9000}
    sha256: 0123456789ABCDEF0123456789abcdef0123456789ABCDEF0123456789abcdef
admin: {listen: "[::1]:9000", host_names: [ops.example.org], control: false, socket: run/control.sock}
)");
  EXPECT_EQ(settings.store.database, 2u);
  EXPECT_EQ(settings.store.username, "joe");
  EXPECT_EQ(settings.store.password.reveal(), "hunter2");
  EXPECT_EQ(settings.store.connect_timeout, base::milliseconds(1000));
  EXPECT_EQ(settings.store.command_timeout, base::milliseconds(3000));
  EXPECT_EQ(settings.store.max_in_flight, 100u);
  EXPECT_EQ(settings.partitions.at("flow"), 32u);
  EXPECT_THAT(settings.plugins.path, ElementsAre("/etc/scanhost/plugins", "/opt/x"));
  EXPECT_EQ(settings.plugins.staging, "/etc/scanhost/staging");
  EXPECT_FALSE(settings.plugins.watch);
  EXPECT_THAT(settings.plugins.allow_needed, ElementsAre("libz.so.1"));
  EXPECT_FALSE(settings.plugins.check_owner);
  EXPECT_EQ(settings.plugins.probation, 5u);
  EXPECT_EQ(settings.plugins.error_margin, 10u);
  EXPECT_EQ(settings.plugins.crash_limit, 2u);
  const auto& scanner = settings.scanners.at(0);
  EXPECT_EQ(scanner.name, "sweeper@acme");
  EXPECT_EQ(scanner.enabled, run_condition::never);
  EXPECT_FALSE(scanner.drain);
  EXPECT_EQ(scanner.interval, base::milliseconds(3000));
  EXPECT_EQ(scanner.page_size, 7u);
  EXPECT_EQ(scanner.budget.calls, 10u);
  EXPECT_EQ(scanner.budget.time, base::milliseconds(2000));
  EXPECT_EQ(scanner.budget.pages, 3u);
  EXPECT_EQ(scanner.concurrency, 4u);
  EXPECT_EQ(scanner.scan_timeout, base::milliseconds(30'000));
  EXPECT_EQ(scanner.hang_timeout, base::milliseconds(5000));
  EXPECT_EQ(scanner.drain_timeout, base::milliseconds(20'000));
  EXPECT_EQ(scanner.memory_limit.bytes, 64 << 20);
  EXPECT_EQ(scanner.log_level, base::severity::debug);
  EXPECT_EQ(scanner.unload, unload_policy::never);
  EXPECT_EQ(scanner.reload, reload_policy::rolling);
  EXPECT_TRUE(scanner.permissions.read_only);
  EXPECT_THAT(scanner.permissions.commands, ElementsAre("GET", "XINFO STREAM"));
  EXPECT_THAT(scanner.permissions.key_prefixes, ElementsAre("a:"));
  EXPECT_EQ(settings.run.audit.file, "/etc/scanhost/audit.jsonl");
  EXPECT_EQ(settings.run.audit.max_size, 1 << 20);
  EXPECT_EQ(settings.run.audit.max_files, 2u);
  EXPECT_EQ(scanner.audit, settings.run.audit);
  EXPECT_EQ(scanner.rate.target_latency, std::chrono::microseconds(300));
  EXPECT_EQ(scanner.rate.min(), 20u);
  EXPECT_EQ(scanner.rate.max(), 9000u);
  EXPECT_EQ(scanner.sha256, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  EXPECT_EQ(settings.admin.address, "::1");
  EXPECT_EQ(settings.admin.port, 9000);
  EXPECT_THAT(settings.admin.host_names, ElementsAre("ops.example.org"));
  EXPECT_FALSE(settings.admin.control);
  EXPECT_TRUE(settings.admin.socket_configured);
  EXPECT_EQ(settings.admin.socket, "/etc/scanhost/run/control.sock");
  ::unsetenv("SCANHOST_TEST_SECRET");
}

TEST(load, a_dry_run_of_the_host_is_one_of_every_scanner) {
  EXPECT_TRUE(
      settings_of("run: {dry_run: true}\nscanners: {sweeper: {dry_run: false}}\n").scanners.at(0).dry_run);
  EXPECT_TRUE(settings_of("scanners: {sweeper: {dry_run: true}}\n").scanners.at(0).dry_run);
  EXPECT_FALSE(settings_of("scanners: {sweeper: {}}\n").scanners.at(0).dry_run);
}

TEST(load, gives_every_scanner_the_rate_of_the_host_besides_its_own) {
  const auto settings =
      settings_of("run: {rate: {commands_per_s: 700}}\nscanners: {sweeper: {rate: {commands_per_s: 5}}}\n");
  EXPECT_EQ(settings.scanners.at(0).host_rate.commands_per_s, 700u);
  EXPECT_EQ(settings.scanners.at(0).rate.commands_per_s, 5u);
  EXPECT_TRUE(settings_of("scanners: {sweeper: {}}\n").scanners.at(0).rate.empty());
}

TEST(load, refuses_rates_that_make_no_sense) {
  EXPECT_THAT(
      problems_of("run:\n"
                  "  rate: {commands_per_s: 0}\n"
                  "scanners:\n"
                  "  a: {rate: {commands_per_s: 5, target_latency: 2ms}}\n"
                  "  b: {rate: {min_commands_per_s: 5}}\n"
                  "  c: {rate: {target_latency: 2ms, min_commands_per_s: 9, max_commands_per_s: 8}}\n"
                  "  d: {rate: {target_latency: 2}}\n"
                  "  e: {rate: {target_latency: 2m}}\n"
                  "  f: {rate: {target_latency: 1us}}\n"
                  "  g: {rate: {target_latency: 2ms, min_commands_per_s: 100001}}\n"),
      ElementsAre(
          "2: run.rate.commands_per_s: '0' is out of range; the range is 1 to 10000000",
          testing::StartsWith("4: scanners.a.rate.commands_per_s: contradicts target_latency"),
          testing::StartsWith("5: scanners.b.rate.min_commands_per_s: has no effect without target_latency"),
          "6: scanners.c.rate.max_commands_per_s: the minimum 9 is larger than the maximum 8",
          testing::HasSubstr("'2' has no unit; write 2ms"),
          testing::HasSubstr("'2m' has an unknown unit; the units are us, ms and s"),
          "9: scanners.f.rate.target_latency: '1us' is out of range; the range is 10us to 60s",
          "10: scanners.g.rate.min_commands_per_s: the minimum 100001 is larger than the maximum 100000"));
}

TEST(load, refuses_permissions_that_allow_nothing) {
  EXPECT_THAT(
      problems_of(
          "scanners:\n  a: {permissions: {commands: []}}\n  b: {permissions: {key_prefixes: ['']}}\n"),
      ElementsAre(testing::StartsWith("2: scanners.a.permissions.commands: expected a list of texts"),
                  testing::StartsWith("3: scanners.b.permissions.key_prefixes: expected a list of texts")));
}

TEST(load, finds_every_problem_at_once_with_its_line) {
  EXPECT_THAT(
      problems_of("store:\n"
                  "  url: http://db\n"
                  "  databse: 1\n"
                  "  connect_timeout: 5\n"
                  "partitions: {flow: 0}\n"
                  "plugin: {}\n"
                  "plugins: {watch: yes}\n"
                  "scanners:\n"
                  "  sweeper: {intervall: 1s}\n"
                  "  Bad-Name: {}\n"
                  "  other: {page_size: \"5\", budget: {calls: many}}\n"
                  "admin: {listen: 9464}\n"),
      ElementsAre(StartsWith("2: store.url: the scheme 'http' is unknown"),
                  "3: unknown key 'databse' in store; did you mean 'database'?",
                  "4: store.connect_timeout: '5' has no unit; write 5ms, or 5s if it means seconds",
                  "5: partitions.flow: '0' is out of range; the range is 1 to 65535",
                  "6: unknown key 'plugin'; did you mean 'plugins'?",
                  "7: plugins.watch: expected true or false without quotes, found 'yes'",
                  "9: unknown key 'intervall' in scanners.sweeper; did you mean 'interval'?",
                  StartsWith("10: 'Bad-Name' cannot be the name of a scanner"),
                  "11: scanners.other.page_size: expected a whole number, found a text; remove the quotes",
                  "11: scanners.other.budget.calls: 'many' is not a whole number in decimal digits",
                  StartsWith("12: admin.listen: '9464' is only a port")));
}

TEST(load, lists_the_known_keys_when_none_is_near) {
  EXPECT_THAT(
      problems_of("admin: {colour: red}\nscanners: {a: {}}\n"),
      ElementsAre(
          "1: unknown key 'colour' in admin; the keys here are listen, host_names, control, socket, read_token_file, operator_token_file, peers"));
}

TEST(load, reads_when_a_scanner_runs) {
  const auto settings =
      settings_of("scanners: {sweeper: {}, sweeper@a: {enabled: true}, sweeper@b: {enabled: auto}}\n");
  EXPECT_EQ(settings.scanners.at(0).enabled, run_condition::always);
  EXPECT_EQ(settings.scanners.at(1).enabled, run_condition::always);
  EXPECT_EQ(settings.scanners.at(2).enabled, run_condition::functions_exist);
}

TEST(load, refuses_other_words_for_when_a_scanner_runs) {
  EXPECT_THAT(problems_of("scanners:\n  a: {enabled: sometimes}\n  b: {enabled: 'true'}\n"),
              ElementsAre("2: scanners.a.enabled: expected true, false or auto, found 'sometimes'",
                          "3: scanners.b.enabled: expected true, false or auto, found 'true'"));
}

TEST(load, refuses_wrong_types) {
  EXPECT_THAT(
      problems_of(
          "store: [a]\nscanners:\n  a: 5\n  b: {interval: [1s]}\n  c: {enabled:}\n  d: {options: x}\n"),
      ElementsAre("1: store: expected a map of keys and values, found a list",
                  "3: scanners.a: expected a map of keys and values, found a single value",
                  "4: scanners.b.interval: expected a duration such as 1500ms, 2s or 5m, found a list",
                  "5: scanners.c.enabled: expected true, false or auto, found nothing",
                  "6: scanners.d.options: expected a map of keys and values, found a single value"));
}

TEST(load, refuses_values_out_of_range) {
  EXPECT_THAT(
      problems_of(
          "scanners:\n  a: {page_size: 0}\n  b: {interval: 0ms}\n  c: {concurrency: 99999999999999999999}\n"
          "  d: {unload: always}\n"),
      ElementsAre("2: scanners.a.page_size: '0' is out of range; the range is 1 to 100000",
                  "3: scanners.b.interval: '0ms' is out of range; the range is 1ms to 366d",
                  "4: scanners.c.concurrency: '99999999999999999999' is too large",
                  "5: scanners.d.unload: expected normal or never, found 'always'"));
}

TEST(load, refuses_limits_of_reloads_out_of_range) {
  EXPECT_THAT(problems_of("plugins:\n  probation: 1001\n  error_margin: 101\n  crash_limit: 0\n"
                          "scanners:\n  a: {drain_timeout: 0s}\n  b: {drain_timeout: 11m}\n"),
              ElementsAre("2: plugins.probation: '1001' is out of range; the range is 0 to 1000",
                          "3: plugins.error_margin: '101' is out of range; the range is 0 to 100",
                          "4: plugins.crash_limit: '0' is out of range; the range is 1 to 100",
                          "6: scanners.a.drain_timeout: '0s' is out of range; the range is 1ms to 10m",
                          "7: scanners.b.drain_timeout: '11m' is out of range; the range is 1ms to 10m"));
}

TEST(load, refuses_limits_of_memory_out_of_range_and_without_a_size) {
  EXPECT_THAT(
      problems_of("scanners:\n  a: {memory_limit: 1023KiB}\n  b: {memory_limit: much}\n"),
      ElementsAre("2: scanners.a.memory_limit: '1023KiB' is out of range; the range is 1MiB to 1024GiB",
                  testing::StartsWith("3: scanners.b.memory_limit: ")));
}

TEST(load, refuses_log_levels_that_there_are_not) {
  EXPECT_THAT(
      problems_of("scanners:\n  a: {log_level: loud}\n"),
      ElementsAre("2: scanners.a.log_level: expected trace, debug, info, warn, error or off, found 'loud'"));
}

TEST(load, refuses_other_ways_to_reload_and_texts_that_are_not_hashes) {
  EXPECT_THAT(problems_of("scanners:\n  a: {reload: slowly}\n  b: {sha256: abc}\n  c: {sha256: \"" +
                          std::string(63, 'a') + "g\"}\n"),
              ElementsAre("2: scanners.a.reload: expected together or rolling, found 'slowly'",
                          StartsWith("3: scanners.b.sha256: expected the 64 hexadecimal digits"),
                          StartsWith("4: scanners.c.sha256: expected the 64 hexadecimal digits")));
}

TEST(load, takes_an_empty_hash_for_none) {
  EXPECT_EQ(settings_of("scanners: {sweeper: {sha256: \"\"}}\n").scanners[0].sha256, "");
}

TEST(load, turns_the_control_socket_off) {
  const auto admin = settings_of("admin: {socket: none}\nscanners: {sweeper: {}}\n").admin;
  EXPECT_FALSE(admin.socket_enabled || admin.socket_configured);
}

TEST(load, refuses_a_control_socket_without_a_path_or_with_one_that_is_too_long) {
  EXPECT_THAT(problems_of("admin: {socket: \"\"}\nscanners: {a: {}}\n"),
              ElementsAre("1: admin.socket: expected a path or none, found an empty text"));
  EXPECT_THAT(problems_of("admin: {socket: /" + std::string(107, 'x') + "}\nscanners: {a: {}}\n"),
              ElementsAre(HasSubstr("is longer than 107 bytes, the most that a Unix socket allows")));
}

TEST(load, lets_the_page_control_only_where_nobody_else_can_reach_it_unless_told_otherwise) {
  const auto control = [](const std::string& admin) {
    return settings_of("admin: {" + admin + "}\nscanners: {sweeper: {}}\n").admin.control;
  };
  EXPECT_TRUE(control("listen: 127.0.0.1:1"));
  EXPECT_FALSE(control("listen: 0.0.0.0:1"));
  EXPECT_TRUE(control("listen: 0.0.0.0:1, control: true"));
  EXPECT_FALSE(control("control: false"));
}

TEST(load, refuses_two_sources_of_one_password) {
  EXPECT_THAT(problems_of("store:\n  password_file: /x\n  password_env: Y\nscanners: {a: {}}\n"),
              ElementsAre(HasSubstr(
                  "3: store.password_file and store.password_env contradict each other (lines 2 and 3)")));
}

TEST(load, refuses_two_database_numbers_that_differ) {
  EXPECT_THAT(
      problems_of("store:\n  url: redis://db/1\n  database: 2\nscanners: {a: {}}\n"),
      ElementsAre(HasSubstr("3: store.database and the database number in store.url (line 2) contradict")));
  EXPECT_THAT(problems_of("store: {url: redis://db/1, database: 1}\nscanners: {a: {}}\n"), IsEmpty());
}

TEST(load, reads_the_addresses_of_several_servers) {
  const auto store = settings_of(R"(
store: {url: redis://db, mode: cluster, addresses: [db2, "db3:7000", "[::1]:7001"]}
scanners: {sweeper: {}}
)")
                         .store;
  EXPECT_EQ(store.mode, store_mode::cluster);
  EXPECT_THAT(store.addresses, ElementsAre(server_address{"db", 6379}, server_address{"db2", 6379},
                                           server_address{"db3", 7000}, server_address{"::1", 7001}));
}

TEST(load, needs_no_url_where_addresses_are_listed) {
  const auto store = settings_of("store: {addresses: [db2, db3]}\nscanners: {sweeper: {}}\n").store;
  EXPECT_THAT(store.addresses, ElementsAre(server_address{"db2", 6379}, server_address{"db3", 6379}));
  EXPECT_EQ(store.url, "valkey://db2:6379");
}

TEST(load, reads_the_settings_of_sentinel) {
  ::setenv("SCANHOST_TEST_SECRET", "hunter2", 1);
  const auto store = settings_of(R"(
store:
  mode: sentinel
  url: valkey://guard/3
  addresses: ["guard2:5000"]
  sentinel: {primary: mymaster, username: watcher, password_env: SCANHOST_TEST_SECRET}
scanners: {sweeper: {}}
)")
                         .store;
  EXPECT_EQ(store.mode, store_mode::sentinel);
  EXPECT_EQ(store.database, 3u);
  EXPECT_THAT(store.addresses, ElementsAre(server_address{"guard", 26379}, server_address{"guard2", 5000}));
  EXPECT_EQ(store.sentinel.primary_name, "mymaster");
  EXPECT_EQ(store.sentinel.username, "watcher");
  EXPECT_EQ(store.sentinel.password.reveal(), "hunter2");
}

TEST(load, keeps_the_file_of_the_password_of_the_sentinels) {
  const test_support::temporary_folder folder;
  const auto file = folder / "password";
  test_support::write(file, "hunter2");
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  const auto store =
      settings_of("store: {mode: sentinel, url: valkey://guard, sentinel: {primary: m, password_file: '" +
                  file.string() + "'}}\nscanners: {sweeper: {}}\n")
          .store;
  EXPECT_EQ(store.sentinel.password.reveal(), "hunter2");
  EXPECT_EQ(store.sentinel.password_file, file);
}

TEST(load, refuses_settings_of_the_store_that_do_not_fit_its_mode) {
  const std::pair<const char*, const char*> cases[] = {
      {"mode: clustr", "store.mode: expected auto, standalone, cluster or sentinel, found 'clustr'"},
      {"mode: sentinel", "store.mode: the mode sentinel needs store.sentinel.primary"},
      {"sentinel: {primary: m}", "store.sentinel: has no effect without mode: sentinel"},
      {"mode: sentinel, sentinel: {primary: 'a b'}", "store.sentinel.primary: expected the name"},
      {"mode: sentinel, sentinel: {primary: m, password: hunter2}", "secrets do not belong"},
      {"mode: cluster, url: redis://db/2", "a cluster has only the database 0, found 2"},
      {"mode: cluster, database: 1", "a cluster has only the database 0, found 1"},
      {"mode: cluster, url: unix:///run/x", "store.mode: the mode cluster needs TCP"},
      {"url: unix:///run/x, addresses: [db]", "store.addresses: has no effect with the Unix socket"},
      {"url: redis://db, addresses: [db:6379]", "store.addresses: 'db:6379' is there twice"},
      {"addresses: [redis://db]", "store.addresses: expected host:port without a scheme"},
  };
  for (const auto& [store, problem] : cases) {
    const auto problems = problems_of(fmt::format("store: {{{}}}\nscanners: {{a: {{}}}}\n", store));
    EXPECT_THAT(problems, ElementsAre(HasSubstr(problem))) << store;
    for (const auto& line : problems) EXPECT_THAT(line, Not(HasSubstr("hunter2")));
  }
}

TEST(load, never_repeats_a_password_and_says_where_it_belongs) {
  const auto problems =
      problems_of("store:\n  password: hunter2\n  url: redis://joe:hunter2@db\nscanners: {a: {}}\n");
  EXPECT_THAT(problems, ElementsAre(HasSubstr("2: unknown key 'password' in store; secrets do not belong"),
                                    HasSubstr("3: store.url: user and password do not belong in the URL")));
  for (const auto& line : problems) EXPECT_THAT(line, Not(HasSubstr("hunter2")));
}

TEST(load, refuses_a_secret_that_cannot_be_read) {
  EXPECT_THAT(problems_of("store:\n  password_file: no/such/file\nscanners: {a: {}}\n"),
              ElementsAre(HasSubstr("2: store.password_file: cannot read '/etc/scanhost/no/such/file'")));
  EXPECT_THAT(problems_of("store:\n  password_env: SCANHOST_TEST_NOT_SET\nscanners: {a: {}}\n"),
              ElementsAre(HasSubstr(
                  "2: store.password_env: the environment variable 'SCANHOST_TEST_NOT_SET' is not set")));
}

TEST(load, reads_the_tokens_of_the_page_and_lets_operators_command_from_other_machines) {
  test_support::temporary_folder folder;
  for (const char* name : {"read", "operate"}) {
    test_support::write(folder / name, std::string(name) + "-0123456789abcdef\n");
    std::filesystem::permissions(folder / name, std::filesystem::perms::owner_read);
  }
  const auto admin =
      settings_of(fmt::format("admin: {{listen: 0.0.0.0:1, read_token_file: {0}/read, "
                              "operator_token_file: {0}/operate}}\nscanners: {{sweeper: {{}}}}\n",
                              folder.path().string()))
          .admin;
  EXPECT_EQ(admin.read_token.reveal(), "read-0123456789abcdef");
  EXPECT_EQ(admin.operator_token.reveal(), "operate-0123456789abcdef");
  EXPECT_EQ(admin.operator_token_file, folder / "operate");
  EXPECT_TRUE(admin.control);
}

TEST(load, reads_other_hosts_by_their_addresses) {
  const auto admin =
      settings_of("admin: {peers: [\"10.0.0.2:9465\", 10.0.0.3, \"[::1]:1\"]}\nscanners: {sweeper: {}}\n")
          .admin;
  EXPECT_THAT(admin.peers, ElementsAre(server_address{"10.0.0.2", 9465}, server_address{"10.0.0.3", 9464},
                                       server_address{"::1", 1}));
  EXPECT_THAT(problems_of("admin:\n  peers: [db.example, \"http://10.0.0.2\"]\nscanners: {a: {}}\n"),
              ElementsAre(HasSubstr("2: admin.peers: expected the IP address"),
                          HasSubstr("found 'http://10.0.0.2'")));
}

TEST(load, refuses_a_token_that_cannot_be_read) {
  for (const char* key : {"read_token_file", "operator_token_file"})
    EXPECT_THAT(
        problems_of(fmt::format("admin: {{{}: no/such/file}}\nscanners: {{a: {{}}}}\n", key)),
        ElementsAre(HasSubstr(fmt::format("1: admin.{}: cannot read '/etc/scanhost/no/such/file'", key))));
}

TEST(load, refuses_nul_in_texts_that_go_to_the_system) {
  EXPECT_THAT(problems_of("plugins: {path: \"a\\0b\"}\nscanners: {a: {}}\n"),
              ElementsAre("1: plugins.path must not contain a NUL byte"));
}

TEST(load, takes_one_folder_without_a_list) {
  EXPECT_THAT(settings_of("plugins: {path: ../x}\nscanners: {sweeper: {}}\n").plugins.path,
              ElementsAre("/etc/x"));
}

TEST(load, lengthens_an_interval_that_is_too_short_and_warns) {
  const std::string text = "scanners:\n  sweeper: {interval: 20ms}\n";
  EXPECT_EQ(settings_of(text).scanners[0].interval, min_interval);
  EXPECT_THAT(lines_of(document(text, "test.yaml", "/").warnings()),
              ElementsAre(HasSubstr("test.yaml:2: scanners.sweeper.interval: 20ms is below the minimum")));
}

TEST(load, warns_of_an_address_that_others_can_reach) {
  EXPECT_THAT(
      lines_of(document("admin: {listen: 0.0.0.0:1}\nscanners: {a: {}}\n", "test.yaml", "/").warnings()),
      ElementsAre(HasSubstr("reachable from other machines")));
}

TEST(load, warns_of_a_file_without_scanners) {
  EXPECT_THAT(lines_of(document("admin: {}\n", "test.yaml", "/").warnings()),
              ElementsAre(HasSubstr("there are no scanners")));
}

TEST(load, names_the_wanted_plugins_once_those_of_disabled_scanners_too) {
  EXPECT_THAT(
      document("scanners: {a: {}, a@x: {}, c: {plugin: b, enabled: false}}\n", "f", "/").wanted_plugins(),
      ElementsAre("a", "b"));
}

TEST(load, turns_the_admin_server_off) {
  EXPECT_FALSE(settings_of("admin: {listen: none}\nscanners: {sweeper: {}}\n").admin.enabled);
}

TEST(load, writes_problems_one_a_line_in_the_order_of_the_file) {
  EXPECT_EQ(to_text({{"f.yaml", 9, "b"}, {"f.yaml", 2, "a"}}), "f.yaml:2: a\nf.yaml:9: b");
  EXPECT_EQ(to_text(std::vector<problem>{}), "");
}

TEST(load, reads_a_file_and_says_when_it_cannot) {
  std::string name = (std::filesystem::temp_directory_path() / "scanhost-config-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  std::ofstream(folder / "a.yaml") << "plugins: {path: x}\nscanners: {a: {}}\n";
  const auto document = load_file(folder / "a.yaml");
  ASSERT_TRUE(document);
  EXPECT_THAT(document->plugins().path, ElementsAre(folder / "x"));
  EXPECT_THAT(load_file(folder / "b.yaml").error().message, HasSubstr("No such file"));
  EXPECT_THAT(load_file(folder).error().message, HasSubstr("is a folder"));
  std::ofstream(folder / "big.yaml") << std::string(2'000'000, '#');
  EXPECT_EQ(load_file(folder / "big.yaml").error().code, base::errc::data);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace scanhost::config
