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
     "export scanhost_plugin_entry alone: build with scanhost_add_plugin, or link with -Wl,--version-script=scanhost.map as pkg-config --libs scanhost-sdk has it"},
    {"undefined_symbols",
     "link what defines them into the plugin; -Wl,-z,defs, which scanhost_add_plugin sets, finds this when it is built"},
    {"static_runtime",
     "link the C++ runtime as a shared library: without -static-libstdc++ and -static-libgcc (a static one grows with each reload, and the host cannot catch what it throws)"},
    {"static_tls",
     "compile with -fPIC and without -ftls-model=initial-exec: the room for static thread-local variables is small and is used up by reloads"},
    {"no_delete", "link without -Wl,-z,nodelete: a library that is never unmapped cannot be replaced"},
    {"other_name", "give the file the name of the plugin: the host looks for `<plugin>.so`"},
    {"entry_changes", "return the same constant descriptor from every call of scanhost_plugin_entry"},
    {"left_mapped",
     "let nothing keep the library open: no dlopen of itself, no RTLD_NODELETE, no GNU_UNIQUE symbols; if it cannot be unloaded, say `unload: never` for its scanners"},
    {"left_threads", "start no threads, or join each of them in destroy"},
    {"left_tls_destructors",
     "have no thread_local variables with destructors: keep that state in the instance, which destroy ends"},
    {"left_signal_handlers", "leave signal handlers alone: they belong to the host"},
    {"left_descriptors", "close in destroy what was opened, or better open nothing"},
    {"wrong_thread",
     "call the host from the scanner's own thread only, which is the one that calls the plugin's functions"},
    {"wrong_phase",
     "call this where its header says: commands, turns, timers and failures belong between `scan` and `finish`"},
    {"finished_twice", "call finish or fail once for each scan, and touch the scan no more after that"},
    {"finished_early",
     "finish a scan only when every execute, next_page and after of it has called back; count what is pending"},
    {"never_finished",
     "end each scan with finish or fail on every path: after errors, on empty pages, when a turn is refused, when a call answers INVALID"},
    {"endless",
     "ask for a turn before each page and stop when it is refused; send nothing again that failed"},
    {"ignores_cancel",
     "stop when outcomes are CANCELLED, a turn is refused or cancelled() says 1: finish the scan then"},
    {"asks_after_refusal", "a turn that was refused ends its pass: ask no more for that pass in this scan"},
    {"acts_beyond_turn", "act on at most as many candidates as the last turn allowed, then ask again"},
    {"exception",
     "let no exception out of a plugin: return SCANHOST_FAILED from create and the cycle's functions, call fail in a scan; the C++ wrapper does both"},
    {"fails_scanner",
     "count what goes wrong with one item or one reply in `errors` and finish; fail (in C++: an exception) restarts the whole scanner"},
    {"reply_after_release",
     "copy what is to live longer than the batch: replies, and texts in them, are gone when the batch is released or its scan is finished"},
    {"reply_written", "only read what the host lends: copy it first"},
    {"bad_release", "release each batch once, with the scan that it came to"},
    {"bad_call",
     "give struct_size, stride, arguments and callback with each call as the headers say; scanhost_command_of fills a command in"},
    {"bad_result",
     "set struct_size in the result, known flags only, and counters that fit: unchanged is a part of processed"},
    {"refused_command",
     "send nothing that the host refuses: connections are shared by all scans; use one guarded EVAL in place of WATCH/MULTI/EXEC, and a later scan in place of blocking"},
    {"errors_hidden",
     "look at the kind of each outcome and count what failed in `errors`; a read that failed is not an empty one"},
    {"failures_counted_as_processed",
     "count a candidate as processed only when its call was answered without error"},
    {"counts_on_empty", "count only candidates that an index offered, and as unchanged what changed nothing"},
    {"errors_on_empty", "take a nil and an empty array as nothing to do, not as an error"},
    {"growth",
     "free in destroy and at the end of a scan all that was allocated for it, scans in flight included"},
    {"crashed", "run the plugin's tests under AddressSanitizer; the step named here is where it happened"},
    {"hung",
     "wait for nothing inside a call: no sleep, no lock, no socket, no endless loop; use the host's after and execute"},
    {"ended_process", "never end the process: no exit, no abort; a plugin lives in the host's process"},
    {"no_child", "look at the limits of processes and open files, and run it again"},
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
