// SPDX-License-Identifier: Apache-2.0
//
// The stable names of the reasons for a refusal.
#include <stdexcept>

#include "plugin/loader.hpp"

namespace scanhost::plugin {

std::string_view to_text(refusal reason) noexcept {
  switch (reason) {
    case refusal::missing_file:
      return "missing_file";
    case refusal::unreadable:
      return "unreadable";
    case refusal::not_trusted:
      return "not_trusted";
    case refusal::not_elf:
      return "not_elf";
    case refusal::wrong_class:
      return "wrong_class";
    case refusal::wrong_machine:
      return "wrong_machine";
    case refusal::wrong_type:
      return "wrong_type";
    case refusal::truncated:
      return "truncated";
    case refusal::no_entry:
      return "no_entry";
    case refusal::executable_stack:
      return "executable_stack";
    case refusal::text_relocations:
      return "text_relocations";
    case refusal::gnu_unique:
      return "gnu_unique";
    case refusal::private_needed:
      return "private_needed";
    case refusal::undefined_symbol:
      return "undefined_symbol";
    case refusal::open_failed:
      return "open_failed";
    case refusal::constructor_crashed:
      return "constructor_crashed";
    case refusal::constructor_hung:
      return "constructor_hung";
    case refusal::null_descriptor:
      return "null_descriptor";
    case refusal::bad_magic:
      return "bad_magic";
    case refusal::wrong_major:
      return "wrong_major";
    case refusal::newer_minor:
      return "newer_minor";
    case refusal::missing_extension:
      return "missing_extension";
    case refusal::bad_descriptor:
      return "bad_descriptor";
    case refusal::bad_options:
      return "bad_options";
    case refusal::duplicate_name:
      return "duplicate_name";
    case refusal::family_conflict:
      return "family_conflict";
    case refusal::create_failed:
      return "create_failed";
    case refusal::create_threw:
      return "create_threw";
    case refusal::create_crashed:
      return "create_crashed";
    case refusal::create_hung:
      return "create_hung";
    case refusal::staging_failed:
      return "staging_failed";
  }
  return "unknown";
}

void throw_exception_from_error(const load_error& problem, const boost::source_location&) {
  throw std::logic_error("unchecked load error: " + problem.message);
}

}  // namespace scanhost::plugin
