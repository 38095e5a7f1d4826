/* SPDX-License-Identifier: Apache-2.0
 *
 * The default of an option is outside of its own bounds.
 */
#include "good.h"

static scanhost_option options[2];

static void make_option(scanhost_option* option, const char* name) {
  memset(option, 0, sizeof *option);
  option->struct_size = sizeof *option;
  option->type = SCANHOST_OPTION_INTEGER;
  option->name = text_of(name);
  option->help = text_of("A number");
  option->default_value = text_of("5");
}

static scanhost_family family;
static scanhost_plugin plugin;

const scanhost_plugin* scanhost_plugin_entry(void) {
  make_good(&plugin, &family, "option_out_of_bounds");
  make_option(&options[0], "number");
  make_option(&options[1], "number_two");
  options[1].minimum = 6;
  options[1].maximum = 9;
  options[1].flags = SCANHOST_OPTION_HAS_MINIMUM | SCANHOST_OPTION_HAS_MAXIMUM;
  plugin.options = options;
  plugin.option_count = 2;
  plugin.option_stride = sizeof options[0];
  return &plugin;
}
