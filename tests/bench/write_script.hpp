// SPDX-License-Identifier: Apache-2.0
//
// What a function is measured against: for each of its calls a function with one HGETALL and the writes that
// the call made, and nothing else: no reading of the clock, no decision, no other read.
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

// The calls among these that wrote something, with the writes, which are the commands named in `write_names`.
std::vector<function_call> calls_that_write(const std::vector<monitored>& lines,
                                            const std::set<std::string, std::less<>>& write_names);

// Collects the scripts. Calls that write the same fields of the same kinds of keys share one.
class write_scripts {
 public:
  // The call of the script for this call. What differs from call to call goes along as arguments.
  command substitute(const function_call& call);

  // The library that has them all, to be loaded before any call.
  std::string library() const;

 private:
  std::map<std::string, std::string> names_;  // body -> name
};

}  // namespace scanhost::bench
