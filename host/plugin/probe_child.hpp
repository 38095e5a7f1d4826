// SPDX-License-Identifier: Apache-2.0
//
// The child's side of a probe: `scanhost --probe FILE`, started by the loader with posix_spawn of
// /proc/self/exe. It does everything that the host will do with the plugin before its first scan.
#pragma once

namespace scanhost::plugin {

// Opens, checks, describes and creates against a recording host, and prints the description as JSON on
// standard output. After FILE comes an optional name for messages, and then optionally `stay-open`
// (plugin/probe.hpp): the file is not closed at the end. Returns the exit code.
int run_probe(int argc, char** argv);

}  // namespace scanhost::plugin
