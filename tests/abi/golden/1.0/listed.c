/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of ABI 1.0 with a listed family, built from the frozen copy of its headers: begin_cycle reads the
 * tenants from a set and names them, and each tenant's scan counts the entries of its list. It must go on
 * loading and working in every host of major 1; nothing here is ever changed.
 */
#include <scanhost/scanhost.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lister {
  const scanhost_host *host;
  const scanhost_members *members;
};

struct visit {
  struct lister *lister;
  scanhost_scan *scan;
  scanhost_result result;
};

static scanhost_string text(const char *from) {
  scanhost_string made;
  made.data = from;
  made.size = strlen(from);
  return made;
}

static struct visit *begin(void *self, scanhost_scan *scan) {
  struct visit *visit = calloc(1, sizeof *visit);
  visit->lister = self;
  visit->scan = scan;
  visit->result.struct_size = sizeof visit->result;
  visit->lister->host->set_scan_data(visit->lister->host, scan, visit);
  return visit;
}

static void end(struct visit *visit) {
  visit->lister->host->finish(visit->lister->host, visit->scan, &visit->result);
  free(visit);
}

static void send(struct visit *visit, const char *name, scanhost_string key, scanhost_on_replies on_replies) {
  scanhost_string args[2];
  scanhost_command command;
  args[0] = text(name);
  args[1] = key;
  memset(&command, 0, sizeof command);
  command.struct_size = sizeof command;
  command.args = args;
  command.arg_count = 2;
  if (visit->lister->host->execute(visit->lister->host, visit->scan, &command, 1, sizeof command, on_replies, visit) !=
      SCANHOST_OK)
    end(visit);
}

static void on_tenants(void *user, const scanhost_replies *replies) {
  struct visit *visit = user;
  const struct lister *lister = visit->lister;
  size_t i;
  if (replies->outcomes->kind != SCANHOST_OUTCOME_REPLY) {
    ++visit->result.errors;
    end(visit);
    return;
  }
  for (i = 0; i < replies->outcomes->reply->element_count; ++i)
    if (lister->members->add(lister->host, visit->scan, replies->outcomes->reply->elements[i].text) != SCANHOST_OK)
      ++visit->result.skipped;
  lister->host->replies_release(lister->host, visit->scan, replies);
  end(visit);
}

static void begin_cycle(void *self, scanhost_scan *scan, uint64_t cycle) {
  (void)cycle;
  send(begin(self, scan), "SMEMBERS", text("golden:tenants"), on_tenants);
}

static void on_length(void *user, const scanhost_replies *replies) {
  struct visit *visit = user;
  if (replies->outcomes->kind == SCANHOST_OUTCOME_REPLY) {
    visit->result.flags |= SCANHOST_RESULT_BACKLOG;
    visit->result.backlog = (uint64_t)replies->outcomes->reply->integer;
    ++visit->result.processed;
  } else {
    ++visit->result.errors;
  }
  end(visit);
}

static void scan(void *self, scanhost_scan *handle, const scanhost_partition *partition) {
  char key[640];
  sprintf(key, "golden:%.*s:%.*s", (int)partition->tag.size, partition->tag.data, (int)partition->member.size,
          partition->member.data);
  send(begin(self, handle), "LLEN", text(key), on_length);
}

static scanhost_status create(const scanhost_host *host, void **self, scanhost_error *error) {
  static const char missing[] = "listed: the host does not offer what 1.0 offered";
  struct lister *made = calloc(1, sizeof *made);
  made->host = host;
  made->members = host->get_extension(host, text(SCANHOST_EXT_MEMBERS));
  if (made->members == NULL || made->members->struct_size < sizeof(scanhost_members) ||
      host->partition_count(host, text("tenant")) != 0) {
    error->size = sizeof missing - 1 < error->capacity ? sizeof missing - 1 : error->capacity;
    memcpy(error->buffer, missing, error->size);
    free(made);
    return SCANHOST_FAILED;
  }
  *self = made;
  return SCANHOST_OK;
}

static void destroy(void *self) { free(self); }

static void dropped(void *self, scanhost_scan *handle, void *data) {
  (void)self;
  (void)handle;
  free(data);
}

#define TEXT(literal) {literal, sizeof literal - 1}

const scanhost_plugin *scanhost_plugin_entry(void) {
  static const scanhost_family family = {.struct_size = sizeof(scanhost_family), .name = TEXT("tenant"),
                                         .tag_pattern = TEXT("{tenant:*}"), .members = SCANHOST_MEMBERS_FROM_PLUGIN};
  static const scanhost_string extensions[] = {TEXT(SCANHOST_EXT_MEMBERS)};
  static scanhost_plugin plugin;
  const scanhost_string sdk = TEXT(SCANHOST_SDK_VERSION), name = TEXT("golden_listed"), version = TEXT("1.0.0"),
                        summary = TEXT("counts the entries of each tenant's list, and proves that 1.0 still works");
  plugin.magic = SCANHOST_MAGIC;
  plugin.struct_size = sizeof plugin;
  plugin.abi_major = SCANHOST_ABI_MAJOR;
  plugin.abi_minor_built = SCANHOST_ABI_MINOR;
  plugin.sdk_version = sdk;
  plugin.name = name;
  plugin.version = version;
  plugin.summary = summary;
  plugin.families = &family;
  plugin.family_count = 1;
  plugin.family_stride = sizeof family;
  plugin.default_interval_ms = 1000;
  plugin.default_page_size = 10;
  plugin.required_extensions = extensions;
  plugin.required_extension_count = 1;
  plugin.create = create;
  plugin.destroy = destroy;
  plugin.scan = scan;
  plugin.begin_cycle = begin_cycle;
  plugin.dropped = dropped;
  return &plugin;
}
