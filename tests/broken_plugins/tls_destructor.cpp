// SPDX-License-Identifier: Apache-2.0
//
// Has a thread-local variable with a destructor.
#include <string>

static thread_local std::string last_index;

#define ON_SCAN(running) last_index = (running)->index;
#include "sweep.h"

SWEEP(tls_destructor)
