// SPDX-License-Identifier: Apache-2.0
//
// Errors of the host and the result type that carries them.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace scanhost::base {

// What kind of failure it is; decides the exit code of a command that it ends.
enum class errc {
  usage,         // the command line is wrong
  config,        // the configuration is wrong
  data,          // bad input: a plugin file, a reply
  no_input,      // a file that does not exist or cannot be read
  unavailable,   // the store cannot be reached or does not serve; retrying may help
  missing,       // the store serves but lacks something needed, such as functions
  software,      // a plugin or the host broke a rule
  os,            // the operating system refused
  timed_out,     // it took too long
  no_permission  // not allowed: owner, mode, access rules
};

// A failure: its kind and a message for people that says what happened, where, and what to do. No secrets.
struct error {
  errc code = errc::software;
  std::string message;
};

// Called by result<T>::value() on an error: a broken invariant, since callers have to check.
[[noreturn]] inline void throw_exception_from_error(const error& problem, const boost::source_location&) {
  throw std::logic_error("unchecked error: " + problem.message);
}

// A value or an error.
template <class T>
using result = boost::system::result<T, error>;

inline error fail(errc code, std::string message) { return {code, std::move(message)}; }

}  // namespace scanhost::base
