// SPDX-License-Identifier: Apache-2.0
#include "store/gate/command_gate.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/time_text.hpp"
#include "scanhost/detail/growing.hpp"
#include "scanhost/detail/refused_commands.hpp"
#include "scanhost/text.hpp"
#include "store/cluster/joined_batch.hpp"
#include "store/cluster/kept_commands.hpp"
#include "store/gate/read_only_form.hpp"

namespace scanhost::store {
namespace {

constexpr std::string_view held_back_text = "held back: this is a dry run";
constexpr std::size_t max_kinds = 50;  // in one report; a plugin may make up any number of names

void count_kind(std::map<std::string, std::uint64_t>& counts, const std::string& kind) {
  const bool known = counts.contains(kind) || counts.size() < max_kinds;
  ++counts[known ? kind : "others"];
}

}  // namespace

// A batch on its way through.
struct command_gate::job {
  // What the plugin's command was, and what is done with it.
  struct passage {
    std::string item;
    std::int64_t due_ms = 0;
    effect what = effect::changes;
    bool read_only_form = false;
  };

  job(const scanhost_command* given, std::size_t count, std::size_t stride, std::string_view to,
      std::string_view tag, on_complete then)
      : commands(given, count, stride),
        passages(count),
        outcomes(std::make_unique<joined_batch>(count)),
        route(to),
        partition(tag),
        done(std::move(then)) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto command = detail::read_growing(detail::at_stride(given, i, stride));
      passages[i].item = view(command.item);
      passages[i].due_ms = command.due_ms;
    }
  }

  const scanhost_command& command(std::size_t index) const { return commands.all()[index]; }

  kept_commands commands;
  std::vector<passage> passages;
  std::vector<std::size_t> sent;  // the commands that pass, in order
  std::unique_ptr<joined_batch> outcomes;
  std::string route;
  std::string partition;
  on_complete done;
  ticket id = 0;
  std::optional<ticket> inner;  // while it is at the client
  bool ending = false;          // all is settled
  bool has_waited = false;      // for a limit; known once it is not at the client any more
};

command_gate::command_gate(boost::asio::io_context& context, client& client,
                           const config::scanner_settings& settings, audit_author author)
    : context_(context),
      client_(client),
      dry_run_(settings.dry_run),
      permissions_(settings.permissions, settings.name),
      author_(std::move(author)),
      audit_(shared_audit_file(settings.audit)) {}

command_gate::~command_gate() = default;

ticket command_gate::execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                             std::string_view route, std::string_view partition, on_complete done) {
  auto next = std::make_shared<job>(commands, count, stride, route, partition, std::move(done));
  next->id = ++last_;
  jobs_.emplace(next->id, next);
  if (table_ == table_state::known)
    pass(next);
  else
    ask_for_table(route);
  return next->id;
}

void command_gate::cancel(ticket which) {
  const auto found = jobs_.find(which);
  if (found == jobs_.end()) return;
  const auto job = found->second;
  if (job->ending) return;
  if (job->inner) return client_.cancel(*job->inner);
  job->outcomes->settle_open(SCANHOST_OUTCOME_CANCELLED, cancelled_text);
  complete_soon(job);
}

bool command_gate::is_waiting(ticket which) const {
  const auto found = jobs_.find(which);
  return found != jobs_.end() && found->second->inner && client_.is_waiting(*found->second->inner);
}

bool command_gate::has_waited(ticket which) const {
  const auto found = jobs_.find(which);
  if (found == jobs_.end()) return false;
  const auto& job = *found->second;
  return job.has_waited || (job.inner && client_.has_waited(*job.inner));
}

command_gate::report command_gate::take_report() {
  auto taken = std::exchange(report_, {});
  if (audit_) {
    taken.audit = audit_->take_counts();
    taken.audit_notice = audit_->take_notice();
  }
  return taken;
}

// --- the table of the server

void command_gate::ask_for_table(std::string_view route) {
  if (std::exchange(table_, table_state::asked) == table_state::asked) return;
  const auto word = to_c("COMMAND");
  scanhost_command command{};
  command.struct_size = sizeof command;
  command.args = &word;
  command.arg_count = 1;
  client_.execute(&command, 1, sizeof command, route,
                  [this](std::unique_ptr<reply_batch> answer) { take_table(*answer); });
}

void command_gate::take_table(const reply_batch& answer) {
  const auto& outcome = answer.raw()->outcomes[0];
  if (outcome.reply == nullptr || outcome.kind == SCANHOST_OUTCOME_TRANSIENT) return fail_waiting(outcome);
  table_ = table_state::known;
  if (outcome.kind == SCANHOST_OUTCOME_REPLY) {
    effects_ = command_effects::of(*outcome.reply);
    keys_ = key_positions::of(*outcome.reply);
  }
  report_.lacks_table = effects_.empty();
  const auto waiting = jobs_;
  for (const auto& [id, job] : waiting) pass(job);
}

// The store is away: so are the replies to the batches that wait. The next one asks again.
void command_gate::fail_waiting(const scanhost_outcome& outcome) {
  table_ = table_state::unknown;
  const auto waiting = jobs_;
  for (const auto& [id, job] : waiting) {
    job->outcomes->settle_open(outcome.kind, view(outcome.message));
    complete(job);
  }
}

// --- a batch

void command_gate::pass(const job_ptr& job) {
  if (job->ending) return;
  for (std::size_t i = 0; i < job->passages.size(); ++i) judge(*job, i);
  if (job->sent.empty()) return complete_soon(job);
  send(job);
}

void command_gate::judge(job& job, std::size_t index) {
  const auto& command = job.command(index);
  auto& passage = job.passages[index];
  const bool acts = (command.flags & SCANHOST_COMMAND_ACTS) != 0;
  const bool refused_by_all =
      script_of(command) == nullptr && !detail::reason_to_refuse(command.args, command.arg_count).empty();
  passage.what = refused_by_all ? effect::reads : effects_.of(command);  // the pipeline does not send it
  if (!refused_by_all) {
    if (const auto violation = permissions_.find_violation(command, passage.what, keys_); !violation.empty())
      return refuse(job, index, violation);
    if (dry_run_ && (acts || passage.what == effect::changes)) return hold_back(job, index);
  }
  passage.read_only_form = passage.what == effect::script && (dry_run_ || permissions_.read_only());
  job.sent.push_back(index);
}

void command_gate::send(const job_ptr& job) {
  std::vector<scanhost_command> commands;
  std::vector<std::vector<scanhost_string>> forms(job->sent.size());
  for (std::size_t i = 0; i < job->sent.size(); ++i) {
    auto& command = commands.emplace_back(job->command(job->sent[i]));
    if (!job->passages[job->sent[i]].read_only_form) continue;
    forms[i] = read_only_form(command);
    command.args = forms[i].data();
    command.arg_count = forms[i].size();
    command.script = nullptr;
  }
  job->inner = client_.execute(commands.data(), commands.size(), sizeof(scanhost_command), job->route,
                               [this, weak = std::weak_ptr(job)](std::unique_ptr<reply_batch> replies) {
                                 if (const auto alive = weak.lock()) take_replies(alive, std::move(replies));
                               });
}

void command_gate::take_replies(const job_ptr& job, std::unique_ptr<reply_batch> replies) {
  const auto& raw = *replies->raw();
  job->has_waited = client_.has_waited(*job->inner);
  for (std::size_t i = 0; i < job->sent.size() && i < raw.outcome_count; ++i) {
    const auto index = job->sent[i];
    const auto& outcome = detail::at_stride(raw.outcomes, i, raw.outcome_stride);
    const auto& passage = job->passages[index];
    const bool refused_change = passage.read_only_form && outcome.reply != nullptr &&
                                outcome.kind != SCANHOST_OUTCOME_REPLY &&
                                is_refused_change(view(outcome.message));
    if (refused_change) {
      note_refused_change(*job, index);
      continue;
    }
    job->outcomes->take(index, outcome);
    if (passage.what != effect::reads && !passage.read_only_form) record(*job, index);
  }
  job->outcomes->keep(std::move(replies));
  complete(job);
}

void command_gate::note_refused_change(job& job, std::size_t index) {
  if (permissions_.read_only())
    refuse(job, index, permissions_.refuse_change(job.command(index)));
  else
    hold_back(job, index);
}

void command_gate::hold_back(job& job, std::size_t index) {
  job.outcomes->settle(index, SCANHOST_OUTCOME_HELD_BACK, held_back_text);
  count_kind(report_.held_back, title_of(job.command(index)).text());
  record(job, index);
}

void command_gate::refuse(job& job, std::size_t index, const std::string& message) {
  job.outcomes->settle(index, SCANHOST_OUTCOME_REFUSED, message);
  count_kind(report_.refused, message);
  record(job, index);
}

void command_gate::record(const job& job, std::size_t index) {
  if (!audit_) return;
  const auto& passage = job.passages[index];
  const auto title = title_of(job.command(index));
  const auto& outcome = detail::at_stride(job.outcomes->raw()->outcomes, index, sizeof(scanhost_outcome));
  audit_entry entry{base::system_now(), job.partition, passage.item, title, outcome, {}};
  if (passage.due_ms > 0) {
    const auto late = client_.now(job.route).time_since_epoch().count() - passage.due_ms;
    entry.lateness = base::milliseconds(std::max<std::int64_t>(late, 0));
  }
  audit_->add(to_line(author_, entry));
}

void command_gate::complete(const job_ptr& job) {
  if (!job->outcomes) return;
  job->done(std::move(job->outcomes));
  jobs_.erase(job->id);
}

// Never from inside of execute and cancel.
void command_gate::complete_soon(const job_ptr& job) {
  job->ending = true;
  boost::asio::post(context_, [this, weak = std::weak_ptr(job)] {
    if (const auto alive = weak.lock()) complete(alive);
  });
}

}  // namespace scanhost::store
