// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/tree.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "environment/alternatives.hpp"
#include "environment/script_reader.hpp"

namespace ccci::environment {

namespace {

using Type = store::Entry::Type;

// What dpkg-divert(1) is told, in any order: options may follow the path, and their values "=".
struct DivertCall {
  DivertCall(const std::vector<std::string>& words, std::string caller)
      : package(std::move(caller)) {
    static constexpr std::array<std::string_view, 4> others{"--remove", "--list", "--listpackage",
                                                            "--truename"};
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i];
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      const bool takes_value = name == "--divert" || name == "--package" || name == "--admindir" ||
                               name == "--instdir" || name == "--root";
      if (takes_value) {
        const std::string value = equals != std::string::npos ? word.substr(equals + 1)
                                  : i + 1 < words.size()      ? words[++i]
                                                              : std::string();
        if (name == "--divert") to = value;
        if (name == "--package") package = value;
      } else if (word == "--local") {
        package.clear();
      } else if (std::find(others.begin(), others.end(), word) != others.end()) {
        adds = false;
      } else if (word.starts_with('/') && from.empty()) {
        from = word;
      } else if (word.ends_with('>')) {
        ++i;  // a redirection is not a word of the call
      }
    }
    if (to.empty() && !from.empty()) to = from + ".distrib";
  }

  bool adds = true;
  std::string package;  // whose file stays; empty: nobody's
  std::string from;
  std::string to;
};

Diversions read_diversions(const std::vector<Part>& parts) {
  Diversions diversions;
  for (const Part& part : parts) {
    const auto script = part.control.find("preinst");
    // A package of another archive moves no file away.
    if (script == part.control.end() || !part.package.source.empty()) continue;
    for (const Invocation& call : invocations(script->second, "dpkg-divert")) {
      if (!call.resolved) continue;
      const DivertCall divert(call.words, part.package.name);
      const std::string from = merged_path(divert.from);
      const std::string to = merged_path(divert.to);
      if (divert.adds && !from.empty() && !to.empty()) diversions[from] = {divert.package, to};
    }
  }
  return diversions;
}

// A package of another archive replaces no file of Debian's, whatever it says.
bool replaces(const Part& winner, const Part& loser) {
  if (!winner.package.source.empty() && winner.package.source != loser.package.source) return false;
  const std::vector<std::string> names = winner.names_in("Replaces");
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const auto& virtual_names = loser.package.provides;
    return name == loser.package.name ||
           std::find(virtual_names.begin(), virtual_names.end(), name) != virtual_names.end();
  });
}

bool belongs(std::string_view path) {
  static constexpr std::array<std::string_view, 5> places{"etc", "opt", "usr", "var/cache",
                                                          "var/lib"};
  return std::any_of(places.begin(), places.end(), [&](std::string_view place) {
    return path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/');
  });
}

// Files that programs must not need (Debian policy 12.3), or that only describe a package to tools
// of other packages. They are a sixth of all directories. Directories cause the cost of an
// environment, because files are shared. Licences stay in the package objects. A package that
// `packages` declares keeps them: it may be declared for its documentation. A declared tool keeps
// its examples and tests.
bool beside_the_point(std::string_view path) {
  static constexpr std::array<std::string_view, 6> places{
      "var/cache/ldconfig",          "usr/share/doc", "usr/share/doc-base",
      "usr/share/lintian/overrides", "usr/share/bug", "usr/share/menu"};
  return std::any_of(places.begin(), places.end(), [&](std::string_view place) {
    return path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/');
  });
}

base::Error collision(const std::string& path, const Part& first, const Part& second) {
  return base::fail("environment.collision", base::Condition::conflict)
      .with("path", "/" + path)
      .with("first", first.package.name + " " + first.package.version)
      .with("second", second.package.name + " " + second.package.version)
      .with("package", second.package.name);
}

constexpr std::string_view reserved_directory = "usr/lib/cc-ci/";
constexpr std::string_view reserved_etc = "etc/.cc-ci/";

base::Error reserved(const std::string& path, const Part& part) {
  return base::fail("environment.reserved")
      .with("path", "/" + path)
      .with("package", part.package.name);
}

}  // namespace

// The store places the files of wheels there, below one directory or in usr/share.
bool is_of_wheel(const Part& part, std::string_view path) {
  constexpr std::string_view place = "usr/lib/cc-ci/python";
  return part.package.origin == source::Origin::pypi && path.starts_with(place);
}

// Wheels of one namespace may both have its first file.
bool is_same_of_wheels(const Part& a, const Part& b, const store::Entry& one,
                       const store::Entry& other) {
  return a.package.origin == source::Origin::pypi && b.package.origin == source::Origin::pypi &&
         one.type == Type::file && other.type == Type::file && one.content == other.content;
}

bool is_reserved(std::string_view path) {
  return path.starts_with(reserved_etc) ||
         (path.starts_with(reserved_directory) &&
          path.substr(reserved_directory.size()) != "cc-ci-enter");
}

// Adds the files of one package. Its collisions with earlier ones go to `errors`.
void Tree::add_package(const std::vector<Part>& parts, int index, Extent extent,
                       std::vector<base::Error>& errors) {
  const Part& part = parts[static_cast<std::size_t>(index)];
  const std::string own = own_directory(part.package);
  const bool pinned = !own.empty();
  const std::string_view documented = part.is_declared_package() ? "usr/share/"
                                      : part.is_declared()       ? "usr/share/doc/"
                                                                 : "";
  for (const store::Entry& entry : part.manifest.entries) {
    Node node{entry, index, entry.path, {}};
    if (pinned) node.entry.path = own + "/" + entry.path;
    const auto diverted = diversions_.find(node.entry.path);
    if (diverted != diversions_.end() && diverted->second.first != part.package.name) {
      node.entry.path = diverted->second.second;
    }
    const std::string path = node.entry.path;
    if (!pinned && is_reserved(path) && !is_of_wheel(part, path)) {
      errors.push_back(reserved(path, part));
      continue;
    }
    const bool kept = !documented.empty() && path.starts_with(documented);
    if (!kept && beside_the_point(path)) continue;
    if (extent == Extent::inside && !belongs(path)) {
      if (entry.type != Type::directory) left_out_.push_back(part.package.name + ": " + path);
      continue;
    }
    const auto [there, added] = nodes_.try_emplace(path, node);
    if (added || (there->second.entry.type == Type::directory && entry.type == Type::directory)) {
      continue;
    }
    const Part& earlier = parts[static_cast<std::size_t>(there->second.part)];
    if (replaces(part, earlier)) {
      there->second = std::move(node);
    } else if (!replaces(earlier, part) &&
               !is_same_of_wheels(earlier, part, there->second.entry, entry)) {
      errors.push_back(collision(path, earlier, part));
    }
  }
}

base::Result<Tree> Tree::merge(const std::vector<Part>& parts, Extent extent) {
  Tree tree;
  std::vector<base::Error> collisions;
  tree.diversions_ = read_diversions(parts);
  for (int i = 0; i < static_cast<int>(parts.size()); ++i) {
    const Part& part = parts[static_cast<std::size_t>(i)];
    if (part.generated) {
      tree.apply(part, i);
    } else {
      tree.add_package(parts, i, extent, collisions);
    }
  }
  if (!collisions.empty()) return base::unexpected(base::together(std::move(collisions)));
  // A directory may be known only as a parent of an archive's files.
  std::vector<std::string> paths;
  for (const auto& [path, node] : tree.nodes_) paths.push_back(path);
  for (const std::string& path : paths) tree.add_parents(path);
  // The parent of each path must be a directory. If a link or file was there, the files would be
  // written somewhere else.
  for (const std::string& path : paths) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) continue;
    const Node& above = tree.nodes_.find(path.substr(0, slash))->second;
    if (above.entry.type == Type::directory) continue;
    const Node& below = tree.nodes_.find(path)->second;
    collisions.push_back(collision(above.entry.path, parts[static_cast<std::size_t>(above.part)],
                                   parts[static_cast<std::size_t>(below.part)]));
  }
  if (!collisions.empty()) return base::unexpected(base::together(std::move(collisions)));
  std::sort(tree.left_out_.begin(), tree.left_out_.end());
  return tree;
}

// What scripts made replaces what packages contain. A directory never replaces a link or a file,
// and nothing is added below one.
void Tree::apply(const Part& part, int index) {
  for (const std::string& path : part.removed) remove(path);
  for (const store::Entry& entry : part.manifest.entries) {
    if (!belongs(entry.path) || !lies_below_directories(entry.path)) continue;
    const Node* there = find(entry.path);
    if (entry.type == Type::directory) {
      if (there == nullptr) add_directory(entry.path);
      continue;
    }
    if (there != nullptr) remove(entry.path);
    add_parents(entry.path);
    nodes_.insert_or_assign(entry.path, Node{entry, index, entry.path, {}});
  }
}

const Node* Tree::find(std::string_view path) const {
  const auto node = nodes_.find(path);
  return node == nodes_.end() ? nullptr : &node->second;
}

const Node* Tree::resolve(std::string_view path) const {
  std::string rest(path);
  std::string at;
  int links = 0;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string part = rest.substr(0, slash);
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      const std::size_t up = at.rfind('/');
      at = up == std::string::npos ? "" : at.substr(0, up);
      continue;
    }
    const std::string next = at.empty() ? part : at + "/" + part;
    const Node* node = find(next);
    if (node == nullptr) return nullptr;
    if (node->entry.type != Type::link) {
      at = next;
      continue;
    }
    if (++links > 40) return nullptr;
    const std::string& target = node->entry.target;
    if (target.starts_with('/')) {
      at.clear();
      rest = merged_path(target) + (rest.empty() ? "" : "/" + rest);
    } else {
      rest = target + (rest.empty() ? "" : "/" + rest);
    }
  }
  return find(at);
}

bool Tree::is_program(std::string_view path) const {
  const Node* node = resolve(path);
  return node != nullptr && node->entry.type == Type::file && node->entry.executable;
}

void Tree::remove(const std::string& path) {
  auto node = nodes_.lower_bound(path);
  while (node != nodes_.end() && node->first.starts_with(path)) {
    const bool within = node->first.size() == path.size() || node->first[path.size()] == '/';
    node = within ? nodes_.erase(node) : std::next(node);
  }
}

void Tree::add_parents(const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (nodes_.contains(parent)) continue;
    Node node;
    node.entry.type = Type::directory;
    node.entry.path = parent;
    nodes_.emplace(parent, std::move(node));
  }
}

bool Tree::lies_below_directories(std::string_view path) const {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    const Node* above = find(path.substr(0, slash));
    if (above != nullptr && above->entry.type != store::Entry::Type::directory) return false;
  }
  return true;
}

std::string Tree::place_of(std::string_view path) const {
  std::string at;
  for (std::size_t from = 0; from < path.size();) {
    const std::size_t slash = std::min(path.find('/', from), path.size());
    at.append(at.empty() ? "" : "/").append(path.substr(from, slash - from));
    from = slash + 1;
    const Node* node = find(at);
    if (slash == path.size() || node == nullptr || node->entry.type == Type::directory) continue;
    node = resolve(at);
    if (node == nullptr || node->entry.type != Type::directory) return {};
    at = node->entry.path;
  }
  return belongs(at) ? at : std::string();
}

base::Result<void> Tree::require_directories(const std::vector<Part>& parts) const {
  std::vector<base::Error> errors;
  for (const auto& [path, node] : nodes_) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) continue;
    const Node* above = find(std::string_view(path).substr(0, slash));
    if (above != nullptr && above->entry.type == Type::directory) continue;
    const int owner = above != nullptr && above->part >= 0 ? above->part : node.part;
    errors.push_back(
        base::fail("environment.below-link")
            .with("path", "/" + path)
            .with("parent", "/" + path.substr(0, slash))
            .with("package", owner < 0 ? "" : parts[static_cast<std::size_t>(owner)].owner()));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

void Tree::add_directory(const std::string& path) { add_parents(path + "/"); }

void Tree::add_link(const std::string& path, const std::string& target) {
  add_parents(path);
  Node node;
  node.entry.type = Type::link;
  node.entry.path = path;
  node.entry.target = target;
  nodes_.insert_or_assign(path, std::move(node));
}

void Tree::add_file(const std::string& path, std::string content, bool executable) {
  add_parents(path);
  Node node;
  node.content = std::move(content);
  node.entry.path = path;
  node.entry.executable = executable;
  nodes_.insert_or_assign(path, std::move(node));
}

void Tree::add_dated_file(const std::string& path, std::string content, std::int64_t time) {
  add_file(path, std::move(content));
  Node& node = nodes_.find(path)->second;
  node.entry.time = time;
  node.dated = true;
}

void Tree::add_control_file(const std::string& path, const store::Entry& entry, int part) {
  add_parents(path);
  Node node;
  node.entry = entry;
  node.entry.path = path;
  node.part = part;
  node.path_in_part = "../control/" + entry.path;  // from the object's root/
  nodes_.insert_or_assign(path, std::move(node));
}

}  // namespace ccci::environment
