// SPDX-License-Identifier: Apache-2.0
//
// How the fake host does it: the functions behind the tables, the queue of what waits, and the watch
// over the rules. Included by fake_host.hpp.
#pragma once

namespace scanhost::inline v1_0::testing {

struct fake_host::open_scan {
  scan_report report;
  std::string family;
  std::unique_ptr<lent_partition> partition;
  std::vector<std::unique_ptr<lent_replies>> batches;
  std::map<std::uint32_t, open_pass> passes;
  std::string tag;
  std::size_t pending = 0;  // callbacks still to come
  bool cancelled = false;
  bool over = false;
  bool inside_call = false;    // the plugin's entry is on the stack
  bool has_turns = true;       // false: it is the scan of begin_cycle or end_cycle
  bool names_members = false;  // it is the scan of begin_cycle
  void* data = nullptr;        // the plugin's own

  fake_host* owner = nullptr;     // of an explanation, else null
  std::string item;               // that it is about
  std::vector<finding> findings;  // that it reported
  bool explains() const noexcept { return owner != nullptr; }

  scanhost_scan* handle() noexcept { return reinterpret_cast<scanhost_scan*>(this); }
};

// --- settings

inline const void* fake_host::extension(std::string_view id) {
  if (!on_scanner_thread("get_extension")) return nullptr;
  const auto found = extensions_.find(id);
  return found == extensions_.end() ? nullptr : found->second;
}
inline std::string_view fake_host::scanner_name() {
  on_scanner_thread("scanner_name");
  return settings_.scanner_name;
}
inline milliseconds fake_host::interval() {
  on_scanner_thread("interval_ms");
  return settings_.interval;
}
inline std::uint32_t fake_host::page_size() {
  on_scanner_thread("page_size");
  return settings_.page_size;
}
inline std::uint32_t fake_host::partition_count(std::string_view family) {
  on_scanner_thread("partition_count");
  return count_of(family);
}
inline const detail::option_value* fake_host::option(std::string_view name) {
  on_scanner_thread("a function for options");
  return options_.find(name);
}
inline const scanhost_script* fake_host::script(std::string_view source) {
  if (!on_scanner_thread("script")) return nullptr;
  if (source.empty()) return null_because("script: the source is empty");
  return reinterpret_cast<const scanhost_script*>(&*scripts_.emplace(source).first);
}
inline bool fake_host::function_available(std::string_view name) {
  on_scanner_thread("function_available");
  return settings_.missing_functions.count(std::string(name)) == 0 && needs_function(name);
}
inline bool fake_host::needs_function(std::string_view name) const {
  const auto contains = [&](const scanhost_string* first, std::size_t count) {
    return std::any_of(first, first + count,
                       [&](const scanhost_string& known) { return view(known) == name; });
  };
  return contains(plugin_.functions, plugin_.function_count) ||
         contains(plugin_.optional_functions, plugin_.optional_function_count);
}
inline void fake_host::log(std::int32_t level, std::string_view message,
                           std::span<const scanhost_field> fields) {
  if (!on_scanner_thread("log")) return;
  auto& line = log_.emplace_back(log_line{level, std::string(message)});
  for (const auto& field : fields) line.fields.emplace_back(view(field.name), view(field.value));
}

// --- scanning

inline std::int64_t fake_host::now_ms(scanhost_scan* scan) {
  return in_scan(scan, "now_ms") == nullptr ? 0 : to_ms(settings_.now);
}

inline scanhost_status fake_host::execute(scanhost_scan* scan, const scanhost_command* commands,
                                          std::size_t count, std::size_t stride,
                                          scanhost_on_replies on_replies, void* user) {
  auto* open = in_scan(scan, "execute");
  std::vector<call> asked;
  if (open == nullptr || !read_commands(*open, commands, count, stride, asked)) return SCANHOST_INVALID;
  if (!has_callback(on_replies != nullptr, "execute")) return SCANHOST_INVALID;
  queue(*open, [this, open, asked = std::move(asked), on_replies, user] {
    on_replies(user, lend_answers(*open, asked));
  });
  return SCANHOST_OK;
}

inline void fake_host::replies_release(scanhost_scan* scan, const scanhost_replies* replies) {
  if (replies == nullptr || !on_scanner_thread("replies_release") || phase_ == phase::destroy) return;
  auto* open = in_scan(scan, "replies_release");
  if (open == nullptr) return;
  const auto released =
      std::erase_if(open->batches, [&](const auto& batch) { return batch->get() == replies; });
  if (released == 0)
    violated(rule::release,
             "it releases a batch that does not belong to its scan, or releases it for the second time");
}

inline scanhost_status fake_host::next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted,
                                            scanhost_on_turn on_turn, void* user) {
  auto* open = in_scan(scan, "next_page");
  if (open == nullptr || !has_callback(on_turn != nullptr, "next_page")) return SCANHOST_INVALID;
  if (!open->has_turns) {
    violated(rule::phase, open->explains()
                              ? "it calls next_page in an explanation, where there are no turns"
                              : "it calls next_page in begin_cycle or end_cycle, where there are no turns");
    return SCANHOST_INVALID;
  }
  check_turn(*open, pass, acted);
  queue(*open, [this, open, pass, acted, on_turn, user] { on_turn(user, allowance(*open, pass, acted)); });
  return SCANHOST_OK;
}

inline scanhost_status fake_host::after(scanhost_scan* scan, std::uint64_t delay_ms, scanhost_on_time on_time,
                                        void* user) {
  auto* open = in_scan(scan, "after");
  if (open == nullptr || !has_callback(on_time != nullptr, "after")) return SCANHOST_INVALID;
  set_timer(*open, delay_ms, [on_time, user] { on_time(user); });
  return SCANHOST_OK;
}

inline fake_host::timer& fake_host::set_timer(open_scan& scan, std::uint64_t delay_ms,
                                              std::function<void()> call) {
  constexpr std::uint64_t max_delay = std::uint64_t{1} << 50;
  const auto delay = scan.cancelled ? 0 : std::min(delay_ms, max_delay);
  const auto due = settings_.now + milliseconds(delay);
  const auto later =
      std::find_if(timers_.begin(), timers_.end(), [&](const timer& other) { return other.due > due; });
  ++scan.pending;
  return *timers_.insert(later, timer{due, {scan.report.id, scan.report.tag, std::move(call)}});
}

inline bool fake_host::cancelled(scanhost_scan* scan) {
  const auto* open = in_scan(scan, "cancelled");
  return open == nullptr || open->cancelled;
}

inline void fake_host::finish(scanhost_scan* scan, const scanhost_result* result) {
  auto* open = in_scan(scan, "finish");
  if (open == nullptr) return;
  if (open->pending > 0)
    violated(rule::finished_early,
             "it finishes a scan with " + std::to_string(open->pending) + " callbacks still to come");
  open->report.finished = true;
  if (result == nullptr || result->struct_size < offsetof(scanhost_result, unchanged)) {
    violated(rule::result, "its result is missing or has no struct_size");
  } else {
    open->report.result = detail::read_growing<scanhost_result>(result);
    check_result(open->report.result);
  }
  if (open->names_members && !open->cancelled && swept().members == SCANHOST_MEMBERS_FROM_PLUGIN)
    adopt(std::exchange(offered_, {}));
  if (open->explains()) check_explanation(*open);
  end(*open);
}

inline void fake_host::check_result(const scanhost_result& result) {
  if (result.unchanged > result.processed)
    violated(rule::result, "its result has more unchanged (" + std::to_string(result.unchanged) +
                               ") than processed (" + std::to_string(result.processed) + ")");
  if ((result.flags & ~std::uint32_t{SCANHOST_RESULT_BACKLOG}) != 0)
    violated(rule::result, "its result has flags that do not exist");
  if (result.next_due_ms < 0 || result.oldest_due_ms < 0)
    violated(rule::result, "its result has a moment before the epoch");
}

inline void fake_host::fail(scanhost_scan* scan, std::string_view message) {
  auto* open = in_scan(scan, "fail");
  if (open == nullptr) return;
  open->report.failed = true;
  open->report.failure = std::string(message);
  end(*open);
}

inline std::int64_t fake_host::route_now_ms(scanhost_scan* scan, std::string_view) { return now_ms(scan); }

inline void fake_host::set_scan_data(scanhost_scan* scan, void* data) {
  if (auto* open = in_scan(scan, "set_scan_data")) open->data = data;
}

// --- scanhost.failures/1

inline fake_host::open_scan* fake_host::tracks_failures(scanhost_scan* scan, const char* service) {
  auto* open = in_scan(scan, service);
  return settings_.back_off && open != nullptr && !open->explains() ? open : nullptr;
}
inline bool fake_host::should_skip(scanhost_scan* scan, std::string_view item) {
  const auto* open = tracks_failures(scan, "should_skip");
  return open != nullptr && failures_.should_skip(open->tag, std::string(item));
}
inline void fake_host::failure(scanhost_scan* scan, std::string_view item, std::string_view reason) {
  if (const auto* open = tracks_failures(scan, "failure"))
    failures_.failure(open->tag, std::string(item), std::string(reason));
}
inline void fake_host::success(scanhost_scan* scan, std::string_view item) {
  if (const auto* open = tracks_failures(scan, "success")) failures_.success(open->tag, std::string(item));
}

// --- scanhost.metrics/1

inline scanhost_metric* fake_host::series(const detail::series_request& request) {
  if (!on_scanner_thread("series")) return nullptr;
  std::map<std::string, std::string> labels;
  for (const auto& label : request.labels) labels.emplace(view(label.name), view(label.value));
  if (labels.size() != request.labels.size()) return null_because("series: a label is given twice");
  return reinterpret_cast<scanhost_metric*>(
      metrics_.series(request.kind, std::string(request.name), std::string(request.help), labels,
                      std::vector<double>(request.bounds.begin(), request.bounds.end())));
}
inline void fake_host::remove(scanhost_metric* metric) {
  if (on_scanner_thread("remove")) metrics_.remove(reinterpret_cast<fake_series*>(metric));
}
inline void fake_host::record(scanhost_metric* metric, double value) {
  if (on_scanner_thread("record")) fake_metrics::record(reinterpret_cast<fake_series*>(metric), value);
}

// --- scanhost.members/1

inline scanhost_status fake_host::add_member(scanhost_scan* scan, std::string_view member) {
  const auto* open = in_scan(scan, "the members' add");
  if (open == nullptr) return SCANHOST_INVALID;
  if (!open->names_members || swept().members != SCANHOST_MEMBERS_FROM_PLUGIN) {
    violated(rule::phase,
             "it names a member outside of begin_cycle, or of a family whose members it does not name");
    return invalid("add: the scan or the family is another one");
  }
  const auto reason = detail::reason_to_refuse_member(member);
  if (!reason.empty()) {
    violated(rule::call, "it names a member that " + std::string(reason));
    return invalid("add: the member " + std::string(reason));
  }
  offered_.emplace_back(member);
  return SCANHOST_OK;
}

inline void fake_host::look_up_members() {
  offered_.clear();
  const auto family = swept();
  if (family.members == SCANHOST_MEMBERS_FROM_KEY) return adopt(settings_.members);
  if (family.members != SCANHOST_MEMBERS_FROM_OPTION) return;
  const auto* option = options_.find(view(family.members_from));
  const auto* list = option == nullptr ? nullptr : std::get_if<std::vector<std::string>>(option);
  if (list == nullptr) throw std::invalid_argument("members_from names no option that is a list");
  adopt(*list);
}

inline void fake_host::adopt(std::vector<std::string> members) {
  for (const auto& member : members)
    if (const auto reason = detail::reason_to_refuse_member(member); !reason.empty())
      throw std::invalid_argument("the member '" + member + "' " + std::string(reason));
  members_ = detail::without_repetitions(std::move(members));
  std::set<std::string> tags;
  for (std::uint32_t index = 0; index < members_.size(); ++index) tags.insert(tag_of(index));
  failures_.keep_partitions(tags);
}

// --- scanhost.blocking/1

inline fake_host::open_scan* fake_host::in_blocking_scan(scanhost_scan* scan, const char* service) {
  auto* open = in_scan(scan, service);
  if (open == nullptr || (serial() && open->inside_call)) return open;
  violated(rule::phase,
           std::string("it calls ") + service + ", which is for serial plugins inside their scan function");
  return nullptr;
}
inline const scanhost_replies* fake_host::blocking_execute(scanhost_scan* scan,
                                                           const scanhost_command* commands,
                                                           std::size_t count, std::size_t stride) {
  auto* open = in_blocking_scan(scan, "the blocking execute");
  std::vector<call> asked;
  if (open == nullptr || !read_commands(*open, commands, count, stride, asked)) return nullptr;
  before_answer(open->report.tag, false);
  return lend_answers(*open, asked);
}
inline std::uint32_t fake_host::blocking_next_page(scanhost_scan* scan, std::uint32_t pass,
                                                   std::uint32_t acted) {
  auto* open = in_blocking_scan(scan, "the blocking next_page");
  if (open == nullptr || !open->has_turns) return 0;
  before_answer(open->report.tag, false);
  check_turn(*open, pass, acted);
  return allowance(*open, pass, acted);
}
inline void fake_host::pause(scanhost_scan* scan, std::uint64_t delay_ms) {
  const auto* open = in_blocking_scan(scan, "pause");
  if (open == nullptr) return;
  before_answer(open->report.tag, false);
  if (!open->cancelled) advance(milliseconds(delay_ms % (std::uint64_t{1} << 40)));
}

// --- scanhost.waiting/1

inline std::uint64_t fake_host::wake_token(scanhost_scan* scan) {
  const auto* open = in_scan(scan, "wake_token");
  return open == nullptr ? 0 : waits_.add_token(open->report.id);
}

inline scanhost_status fake_host::wait(scanhost_scan* scan, std::uint64_t token, std::uint64_t timeout_ms,
                                       scanhost_on_ready on_ready, void* user) {
  auto* open = in_scan(scan, "wait");
  return start_wait(open, "wait", timeout_ms, on_ready, user, [&](std::string& reason) {
    return waits_.wait_for_token(open->report.id, token, reason);
  });
}

inline scanhost_status fake_host::when_ready(scanhost_scan* scan, std::int32_t descriptor,
                                             std::uint32_t events, std::uint64_t timeout_ms,
                                             scanhost_on_ready on_ready, void* user) {
  auto* open = in_scan(scan, "when_ready");
  return start_wait(open, "when_ready", timeout_ms, on_ready, user, [&](std::string& reason) {
    return waits_.wait_for_descriptor(open->report.id, descriptor, events, reason);
  });
}

// Its time-out is a timer that ends it with no events; what comes earlier takes the timer's place.
template <class Start>
scanhost_status fake_host::start_wait(open_scan* scan, const char* service, std::uint64_t timeout_ms,
                                      scanhost_on_ready on_ready, void* user, Start start) {
  if (scan == nullptr || !has_callback(on_ready != nullptr, service))
    return invalid("there is no such scan, or no callback");
  std::string reason;
  const auto number = start(reason);
  if (!number) {
    violated(rule::call, reason);
    return invalid(reason);
  }
  auto& time_out = set_timer(*scan, timeout_ms, [this, number = *number, on_ready, user] {
    waits_.forget(number);
    on_ready(user, 0);
  });
  time_out.wait = *number;
  time_out.on_ready = [on_ready, user](std::uint32_t events) { on_ready(user, events); };
  return SCANHOST_OK;
}

// The clock does not move while something may still come from outside.
inline void fake_host::collect_waits() {
  if (waits_.empty() || timers_.empty()) return;
  const auto until_timer = timers_.front().due - settings_.now;
  const auto real_wait =
      events_.empty() ? std::clamp(until_timer, milliseconds(0), settings_.max_real_wait) : milliseconds(0);
  for (const auto& wait : waits_.collect(real_wait)) {
    const auto time_out = std::find_if(timers_.begin(), timers_.end(),
                                       [&](const timer& set) { return set.wait == wait.number; });
    if (time_out == timers_.end()) continue;  // the scan was cancelled
    auto ready = std::move(time_out->fire);
    ready.call = [call = std::move(time_out->on_ready), events = wait.events] { call(events); };
    timers_.erase(time_out);
    events_.push_back(std::move(ready));
  }
}

// --- the rules

inline void fake_host::violated(rule, const std::string& what) {
  const std::lock_guard alone(violations_mutex_);
  violations_.push_back(what);
}

inline bool fake_host::on_scanner_thread(const char* service) {
  if (std::this_thread::get_id() == thread_) return true;
  violated(rule::thread, std::string("it calls ") + service + " on a thread of its own");
  return false;
}

inline bool fake_host::has_callback(bool there, const char* service) {
  if (!there) violated(rule::call, std::string("it calls ") + service + " without a callback");
  return there;
}

inline fake_host::open_scan* fake_host::in_scan(scanhost_scan* scan, const char* service) {
  if (!on_scanner_thread(service)) return nullptr;
  auto* open = reinterpret_cast<open_scan*>(scan);
  const bool known = std::any_of(scans_.begin(), scans_.end(),
                                 [&](const auto& entry) { return entry.second.get() == open; });
  if (!known || phase_ != phase::scan) {
    violated(rule::phase, std::string("it calls ") + service + " outside of a scan");
    return nullptr;
  }
  if (!open->over) return open;
  violated(rule::finished_twice, std::string("it calls ") + service + " for a scan that is finished");
  return nullptr;
}

// How many acting commands there were proves nothing: one candidate may need several of them.
inline void fake_host::check_turn(const open_scan& scan, std::uint32_t pass, std::uint32_t acted) {
  const auto known = scan.passes.find(pass);
  const auto allowed = known == scan.passes.end() ? 0 : known->second.allowance;
  if (settings_.plausible && acted > allowed)
    violated(rule::acted_beyond, "it says that it acted on " + std::to_string(acted) +
                                     " candidates where its turn allowed " + std::to_string(allowed));
  if (known == scan.passes.end() || !known->second.refused || scan.cancelled) return;
  violated(rule::refused_turn,
           "it asks for another page of pass " + std::to_string(pass) + " after its turn was refused");
}

// --- the life of the instance

inline fake_host::fake_host(const scanhost_plugin& plugin, host_settings settings)
    : host_adapter(settings.beyond, settings.abi_minor),
      plugin_(detail::read_growing_plugin(plugin)),
      settings_(std::move(settings)),
      memory_(settings_.memory == nullptr ? heap_memory::instance() : *settings_.memory),
      options_(plugin_) {
  if (plugin_.family_count == 0) throw std::invalid_argument("the descriptor names no family");
  if (settings_.scanner_name.empty()) settings_.scanner_name = std::string(view(plugin_.name));
  if (settings_.interval.count() == 0) settings_.interval = milliseconds(plugin_.default_interval_ms);
  if (settings_.page_size == 0) settings_.page_size = plugin_.default_page_size;
  for (const auto* id : {SCANHOST_EXT_ENVIRONMENT, SCANHOST_EXT_FAILURES, SCANHOST_EXT_MEMBERS,
                         SCANHOST_EXT_METRICS, SCANHOST_EXT_WAITING})
    extensions_[id] = own_extension(id);
  if (serial()) extensions_[SCANHOST_EXT_BLOCKING] = own_extension(SCANHOST_EXT_BLOCKING);
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
      create_status_ = SCANHOST_UNSUPPORTED;
      return false;
    }
  refused_option_ = std::string(options_.missing());
  if (!refused_option_.empty()) {
    create_error_ = "the option '" + refused_option_ + "' is required; give it a value with set_option()";
    create_status_ = SCANHOST_BAD_OPTIONS;
    return false;
  }
  char buffer[1024] = {};
  scanhost_error problem{buffer, sizeof buffer, 0, {}};
  create_status_ = inside(phase::create, [&] { return plugin_.create(table(), &self_, &problem); });
  created_ = create_status_ == SCANHOST_OK;
  create_error_ = created_ ? std::string() : std::string(buffer, problem.size);
  refused_option_ = created_ ? std::string() : std::string(view(problem.option));
  return created_;
}

inline void fake_host::destroy() {
  events_.clear();
  timers_.clear();
  for (const auto& [id, scan] : scans_) {
    if (scan->over) continue;
    end(*scan);
    auto* open = scan.get();
    if (created_ && plugin_.dropped != nullptr)
      inside(phase::destroy, [&] { plugin_.dropped(self_, open->handle(), open->data); });
  }
  if (!std::exchange(created_, false)) return;
  inside(phase::destroy, [&] { plugin_.destroy(self_); });
}

inline scan_report fake_host::begin_cycle() { return finish_entry(start_begin_cycle()); }
inline scan_report fake_host::end_cycle() { return finish_entry(start_end_cycle()); }

inline std::optional<fake_host::scan_id> fake_host::start_begin_cycle() {
  if (!create()) throw std::runtime_error("create failed: " + create_error_);
  ++cycle_;
  failures_.advance();
  look_up_members();
  return start_entry(plugin_.begin_cycle, "begin_cycle");
}

inline std::optional<fake_host::scan_id> fake_host::start_end_cycle() {
  return start_entry(plugin_.end_cycle, "end_cycle");
}

template <class Entry>
std::optional<fake_host::scan_id> fake_host::start_entry(Entry entry, const char* name) {
  if (entry == nullptr) return std::nullopt;
  auto& scan = add_scan();
  scan.report.tag = name;
  scan.has_turns = false;
  scan.names_members = entry == plugin_.begin_cycle;
  scan.inside_call = true;
  inside(phase::scan, [&] { entry(self_, scan.handle(), cycle_); });
  scan.inside_call = false;
  return scan.report.id;
}

inline scan_report fake_host::finish_entry(std::optional<scan_id> scan) {
  if (!scan) return {.finished = true};
  run();
  look_for_unfinished();
  return report(*scan);
}

template <class Table>
const Table* fake_host::plugin_extension(std::string_view id) {
  if (!create()) throw std::runtime_error("create failed: " + create_error_);
  if (plugin_.get_extension == nullptr) return nullptr;
  return static_cast<const Table*>(plugin_.get_extension(to_c(id)));
}

inline std::optional<std::string> fake_host::export_state() {
  const auto* offered = plugin_extension<scanhost_state>(SCANHOST_EXT_STATE);
  if (offered == nullptr) return std::nullopt;
  std::string bytes;
  const auto write = [](void* writer, scanhost_string piece) -> scanhost_status {
    auto& joined_text = *static_cast<std::string*>(writer);
    if (piece.size > SCANHOST_STATE_LARGEST - joined_text.size()) return SCANHOST_INVALID;
    joined_text.append(view(piece));
    return SCANHOST_OK;
  };
  char buffer[1024] = {};
  scanhost_error problem{buffer, sizeof buffer, 0, {}};
  const auto status =
      inside(phase::destroy, [&] { return offered->export_state(self_, write, &bytes, &problem); });
  state_error_ = std::string(buffer, problem.size);
  return status == SCANHOST_OK ? std::optional(bytes) : std::nullopt;
}

inline bool fake_host::import_state(std::uint32_t version, std::string_view bytes) {
  const auto* offered = plugin_extension<scanhost_state>(SCANHOST_EXT_STATE);
  if (offered == nullptr) return false;
  char buffer[1024] = {};
  scanhost_error problem{buffer, sizeof buffer, 0, {}};
  const auto status =
      inside(phase::create, [&] { return offered->import_state(self_, version, to_c(bytes), &problem); });
  state_error_ = std::string(buffer, problem.size);
  return status == SCANHOST_OK;
}

// --- explanations

inline std::optional<std::uint32_t> fake_host::find_partition(std::string_view item) {
  const auto* offered = plugin_extension<scanhost_explain>(SCANHOST_EXT_EXPLAIN);
  if (offered == nullptr || offered->find_partition == nullptr || partitions() == 0) return std::nullopt;
  std::uint32_t index = 0;
  const auto known =
      inside(phase::idle, [&] { return offered->find_partition(self_, to_c(item), partitions(), &index); });
  if (known == 0) return std::nullopt;
  if (index < partitions()) return index;
  violated(rule::explanation, "it names the partition " + std::to_string(index) + " of " +
                                  std::to_string(partitions()) + " for an item");
  return std::nullopt;
}

inline std::optional<item_report> fake_host::explain(std::string_view item) {
  return explain(item, find_partition(item).value_or(0));
}

inline std::optional<item_report> fake_host::explain(std::string_view item, std::uint32_t index) {
  const auto id = start_explain(item, index);
  if (!id) return std::nullopt;
  run();
  look_for_unfinished();
  return item_report{report(*id), scans_.at(*id)->findings};
}

inline std::optional<fake_host::scan_id> fake_host::start_explain(std::string_view item,
                                                                  std::uint32_t index) {
  const auto* offered = plugin_extension<scanhost_explain>(SCANHOST_EXT_EXPLAIN);
  if (offered == nullptr || offered->explain == nullptr) return std::nullopt;
  if (cycle_ == 0) begin_cycle();
  auto& scan = add_scan();
  make_partition(scan, index, 0);
  scan.has_turns = false;
  scan.owner = this;
  scan.item = std::string(item);
  const auto report = [](void* reporter, const scanhost_finding* found) -> scanhost_status {
    auto& open = *static_cast<open_scan*>(reporter);
    const auto before = open.findings.size();
    if (found != nullptr) open.owner->add_finding(open, detail::read_growing<scanhost_finding>(found));
    return open.findings.size() > before ? SCANHOST_OK : SCANHOST_INVALID;
  };
  scan.inside_call = true;
  inside(phase::scan, [&] {
    offered->explain(self_, scan.handle(), scan.partition->get(), to_c(scan.item), report, &scan);
  });
  scan.inside_call = false;
  return scan.report.id;
}

inline void fake_host::add_finding(open_scan& scan, const scanhost_finding& found) {
  const auto broken = [&]() -> const char* {
    if (!on_scanner_thread("the report of a finding")) return nullptr;
    if (scan.over) return "it reports a finding for an explanation that is finished";
    if (found.struct_size < offsetof(scanhost_finding, reason) + sizeof found.reason)
      return "it reports a finding without struct_size";
    if (found.standing < SCANHOST_STANDING_NOT_HERE || found.standing > SCANHOST_STANDING_UNKNOWN)
      return "it reports a finding with a standing that does not exist";
    if ((found.flags & ~std::uint32_t{SCANHOST_FINDING_SCORE}) != 0 || found.reserved != 0)
      return "it reports a finding with flags that do not exist";
    if (found.due_ms < 0) return "it reports a finding with a moment before the epoch";
    if (found.reason.size == 0) return "it reports a finding without a reason";
    return nullptr;
  }();
  if (broken != nullptr) return violated(rule::explanation, broken);
  if (scan.findings.size() == SCANHOST_MAX_FINDINGS) return;
  const bool scored = (found.flags & SCANHOST_FINDING_SCORE) != 0;
  scan.findings.push_back({static_cast<standing>(found.standing), std::string(view(found.reason)),
                           std::string(view(found.index)), scored ? std::optional(found.score) : std::nullopt,
                           found.due_ms != 0 ? std::optional(from_ms(found.due_ms)) : std::nullopt});
}

inline void fake_host::check_explanation(const open_scan& scan) {
  if (scan.findings.empty() && !scan.cancelled)
    violated(rule::explanation, "it finishes an explanation without a finding");
}

// Scripts and functions are sent in their read-only form.
inline std::optional<std::string> fake_host::breaks_explanation(const open_scan& scan,
                                                                const call& asked) const {
  if (!scan.explains()) return std::nullopt;
  if (asked.acts()) return "it sends a command that ACTS in an explanation: " + asked.args.front();
  const bool changes = memory_store::knows(asked.args.front()) &&
                       !memory_store::is_script(asked.args.front()) && memory_store::changes(asked);
  if (!changes) return std::nullopt;
  return "it sends " + asked.args.front() + " in an explanation, which only reads";
}

inline fake_host::scan_id fake_host::start(std::uint32_t index, std::uint32_t flags) {
  if (!create()) throw std::runtime_error("create failed: " + create_error_);
  if (cycle_ == 0) begin_cycle();
  if (serial() && !scans_.empty() && !scans_.rbegin()->second->over)
    throw std::logic_error("a serial plugin has one scan at a time; run() the last one first");
  if (swept().members != SCANHOST_MEMBERS_COUNTED && index >= members_.size())
    throw std::out_of_range("the family has " + std::to_string(members_.size()) + " members in this cycle");
  auto& scan = add_scan();
  make_partition(scan, index, flags);
  scan.inside_call = true;
  inside(phase::scan, [&] { plugin_.scan(self_, scan.handle(), scan.partition->get()); });
  scan.inside_call = false;
  return scan.report.id;
}

inline fake_host::open_scan& fake_host::add_scan() {
  const auto id = next_scan_++;
  auto& scan = *(scans_[id] = std::make_unique<open_scan>());
  scan.report.id = id;
  return scan;
}

inline std::string fake_host::tag_of(std::uint32_t index) const {
  const auto family = swept();
  if (family.tag_pattern.size == 0) return std::string(view(family.name));
  if (family.members == SCANHOST_MEMBERS_COUNTED)
    return detail::tag_of_member(view(family.tag_pattern), std::to_string(index));
  return detail::tag_of_member(view(family.tag_pattern), index < members_.size() ? members_[index] : "");
}

inline void fake_host::make_partition(open_scan& scan, std::uint32_t index, std::uint32_t flags) {
  const auto family = swept();
  scan.family = std::string(view(family.name));
  scan.report.tag = tag_of(index);
  if (family.tag_pattern.size > 0) scan.tag = scan.report.tag;
  partition_description described{index, count_of(scan.family), flags, scan.tag, scan.family, cycle_};
  if (family.members != SCANHOST_MEMBERS_COUNTED) described.member = members_[index];
  scan.partition = std::make_unique<lent_partition>(memory_, described, settings_.beyond);
}

inline void fake_host::queue(open_scan& scan, std::function<void()> call) {
  ++scan.pending;
  events_.push_back({scan.report.id, scan.report.tag, std::move(call)});
}

// Timers come when nothing else waits. What one scan waits for stays in order.
inline fake_host::event fake_host::next_event() {
  if (events_.empty()) {
    auto first = std::move(timers_.front());
    timers_.pop_front();
    settings_.now = std::max(settings_.now, first.due);
    return std::move(first.fire);
  }
  auto next = events_.begin();
  if (settings_.shuffled) {
    const auto drawn = events_[static_cast<std::size_t>(chance_() % events_.size())].scan;
    next = std::find_if(events_.begin(), events_.end(),
                        [&](const event& queued) { return queued.scan == drawn; });
  }
  auto found = std::move(*next);
  events_.erase(next);
  return found;
}

inline void fake_host::before_answer(std::string_view, bool) {}

inline bool fake_host::step() {
  if (events_.empty() && timers_.empty()) return false;
  collect_waits();
  const auto next = next_event();
  --scans_.at(next.scan)->pending;
  before_answer(next.tag, true);
  inside(phase::scan, next.call);
  return true;
}

inline void fake_host::run() {
  while (step()) {
  }
}

inline void fake_host::cancel(scan_id scan) {
  scans_.at(scan)->cancelled = true;
  for (auto& pending : timers_)
    if (pending.fire.scan == scan) events_.push_back(std::move(pending.fire));
  std::erase_if(timers_, [&](const timer& pending) { return pending.fire.scan == scan; });
}

inline void fake_host::cancel_all() {
  for (const auto& [id, scan] : scans_) cancel(id);
}

inline scan_report fake_host::report(scan_id scan) const { return scans_.at(scan)->report; }

inline bool fake_host::has_turns(scan_id scan) const { return scans_.at(scan)->has_turns; }

inline std::vector<scan_report> fake_host::reports() const {
  std::vector<scan_report> found;
  for (const auto& [id, scan] : scans_) found.push_back(scan->report);
  return found;
}

inline void fake_host::forget_finished() {
  std::erase_if(scans_, [](const auto& entry) { return entry.second->over; });
  turns_.clear();
}

inline void fake_host::look_for_unfinished() {
  for (const auto& [id, scan] : scans_)
    if (!scan->over && scan->pending == 0)
      violated(rule::never_finished,
               "the scan of " + scan->report.tag + " waits for nothing any more and was not finished");
}

inline scan_report fake_host::scan(std::uint32_t index, std::uint32_t flags) {
  const auto id = start(index, flags);
  run();
  look_for_unfinished();
  return report(id);
}

inline scan_report fake_host::cycle() {
  begin_cycle();
  scan_report sum;
  sum.finished = true;
  sum.result.flags = SCANHOST_RESULT_BACKLOG;
  for (std::uint32_t i = 0; i < partitions(); ++i) {
    const auto report = scan(i);
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

inline std::size_t fake_host::batches_lent() const noexcept {
  std::size_t lent = 0;
  for (const auto& [id, scan] : scans_) lent += scan->batches.size();
  return lent;
}

inline std::uint32_t fake_host::allowance(open_scan& scan, std::uint32_t pass, std::uint32_t acted) {
  auto& state = scan.passes[pass];
  const turn_request asked{scan.tag, pass, acted, state.pages++, scan.report.id};
  state.acted += acted;
  turns_.push_back(asked);
  const auto granted = [&]() -> std::uint32_t {
    if (scan.cancelled || asked.page >= settings_.max_pages) return 0;
    if (grant_) return grant_(asked);
    if (settings_.drain) return settings_.page_size;
    return state.acted >= settings_.page_size ? 0 : settings_.page_size - state.acted;
  }();
  state.allowance = granted;
  state.refused = granted == 0;
  return granted;
}

inline answer fake_host::answer_to_command(scan_id, const call& asked) {
  return store_.ask(asked, settings_.now);
}

inline bool fake_host::read_commands(open_scan& scan, const scanhost_command* commands, std::size_t count,
                                     std::size_t stride, std::vector<call>& asked) {
  if (commands == nullptr || count == 0 || stride < sizeof(scanhost_command::struct_size)) {
    violated(rule::call, "it calls execute without commands, or without their stride");
    return false;
  }
  ++batches_;
  for (std::size_t i = 0; i < count; ++i)
    if (!read_command(scan, detail::at_stride(commands, i, stride), asked)) return false;
  return true;
}

inline bool fake_host::read_command(open_scan& scan, const scanhost_command& raw, std::vector<call>& asked) {
  constexpr std::size_t max_arguments = 100'000;
  const auto known = detail::read_growing<scanhost_command>(&raw);
  if (known.struct_size < offsetof(scanhost_command, route) || known.args == nullptr ||
      known.arg_count == 0 || known.arg_count > max_arguments || known.args[0].size == 0) {
    violated(rule::call, "it sends a command without struct_size or without arguments");
    return false;
  }
  call sent;
  for (std::size_t i = 0; i < known.arg_count; ++i) sent.args.emplace_back(view(known.args[i]));
  if ((known.flags & ~std::uint32_t{SCANHOST_COMMAND_ACTS}) != 0 || known.reserved != 0) {
    violated(rule::call, "it sends a command with flags that do not exist");
    return false;
  }
  if (known.script != nullptr) run_script(known, sent);
  sent.items = std::max(known.item_count, 1u);
  sent.route = std::string(view(known.route));
  sent.item = std::string(view(known.item));
  sent.due_ms = known.due_ms;
  sent.flags = known.flags;
  sent.tag = scan.tag;
  sent.batch = batches_;
  ++scan.report.commands;
  if (const auto reason = refusal_of(sent.args)) violated(rule::refused_command, *reason);
  asked.push_back(std::move(sent));
  return true;
}

// As EVAL, which every rule of a test can see.
inline void fake_host::run_script(const scanhost_command& command, call& sent) {
  const auto* source = reinterpret_cast<const std::string*>(command.script);
  sent.args.insert(sent.args.begin(), {"EVAL", *source});
}

inline const scanhost_replies* fake_host::lend_answers(open_scan& scan, const std::vector<call>& asked) {
  std::vector<answer> answers;
  for (const auto& question : asked) {
    const auto broken = breaks_explanation(scan, question);
    if (broken) violated(rule::explanation, *broken);
    answers.push_back(scan.cancelled ? testing::cancelled()
                      : broken       ? testing::refused(*broken)
                                     : answer_to_command(scan.report.id, question));
    const auto kind = answers.back().kind;
    if (kind != SCANHOST_OUTCOME_REPLY && kind != SCANHOST_OUTCOME_HELD_BACK) ++scan.report.failed_commands;
  }
  scan.batches.push_back(std::make_unique<lent_replies>(memory_, answers, settings_.beyond));
  return scan.batches.back()->get();
}

inline void fake_host::end(open_scan& scan) {
  if (scan.over) return;
  scan.over = true;
  scan.batches.clear();
  if (scan.partition) scan.partition->give_back();
  std::erase_if(events_, [&](const event& queued) { return queued.scan == scan.report.id; });
  std::erase_if(timers_, [&](const timer& pending) { return pending.fire.scan == scan.report.id; });
  waits_.forget_scan(scan.report.id);
}

inline std::uint32_t fake_host::partitions() const { return count_of(view(swept().name)); }

inline std::uint32_t fake_host::count_of(std::string_view family) const {
  for (std::size_t i = 0; i < plugin_.family_count; ++i) {
    const auto known =
        detail::read_growing<scanhost_family>(&detail::at_stride(plugin_.families, i, plugin_.family_stride));
    if (view(known.name) != family) continue;
    if (known.members != SCANHOST_MEMBERS_COUNTED)
      return i == 0 ? static_cast<std::uint32_t>(members_.size()) : 0;
    const auto set = settings_.partition_counts.find(std::string(family));
    if (set != settings_.partition_counts.end()) return set->second;
    return known.default_count == 0 || known.tag_pattern.size == 0 ? 1 : known.default_count;
  }
  return 0;
}

}  // namespace scanhost::inline v1_0::testing
