// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/dpkg_database.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ccci::environment {

namespace {

using Type = store::Entry::Type;

std::string below(const std::string& name) { return std::string(dpkg_directory) + "/" + name; }

// "libc6:amd64" for a package that may be installed for several architectures.
std::string info_name(const Part& part) {
  const bool same = part.field("Multi-Arch") == "same";
  return same ? part.package.name + ":" + part.field("Architecture") : part.package.name;
}

std::string stanza(const Part& part, bool unpacked) {
  const auto control = part.control.find("control");
  if (control == part.control.end()) return {};
  std::string text;
  for (const std::string_view line : base::split(control->second, '\n')) {
    if (base::trim(line).empty()) continue;
    text.append(line).append("\n");
    // Status comes second, as dpkg writes it.
    if (line.starts_with("Package:")) {
      text += unpacked ? "Status: install ok unpacked\n" : "Status: install ok installed\n";
    }
  }
  return text + "\n";
}

// The paths of each part, as `dpkg -L` prints them: with every parent directory.
std::vector<std::string> lists(const Tree& tree, std::size_t count) {
  std::vector<std::string> texts(count, "/.\n");
  std::vector<std::set<std::string>> directories(count);
  for (const auto& [path, node] : tree.nodes()) {
    if (node.part < 0 || static_cast<std::size_t>(node.part) >= count) continue;
    const auto part = static_cast<std::size_t>(node.part);
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      std::string parent = path.substr(0, slash);
      if (!directories[part].contains(parent)) {
        texts[part].append("/").append(parent).append("\n");
        directories[part].insert(std::move(parent));
      }
    }
    if (node.entry.type == Type::directory && !directories[part].insert(path).second) continue;
    texts[part].append("/").append(path).append("\n");
  }
  return texts;
}

// The package's names of files that merged-/usr moved: "/bin/ls" for usr/bin/ls. dpkg -S must know
// them as on any host, because scripts ask by them.
std::string unmerged_names(const Part& part) {
  static constexpr std::array<std::string_view, 6> moved{"bin/",   "sbin/",  "lib/",
                                                         "lib32/", "lib64/", "libx32/"};
  const auto is_moved = [](std::string_view path) {
    return std::any_of(moved.begin(), moved.end(),
                       [&](std::string_view directory) { return path.starts_with(directory); });
  };
  std::set<std::string> names;
  for (const std::string_view line : base::split(part.md5sums, '\n')) {
    constexpr std::size_t digest = 34;  // 32 hex digits and two spaces
    if (line.size() > digest && is_moved(line.substr(digest))) names.emplace(line.substr(digest));
  }
  // Links have no sums. Both of their names are listed.
  for (const store::Entry& entry : part.manifest.entries) {
    if (entry.type != Type::link || !entry.path.starts_with("usr/")) continue;
    std::string name = entry.path.substr(4);
    if (is_moved(name)) names.insert(std::move(name));
  }
  std::string text;
  std::set<std::string> directories;
  for (const std::string& name : names) {
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      if (directories.insert(name.substr(0, slash)).second)
        text += "/" + name.substr(0, slash) + "\n";
    }
    text += "/" + name + "\n";
  }
  return text;
}

// dpkg-checkbuilddeps wants the package build-essential for every build. It is only a list of these
// packages, so it counts as installed where all of them are.
std::string build_essential(const std::vector<Part>& parts) {
  static constexpr std::array<std::string_view, 5> needs{"dpkg-dev", "g++", "gcc", "libc6-dev",
                                                         "make"};
  std::set<std::string_view> present;
  for (const Part& part : parts) present.insert(part.package.name);
  const bool every = std::all_of(needs.begin(), needs.end(),
                                 [&](std::string_view name) { return present.contains(name); });
  if (!every || present.contains("build-essential")) return {};
  return "Package: build-essential\nStatus: install ok installed\nPriority: optional\n"
         "Section: devel\nMaintainer: cc-ci\nArchitecture: all\nVersion: 12.9\n"
         "Description: added by cc-ci, because all packages that it names are here\n\n";
}

std::string interest_lines(const std::map<std::string, std::set<std::string>>& interests) {
  std::string text;
  for (const auto& [trigger, packages] : interests) {
    for (const std::string& package : packages) {
      text.append(trigger).append(" ").append(package).append("\n");
    }
  }
  return text;
}

void add_triggers(Tree& tree, const DpkgPending& pending) {
  tree.add_directory(below("triggers"));
  if (pending.empty()) return;
  tree.add_file(below("triggers/File"), interest_lines(pending.files));
  for (const auto& [trigger, packages] : pending.named) {
    std::string text;
    for (const std::string& package : packages) text += package + "/noawait\n";
    tree.add_file(below("triggers/" + trigger), text);
  }
  std::string unincorporated;
  for (const std::string& trigger : pending.activated) unincorporated += trigger + " -\n";
  tree.add_file(below("triggers/Unincorp"), unincorporated);
}

// The format of update-alternatives' own files: mode, link, each slave's name and link, an empty
// line; then for each candidate its path, priority and the slaves' paths; an empty line at the end.
void add_alternatives_files(Tree& tree, const std::vector<Candidate>& candidates) {
  std::map<std::string, std::vector<const Candidate*>> by_name;
  for (const Candidate& candidate : candidates) {
    if (tree.resolve(candidate.target) != nullptr) by_name[candidate.name].push_back(&candidate);
  }
  tree.add_directory(below("alternatives"));
  for (auto& [name, list] : by_name) {
    std::sort(list.begin(), list.end(),
              [](const Candidate* a, const Candidate* b) { return a->target < b->target; });
    list.erase(
        std::unique(list.begin(), list.end(),
                    [](const Candidate* a, const Candidate* b) { return a->target == b->target; }),
        list.end());
    std::map<std::string, std::string> slaves;
    for (const Candidate* candidate : list) {
      for (const auto& slave : candidate->slaves) slaves.emplace(slave.name, slave.link);
    }
    std::string text = "auto\n/" + list.front()->link + "\n";
    for (const auto& [slave, link] : slaves) text += slave + "\n/" + link + "\n";
    text += "\n";
    for (const Candidate* candidate : list) {
      text += "/" + candidate->target + "\n" + std::to_string(candidate->priority) + "\n";
      for (const auto& [slave, link] : slaves) {
        const auto own =
            std::find_if(candidate->slaves.begin(), candidate->slaves.end(),
                         [&name = slave](const Candidate::Slave& s) { return s.name == name; });
        if (own != candidate->slaves.end() && tree.resolve(own->target) != nullptr) {
          text += "/" + own->target;
        }
        text += "\n";
      }
    }
    tree.add_file(below("alternatives/" + name), text + "\n");
  }
}

std::string diversion_lines(const Tree& tree) {
  std::string text;
  for (const auto& [from, diversion] : tree.diversions()) {
    text += "/" + from + "\n/" + diversion.second + "\n" +
            (diversion.first.empty() ? ":" : diversion.first) + "\n";
  }
  return text;
}

}  // namespace

void add_dpkg_database(Tree& tree, const std::vector<Part>& parts, const DpkgPending& pending,
                       const std::vector<Candidate>& candidates) {
  static constexpr std::array<std::string_view, 6> scripts{"preinst", "postinst", "prerm",
                                                           "postrm",  "config",   "triggers"};
  std::string status;
  const std::vector<std::string> files = lists(tree, parts.size());
  add_alternatives_files(tree, candidates);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    if (part.generated || part.package.origin != source::Origin::debian) continue;
    const bool unpacked = pending.unpacked.contains(part.package.name);
    status += stanza(part, unpacked);
    const std::string info = below("info/" + info_name(part) + ".");
    tree.add_dated_file(info + "list", files[i] + unmerged_names(part), newest_time(part));
    for (const store::Entry& entry : part.info) {
      const bool script = std::find(scripts.begin(), scripts.end(), entry.path) != scripts.end();
      if (entry.path == "control" || (script && pending.empty())) continue;
      tree.add_control_file(info + entry.path, entry, static_cast<int>(i));
    }
  }
  tree.add_file(below("status"), status + build_essential(parts));
  tree.add_file(below("available"), "");
  tree.add_file(below("diversions"), diversion_lines(tree));
  tree.add_file(below("statoverride"), "");
  tree.add_file(below("info/format"), "1\n");
  tree.add_directory(below("updates"));
  tree.add_directory(below("parts"));
  add_triggers(tree, pending);
  for (const char* directory :
       {"var/lib/apt/lists/partial", "var/lib/apt/periodic", "var/cache/apt/archives/partial"}) {
    if (tree.lies_below_directories(directory)) tree.add_directory(directory);
  }
}

}  // namespace ccci::environment
