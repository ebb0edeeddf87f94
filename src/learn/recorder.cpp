// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/recorder.hpp"

namespace ccci::learn {

Recorder::Recorder(std::vector<std::string> path_directories, std::size_t most) : most_(most) {
  for (std::string& directory : path_directories) {
    while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
    directories_.insert(std::move(directory));
  }
}

bool Recorder::on_path(std::string_view path) const {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == path.size()) return false;
  return directories_.contains(path.substr(0, slash));
}

std::string Recorder::key(Act act, std::string_view path, bool by_name, bool found) {
  std::string text;
  text.reserve(path.size() + 2);
  text += static_cast<char>('a' + static_cast<int>(act));
  text += static_cast<char>('0' + (by_name ? 2 : 0) + (found ? 1 : 0));
  text += path;
  return text;
}

bool Recorder::wants(Act act, std::string_view path, bool by_name) const {
  // Every process has other paths here, so the set of known paths would grow without limit.
  if (path.empty() || path.starts_with("/proc/") || path.starts_with("/dev/")) return false;
  if (act == Act::lookup && !on_path(path)) return false;
  // Other files belong to no package, or are the host's inside too: only the certificates of /etc
  // come from the environment. pip and npm may install modules anywhere.
  if (act == Act::open && !path.starts_with("/usr/") && !path.starts_with("/lib") &&
      !path.starts_with("/etc/ssl/") && path.find("/site-packages/") == std::string_view::npos &&
      path.find("/lib/node_modules/") == std::string_view::npos) {
    return false;
  }
  // A path that was not found before may appear later (by a build or an installation).
  return !known_.contains(key(act, path, by_name, true));
}

void Recorder::add(Seen seen) {
  if (!seen.found && (seen.act == Act::open || !on_path(seen.path))) return;
  if (!wants(seen.act, seen.path, seen.by_name)) return;
  std::string name = key(seen.act, seen.path, seen.by_name, seen.found);
  if (known_.contains(name)) return;
  if (known_.size() >= most_) {
    truncated_ = true;
    return;
  }
  known_.insert(std::move(name));
  seen_.push_back(std::move(seen));
}

}  // namespace ccci::learn
