// SPDX-License-Identifier: GPL-3.0-or-later
#include "image/tree.hpp"

#include <utility>
#include <vector>

#include "base/text.hpp"

namespace ccci::image {

namespace {

using Type = TarMember::Type;

constexpr int most_links = 40;
constexpr unsigned readable = 0644;
constexpr unsigned executable = 0755;
constexpr unsigned link_mode = 0777;
constexpr unsigned temporary = 01777;

base::Error refusal(const std::string& path, std::string_view why) {
  return base::fail("image.path").with("path", path).with("why", why);
}

// "a/b/../c" without "..".
std::string resolved(const std::string& directory, const std::string& target) {
  std::vector<std::string> parts;
  const std::string whole = target.starts_with('/') ? target : directory + "/" + target;
  for (const std::string_view part : base::split(whole, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.emplace_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  return base::join(parts, "/");
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

Type type_of(store::Entry::Type type) {
  if (type == store::Entry::Type::directory) return Type::directory;
  return type == store::Entry::Type::link ? Type::link : Type::file;
}

}  // namespace

Tree::Tree(const store::Manifest& root, std::int64_t time) : time_(time) {
  for (const store::Entry& entry : root.entries) {
    Item item;
    item.about.type = type_of(entry.type);
    item.about.path = entry.path;
    item.about.size = entry.size;
    item.about.target = entry.target;
    item.about.mode = item.about.type == Type::link ? link_mode : readable;
    if (item.about.type == Type::directory || entry.executable) item.about.mode = executable;
    item.about.time = item.about.type == Type::directory ? time : entry.time;
    if (item.about.type == Type::file) item.from = Item::From::root;
    items_.emplace(entry.path, std::move(item));
  }
  const auto directory = [&](const std::string& path, unsigned mode) {
    Item item;
    item.about = {Type::directory, path, mode, 0, 0, time_, 0, {}};
    items_.insert_or_assign(path, std::move(item));
  };
  for (const char* path : {"dev", "etc", "home", "mnt", "proc", "run", "srv", "sys", "usr", "var",
                           "var/lib", "var/log", "var/spool"})
    if (!items_.contains(path)) directory(path, executable);
  directory("root", 0700);
  directory("tmp", temporary);
  directory("var/tmp", temporary);
  Item run;
  run.about = {Type::link, "var/run", link_mode, 0, 0, time_, 0, "/run"};
  items_.insert_or_assign("var/run", run);
}

base::Result<std::string> Tree::place(const std::string& path) {
  std::vector<std::string> left;
  for (const std::string_view part : base::split(path, '/'))
    if (!part.empty()) left.emplace_back(part);
  std::string at;
  int followed = 0;
  for (std::size_t i = 0; i + 1 < left.size(); ++i) {
    const std::string next = at.empty() ? left[i] : at + "/" + left[i];
    const auto found = items_.find(next);
    if (found == items_.end()) {
      Item made;
      made.about = {Type::directory, next, executable, 0, 0, time_, 0, {}};
      items_.emplace(next, std::move(made));
      at = next;
    } else if (found->second.about.type == Type::directory) {
      at = next;
    } else if (found->second.about.type == Type::file || ++followed > most_links) {
      return base::unexpected(refusal(path, "'/" + next + "' is no directory"));
    } else {
      // The target again from the root, because it may lead through other links.
      std::vector<std::string> again;
      const std::string target = resolved(at, found->second.about.target);
      for (const std::string_view part : base::split(target, '/'))
        if (!part.empty()) again.emplace_back(part);
      again.insert(again.end(), left.begin() + static_cast<std::ptrdiff_t>(i) + 1, left.end());
      left = std::move(again);
      at.clear();
      i = static_cast<std::size_t>(-1);
    }
  }
  return at.empty() ? left.back() : at + "/" + left.back();
}

base::Result<void> Tree::put(const std::string& path, Item item) {
  CCCI_TRY(item.about.path, place(path));
  item.about.time = time_;
  const auto found = items_.find(item.about.path);
  const bool directory = item.about.type == Type::directory;
  if (found != items_.end()) {
    // A link in the place of a declared directory stays: /var/run.
    if (directory && found->second.about.type == Type::link)
      return put("/" + resolved(parent_of(item.about.path), found->second.about.target),
                 std::move(item));
    if (directory != (found->second.about.type == Type::directory))
      return base::unexpected(
          refusal(path, directory ? "a file has this path" : "a directory has this path"));
  }
  std::string name = item.about.path;
  items_.insert_or_assign(std::move(name), std::move(item));
  return {};
}

base::Result<void> Tree::add_text(const std::string& path, std::string content, unsigned mode,
                                  Owner owner) {
  Item item;
  item.about = {Type::file, {}, mode, owner.uid, owner.gid, 0, content.size(), {}};
  item.from = Item::From::text;
  item.content = std::move(content);
  return put(path, std::move(item));
}

base::Result<void> Tree::add(const declare::Image& image, const Accounts& accounts) {
  for (const auto& [path, wanted] : image.directories) {
    CCCI_TRY(const Owner owner, owner_of(accounts, wanted.owner));
    Item item;
    item.about = {Type::directory, {}, wanted.mode, owner.uid, owner.gid, 0, 0, {}};
    CCCI_CHECK(put(path, std::move(item)));
  }
  for (const auto& [path, target] : image.links) {
    Item item;
    item.about = {Type::link, {}, link_mode, 0, 0, 0, 0, target};
    CCCI_CHECK(put(path, std::move(item)));
  }
  for (const auto& [path, wanted] : image.files) {
    CCCI_TRY(const Owner owner, owner_of(accounts, wanted.owner));
    Item item;
    item.about = {Type::file, {}, wanted.mode, owner.uid, owner.gid, 0, 0, {}};
    item.from = Item::From::project;
    item.content = wanted.source.text;
    CCCI_CHECK(put(path, std::move(item)));
  }
  return {};
}

}  // namespace ccci::image
