// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "source/debian/archive.hpp"
#include "source/kept.hpp"
#include "tests/support/debian_mirror.hpp"

namespace ccci::source {

inline void PrintTo(const Package& package, std::ostream* out) {
  *out << package.name << ' ' << package.version << ' ' << package.architecture << ' '
       << package.sha256 << ' ' << package.size << ' ' << package.uri << ' ' << package.suite << ' '
       << package.component << ' ' << package.source_package << ' ' << package.essential
       << testing::PrintToString(package.depends) << testing::PrintToString(package.provides)
       << testing::PrintToString(package.because) << testing::PrintToString(package.sets);
}

}  // namespace ccci::source

namespace ccci::source::debian {

// A machine with one signed mirror, and an archive that knows no other.
class ArchiveTest : public testing::Test {
 protected:
  ArchiveTest() {
    machine.etc = directory.path() / "etc";
    machine.os_release = directory.path() / "os-release";
    machine.keyrings = directory.path() / "keyrings";
    tests::write(machine.os_release, "ID=test\nVERSION_CODENAME=stable\n");
    sources("deb [signed-by=" + key.keyring() + "] " + mirror.uri() + " stable main\n");
    mirror.add({.name = "base", .fields = "Essential: yes\n"});
  }

  void sources(const std::string& text) { tests::write(machine.etc / "sources.list", text); }

  static Wanted tool(const std::string& name) { return {name, "tool " + name, {}}; }

  static Query query(const std::vector<std::string>& names) {
    Query query;
    for (const std::string& name : names) query.shared.push_back(tool(name));
    return query;
  }

  Archive archive(bool offline = false) {
    auto opened = Archive::open(directory.path() / "state/apt", kept, offline, machine);
    EXPECT_TRUE(opened);
    return std::move(opened).value();
  }

  base::Result<Answer> resolve(const Query& query, bool offline = false) {
    return archive(offline).resolve(query, base::silent());
  }

  // "name version" of all, or the error's code and cause.
  std::vector<std::string> names(const Query& query, bool offline = false) {
    const auto answer = resolve(query, offline);
    if (!answer) return {describe(answer.error())};
    std::vector<std::string> result;
    for (const Package& package : answer->packages) {
      result.push_back(package.name + " " + package.version);
    }
    return result;
  }

  base::Result<void> fetch(const Answer& answer, bool offline = false) {
    return archive(offline).fetch(answer.packages, {}, base::silent());
  }

  static std::string describe(const base::Error& error) {
    std::string text = error.code;
    for (const base::Field& field : error.fields) text += " " + field.name + "=" + field.value;
    for (const base::Error& other : error.also) text += "\n" + describe(other);
    return text;
  }

  static const Package& find(const Answer& answer, const std::string& name) {
    const auto found = std::find_if(answer.packages.begin(), answer.packages.end(),
                                    [&](const Package& package) { return package.name == name; });
    if (found == answer.packages.end()) throw std::runtime_error("no package " + name);
    return *found;
  }

  tests::Directory directory;
  std::filesystem::path kept = directory.path() / "state/archives";
  Machine machine;
  tests::Key key{directory.path() / "key", "Test Archive"};
  tests::DebianMirror mirror{directory.path() / "mirror"};
};

}  // namespace ccci::source::debian
