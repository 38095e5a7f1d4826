/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin with nothing wrong, and a counter that shows whether two of its copies share it.
 */
#include "good.h"

static int opened;
static scanhost_family family;
static scanhost_plugin plugin;
static scanhost_option options[2];
static scanhost_string colours[2];

/* The plugin's extension: how often this copy was entered. */
static const void* get_extension(scanhost_string id) {
  (void)id;
  return &opened;
}

const scanhost_plugin* scanhost_plugin_entry(void) {
  ++opened;
  make_good(&plugin, &family, "good");
  memset(options, 0, sizeof options);
  options[0].struct_size = sizeof options[0];
  options[0].type = SCANHOST_OPTION_TEXT_LIST;
  options[0].name = text_of("colours");
  options[0].help = text_of("Which colours are swept");
  colours[0] = text_of("red");
  colours[1] = text_of("blue, or green");
  options[0].default_values = colours;
  options[0].default_value_count = 2;
  options[0].minimum = 1;
  options[0].maximum = 9;
  options[0].flags = SCANHOST_OPTION_HAS_MINIMUM | SCANHOST_OPTION_HAS_MAXIMUM;
  options[1].struct_size = sizeof options[1];
  options[1].type = SCANHOST_OPTION_DURATION;
  options[1].name = text_of("patience");
  options[1].help = text_of("How long an item may wait");
  options[1].default_value = text_of("5m");
  plugin.options = options;
  plugin.option_count = 2;
  plugin.option_stride = sizeof options[0];
  plugin.get_extension = get_extension;
  return &plugin;
}
