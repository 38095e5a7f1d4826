// SPDX-License-Identifier: Apache-2.0
#include "reload/file_watch.hpp"

#include <fmt/format.h>
#include <sys/inotify.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/descriptor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

#include "base/errno_text.hpp"
#include "reload/inotify.hpp"
#include "reload/settling.hpp"

namespace scanhost::reload {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

// A missing folder is looked for more often than files are compared.
constexpr base::milliseconds await_period{1000};

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

// "plugins/" becomes "plugins", which is the parent path of the files in it.
std::vector<fs::path> without_slash(std::vector<fs::path> folders) {
  for (auto& folder : folders)
    if (!folder.has_filename()) folder = folder.parent_path();
  return folders;
}

bool contains(const std::vector<fs::path>& paths, const fs::path& path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

std::set<fs::path> folders_of(const watched_paths& paths) {
  std::set<fs::path> folders(paths.folders.begin(), paths.folders.end());
  for (const auto& file : paths.files) folders.insert(folder_of(file));
  return folders;
}

// A file that was created and not written to yet; closing it gives another notice.
bool was_just_created(const fs::path& file) {
  std::error_code problem;
  return fs::is_regular_file(fs::symlink_status(file, problem)) && fs::file_size(file, problem) == 0;
}

}  // namespace

// Passes notices and the time to settling, which decides, and passes its reports on.
class file_watch::watcher {
 public:
  watcher(asio::io_context& context, inotify notices, listener events, base::milliseconds compare_every)
      : context_(context),
        notices_(std::move(notices)),
        listener_(std::move(events)),
        compare_every_(compare_every),
        readable_(context, notices_.fd()),
        compare_timer_(context),
        settle_timer_(context) {}
  // The handle belongs to notices_.
  ~watcher() { readable_.release(); }

  void begin(const watched_paths& paths) {
    watch(paths);
    wait_for_notices();
    wait_to_compare();
  }

  void watch(const watched_paths& paths) {
    const auto before = folders_of(paths_);
    paths_ = {without_slash(paths.folders), paths.files};
    const auto now = folders_of(paths_);
    for (const auto& folder : before)
      if (!now.contains(folder)) drop(folder);
    std::erase_if(tracked_, [this](const fs::path& file) {
      if (is_watched(file)) return false;
      settling_.forget(file);
      return true;
    });
    for (const auto& folder : now) add(folder);
    // After the watches were set, so that later changes are noticed.
    for (const auto& folder : now)
      for (const auto& file : files_in(folder))
        if (tracked_.insert(file).second) settling_.known(file);
  }

  void follow(std::vector<fs::path> folders) {
    asio::post(context_, [this, alive = std::weak_ptr(alive_), folders = std::move(folders)] {
      if (!alive.expired()) watch({folders, paths_.files});
    });
  }

  void look_again() {
    for (const auto& folder : folders_of(paths_)) {
      add(folder);
      compare(folder);
    }
    if (!settling_.busy()) forget_gone();
    wait_to_settle();
  }

 private:
  bool is_watched(const fs::path& file) const {
    if (contains(paths_.files, file)) return true;
    return file.extension() == ".so" && contains(paths_.folders, file.parent_path());
  }

  // The file's path as it was given, or below its folder if it is a plugin.
  fs::path path_of(const fs::path& folder, std::string_view name) const {
    for (const auto& file : paths_.files)
      if (file.filename() == name && folder_of(file) == folder) return file;
    return folder / name;
  }

  // The files that exist and those that did.
  std::set<fs::path> files_in(const fs::path& folder) const {
    std::set<fs::path> files;
    std::error_code ignored;  // a folder that cannot be listed holds no file
    if (contains(paths_.folders, folder))
      for (auto entry = fs::directory_iterator(folder, ignored); entry != fs::directory_iterator();
           entry.increment(ignored))
        if (is_watched(folder / entry->path().filename())) files.insert(folder / entry->path().filename());
    for (const auto& file : paths_.files)
      if (folder_of(file) == folder) files.insert(file);
    for (const auto& file : tracked_)
      if (folder_of(file) == folder) files.insert(file);
    return files;
  }

  // --- which folders

  // Follows the folder's path, which may lead elsewhere now.
  void add(const fs::path& folder) {
    const auto watch = notices_.add(folder);
    const auto found = watches_.find(folder);
    if (found != watches_.end() && (!watch || *watch != found->second)) drop(folder);
    if (watch) {
      watches_.insert_or_assign(folder, *watch);
      warned_.erase(folder);
    } else if (watch.error() != ENOENT && watch.error() != ENOTDIR && warned_.insert(folder).second) {
      listener_.warn(
          fmt::format("{}: cannot be watched, so it is compared every {} ms: {}{}", folder.string(),
                      compare_every_.count(), base::errno_text(watch.error()),
                      watch.error() == ENOSPC ? "; raise fs.inotify.max_user_watches (sysctl)" : ""));
    }
  }

  void drop(const fs::path& folder) {
    const auto found = watches_.find(folder);
    if (found == watches_.end()) return;
    const int watch = found->second;
    watches_.erase(found);
    const bool shared = std::any_of(watches_.begin(), watches_.end(),
                                    [watch](const auto& other) { return other.second == watch; });
    if (!shared) notices_.remove(watch);
  }

  // --- notices

  void wait_for_notices() {
    readable_.async_wait(asio::posix::descriptor_base::wait_read,
                         [this, alive = std::weak_ptr(alive_)](const auto& problem) {
                           if (problem || alive.expired()) return;
                           read_notices();
                           wait_for_notices();
                         });
  }

  void read_notices() {
    std::set<fs::path> uncertain;  // folders
    bool overflow = false;
    notices_.read([&](const inotify::event& event) {
      if ((event.mask & IN_Q_OVERFLOW) != 0) overflow = true;
      for (const auto& [folder, watch] : watches_)
        if (watch == event.watch && !take(folder, event)) uncertain.insert(folder);
    });
    if (overflow) return look_again();
    for (const auto& folder : uncertain) {
      add(folder);
      compare(folder);
    }
    wait_to_settle();
    if (!uncertain.empty()) wait_to_compare();
  }

  // False: any file of the folder may have changed, for example one whose path leads through a link in it.
  bool take(const fs::path& folder, const inotify::event& event) {
    constexpr std::uint32_t of_the_folder = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;
    if (event.name.empty() || (event.mask & of_the_folder) != 0) return (event.mask & of_the_folder) == 0;
    const auto file = path_of(folder, event.name);
    if (!is_watched(file)) return (event.mask & IN_ATTRIB) != 0;
    if ((event.mask & IN_CREATE) != 0 && was_just_created(file)) return true;
    tracked_.insert(file);
    settling_.noticed(file, base::steady::now());
    return true;
  }

  // --- comparing

  void compare(const fs::path& folder) {
    for (const auto& file : files_in(folder)) {
      tracked_.insert(file);
      settling_.compare(file, base::steady::now());
    }
  }

  // Forgets files that appeared and vanished since; their names may never be used again.
  void forget_gone() {
    std::erase_if(tracked_, [this](const fs::path& file) {
      if (contains(paths_.files, file) || base::identify(file)) return false;
      settling_.forget(file);
      return true;
    });
  }

  void wait_to_compare() {
    const bool all_there = watches_.size() == folders_of(paths_).size();
    compare_timer_.expires_after(all_there ? compare_every_ : std::min(compare_every_, await_period));
    compare_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const auto& problem) {
      if (problem || alive.expired()) return;
      look_again();
      wait_to_compare();
    });
  }

  // --- settling

  void wait_to_settle() {
    if (!settling_.busy() || std::exchange(settle_waits_, true)) return;
    settle_timer_.expires_after(settling::period);
    settle_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const auto& problem) {
      if (problem || alive.expired()) return;
      settle_waits_ = false;
      report(settling_.settled(base::steady::now()));
    });
  }

  void report(const std::set<fs::path>& changed) {
    wait_to_settle();
    if (!changed.empty()) listener_.changed(changed);
  }

  asio::io_context& context_;
  inotify notices_;
  listener listener_;
  base::milliseconds compare_every_;
  watched_paths paths_;
  std::map<fs::path, int> watches_;  // by folder; a missing folder has none
  std::set<fs::path> tracked_;       // files that settling knows
  std::set<fs::path> warned_;        // folders
  settling settling_{[](const fs::path& file) { return base::identify(file); }};
  asio::posix::stream_descriptor readable_;
  asio::steady_timer compare_timer_;
  asio::steady_timer settle_timer_;
  bool settle_waits_ = false;
  // Handlers may still be queued when this is destroyed.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>();
};

base::result<std::unique_ptr<file_watch>> file_watch::start(asio::io_context& context,
                                                            const watched_paths& paths, listener events,
                                                            base::milliseconds compare_every) {
  auto notices = inotify::open();
  if (!notices) return notices.error();
  auto started = std::make_unique<watcher>(context, std::move(*notices), std::move(events), compare_every);
  started->begin(paths);
  return std::unique_ptr<file_watch>(new file_watch(std::move(started)));
}

file_watch::file_watch(std::unique_ptr<watcher> started) : watcher_(std::move(started)) {}
file_watch::~file_watch() = default;

void file_watch::watch(const watched_paths& paths) { watcher_->watch(paths); }
void file_watch::follow(std::vector<fs::path> folders) { watcher_->follow(std::move(folders)); }
void file_watch::look_again() { watcher_->look_again(); }

}  // namespace scanhost::reload
