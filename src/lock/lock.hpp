// SPDX-License-Identifier: GPL-3.0-or-later
// cc-ci.lock as a value. The lock does not resolve packages: a source resolves them, and make()
// records the answer.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "source/package.hpp"

namespace ccci::lock {

// An optional package of npm that is not installed: it is for other platforms.
struct Elsewhere {
  std::string name;  // "npm:PLACE"
  std::string version;
  std::string integrity;  // npm's digest of its file: "sha512-…"

  auto operator<=>(const Elsewhere&) const = default;
};

struct Lock {
  // 4 if a package comes from a lock of npm in the project, or is for other platforms, 3 if one
  // comes from another apt archive than Debian's or from npm, 2 if one comes from the Python
  // package index. So an older cc-ci says that it cannot read the lock.
  int format = 1;
  std::string architecture;  // dpkg's name for it
  std::string asks;          // digest of the locked parts of the declaration (fingerprint())
  std::vector<source::Release> releases;  // sorted
  std::vector<source::Package> packages;  // sorted by name; names are unique
  std::vector<Elsewhere> elsewhere = {};  // sorted; in no environment

  bool operator==(const Lock&) const = default;

  const source::Package* find(std::string_view name) const;
  // The packages of a closure: "shared", or the name of a host (this includes the shared packages).
  // Sorted by name.
  std::vector<source::Package> closure(std::string_view set) const;
  // The packages of an image. Sorted by name.
  std::vector<source::Package> image_closure(const std::string& image) const;
};

// Hex digest of the parts of the declaration that determine the lock: tools, python modules,
// packages, their rules, the source, extra tools of hosts, packages of images. Other parts do not
// change it (variables, timers, comments, order).
std::string fingerprint(const declare::Declaration& declaration);

// The query for the declaration. It asks to keep the versions of the earlier lock, if there is one.
source::Query query(const declare::Declaration& declaration, const Lock* earlier,
                    const std::vector<std::string>& update, bool update_all);

// The name of the closure "shared" with the resolver of the Python package index. No host can have
// this name.
inline constexpr const char* pypi_resolver = "pypi:resolver";

// The same for npm.
inline constexpr const char* npm_resolver = "npm:resolver";

// `pinned_archives` come from source::archive::describe(). make() fills in their `because` and
// `sets`. [lock.name-taken]: an archive has the name of a Debian package in the answer.
base::Result<Lock> make(const declare::Declaration& declaration, source::Answer answer,
                        std::vector<source::Package> pinned_archives, std::string architecture);
// Adds the releases of the earlier lock that packages of this one still come from and that this
// machine's apt does not have: the lock must say where its packages are.
void keep_releases(Lock& lock, const Lock& earlier);

// Adds what the resolver of the Python package index has chosen. `supplied`: reasons to add to
// packages of the lock that supply what was asked of the index.
void add_pypi(Lock& lock, std::vector<source::Package> packages,
              const std::map<std::string, std::vector<std::string>>& supplied);

// Adds what npm has chosen.
void add_npm(Lock& lock, std::vector<source::Package> packages, std::vector<Elsewhere> elsewhere);

// Browsers are of use to Playwright only, so it must be locked too. [lock.no-playwright]
base::Result<void> check_browsers(const declare::Declaration& declaration, const Lock& lock);

inline constexpr std::size_t largest_lock = 64U << 20U;       // bytes
inline constexpr std::size_t largest_lock_line = 64U << 10U;  // bytes

// The text form has sorted lines and one block per package, so that a diff or merge of two versions
// shows only what changed. '\', bytes outside 0x20..0x7e and spaces within a word are written as
// \xNN.
//
//   cc-ci-lock 1
//   architecture amd64
//   asks SHA256
//
//   release URI SUITE
//     date Sat, 11 Jul 2026 10:16:37 UTC
//     sha256 SHA256
//     signed-by FINGERPRINT,…
//
//   package NAME VERSION ARCHITECTURE
//     from debian SUITE COMPONENT        or: apt SOURCE SUITE COMPONENT, archive, pypi, npm
//     uri pool/main/g/git/git_2.39.5-0+deb12u3_amd64.deb
//     sha256 SHA256
//     size BYTES
//     source SOURCE-PACKAGE              only if it differs from NAME
//     essential
//     provides NAME                      one line for each; the same for the next two
//     because tool git
//     in shared
//
//   elsewhere NAME VERSION INTEGRITY     an optional package of npm for other platforms
//
//   digest SHA256                        of all lines before it
//
// `depends` is not written: it follows from the "because package NAME" lines of other packages.
// Rejected: JSON and TOML (the merge of two valid files can be invalid, and a diff does not show
// which block a line is in). Rejected: no digest (a flipped bit in a version would be found only by
// a fetch that fails with a confusing error).
std::string write(const Lock& lock);
// Accepts only what write() writes. Errors have a position: [lock.syntax], [lock.damaged] (its own
// digest does not match), [lock.newer-format], [lock.merge-conflict], [lock.too-large].
base::Result<Lock> read(std::string_view text, const std::string& file);

}  // namespace ccci::lock
