/* SPDX-License-Identifier: Apache-2.0
 *
 * Extension "scanhost.environment/1" of the host: where a plugin runs, and what for. C99, and valid C++.
 */
#ifndef SCANHOST_EXT_ENVIRONMENT_H
#define SCANHOST_EXT_ENVIRONMENT_H

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_EXT_ENVIRONMENT "scanhost.environment/1"

/* What the host is doing. A plugin with effects of its own (a request to another service, a file) has them in
 * SCANHOST_MODE_RUN only; the host holds back the commands that ACT by itself. Values are never reused. */
enum {
  SCANHOST_MODE_RUN = 1,    /* the scanner does its work */
  SCANHOST_MODE_PROBE = 2,  /* the plugin is created and destroyed once, to see that it can be */
  SCANHOST_MODE_VERIFY = 3, /* it is checked against an invented store */
  SCANHOST_MODE_DRY_RUN = 4 /* the real store is read, nothing is changed; hosts of minor 0 do not do this */
};

/* Growing; owned by the host, valid until the end of `destroy`. Texts live as long. */
typedef struct scanhost_environment {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any phase] SCANHOST_MODE_*; the same for the whole life of an instance. Treat a value that is not known
   * as SCANHOST_MODE_DRY_RUN. */
  int32_t (*mode)(const scanhost_host* host);

  /* [any phase] The store's server: "redis" or "valkey", and its version: "8.1.1". Empty while no
   * connection was ever made, as in `create`. */
  scanhost_string (*server_name)(const scanhost_host* host);
  scanhost_string (*server_version)(const scanhost_host* host);

  /* [any phase] 1: the store is a cluster. 0: it is not, or is not known yet. */
  int32_t (*is_cluster)(const scanhost_host* host);

  /* [any phase] The file that the operator named: "/usr/lib/scanhost/plugins/mine.so". The host runs a copy
   * of it; files beside the plugin are found beside this path. */
  scanhost_string (*plugin_path)(const scanhost_host* host);
} scanhost_environment;

#ifdef __cplusplus
}
#endif

#endif
