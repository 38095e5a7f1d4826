/* SPDX-License-Identifier: Apache-2.0
 *
 * Extension "scanhost.members/1" of the host: the plugin names the partitions of its family. C99, and valid
 * C++.
 */
#ifndef SCANHOST_EXT_MEMBERS_H
#define SCANHOST_EXT_MEMBERS_H

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXT_MEMBERS "scanhost.members/1"

/* Growing; owned by the host, valid until the end of `destroy`. */
typedef struct scanhost_members {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [scanner thread, begin_cycle of a scanner whose first family has SCANHOST_MEMBERS_FROM_PLUGIN] One more
   * partition of this cycle; `scan` is that of begin_cycle. Members that were not named this time are not
   * scanned; their failures are forgotten. A member that is named twice is one partition. INVALID: another
   * scan or family; an empty member, one of more than 512 bytes or with `{`, `}` or a NUL byte; more than
   * 65,535 members. */
  scanhost_status (*add)(const scanhost_host* host, scanhost_scan* scan, scanhost_string member);
} scanhost_members;

#ifdef __cplusplus
}
#endif

#endif
