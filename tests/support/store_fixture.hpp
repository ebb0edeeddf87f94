// SPDX-License-Identifier: GPL-3.0-or-later
// A store in a directory of the test's own, and packages to put there.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include <string>
#include <vector>

#include "base/hash.hpp"
#include "store/meta.hpp"
#include "store/package.hpp"
#include "store/tree.hpp"
#include "store/upkeep.hpp"
#include "tests/support/hostile_deb.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::test {

inline std::string describe(const base::Error& error) {
  std::string text = error.code;
  for (const base::Field& field : error.fields) text += " " + field.name + "=" + field.value;
  for (const base::Error& other : error.also) text += "; " + describe(other);
  return text;
}

class StoreTest : public ::testing::Test {
 protected:
  store::Store open(base::Disk& disk = base::real_disk()) {
    auto opened = store::Store::open(state(), disk);
    if (!opened) throw std::runtime_error(describe(opened.error()));
    return std::move(*opened);
  }
  std::filesystem::path state() const { return scratch_ / "state"; }
  const Scratch& scratch() const { return scratch_; }

  // Kept in archives/, as a fetch would leave it.
  store::PackageSource source(const std::string& name, const std::string& bytes,
                              store::Format format = store::Format::deb) {
    const std::string sha256 = base::sha256(bytes).hex();
    const auto directory = state() / "archives";
    std::filesystem::create_directories(directory);
    const auto path = directory / (sha256 + (format == store::Format::deb ? ".deb" : ".archive"));
    write_text(path, bytes);
    return {name, "1.0", sha256, path, format};
  }

  store::Address add(store::Store& store, const store::PackageSource& source) {
    auto added = store::add_packages(store, {source}, base::silent(), 1);
    EXPECT_TRUE(added) << describe(added.error());
    return store::package_address(source);
  }
  store::Address add(store::Store& store, const std::string& name,
                     const std::vector<TarMember>& members) {
    return add(store, source(name, deb(members)));
  }

  // An object of any kind with a root/ of hard links to what `from` has. Its hash differs from that
  // of other tests, because a test sees the processes of all.
  store::Address link_environment(store::Store& store, const store::Address& from,
                                  std::vector<store::Address> needs = {}) {
    const store::Address address =
        store::address(store::Kind::environment, "shared", reference(from) + state().native());
    auto staging = store.claim(address);
    auto manifest = store::package_manifest(store, from);
    const auto root = (*staging)->path() / "root";
    std::filesystem::create_directory(root);
    for (const store::Entry& entry : manifest->entries) {
      const auto there = store.path(from) / "root" / entry.path;
      if (entry.type == store::Entry::Type::directory) {
        std::filesystem::create_directory(root / entry.path);
      } else {
        EXPECT_EQ(linkat(AT_FDCWD, there.c_str(), AT_FDCWD, (root / entry.path).c_str(), 0), 0);
      }
    }
    const base::Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_TRUE(store::normalise_directories(fd.get(), manifest->digests()));
    (*staging)->root_is_normal();
    base::Json meta;
    store::set_needs(meta, needs);
    EXPECT_TRUE(store::write_content(**staging, *manifest, manifest->digest(), meta));
    EXPECT_TRUE(store.publish(std::move(**staging)));
    return address;
  }

  bool staging_is_empty() const { return std::filesystem::is_empty(state() / "staging"); }

  static std::vector<std::string> words(const store::Verification& verification) {
    static constexpr std::array names{"changed", "missing",    "alien",    "mode",
                                      "time",    "unreadable", "manifest", "archive"};
    std::vector<std::string> list;
    for (const store::Finding& finding : verification.findings) {
      list.push_back(std::string(names[static_cast<std::size_t>(finding.damage)]) + " " +
                     std::string(kind_name(finding.object.kind)) + " " + finding.path);
    }
    return list;
  }
  static std::vector<std::string> damage(const store::Store& store) {
    auto verification = store::verify(store, {}, base::silent(), 2);
    EXPECT_TRUE(verification) << describe(verification.error());
    return words(*verification);
  }

 private:
  Scratch scratch_;
};

}  // namespace ccci::test
