// SPDX-License-Identifier: Apache-2.0
//
// What a function is measured against: for each of its calls a script with one HGETALL and the writes that
// the call made, and nothing else: it does not read the clock, decides nothing, and reads nothing else.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bench/command_stream.hpp"

namespace scanhost::bench {

// A call of a function, and what it wrote.
struct function_call {
  command args;  // FCALL name numkeys key ... arg ...
  std::vector<command> writes;

  std::string name() const { return args[1]; }
};

// The calls that wrote something, with their writes: the commands that are listed in `write_names`.
std::vector<function_call> calls_that_write(const std::vector<monitored>& lines,
                                            const std::set<std::string, std::less<>>& write_names);

// Collects the scripts. Calls that write the same fields of the same kinds of keys share one.
class write_scripts {
 public:
  // The call of the script for this call. Whatever differs from call to call becomes an argument.
  command substitute(const function_call& call);

  // The library with all scripts; load it before the first call.
  std::string library() const;

 private:
  std::map<std::string, std::string> names_;  // body -> name
};

}  // namespace scanhost::bench
