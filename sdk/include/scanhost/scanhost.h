/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole scanhost plugin ABI in one include, for C and for any language that reads C headers.
 * C++ authors include <scanhost/scanner.hpp> instead.
 */
#ifndef SCANHOST_SCANHOST_H
#define SCANHOST_SCANHOST_H

#include "ext/blocking.h"
#include "ext/environment.h"
#include "ext/explain.h"
#include "ext/failures.h"
#include "ext/members.h"
#include "ext/metrics.h"
#include "ext/state.h"
#include "ext/waiting.h"
#include "host.h"
#include "option.h"
#include "plugin.h"
#include "scan.h"
#include "store.h"
#include "types.h"

#endif
