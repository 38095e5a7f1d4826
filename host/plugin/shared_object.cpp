// SPDX-License-Identifier: Apache-2.0
//
// Boost.DLL opens and closes; the reason of a failure is the dynamic loader's own (Boost.DLL has only codes).
#include "plugin/shared_object.hpp"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>

namespace scanhost::plugin {
namespace {

class boost_shared_object final : public shared_object {
 public:
  boost_shared_object(boost::dll::shared_library library, std::filesystem::path file)
      : library_(std::move(library)), file_(std::move(file)) {}

  entry_function entry() const noexcept override {
    return reinterpret_cast<entry_function>(::dlsym(library_.native(), SCANHOST_ENTRY_SYMBOL));
  }

  // Marks what is open already; the extra reference is what keeps it.
  void pin() noexcept override { ::dlopen(file_.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE); }

 private:
  boost::dll::shared_library library_;
  std::filesystem::path file_;
};

// The loader speaks of the copy that it opened; people know the plugin by its own name.
std::string replace_all(std::string text, const std::string& from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

load_error explain(const std::filesystem::path& file, std::string_view name) {
  const char* message = ::dlerror();
  auto reason = replace_all(message == nullptr ? "no reason given" : message, file.string(), name);
  if (reason.find("undefined symbol") != std::string::npos)
    return {refusal::undefined_symbol,
            std::string(name) + ": cannot be opened: " + reason +
                "; link what defines it into the plugin (-z defs finds this when it is built)"};
  return {refusal::open_failed, std::string(name) + ": cannot be opened: " + reason +
                                    "; install what it needs, or build it on this system"};
}

}  // namespace

load_result<std::unique_ptr<shared_object>> shared_object::open(const std::filesystem::path& file,
                                                                std::string_view name) {
  std::error_code problem;
  boost::dll::shared_library library;
  library.load(file, problem, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (problem || !library.is_loaded()) return explain(file, name);
  auto object = std::make_unique<boost_shared_object>(std::move(library), file);
  if (object->entry() == nullptr)
    return load_error{refusal::no_entry, std::string(name) + ": the dynamic loader does not find " +
                                             SCANHOST_ENTRY_SYMBOL + " in it; export that function"};
  return std::unique_ptr<shared_object>(std::move(object));
}

}  // namespace scanhost::plugin
