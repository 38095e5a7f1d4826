/* SPDX-License-Identifier: Apache-2.0
 *
 * A good descriptor, for plugins that are broken in one way only: each file changes what it breaks.
 */
#ifndef BROKEN_PLUGINS_GOOD_H
#define BROKEN_PLUGINS_GOOD_H

#include <scanhost/scanhost.h>
#include <string.h>

#define TEXT(literal) \
  { literal, sizeof(literal) - 1 }

static inline scanhost_status good_create(const scanhost_host* host, void** self, scanhost_error* error) {
  (void)host;
  (void)error;
  *self = 0;
  return SCANHOST_OK;
}
static inline void good_destroy(void* self) { (void)self; }
static inline void good_scan(void* self, scanhost_scan* scan, const scanhost_partition* partition) {
  (void)self;
  (void)scan;
  (void)partition;
}

static inline scanhost_string text_of(const char* text) {
  scanhost_string string;
  string.data = text;
  string.size = strlen(text);
  return string;
}

/* Fills a descriptor in that a host accepts. `family` has to live as long as the descriptor. */
static inline void make_good(scanhost_plugin* plugin, scanhost_family* family, const char* name) {
  memset(plugin, 0, sizeof *plugin);
  memset(family, 0, sizeof *family);
  family->struct_size = sizeof *family;
  family->default_count = 4;
  family->name = text_of("shard");
  family->tag_pattern = text_of("{shard:*}");
  plugin->magic = SCANHOST_MAGIC;
  plugin->struct_size = sizeof *plugin;
  plugin->abi_major = SCANHOST_ABI_MAJOR;
  plugin->abi_minor_built = SCANHOST_ABI_MINOR;
  plugin->sdk_version = text_of(SCANHOST_SDK_VERSION);
  plugin->name = text_of(name);
  plugin->version = text_of("1.2.3");
  plugin->summary = text_of("Does nothing, for a test");
  plugin->author = text_of("scanhost");
  plugin->licence = text_of("Apache-2.0");
  plugin->families = family;
  plugin->family_count = 1;
  plugin->family_stride = sizeof *family;
  plugin->default_interval_ms = 1000;
  plugin->default_page_size = 50;
  plugin->create = good_create;
  plugin->destroy = good_destroy;
  plugin->scan = good_scan;
}

#endif
