// SPDX-License-Identifier: Apache-2.0
//
// From a file to a plugin that may be used, as a sequence that undoes itself in reverse when a step
// fails: stage -> read as ELF -> probe in a child -> open -> check -> describe. Each step is usable
// alone, for `check-config` and `plugin verify`.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/description.hpp"
#include "config/settings.hpp"
#include "scanhost/plugin.h"

namespace scanhost::plugin {

// Why a plugin was refused: a stable name for scripts and tests, and the message for people.
enum class refusal {
  missing_file,
  unreadable,
  not_trusted,
  not_elf,
  wrong_class,
  wrong_machine,
  wrong_type,
  truncated,
  no_entry,
  executable_stack,
  text_relocations,
  gnu_unique,
  private_needed,
  undefined_symbol,
  open_failed,
  constructor_crashed,
  constructor_hung,
  null_descriptor,
  bad_magic,
  wrong_major,
  newer_minor,
  missing_extension,
  bad_descriptor,
  bad_options,
  duplicate_name,
  family_conflict,
  create_failed,
  create_threw,
  create_crashed,
  create_hung,
  staging_failed
};

std::string_view to_text(refusal reason) noexcept;  // "wrong_major"

struct load_error {
  refusal reason;
  std::string message;  // which file, what was wanted, what was found, what to do
};

template <class T>
using load_result = boost::system::result<T, load_error>;

[[noreturn]] void throw_exception_from_error(const load_error& problem, const boost::source_location&);

// A library that is open, with its checked descriptor. Closed when it goes, unless `keep()` was called (or
// the build has AddressSanitizer, which loses what it knows of unmapped code). Close it only after the thread
// that ran its code was joined: a thread_local of the plugin that was touched on a living thread pins it.
class library {
 public:
  virtual ~library() = default;
  virtual const scanhost_plugin& descriptor() const noexcept = 0;
  virtual const config::description& description() const noexcept = 0;
  virtual const std::filesystem::path& file() const noexcept = 0;  // the staged copy
  virtual const std::string& sha256() const noexcept = 0;
  virtual void keep() noexcept = 0;  // never unmap it
};

// Is that staged copy still mapped into this process? For a look after its library was closed.
bool still_mapped(const std::filesystem::path& staged);

class staged_file;

// A plugin as found in a folder: read as ELF and probed, not opened by this process.
struct found_plugin {
  std::filesystem::path file;
  config::description description;
  std::string sha256;
  // The very bytes that were probed, from which open() copies: what becomes of the file meanwhile does not
  // count. Goes with the last copy of this record. Null: the loader has no staging folder.
  std::shared_ptr<const staged_file> copy;
};

struct refused_plugin {
  std::filesystem::path file;
  std::string name;  // the file's name without .so
  load_error error;
};

struct catalogue {
  std::map<std::string, found_plugin> plugins;  // by plugin name
  std::vector<refused_plugin> refused;
};

struct loader_options {
  std::filesystem::path staging;  // where copies go, from open_staging(); empty: only search and inspect
  std::vector<std::string> allow_needed;   // needed libraries allowed besides the system's
  bool allow_gnu_unique = false;           // unload: never
  std::vector<std::string> unload_never;   // names of plugins for which that is so in any case
  bool check_owner = false;                // refuse files that others than root and this user may change
  base::milliseconds probe_limit{10'000};  // a child that takes longer hangs
};

// Any thread, but `open` where its comment says.
class loader {
 public:
  virtual ~loader() = default;

  // Other rules from now on; the staging folder stays.
  virtual void update(loader_options options) = 0;

  // Reads and probes every *.so of the folders (one probe for each hash, kept). With `names` not
  // empty only the files `<name>.so` of those names, which is what a start needs.
  virtual catalogue search(const std::vector<std::filesystem::path>& folders,
                           const std::vector<std::string>& names) = 0;

  // Reads and probes one file. One that has not changed since is not read again while somebody still has
  // what was found.
  virtual load_result<found_plugin> inspect(const std::filesystem::path& file) = 0;

  // Stages a full copy of its own and opens it. Call it on the thread that will run the plugin.
  virtual load_result<std::unique_ptr<library>> open(const found_plugin& plugin, bool allow_gnu_unique) = 0;
};

// Finds or makes the staging folder of this host below the configured or default place, removes what a
// dead host left there, and makes sure that files in it can be mapped executable. The folder is removed
// when the handle goes.
class staging {
 public:
  virtual ~staging() = default;
  virtual const std::filesystem::path& folder() const noexcept = 0;
};
base::result<std::unique_ptr<staging>> open_staging(const std::filesystem::path& configured);

std::unique_ptr<loader> make_loader(loader_options options);

// The child's side of a probe: `scanhost --probe FILE`, started by the loader with posix_spawn of
// /proc/self/exe, with a name for messages as an optional argument, after which the last one says that the
// file is not to be closed. Opens, checks, describes and creates against a recording host, and prints the
// description as JSON on standard output. Returns the exit code.
int run_probe(int argc, char** argv);

}  // namespace scanhost::plugin
