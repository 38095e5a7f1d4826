// SPDX-License-Identifier: Apache-2.0
#include "tls/context_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace scanhost::tls {
namespace {

// One is in use at a time; a few more are while a reload changes the settings.
constexpr std::size_t max_contexts = 8;

}  // namespace

file_result<context_cache::found> context_cache::find(const settings& settings) {
  auto key = settings;
  key.server_name.clear();  // belongs to a connection
  const std::lock_guard lock(mutex_);
  // Before the files are read, so that a change during the reading is seen the next time.
  auto now = take_stamps(key);
  const auto known = std::ranges::find(entries_, key, &entry::made_for);
  if (known != entries_.end()) {
    if (known->seen != now) renew(*known, std::move(now));
    return found{known->context, known->warning};
  }
  auto context = context::make(key);
  if (!context) return context.error();
  if (entries_.size() >= max_contexts) entries_.erase(entries_.begin());
  entries_.push_back({std::move(key), std::move(now), *context, {}});
  return found{*context, {}};
}

void context_cache::renew(entry& known, file_stamps now) {
  known.seen = std::move(now);
  known.warning.clear();
  auto context = context::make(known.made_for);
  if (context)
    known.context = std::move(*context);
  else
    known.warning = fmt::format("store.tls.{}: {}; connections are made with the files as they were before",
                                context.error().key, context.error().message);
}

// Never destroyed: the thread of a stuck scanner may connect until the process ends.
context_cache& shared_contexts() {
  static context_cache& contexts = *std::make_unique<context_cache>().release();
  return contexts;
}

}  // namespace scanhost::tls
