// SPDX-License-Identifier: Apache-2.0
//
// Why a plugin was refused: a stable name for scripts and tests, and a message for people.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

namespace scanhost::plugin {

// In this order as texts in refusal.cpp.
enum class refusal {
  missing_file,
  unreadable,
  not_trusted,
  not_elf,
  wrong_class,
  wrong_machine,
  wrong_type,
  truncated,
  no_entry,
  executable_stack,
  text_relocations,
  gnu_unique,
  static_tls,
  foreign_runtime,
  origin_path,
  private_needed,
  undefined_symbol,
  open_failed,
  constructor_crashed,
  constructor_hung,
  null_descriptor,
  bad_magic,
  wrong_major,
  newer_minor,
  missing_extension,
  bad_descriptor,
  bad_options,
  duplicate_name,
  create_failed,
  create_threw,
  create_crashed,
  create_hung,
  staging_failed
};

std::string_view to_text(refusal reason) noexcept;  // "wrong_major"

struct load_error {
  refusal reason;
  std::string message;      // which file, what was expected, what was found, what to do
  std::string sha256 = {};  // of the file; empty: it was not read as a whole
};

template <class T>
using load_result = boost::system::result<T, load_error>;

[[noreturn]] void throw_exception_from_error(const load_error& problem, const boost::source_location&);

}  // namespace scanhost::plugin
