// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hash.hpp"
#include "lock/lock.hpp"

namespace ccci::lock {

inline std::string digest(char digit) { return std::string(64, digit); }

inline source::Package package(const std::string& name, const std::string& version,
                               std::vector<std::string> because,
                               std::vector<std::string> sets = {"shared"}) {
  return {.name = name,
          .version = version,
          .architecture = "amd64",
          .origin = source::Origin::debian,
          .sha256 = digest('a'),
          .size = 1234,
          .uri = "pool/main/" + name + ".deb",
          .suite = "bookworm",
          .component = "main",
          .source_package = name,
          .essential = false,
          .depends = {},
          .provides = {},
          .because = std::move(because),
          .sets = std::move(sets)};
}

// git and jq shared, ssh for one host, abra from a pinned archive; libc below all.
inline Lock sample() {
  Lock lock;
  lock.architecture = "amd64";
  lock.asks = digest('0');
  lock.releases = {{.uri = "http://deb.example.org/debian/",
                    .suite = "bookworm",
                    .date = "Sat, 11 Jul 2026 10:16:37 UTC",
                    .sha256 = digest('1'),
                    .signed_by = "AAAA,BBBB"}};
  source::Package abra = package("abra", "bbbbbbbbbbbb", {"tool abra"});
  abra.origin = source::Origin::archive;
  abra.architecture = "any";
  abra.sha256 = digest('b');
  abra.size = 0;
  abra.uri = "vendor/abra 1.tar.gz";
  abra.suite = abra.component = "";
  source::Package base = package("base-files", "12.4", {"essential", "package libc6"});
  base.essential = true;
  source::Package git = package("git", "1:2.39.5-0+deb12u3", {"tool git"});
  git.depends = {"libc6"};
  git.source_package = "git-source";
  git.provides = {"git-core", "vcs"};
  source::Package libc =
      package("libc6", "2.36-9+deb12u14", {"package git", "package openssh-client"});
  libc.depends = {"base-files"};
  source::Package ssh =
      package("openssh-client", "1:9.2p1-2", {"tool openssh-client"}, {"cc-ci", "other"});
  ssh.depends = {"libc6"};
  lock.packages = {abra, base, git, libc, ssh};
  return lock;
}

// The text with a right digest at its end, for tests that change what stands before.
inline std::string sealed(const std::string& body) {
  return body + "digest " + base::sha256(body).hex() + "\n";
}

inline std::string body(const Lock& lock) {
  const std::string text = write(lock);
  return text.substr(0, text.rfind("digest "));
}

}  // namespace ccci::lock
