// SPDX-License-Identifier: Apache-2.0
//
// What a test of the runner needs.
#include "integration/runner/fixture.hpp"

#include <stdlib.h>

#include <charconv>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace scanhost::test {

namespace {

using namespace std::chrono_literals;

std::filesystem::path make_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "scanhost-runner-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
  return pattern;
}

template <class Value, class Error>
Value value_or_throw(boost::system::result<Value, Error> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

}  // namespace

bool eventually(const std::function<bool()>& so) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!so()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

std::function<void(awaited_reports::outcome)> awaited_reports::receiver() {
  return [this](outcome done) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(done);
    changed_.notify_all();
  };
}

awaited_reports::outcome awaited_reports::get(runner::scanner& scanner) {
  const auto deadline = std::chrono::steady_clock::now() + 120s;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, 20ms, [this] { return outcome_.has_value(); })) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("no outcome of the cycles");
    lock.unlock();
    scanner.tick(base::steady::now());
    lock.lock();
  }
  return *outcome_;
}

runner_test::runner_test(server_options options) : server_(std::move(options)), folder_(make_folder()) {
  staging_ = value_or_throw(plugin::staging::open(folder_ / "staging"));
  plugin::loader_options loading;
  loading.staging = staging_->folder();
  loading.probe_limit = 60s;
  loader_ = std::make_unique<plugin::loader>(std::move(loading));
}

runner_test::~runner_test() {
  loader_.reset();
  staging_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

plan::scanner_plan runner_test::plan(const std::string& name) {
  plan::scanner_plan result;
  result.plugin =
      value_or_throw(loader_->inspect(std::filesystem::path(RUNNER_TEST_PLUGINS) / (name + ".so")));
  result.settings.name = result.settings.plugin = name;
  result.settings.interval = 100ms;
  result.settings.page_size = result.plugin.description.default_page_size;
  for (const auto& option : result.plugin.description.options) {
    if (option.type == config::option_type::text && !option.secret)
      result.settings.options[option.name] = std::string();
    if (option.type == config::option_type::integer) result.settings.options[option.name] = std::int64_t{-1};
    if (option.type == config::option_type::flag) result.settings.options[option.name] = std::int64_t{0};
  }
  result.store.socket_path = server_.socket_path();
  result.store.url = "unix://" + server_.socket_path();
  result.partition_counts["shard"] = 4;
  return result;
}

std::unique_ptr<runner::scanner> runner_test::scanner(plan::scanner_plan plan) {
  return std::make_unique<runner::scanner>(std::move(plan), *loader_, registry_);
}

awaited_reports::outcome runner_test::run(std::uint64_t count, plan::scanner_plan plan) {
  awaited_reports reports;
  const auto subject = scanner(std::move(plan));
  subject->run_cycles(count, reports.receiver());
  auto outcome = reports.get(*subject);
  subject->join(base::steady::now() + 60s, 1s);
  return outcome;
}

void runner_test::seed(int partition, int count, const std::string& prefix, std::int64_t due_ms) {
  std::vector<std::string> add{"ZADD", "due:{s:" + std::to_string(partition) + "}"};
  for (int i = 0; i < count; ++i) {
    add.push_back(std::to_string(due_ms + 1));
    add.push_back(prefix + std::to_string(i));
  }
  if (server_.call(add).what == answer::kind::error) throw std::runtime_error("cannot seed");
}

std::int64_t runner_test::left(int partition) {
  return server_.call({"ZCARD", "due:{s:" + std::to_string(partition) + "}"}).integer;
}

std::int64_t runner_test::server_now_ms() {
  const auto time = server_.call({"TIME"});
  return std::stoll(time.elements[0].text) * 1000 + std::stoll(time.elements[1].text) / 1000;
}

double runner_test::metric(const std::string& series) const {
  std::istringstream lines(registry_.text());
  for (std::string line; std::getline(lines, line);)
    if (line.rfind(series + " ", 0) == 0) return std::stod(line.substr(series.size() + 1));
  return -1;
}

}  // namespace scanhost::test
