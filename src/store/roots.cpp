// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "store/full.hpp"
#include "store/tree.hpp"
#include "store/upkeep.hpp"

namespace ccci::store {

namespace {

constexpr std::size_t longest_root_name = 100;
constexpr std::string_view link_prefix = "../store/";

bool sound(const std::string& name) {
  return !name.empty() && name.size() <= longest_root_name && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](char byte) {
           return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                  (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-' ||
                  byte == '+';
         });
}

base::Result<base::Fd> open_roots(const Store& store) {
  return base::open_in_root(store.directory(), "roots", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

// Returns false if the same root already existed.
base::Result<bool> put(Store& store, int roots, const std::string& name, const Address& object) {
  if (!sound(name)) return base::unexpected(base::fail("store.root-name").with("root", name));
  if (!store.has(object)) {
    return base::unexpected(base::fail("store.unknown").with("object", reference(object)));
  }
  const std::string target = std::string(link_prefix) + reference(object);
  if (const auto there = read_link(roots, name.c_str()); there && *there == target) return false;
  const std::string temporary = "." + name + "." + std::to_string(getpid()) + ".new";
  unlinkat(roots, temporary.c_str(), 0);
  if (symlinkat(target.c_str(), roots, temporary.c_str()) != 0) {
    return base::unexpected(
        unless_full(base::fail("base.write").with("path", "roots/" + name).with_errno(errno), name,
                    blocks_of(0, 1), roots));
  }
  if (auto renamed = store.disk().rename_over(roots, temporary, roots, name); !renamed) {
    unlinkat(roots, temporary.c_str(), 0);
    return base::unexpected(std::move(renamed).error());
  }
  return true;
}

base::Result<void> take_away(int roots, const std::string& name) {
  if (!sound(name)) return base::unexpected(base::fail("store.root-name").with("root", name));
  if (unlinkat(roots, name.c_str(), 0) == 0) return {};
  if (errno == ENOENT) {
    return base::unexpected(
        base::fail("store.unknown-root", base::Condition::not_found).with("root", name));
  }
  return base::unexpected(
      base::fail("base.remove").with("path", "roots/" + name).with_errno(errno));
}

}  // namespace

base::Result<void> add_root(Store& store, const std::string& name, const Address& object) {
  return add_roots(store, {{name, object}});
}

base::Result<void> add_roots(Store& store, const std::map<std::string, Address>& objects) {
  if (objects.empty()) return {};
  // Without the hold, a running collection could remove an object after the check.
  CCCI_TRY(const Hold hold, store.hold());
  CCCI_TRY(const base::Fd roots, open_roots(store));
  bool changed = false;
  for (const auto& [name, object] : objects) {
    CCCI_TRY(const bool moved, put(store, roots.get(), name, object));
    changed = changed || moved;
  }
  if (!changed) return {};
  return store.disk().sync(roots.get());
}

base::Result<void> remove_root(Store& store, const std::string& name) {
  CCCI_TRY(const base::Fd roots, open_roots(store));
  CCCI_CHECK(take_away(roots.get(), name));
  return store.disk().sync(roots.get());
}

base::Result<void> drop_roots(Store& store, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  CCCI_TRY(const base::Fd roots, open_roots(store));
  for (const std::string& name : names) {
    auto taken = take_away(roots.get(), name);
    if (!taken && !taken.error().is(base::Condition::not_found)) return taken;
  }
  return store.disk().sync(roots.get());
}

base::Result<std::vector<Root>> roots(const Store& store) {
  std::vector<Root> list;
  if (store.directory() < 0) return list;  // no state yet
  auto directory = open_roots(store);
  if (!directory && directory.error().is(std::errc::no_such_file_or_directory)) return list;
  if (!directory) return base::unexpected(std::move(directory).error());
  base::Error failure;
  const auto enter = [&](const Node& node) {
    // A name that begins with a dot is a link that add_root was about to rename into place.
    if (node.path.starts_with('.')) return Step::skip;
    auto target = read_link(node.parent, node.name);
    auto object = target && target->starts_with(link_prefix)
                      ? read_reference(std::string_view(*target).substr(link_prefix.size()))
                      : std::nullopt;
    if (!object) {
      failure = base::fail("store.root-link")
                    .with("path", (store.state() / "roots" / node.path).native())
                    .with("target", target ? *target : "not a link");
      return Step::stop;
    }
    list.push_back({"root " + node.path, std::move(*object)});
    return Step::skip;
  };
  // Other processes may change roots meanwhile, so an entry that disappeared is not an error.
  const auto unreadable = [&](const std::string& path, int number) {
    if (number == ENOENT || !failure.code.empty()) return;
    failure = base::fail("base.read").with("path", "roots/" + path).with_errno(number);
  };
  CCCI_TRY(const bool complete,
           walk(directory->get(), {.enter = enter, .leave = {}, .unreadable = unreadable}));
  if (!complete || !failure.code.empty()) return base::unexpected(std::move(failure));
  return list;
}

}  // namespace ccci::store
