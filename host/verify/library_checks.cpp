// SPDX-License-Identifier: Apache-2.0
//
// Loading a plugin, and what unloading leaves behind.
#include <dlfcn.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/counted.hpp"
#include "plugin/byte_source.hpp"
#include "verify/process_state.hpp"
#include "verify/subject.hpp"

namespace scanhost::verify {
namespace {

using plugin::elf_image;

// A thread of the plugin may still need a moment to end when its destroy returns.
constexpr base::milliseconds patience_with_threads{500};

std::optional<elf_image> image_of(child_task& task) {
  auto image = elf_image::read(plugin::file_source(task.fd), task.name);
  if (image) return std::move(*image);
  task.reports.found(image.error(), task.name);
  return {};
}

// Deliberately open until the child ends: symbols that were found in them must stay valid.
std::vector<void*> open_needed(const elf_image& image) {
  std::vector<void*> handles;
  for (const auto& entry : image.dynamic()) {
    const auto name = entry.d_tag == DT_NEEDED ? image.text_at(entry.d_un.d_val) : std::nullopt;
    if (!name) continue;
    if (void* handle = ::dlopen(std::string(*name).c_str(), RTLD_LAZY | RTLD_LOCAL))
      handles.push_back(handle);
  }
  return handles;
}

bool defined_in(const std::vector<void*>& handles, const std::string& symbol) {
  for (void* handle : handles) {
    ::dlerror();
    // A symbol's address may be null, so dlerror() tells whether it was found.
    if (::dlsym(handle, symbol.c_str()) != nullptr || ::dlerror() == nullptr) return true;
  }
  return false;
}

bool belongs_to_a_sanitizer([[maybe_unused]] const std::string& symbol) {
#ifdef SCANHOST_SANITIZED
  // With clang the program defines them.
  for (const auto* prefix : {"__asan", "__ubsan", "__tsan", "__sanitizer", "__lsan"})
    if (symbol.starts_with(prefix)) return true;
#endif
  return false;
}

// Looked up only in the libraries that it names, to detect a symbol that is defined only
// because this host happens to have it.
void undefined_symbols(child_task& task) {
  const auto image = image_of(task);
  if (!image) return;
  task.reports.step("while the libraries that it needs were opened");
  const auto handles = open_needed(*image);
  task.reports.step("");
  std::string names;
  std::size_t count = 0;
  for (const auto& symbol : image->symbols()) {
    const std::string name(image->text_at(symbol.st_name).value_or(""));
    if (symbol.st_shndx != SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) == STB_WEAK || name.empty()) continue;
    if (belongs_to_a_sanitizer(name) || defined_in(handles, name)) continue;
    if (++count <= 5) names += (names.empty() ? "" : ", ") + name;
  }
  if (count > 0)
    task.reports.found(fault::undefined_symbols,
                       "it uses " + names + (count > 5 ? " and " + std::to_string(count - 5) + " more" : "") +
                           ", which none of the libraries that it needs defines");
}

void load(child_task& task) {
  auto subject = open_subject(task);
  task.reports.describe(subject.plugin.description);
  const auto& name = subject.plugin.description.name;
  if (const auto stem = std::filesystem::path(task.name).stem().string(); stem != name)
    task.reports.found(fault::other_name, "the file is called " + stem + ", the plugin " + name);
  reply_memory memory;
  task.reports.watch(&memory);
  trial life(subject.plugin, usual(subject.plugin.description), memory, task.reports);
  life.create();
  life.destroy();
  task.reports.step("while it is closed, in its destructors");
  subject.close();
}

bool settles(std::size_t threads) {
  const auto deadline = base::steady::now() + patience_with_threads;
  while (count_threads() > threads && base::steady::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return count_threads() <= threads;
}

void compare_handlers(const signal_handlers& before, witness& reports) {
  const auto after = current_signal_handlers();
  for (std::size_t number = 1; number < before.size(); ++number)
    if (before[number] != after[number])
      reports.found(fault::left_signal_handlers,
                    "signal " + std::to_string(number) + " has another handler afterwards");
}

// As the host does it: the thread that ran the plugin is joined, then its library is closed.
void unload(child_task& task) {
  task.reports.look_for(
      {fault::left_threads, fault::left_mapped, fault::left_signal_handlers, fault::left_descriptors});
  std::thread([] {}).join();  // resources that the first thread of a process takes
  const auto threads = count_threads();
  const auto descriptors = open_descriptors();
  const auto handlers = current_signal_handlers();
  reply_memory memory;
  std::optional<subject> subject;
  std::thread([&] {
    subject = open_subject(task);
    live_once(subject->plugin, memory, task.reports);
  }).join();
  task.reports.step("after its destroy");
  if (!settles(threads)) {
    task.reports.found(fault::left_threads,
                       base::counted(count_threads() - threads, "thread") + " left running");
    task.reports.end();  // closing the library under them would crash
  }
  task.reports.step("while it is closed, in its destructors");
  subject->close();
  task.reports.step("after it was closed");
  if (is_mapped(task.fd)) task.reports.found(fault::left_mapped, "parts of its file are still mapped");
  compare_handlers(handlers, task.reports);
  if (const auto now = open_descriptors().size(); now > descriptors.size())
    task.reports.found(fault::left_descriptors,
                       base::counted(now - descriptors.size(), "file descriptor") + " left open");
}

// A library that is closed on the thread that ran it stays mapped while that thread has destructors of it to
// call.
void tls_destructors(child_task& task) {
  task.reports.look_for({fault::left_tls_destructors});
  bool pinned = false;
  reply_memory memory;
  std::thread([&] {
    auto subject = open_subject(task);
    live_once(subject.plugin, memory, task.reports);
    task.reports.step("while it is closed, in its destructors");
    subject.close();
    pinned = is_mapped(task.fd);
    task.reports.step("while the thread that had run it ended, after it was closed");
  }).join();
  task.reports.step("after the thread that had run it ended");
  if (!pinned) return;
  open_subject(task).close();  // only now the dynamic loader removes unused libraries
  if (!is_mapped(task.fd))
    task.reports.found(fault::left_tls_destructors,
                       "thread-local destructors kept it mapped until the thread had ended");
}

constexpr child_check library_check_table[] = {
    {"undefined_symbols", "the libraries that it names define all that it uses", &undefined_symbols},
    {load_check, "it opens, describes itself, creates and destroys an instance", &load},
    {"unload", "unloading leaves no mapping, thread, descriptor or signal handler behind", &unload},
    {"tls_destructors", "no thread-local destructor keeps it mapped", &tls_destructors}};

}  // namespace

std::span<const child_check> library_checks() noexcept { return library_check_table; }

}  // namespace scanhost::verify
