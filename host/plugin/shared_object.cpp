// SPDX-License-Identifier: Apache-2.0
#include "plugin/shared_object.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <boost/dll/shared_library.hpp>
#include <mutex>
#include <string>
#include <utility>

#include "plugin/system_libraries.hpp"

namespace scanhost::plugin {
namespace {

// The dynamic loader names the copy that it opened; people know the plugin by its own name.
std::string replace_all(std::string text, const std::string& from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

load_error explain(const std::filesystem::path& file, std::string_view name) {
  const char* problem = ::dlerror();
  const auto reason = replace_all(problem == nullptr ? "no reason given" : problem, file.string(), name);
  if (reason.find("static TLS block") != std::string::npos)
    return {
        refusal::static_tls,
        fmt::format(
            "{}: cannot be opened: {}: the space for thread-local variables of the static model, of which each build takes a part for as long as the host runs, is used up; restart scanhost, and compile the plugin with -fPIC and without -ftls-model=initial-exec",
            name, reason)};
  if (reason.find("undefined symbol") != std::string::npos)
    return {
        refusal::undefined_symbol,
        fmt::format(
            "{}: cannot be opened: {}; link what defines it into the plugin (-z defs finds this when it is built)",
            name, reason)};
  return {refusal::open_failed,
          fmt::format("{}: cannot be opened: {}; install what it needs, or build it on this system", name,
                      reason)};
}

}  // namespace

shared_object::shared_object(boost::dll::shared_library library, std::filesystem::path file)
    : library_(std::make_unique<boost::dll::shared_library>(std::move(library))), file_(std::move(file)) {}

shared_object::~shared_object() = default;  // Boost.DLL calls dlclose

entry_function shared_object::entry() const noexcept {
  return reinterpret_cast<entry_function>(::dlsym(library_->native(), SCANHOST_ENTRY_SYMBOL));
}

// Marks what is open already; the flag outlasts the handle, which is not needed then.
void shared_object::pin() noexcept { ::dlopen(file_.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE); }

// Only one file is opened at a time: what it brings along is seen by comparing what is loaded before and
// after.
load_result<std::unique_ptr<shared_object>> shared_object::open(const std::filesystem::path& file,
                                                                std::string_view name) {
  static std::mutex opening;
  const std::lock_guard lock(opening);
  const bool known_runtime = loaded_foreign_runtime().has_value();  // by the environment: no plugin's fault
  std::error_code problem;
  boost::dll::shared_library library;
  library.load(file, problem, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (problem || !library.is_loaded()) return explain(file, name);
  // A library that the plugin needs may have brought it along.
  if (const auto runtime = loaded_foreign_runtime(); runtime && !known_runtime)
    return load_error{refusal::foreign_runtime,
                      fmt::format("{}: {}", name, refuse_foreign_runtime(*runtime))};
  auto object = std::make_unique<shared_object>(std::move(library), file);
  if (object->entry() == nullptr)
    return load_error{refusal::no_entry,
                      fmt::format("{}: the dynamic loader finds no {} in it; export that function", name,
                                  SCANHOST_ENTRY_SYMBOL)};
  return object;
}

}  // namespace scanhost::plugin
