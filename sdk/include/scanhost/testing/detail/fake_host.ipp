// SPDX-License-Identifier: Apache-2.0
//
// How the fake host does it: the functions behind the tables, the queue of what waits, and the watch
// over the rules. Included by fake_host.hpp.
#pragma once

namespace scanhost::testing {

// The table comes first, so that a pointer to it leads to the block; a later minor's part follows it.
struct fake_host::block {
  scanhost_host table{};
  std::byte beyond[256];
  fake_host* owner = nullptr;

  explicit block(fake_host* host) : owner(host) {
    std::fill(std::begin(beyond), std::end(beyond), std::byte{0});
  }
};

struct fake_host::open_scan {
  scan_id id = 0;
  std::string tag;
  std::string family;
  std::unique_ptr<lent_structs<scanhost_partition>> partition;
  std::vector<std::unique_ptr<lent_batch>> batches;
  std::map<std::uint32_t, turn_request> passes;  // the last request of each pass
  std::map<std::uint32_t, std::uint32_t> acted;  // of each pass, in all
  std::size_t pending = 0;                       // callbacks still to come
  bool cancelled = false;
  bool over = false;
  bool inside_call = false;  // the plugin's scan() is on the stack
  scan_report report;

  scanhost_scan* handle() noexcept { return reinterpret_cast<scanhost_scan*>(this); }
};

struct fake_host::services {
  static fake_host& of(const scanhost_host* host) noexcept {
    return *const_cast<block*>(reinterpret_cast<const block*>(host))->owner;
  }

  static const void* get_extension(const scanhost_host* host, scanhost_string id) {
    const auto& known = of(host).extensions_;
    const auto found = known.find(view(id));
    return found == known.end() ? nullptr : found->second;
  }
  static scanhost_string scanner_name(const scanhost_host* host) {
    return to_c(of(host).settings_.scanner_name);
  }
  static std::uint64_t interval_ms(const scanhost_host* host) {
    return static_cast<std::uint64_t>(of(host).settings_.interval.count());
  }
  static std::uint32_t page_size(const scanhost_host* host) { return of(host).settings_.page_size; }
  static std::uint32_t partition_count(const scanhost_host* host, scanhost_string family) {
    return of(host).count_of(view(family));
  }
  static std::size_t option_count(const scanhost_host* host, scanhost_string name) {
    return of(host).options_.count(name);
  }
  static scanhost_status option_text(const scanhost_host* host, scanhost_string name, std::size_t index,
                                     scanhost_string* value) {
    return of(host).options_.text(name, index, value);
  }
  static scanhost_status option_integer(const scanhost_host* host, scanhost_string name,
                                        std::int64_t* value) {
    return of(host).options_.integer(name, value);
  }

  static std::int64_t now_ms(const scanhost_host* host, scanhost_scan* scan) {
    of(host).in_flight(scan, "now_ms");
    return to_ms(of(host).settings_.now);
  }

  static scanhost_status execute(const scanhost_host* host, scanhost_scan* scan,
                                 const scanhost_command* commands, std::size_t count, std::size_t stride,
                                 scanhost_on_replies on_replies, void* user) {
    auto& self = of(host);
    auto* open = self.in_flight(scan, "execute");
    if (open == nullptr || count == 0 || on_replies == nullptr) return SCANHOST_INVALID;
    auto asked = self.read_commands(*open, commands, count, stride);
    if (asked.empty()) return SCANHOST_INVALID;
    ++open->pending;
    self.events_.emplace_back(open->id, [&self, open, asked = std::move(asked), on_replies, user] {
      const auto* replies = self.lend(*open, self.ask(*open, asked));
      --open->pending;
      on_replies(user, replies);
    });
    return SCANHOST_OK;
  }

  static void replies_release(const scanhost_host* host, scanhost_scan* scan,
                              const scanhost_replies* replies) {
    auto& self = of(host);
    if (replies == nullptr || self.phase_ == phase::destroy) return;
    auto* open = self.in_flight(scan, "replies_release");
    if (open == nullptr) return;
    const auto gone =
        std::erase_if(open->batches, [&](const auto& batch) { return batch->get() == replies; });
    if (gone == 0) self.violate("replies_release: not a batch of this scan, or released before");
  }

  static scanhost_status next_page(const scanhost_host* host, scanhost_scan* scan, std::uint32_t pass,
                                   std::uint32_t acted, scanhost_on_turn on_turn, void* user) {
    auto& self = of(host);
    auto* open = self.in_flight(scan, "next_page");
    if (open == nullptr || on_turn == nullptr) return SCANHOST_INVALID;
    ++open->pending;
    self.events_.emplace_back(open->id, [&self, open, pass, acted, on_turn, user] {
      const auto granted = self.allowance(*open, {open->tag, pass, acted, 0});
      --open->pending;
      on_turn(user, granted);
    });
    return SCANHOST_OK;
  }

  static scanhost_status after(const scanhost_host* host, scanhost_scan* scan, std::uint64_t delay_ms,
                               scanhost_on_time on_time, void* user) {
    auto& self = of(host);
    auto* open = self.in_flight(scan, "after");
    if (open == nullptr || on_time == nullptr) return SCANHOST_INVALID;
    ++open->pending;
    const auto fire = [open, on_time, user] {
      --open->pending;
      on_time(user);
    };
    const auto due = self.settings_.now + milliseconds(open->cancelled ? 0 : delay_ms);
    const auto later = std::find_if(self.timers_.begin(), self.timers_.end(),
                                    [&](const timer& other) { return other.due > due; });
    self.timers_.insert(later, timer{due, open->id, fire});
    return SCANHOST_OK;
  }

  static std::int32_t cancelled(const scanhost_host* host, scanhost_scan* scan) {
    const auto* open = of(host).in_flight(scan, "cancelled");
    return open == nullptr || open->cancelled ? 1 : 0;
  }

  static void finish(const scanhost_host* host, scanhost_scan* scan, const scanhost_result* result) {
    auto& self = of(host);
    auto* open = self.in_flight(scan, "finish");
    if (open == nullptr) return;
    if (open->pending > 0) self.violate("finish: a callback of " + open->tag + " is still to come");
    open->report.finished = true;
    open->report.result = read_growing<scanhost_result>(result);
    self.end(*open);
  }

  static void fail(const scanhost_host* host, scanhost_scan* scan, scanhost_string message) {
    auto& self = of(host);
    auto* open = self.in_flight(scan, "fail");
    if (open == nullptr) return;
    open->report.failed = true;
    open->report.failure = std::string(view(message));
    self.end(*open);
  }

  static void log(const scanhost_host* host, std::int32_t level, scanhost_string message) {
    of(host).log_.push_back({level, std::string(view(message))});
  }

  // --- scanhost.failures/1
  static std::int32_t should_skip(const scanhost_host* host, scanhost_string item) {
    return of(host).failures_.should_skip(std::string(view(item))) ? 1 : 0;
  }
  static void failure(const scanhost_host* host, scanhost_string item, scanhost_string reason) {
    of(host).failures_.failure(std::string(view(item)), std::string(view(reason)));
  }
  static void success(const scanhost_host* host, scanhost_string item) {
    of(host).failures_.success(std::string(view(item)));
  }

  // --- scanhost.metrics/1
  static scanhost_metric* series(const scanhost_host* host, std::int32_t kind, scanhost_string name,
                                 scanhost_string help, scanhost_string label, scanhost_string label_value,
                                 const double* bounds, std::size_t bound_count) {
    return reinterpret_cast<scanhost_metric*>(of(host).metrics_.series(
        kind, std::string(view(name)), std::string(view(help)), std::string(view(label)),
        std::string(view(label_value)), std::vector<double>(bounds, bounds + bound_count)));
  }
  static void record(const scanhost_host*, scanhost_metric* metric, double value) {
    fake_metrics::record(reinterpret_cast<fake_series*>(metric), value);
  }

  // --- scanhost.blocking/1
  static open_scan* blocking(const scanhost_host* host, scanhost_scan* scan, const char* what) {
    auto& self = of(host);
    auto* open = self.in_flight(scan, what);
    if (open == nullptr) return nullptr;
    if ((self.plugin_.flags & SCANHOST_PLUGIN_SERIAL) != 0 && open->inside_call) return open;
    self.violate(std::string(what) + ": the blocking forms are for serial plugins, inside scan");
    return nullptr;
  }
  static const scanhost_replies* blocking_execute(const scanhost_host* host, scanhost_scan* scan,
                                                  const scanhost_command* commands, std::size_t count,
                                                  std::size_t stride) {
    auto& self = of(host);
    auto* open = blocking(host, scan, "blocking execute");
    if (open == nullptr || count == 0) return nullptr;
    const auto asked = self.read_commands(*open, commands, count, stride);
    return asked.empty() ? nullptr : self.lend(*open, self.ask(*open, asked));
  }
  static std::uint32_t blocking_next_page(const scanhost_host* host, scanhost_scan* scan, std::uint32_t pass,
                                          std::uint32_t acted) {
    auto* open = blocking(host, scan, "blocking next_page");
    return open == nullptr ? 0 : of(host).allowance(*open, {open->tag, pass, acted, 0});
  }
  static void blocking_pause(const scanhost_host* host, scanhost_scan* scan, std::uint64_t delay_ms) {
    const auto* open = blocking(host, scan, "blocking pause");
    if (open != nullptr && !open->cancelled) of(host).advance(milliseconds(delay_ms));
  }
};

inline fake_host::fake_host(const scanhost_plugin& plugin, host_settings settings)
    : plugin_(read_growing_plugin(plugin)), settings_(std::move(settings)), options_(plugin_) {
  if (plugin_.family_count == 0) throw std::invalid_argument("the descriptor names no family");
  if (settings_.scanner_name.empty()) settings_.scanner_name = std::string(view(plugin_.name));
  if (settings_.interval.count() == 0) settings_.interval = milliseconds(plugin_.default_interval_ms);
  if (settings_.page_size == 0) settings_.page_size = plugin_.default_page_size;
  make_tables();
}

inline void fake_host::make_tables() {
  block_ = std::make_unique<block>(this);
  block_->table = {static_cast<std::uint32_t>(sizeof(scanhost_host) + settings_.beyond),
                   SCANHOST_ABI_MAJOR,
                   settings_.abi_minor,
                   &services::get_extension,
                   &services::scanner_name,
                   &services::interval_ms,
                   &services::page_size,
                   &services::partition_count,
                   &services::option_count,
                   &services::option_text,
                   &services::option_integer,
                   &services::now_ms,
                   &services::execute,
                   &services::replies_release,
                   &services::next_page,
                   &services::after,
                   &services::cancelled,
                   &services::finish,
                   &services::fail,
                   &services::log};
  failures_table_ = std::make_unique<lent_structs<scanhost_failures>>(1, settings_.beyond);
  failures_table_->set(0, {0, 0, &services::should_skip, &services::failure, &services::success});
  metrics_table_ = std::make_unique<lent_structs<scanhost_metrics>>(1, settings_.beyond);
  metrics_table_->set(0, {0, 0, &services::series, &services::record});
  blocking_table_ = std::make_unique<lent_structs<scanhost_blocking>>(1, settings_.beyond);
  blocking_table_->set(
      0, {0, 0, &services::blocking_execute, &services::blocking_next_page, &services::blocking_pause});
  extensions_ = {{SCANHOST_EXT_FAILURES, failures_table_->get()},
                 {SCANHOST_EXT_METRICS, metrics_table_->get()}};
  if ((plugin_.flags & SCANHOST_PLUGIN_SERIAL) != 0)
    extensions_[SCANHOST_EXT_BLOCKING] = blocking_table_->get();
}

template <class Call>
auto fake_host::inside(phase during, Call call) {
  struct restore {
    phase& where;
    phase before;
    ~restore() { where = before; }
  } const back{phase_, std::exchange(phase_, during)};
  return call();
}

inline bool fake_host::create() {
  if (created_) return true;
  for (std::size_t i = 0; i < plugin_.required_extension_count; ++i)
    if (const auto id = view(plugin_.required_extensions[i]); extensions_.find(id) == extensions_.end()) {
      create_error_ = "the host does not offer " + std::string(id);
      return false;
    }
  char buffer[1024] = {};
  scanhost_error problem{buffer, sizeof buffer, 0};
  const auto status = inside(phase::create, [&] { return plugin_.create(&block_->table, &self_, &problem); });
  created_ = status == SCANHOST_OK;
  create_error_ = created_ ? std::string() : std::string(buffer, problem.size);
  return created_;
}

inline void fake_host::destroy() {
  events_.clear();
  timers_.clear();
  for (const auto& scan : scans_) scan->batches.clear();
  if (!std::exchange(created_, false)) return;
  inside(phase::destroy, [&] { plugin_.destroy(self_); });
  for (const auto& scan : scans_) scan->over = true;
}

inline scanhost_status fake_host::begin_cycle() {
  if (!create()) throw std::runtime_error("create failed: " + create_error_);
  ++cycle_;
  failures_.advance();
  if (plugin_.begin_cycle == nullptr) return SCANHOST_OK;
  char buffer[1024] = {};
  scanhost_error problem{buffer, sizeof buffer, 0};
  const auto status = inside(phase::cycle, [&] { return plugin_.begin_cycle(self_, cycle_, &problem); });
  cycle_error_ = std::string(buffer, problem.size);
  return status;
}

inline scanhost_status fake_host::end_cycle() {
  if (plugin_.end_cycle == nullptr) return SCANHOST_OK;
  char buffer[1024] = {};
  scanhost_error problem{buffer, sizeof buffer, 0};
  const auto status = inside(phase::cycle, [&] { return plugin_.end_cycle(self_, &problem); });
  cycle_error_ = std::string(buffer, problem.size);
  return status;
}

inline const scanhost_state* fake_host::state_extension() {
  if (!create()) throw std::runtime_error("create failed: " + create_error_);
  if (plugin_.get_extension == nullptr) return nullptr;
  return static_cast<const scanhost_state*>(plugin_.get_extension(SCANHOST_TEXT(SCANHOST_EXT_STATE)));
}

inline std::optional<std::string> fake_host::export_state() {
  const auto* offered = state_extension();
  if (offered == nullptr) return std::nullopt;
  std::string bytes;
  const auto write = [](void* writer, scanhost_string piece) -> scanhost_status {
    auto& joined_text = *static_cast<std::string*>(writer);
    if (piece.size > SCANHOST_STATE_LARGEST - joined_text.size()) return SCANHOST_INVALID;
    joined_text.append(view(piece));
    return SCANHOST_OK;
  };
  char buffer[1024] = {};
  scanhost_error problem{buffer, sizeof buffer, 0};
  const auto status =
      inside(phase::destroy, [&] { return offered->export_state(self_, write, &bytes, &problem); });
  state_error_ = std::string(buffer, problem.size);
  return status == SCANHOST_OK ? std::optional(bytes) : std::nullopt;
}

inline bool fake_host::import_state(std::uint32_t version, std::string_view bytes) {
  const auto* offered = state_extension();
  if (offered == nullptr) return false;
  char buffer[1024] = {};
  scanhost_error problem{buffer, sizeof buffer, 0};
  const auto status =
      inside(phase::create, [&] { return offered->import_state(self_, version, to_c(bytes), &problem); });
  state_error_ = std::string(buffer, problem.size);
  return status == SCANHOST_OK;
}

inline fake_host::scan_id fake_host::start(std::uint32_t index, std::uint32_t flags) {
  if (!create()) throw std::runtime_error("create failed: " + create_error_);
  if (cycle_ == 0) begin_cycle();
  if ((plugin_.flags & SCANHOST_PLUGIN_SERIAL) != 0 && !scans_.empty() && !scans_.back()->over)
    throw std::logic_error("a serial plugin has one scan at a time; run() the last one first");
  auto& scan = *scans_.emplace_back(std::make_unique<open_scan>());
  scan.id = scans_.size() - 1;
  make_partition(scan, index, flags);
  scan.inside_call = true;
  inside(phase::scan, [&] { plugin_.scan(self_, scan.handle(), scan.partition->get()); });
  scan.inside_call = false;
  if ((plugin_.flags & SCANHOST_PLUGIN_SERIAL) == 0 || scan.over || scan.pending > 0) return scan.id;
  violate("scan: returned with nothing pending and without finish");
  return scan.id;
}

inline void fake_host::make_partition(open_scan& scan, std::uint32_t index, std::uint32_t flags) {
  const auto family = read_growing<scanhost_family>(plugin_.families);
  scan.family = std::string(view(family.name));
  scan.tag = std::string(view(family.tag_pattern));
  if (const auto star = scan.tag.find('*'); star != std::string::npos)
    scan.tag.replace(star, 1, std::to_string(index));
  scan.partition = std::make_unique<lent_structs<scanhost_partition>>(1, settings_.beyond);
  scan.partition->set(0, {0, index, count_of(scan.family), flags, to_c(scan.tag), to_c(scan.family), cycle_});
}

inline bool fake_host::step() {
  if (events_.empty() && timers_.empty()) return false;
  std::function<void()> next;
  if (!events_.empty()) {
    next = std::move(events_.front().second);
    events_.pop_front();
  } else {
    settings_.now = std::max(settings_.now, timers_.front().due);
    next = std::move(timers_.front().fire);
    timers_.pop_front();
  }
  inside(phase::scan, next);
  return true;
}

inline void fake_host::run() {
  while (step()) {
  }
}

inline void fake_host::cancel(scan_id scan) {
  scans_.at(scan)->cancelled = true;
  for (auto& pending : timers_)
    if (pending.scan == scan) events_.emplace_back(scan, std::move(pending.fire));
  std::erase_if(timers_, [&](const timer& pending) { return pending.scan == scan; });
}

inline scan_report fake_host::report(scan_id scan) const { return scans_.at(scan)->report; }

inline scan_report fake_host::visit(std::uint32_t index, std::uint32_t flags) {
  const auto id = start(index, flags);
  run();
  if (!scans_[id]->over) violate("scan: " + scans_[id]->tag + " waits for nothing and was not finished");
  return report(id);
}

inline scan_report fake_host::cycle() {
  begin_cycle();
  scan_report sum;
  sum.finished = true;
  sum.result.flags = SCANHOST_RESULT_BACKLOG;
  for (std::uint32_t i = 0; i < count_of(view(read_growing<scanhost_family>(plugin_.families).name)); ++i) {
    const auto report = visit(i);
    sum.finished = sum.finished && report.finished;
    sum.failed = sum.failed || report.failed;
    if (report.failed) sum.failure = report.failure;
    sum.result.flags &= report.result.flags;
    sum.result.processed += report.result.processed;
    sum.result.unchanged += report.result.unchanged;
    sum.result.errors += report.result.errors;
    sum.result.skipped += report.result.skipped;
    sum.result.backlog += report.result.backlog;
  }
  end_cycle();
  return sum;
}

inline std::vector<call> fake_host::calls(std::string_view name) const {
  std::vector<call> found;
  for (const auto& sent : store_.calls())
    if (same_word(sent.args[0], name)) found.push_back(sent);
  return found;
}

inline std::size_t fake_host::batches_held() const noexcept {
  std::size_t held = 0;
  for (const auto& scan : scans_) held += scan->batches.size();
  return held;
}

inline fake_host::open_scan* fake_host::in_flight(scanhost_scan* scan, const char* what) {
  auto* open = reinterpret_cast<open_scan*>(scan);
  const bool known = std::any_of(scans_.begin(), scans_.end(),
                                 [&](const auto& candidate) { return candidate.get() == open; });
  if (known && !open->over && phase_ == phase::scan) return open;
  violate(std::string(what) + (known && open->over ? ": the scan is over" : ": not inside a scan"));
  return nullptr;
}

inline std::uint32_t fake_host::allowance(const open_scan& scan, turn_request asked) {
  auto& open = *scans_[scan.id];
  const auto last = open.passes.find(asked.pass);
  if (last != open.passes.end()) asked.page = last->second.page + 1;
  open.passes[asked.pass] = asked;
  const auto acted = open.acted[asked.pass] += asked.acted;
  turns_.push_back(asked);
  if (open.cancelled || asked.page >= settings_.max_pages) return 0;
  if (grant_) return grant_(asked);
  if (settings_.drain) return settings_.page_size;
  return acted >= settings_.page_size ? 0 : settings_.page_size - acted;
}

inline std::vector<answer> fake_host::ask(const open_scan& scan, const std::vector<call>& asked) {
  std::vector<answer> answers;
  for (const auto& question : asked)
    answers.push_back(scan.cancelled ? testing::cancelled() : store_.ask(question));
  return answers;
}

inline std::vector<call> fake_host::read_commands(const open_scan& scan, const scanhost_command* commands,
                                                  std::size_t count, std::size_t stride) {
  std::vector<call> asked;
  ++batches_;
  const auto* at = reinterpret_cast<const std::byte*>(commands);
  for (std::size_t i = 0; i < count; ++i, at += stride) {
    const auto raw = read_growing<scanhost_command>(at);
    call sent;
    for (std::size_t k = 0; k < raw.arg_count; ++k) sent.args.emplace_back(view(raw.args[k]));
    if (sent.args.empty()) {
      violate("execute: a command without arguments");
      return {};
    }
    sent.route = std::string(view(raw.route));
    sent.item = std::string(view(raw.item));
    sent.due_ms = raw.due_ms;
    sent.flags = raw.flags;
    sent.tag = scan.tag;
    sent.batch = batches_;
    asked.push_back(std::move(sent));
  }
  return asked;
}

inline const scanhost_replies* fake_host::lend(open_scan& scan, std::vector<answer> answers) {
  scan.batches.push_back(std::make_unique<lent_batch>(std::move(answers), settings_.beyond));
  return scan.batches.back()->get();
}

inline void fake_host::end(open_scan& scan) {
  scan.over = true;
  scan.batches.clear();
  std::erase_if(events_, [&](const auto& event) { return event.first == scan.id; });
  std::erase_if(timers_, [&](const timer& pending) { return pending.scan == scan.id; });
}

inline std::uint32_t fake_host::count_of(std::string_view family) const {
  const auto* at = reinterpret_cast<const std::byte*>(plugin_.families);
  for (std::size_t i = 0; i < plugin_.family_count; ++i, at += plugin_.family_stride) {
    const auto raw = read_growing<scanhost_family>(at);
    if (view(raw.name) != family) continue;
    const auto set = settings_.partition_counts.find(std::string(family));
    if (set != settings_.partition_counts.end()) return set->second;
    return raw.default_count == 0 ? 1 : raw.default_count;
  }
  return 0;
}

}  // namespace scanhost::testing
