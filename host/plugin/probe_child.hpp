// SPDX-License-Identifier: Apache-2.0
//
// The child's side of a probe: `scanhost --probe FILE`, started by the loader with posix_spawn of
// /proc/self/exe. It does everything that the host will do with the plugin before its first scan.
#pragma once

namespace scanhost::plugin {

// Opens, checks, describes and creates against a recording host, and prints the description as JSON on
// standard output. After FILE come an optional name for messages and the modes of plugin/probe.hpp. Returns
// the exit code.
int run_probe(int argc, char** argv);

}  // namespace scanhost::plugin
