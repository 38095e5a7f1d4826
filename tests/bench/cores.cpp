// SPDX-License-Identifier: Apache-2.0
#include "bench/cores.hpp"

#include <stdexcept>

namespace scanhost::bench {

split_cores split_own_cores() {
  split_cores cores;
  if (sched_getaffinity(0, sizeof cores.others, &cores.others) != 0)
    throw std::runtime_error("cannot read the affinity");
  for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&cores.first) == 0; ++core)
    if (CPU_ISSET(core, &cores.others)) CPU_SET(core, &cores.first);
  if (CPU_COUNT(&cores.others) > 1) CPU_XOR(&cores.others, &cores.others, &cores.first);
  return cores;
}

void run_on(const cpu_set_t& cores) {
  if (sched_setaffinity(0, sizeof cores, &cores) != 0) throw std::runtime_error("cannot set the affinity");
}

}  // namespace scanhost::bench
