// SPDX-License-Identifier: Apache-2.0
#include "plugin/refusal.hpp"

#include <array>
#include <stdexcept>

namespace scanhost::plugin {
namespace {

constexpr std::array<std::string_view, 33> refusal_names{
    "missing_file",      "unreadable",       "not_trusted",         "not_elf",
    "wrong_class",       "wrong_machine",    "wrong_type",          "truncated",
    "no_entry",          "executable_stack", "text_relocations",    "gnu_unique",
    "static_tls",        "foreign_runtime",  "origin_path",         "private_needed",
    "undefined_symbol",  "open_failed",      "constructor_crashed", "constructor_hung",
    "null_descriptor",   "bad_magic",        "wrong_major",         "newer_minor",
    "missing_extension", "bad_descriptor",   "bad_options",         "duplicate_name",
    "create_failed",     "create_threw",     "create_crashed",      "create_hung",
    "staging_failed",
};
static_assert(refusal_names.size() == static_cast<std::size_t>(refusal::staging_failed) + 1);

}  // namespace

std::string_view to_text(refusal reason) noexcept { return refusal_names[static_cast<std::size_t>(reason)]; }

void throw_exception_from_error(const load_error& problem, const boost::source_location&) {
  throw std::logic_error("unchecked load error: " + problem.message);
}

}  // namespace scanhost::plugin
