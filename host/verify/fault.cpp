// SPDX-License-Identifier: Apache-2.0
#include "verify/fault.hpp"

namespace scanhost::verify {
namespace {

struct row {
  std::string_view name;
  std::string_view fix;
};

// In the order of the enumeration.
constexpr row rows[] = {
    {"exported_symbols",
     "export scanhost_plugin_entry alone: build with scanhost_add_plugin, or link with the flags of `pkg-config --libs scanhost-sdk` (-Wl,--version-script=scanhost.map)"},
    {"undefined_symbols",
     "link the libraries that define them; -Wl,-z,defs, which scanhost_add_plugin sets, reports such symbols at build time"},
    {"static_runtime",
     "link the C++ runtime as a shared library, without -static-libstdc++ and -static-libgcc: a static one grows with each reload, and the host cannot catch the exceptions it throws"},
    {"no_delete", "link without -Wl,-z,nodelete: a library that is never unmapped cannot be replaced"},
    {"other_name", "name the file after the plugin: the host looks for `<plugin>.so`"},
    {"entry_changes", "return the same constant descriptor from every call of scanhost_plugin_entry"},
    {"left_mapped",
     "keep nothing that holds the library open: no dlopen of itself, no RTLD_NODELETE, no GNU_UNIQUE symbols; if it cannot be unloaded, configure `unload: never` for its scanners"},
    {"left_threads", "start no threads, or join all of them in destroy"},
    {"left_tls_destructors",
     "use no thread_local variables with destructors: keep that state in the instance"},
    {"left_signal_handlers", "install no signal handlers: they belong to the host"},
    {"left_descriptors", "close every descriptor in destroy, or better, open none"},
    {"wrong_thread",
     "call the host only from the scanner's own thread, the one on which the plugin's functions are called"},
    {"wrong_phase",
     "call it only in the phase that the header names: commands, turns, timers and failures belong between `scan` and `finish`"},
    {"finished_twice", "call finish or fail once for each scan, and do not use the scan after that"},
    {"finished_early",
     "finish a scan only when every execute, next_page and after of it has called back; count what is pending"},
    {"never_finished",
     "end each scan with finish or fail on every path: after errors, on empty pages, when a turn is refused, when a call answers INVALID"},
    {"endless",
     "ask for a turn before each page and stop when it is refused; do not resend commands that failed"},
    {"ignores_cancel",
     "finish the scan when an outcome is CANCELLED, a turn is refused, or cancelled() returns 1"},
    {"asks_after_refusal", "a refused turn ends its pass: do not ask again for that pass in this scan"},
    {"acts_beyond_turn",
     "act on at most as many candidates as the last turn allowed, then ask again: pass the allowance as LIMIT or COUNT, and keep what a cursor offers beyond it for the next turn"},
    {"acts_without_turn",
     "ask for a turn (next_page) before each page, also before the first, and act on at most as many candidates as it allows"},
    {"unmarked_call",
     "mark the call that changes an item with acts(item, due) (in C: SCANHOST_COMMAND_ACTS and `item`), so that turns, budgets and lateness count it; a script that only reads is sent as EVAL_RO or FCALL_RO"},
    {"hides_candidates",
     "page past candidates that stay: read the next page behind those that failed or were skipped (LIMIT with the number of those that stay, or the cursor), as sorted_set_sweep does"},
    {"nothing_exercised",
     "give the options that its work depends on with --option NAME=VALUE or --config FILE --scanner NAME, or records that it acts on with --before FILE"},
    {"exception",
     "let no exception leave the plugin: return SCANHOST_FAILED from create, and call fail in a scan; the C++ wrapper does both"},
    {"fails_scanner",
     "count a problem with one item or one reply in `errors` and finish; fail (in C++: an exception) restarts the whole scanner"},
    {"reply_after_release",
     "copy whatever you need for longer than the batch: replies and their texts are invalid once the batch is released or its scan is finished"},
    {"reply_written", "never write to memory of the host: copy it first"},
    {"bad_release", "release each batch once, with the scan that received it"},
    {"bad_call",
     "pass struct_size, stride, arguments and callback with each call as the headers say; scanhost_command_of fills in a command"},
    {"bad_result",
     "set struct_size and only known flags in the result, and make the counters consistent: unchanged candidates are part of the processed ones"},
    {"refused_command",
     "do not send commands that the host refuses, since all scans share its connections: use one guarded EVAL instead of WATCH/MULTI/EXEC, and a later scan instead of blocking"},
    {"bad_explanation",
     "send only what reads, report at least one finding with a reason about any text, also where a read failed, and finish; fail (in C++: an exception) leaves an operator without an answer"},
    {"errors_hidden",
     "check the kind of each outcome and count failures in `errors`; a failed read is not an empty one"},
    {"failures_counted_as_processed",
     "count a candidate as processed only when its call was answered without error"},
    {"counts_on_empty",
     "count only candidates that an index returned, and count those whose call changed nothing as unchanged"},
    {"errors_on_empty", "treat nil and an empty array as nothing to do, not as an error"},
    {"growth",
     "free everything at the end of a scan and in destroy, including the memory of scans in flight"},
    {"crashed", "run the plugin's tests under AddressSanitizer; the step named here is where it happened"},
    {"hung",
     "do not wait inside a call: no sleep, lock, socket or endless loop; use the host's after and execute"},
    {"ended_process", "never end the process (exit, abort): a plugin runs in the host's process"},
    {"no_child", "check the limits on processes and open files, and run the check again"},
};
static_assert(std::size(rows) == static_cast<std::size_t>(fault::no_child) + 1);

const row& row_of(fault kind) noexcept { return rows[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string_view to_text(fault kind) noexcept { return row_of(kind).name; }
std::string_view fix(fault kind) noexcept { return row_of(kind).fix; }

finding found(fault kind, std::string what) {
  return {std::string(to_text(kind)), std::move(what), std::string(fix(kind))};
}

finding found(const plugin::load_error& refused, std::string_view name) {
  std::string_view text = refused.message;
  if (text.starts_with(name) && text.substr(name.size()).starts_with(": "))
    text.remove_prefix(name.size() + 2);
  const auto cut = text.rfind("; ");
  return {std::string(plugin::to_text(refused.reason)), std::string(text.substr(0, cut)),
          cut == std::string_view::npos ? std::string() : std::string(text.substr(cut + 2))};
}

}  // namespace scanhost::verify
