// SPDX-License-Identifier: Apache-2.0
//
// Signals before the event loop of `scanhost run` takes them over: while the configuration is read and the
// plugins are probed. Without handlers the first process of a container would not see them, and SIGHUP would
// end any other.
#pragma once

namespace scanhost::boot {

// Delays SIGINT, SIGTERM and SIGHUP until early_signals takes them. As early as can be.
void hold_signals() noexcept;

// Ends the process at once on SIGINT or SIGTERM, since nothing runs yet that would have to stop in order;
// remembers SIGHUP. One in a process.
class early_signals {
 public:
  enum class end {
    clean,     // with exit code 0, as a service that was stopped
    by_signal  // with 128 and the signal's number, as a shell reports it
  };

  explicit early_signals(end how) noexcept;

  // Whether SIGHUP has come. To be asked once others handle the signals.
  static bool hang_up() noexcept;
};

// Ends the process, with the code for a stuck plugin, unless it has ended by itself by then.
void limit_stop() noexcept;

}  // namespace scanhost::boot
