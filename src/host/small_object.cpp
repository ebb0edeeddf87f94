// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/small_object.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/files.hpp"
#include "store/full.hpp"
#include "store/manifest.hpp"
#include "store/meta.hpp"

namespace ccci::host {

namespace {

using Type = store::Entry::Type;

void add_directories(const std::string& path, std::set<std::string>& seen,
                     std::vector<store::Entry>& entries) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    store::Entry entry;
    entry.type = Type::directory;
    entry.path = path.substr(0, slash);
    if (seen.insert(entry.path).second) entries.push_back(std::move(entry));
  }
}

store::Manifest manifest_of(const SmallObject& object) {
  store::Manifest manifest;
  manifest.times = store::Times::fixed;
  std::set<std::string> seen;
  for (const SmallObject::File& file : object.files) {
    add_directories(file.path, seen, manifest.entries);
    store::Entry entry;
    entry.path = file.path;
    entry.executable = file.executable;
    entry.size = file.content.size();
    entry.content = base::sha256(file.content);
    manifest.entries.push_back(std::move(entry));
  }
  for (const SmallObject::Link& link : object.links) {
    add_directories(link.path, seen, manifest.entries);
    store::Entry entry;
    entry.type = Type::link;
    entry.path = link.path;
    entry.target = link.target;
    manifest.entries.push_back(std::move(entry));
  }
  std::sort(manifest.entries.begin(), manifest.entries.end(),
            [](const store::Entry& a, const store::Entry& b) { return a.path < b.path; });
  return manifest;
}

base::unexpected<base::Error> refuse(const std::string& path, int number) {
  return base::unexpected(base::fail("host.object").with("path", path).with_errno(number));
}

base::Result<void> write_at(int directory, const std::string& path, std::string_view content,
                            unsigned mode) {
  const base::Fd file(
      openat(directory, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file) return refuse(path, errno);
  if (fchmod(file.get(), mode) != 0) return refuse(path, errno);
  return base::write_all(file.get(), content);
}

base::Result<void> write_root(int directory, const SmallObject& object,
                              const store::Manifest& manifest) {
  for (const store::Entry& entry : manifest.entries) {
    if (entry.type == Type::directory && mkdirat(directory, entry.path.c_str(), 0755) != 0) {
      return refuse(entry.path, errno);
    }
  }
  for (const SmallObject::File& file : object.files) {
    CCCI_CHECK(write_at(directory, file.path, file.content, file.executable ? 0755 : 0644));
  }
  for (const SmallObject::Link& link : object.links) {
    if (symlinkat(link.target.c_str(), directory, link.path.c_str()) != 0) {
      return refuse(link.path, errno);
    }
  }
  return {};
}

}  // namespace

base::Result<std::string> publish_small(store::Store& store, const store::Address& address,
                                        const SmallObject& object) {
  const store::Manifest manifest = manifest_of(object);
  const base::Digest merkle = manifest.digest();
  std::string digest = merkle.hex();
  if (store.has(address)) return digest;
  CCCI_TRY(std::optional<store::Staging> staging, store.claim(address));
  if (!staging) return digest;
  const int directory = staging->directory();
  const auto write_all = [&]() -> base::Result<void> {
    if (mkdirat(directory, "root", 0755) != 0) return refuse("root", errno);
    const base::Fd root(openat(directory, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    CCCI_CHECK(write_root(root.get(), object, manifest));
    base::Json meta;
    store::set_needs(meta, object.needs);
    return store::write_content(*staging, manifest, merkle, std::move(meta));
  };
  if (auto written = write_all(); !written) {
    constexpr std::uint64_t beside_root = 3;  // manifest, meta.json, seal
    return base::unexpected(store::unless_full(
        std::move(written).error(), address.label,
        store::blocks_of(manifest.bytes(), manifest.entries.size() + beside_root), directory));
  }
  CCCI_CHECK(store.publish(std::move(*staging)));
  return digest;
}

base::Result<store::Address> object_at(store::Kind kind, const std::filesystem::path& path) {
  const std::string name = path.filename().native();
  const std::size_t dash = name.find('-');
  if (dash == std::string::npos) {
    return base::unexpected(base::fail("store.unknown").with("object", name));
  }
  return store::Address{kind, name.substr(0, dash), name.substr(dash + 1)};
}

}  // namespace ccci::host
