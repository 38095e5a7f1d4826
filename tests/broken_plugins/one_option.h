/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin with the good option `number` and one that is broken: the file that includes this spoils it.
 *
 *   #include "one_option.h"
 *   BROKEN_OPTION(option_with_x) { option->x = y; }
 */
#ifndef BROKEN_PLUGINS_ONE_OPTION_H
#define BROKEN_PLUGINS_ONE_OPTION_H

#include "good.h"

static scanhost_option options[2];
static scanhost_family family;
static scanhost_plugin plugin;

static inline void make_option(scanhost_option* option, const char* name, int32_t type) {
  memset(option, 0, sizeof *option);
  option->struct_size = sizeof *option;
  option->type = type;
  option->name = text_of(name);
  option->help = text_of("For a test");
}

#define BROKEN_OPTION(plugin_name)                               \
  static void spoil(scanhost_option* option);                    \
  const scanhost_plugin* scanhost_plugin_entry(void) {           \
    make_good(&plugin, &family, #plugin_name);                   \
    make_option(&options[0], "number", SCANHOST_OPTION_INTEGER); \
    make_option(&options[1], "broken", SCANHOST_OPTION_TEXT);    \
    spoil(&options[1]);                                          \
    plugin.options = options;                                    \
    plugin.option_count = 2;                                     \
    plugin.option_stride = sizeof options[0];                    \
    return &plugin;                                              \
  }                                                              \
  static void spoil(scanhost_option* option)

#endif
