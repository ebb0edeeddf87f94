// SPDX-License-Identifier: GPL-3.0-or-later
#include "lock/changes.hpp"
#include "tests/unit/lock/lock_fixture.hpp"

namespace ccci::lock {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

using Names = std::vector<std::string>;

Names names(const std::vector<source::Package>& packages) {
  Names result;
  for (const source::Package& package : packages) result.push_back(package.name);
  return result;
}

declare::Declaration declaration() {
  declare::Declaration result;
  result.file = "cc-ci.toml";
  result.tools = {{"git", {}}, {"docker", {}}, {"abra", {}}};
  result.python = {{"pytest", {}}};
  result.packages["docker"] = {
      .name = {"docker", {}}, .from = declare::DebianPackage{"docker.io"}, .commands = {}};
  result.packages["abra"] = {.name = {"abra", {}},
                             .from = declare::PinnedArchive{.url = "https://example.org/abra",
                                                            .file = {},
                                                            .sha256 = digest('b')},
                             .commands = {}};
  result.debian.suite = "bookworm";
  result.hosts["cc-ci"] = {.name = {"cc-ci", {}}, .extra_tools = {{"openssh-client", {}}}};
  result.hosts["plain"] = {.name = {"plain", {}}, .extra_tools = {}};
  return result;
}

TEST(Lock, FindsByName) {
  const Lock lock = sample();
  ASSERT_NE(lock.find("git"), nullptr);
  EXPECT_EQ(lock.find("git")->version, "1:2.39.5-0+deb12u3");
  EXPECT_EQ(lock.find("gi"), nullptr);
  EXPECT_EQ(lock.find("zsh"), nullptr);
}

TEST(Lock, AClosureIsTheSharedSetAndTheHostsOwn) {
  const Lock lock = sample();
  EXPECT_THAT(names(lock.closure("shared")), ElementsAre("abra", "base-files", "git", "libc6"));
  EXPECT_THAT(names(lock.closure("cc-ci")),
              ElementsAre("abra", "base-files", "git", "libc6", "openssh-client"));
  EXPECT_EQ(lock.closure("unheard-of"), lock.closure("shared"));
}

TEST(Lock, AWheelIsWrittenAndReadAgain) {
  Lock lock = sample();
  source::Package wheel = package("pypi:requests", "2.31.0", {"python requests"});
  wheel.origin = source::Origin::pypi;
  wheel.architecture = "any";
  wheel.uri = "https://files.example.org/requests-2.31.0-py3-none-any.whl";
  wheel.suite = wheel.component = "";
  add_pypi(lock, {wheel}, {{"git", {"package pypi:requests"}}});
  EXPECT_EQ(lock.format, 2);
  EXPECT_THAT(lock.find("git")->because, testing::Contains("package pypi:requests"));
  const auto again = read(write(lock), "cc-ci.lock");
  ASSERT_TRUE(again) << again.error().field("expected");
  EXPECT_EQ(again->find("pypi:requests")->origin, source::Origin::pypi);
  EXPECT_THAT(again->find("pypi:requests")->depends, ElementsAre("git"));
  EXPECT_EQ(write(*again), write(lock));
}

TEST(Lock, AWheelHasAnAddressOfTheWeb) {
  for (const char* uri : {"file:///etc/x.whl", "https://me:secret@example.org/x.whl", "x.whl",
                          "https://example.org/x.tar.gz"}) {
    Lock lock = sample();
    source::Package wheel = package("pypi:x", "1", {"python x"});
    wheel.origin = source::Origin::pypi;
    wheel.uri = uri;
    wheel.suite = wheel.component = "";
    add_pypi(lock, {wheel}, {});
    EXPECT_FALSE(read(write(lock), "cc-ci.lock")) << uri;
  }
}

TEST(Lock, PackagesOfNpmAreWrittenAndReadAgain) {
  const auto with = [](const std::string& name, const std::string& uri) {
    Lock lock = sample();
    source::Package made = package(name, "1.0.0", {"tool x"});
    made.origin = source::Origin::npm;
    made.uri = uri;
    made.suite = made.component = "";
    add_npm(lock, {made}, {});
    return lock;
  };
  const std::string web = "https://npm.example.org/x/-/x-1.0.0.tgz";
  for (const char* name : {"npm:x", "npm:@s/x", "npm:@s/x/node_modules/y"}) {
    const Lock lock = with(name, web);
    EXPECT_EQ(lock.format, 3);
    const auto again = read(write(lock), "cc-ci.lock");
    ASSERT_TRUE(again) << name;
    EXPECT_EQ(again->find(name)->origin, source::Origin::npm);
    EXPECT_EQ(write(*again), write(lock));
  }
  // The name becomes a path in the root.
  for (const char* name : {"x", "npm:", "npm:..", "npm:x/../../y", "npm:x/y", "npm:@s", "npm:/x",
                           "npm:x/node_modules/", "npm:node_modules", "npm:@../x", "npm:.bin"}) {
    EXPECT_FALSE(read(write(with(name, web)), "cc-ci.lock")) << name;
  }
  EXPECT_FALSE(read(write(with("npm:x", "file:///etc/x.tgz")), "cc-ci.lock"));
  EXPECT_FALSE(read(write(with("npm:x", "https://me:secret@example.org/x.tgz")), "cc-ci.lock"));
}

TEST(Lock, WhatALockOfNpmNamesIsWrittenAndReadAgain) {
  const auto with = [](const std::string& name) {
    Lock lock = sample();
    source::Package made = package(name, "1.0.0", {"tool web"});
    made.origin = source::Origin::npm;
    made.uri = "https://npm.example.org/x/-/x-1.0.0.tgz";
    made.suite = made.component = "";
    add_npm(lock, {made}, {{"npm:./web/node_modules/y", "1.0.0", "sha512-abc=="}});
    return lock;
  };
  for (const char* name : {"npm:./node_modules/x", "npm:./web/node_modules/x",
                           "npm:./a/b/node_modules/@s/x/node_modules/y"}) {
    const Lock lock = with(name);
    EXPECT_EQ(lock.format, 4);
    const auto again = read(write(lock), "cc-ci.lock");
    ASSERT_TRUE(again) << name;
    EXPECT_EQ(again->elsewhere, lock.elsewhere);
    EXPECT_EQ(write(*again), write(lock));
  }
  for (const char* name : {"npm:./x", "npm:./../node_modules/x", "npm:./a//node_modules/x",
                           "npm:./node_modules/../x", "npm:./node_modules/", "npm:./"}) {
    EXPECT_FALSE(read(write(with(name)), "cc-ci.lock")) << name;
  }
}

TEST(Lock, TheFingerprintCoversALockOfNpm) {
  declare::Declaration with = declaration();
  with.tools.push_back({"web", {}});
  with.packages["web"] = {.name = {"web", {}},
                          .from = declare::NpmPackage{"", "", {"web/package-lock.json", {}}, {}},
                          .commands = {}};
  with.npm.files["web/package-lock.json"] = "{}";
  with.npm.files["web/package.json"] = R"({"version": "1", "dependencies": {"a": "1"}})";
  const std::string before = fingerprint(with);
  declare::Declaration other = with;
  other.npm.files["web/package-lock.json"] = "{ }";
  EXPECT_NE(fingerprint(other), before);
  other = with;
  other.npm.files["web/package.json"] = R"({"version": "2", "dependencies": {"a": "1"}})";
  EXPECT_EQ(fingerprint(other), before);
  other.npm.files["web/package.json"] = R"({"version": "2", "dependencies": {"a": "2"}})";
  EXPECT_NE(fingerprint(other), before);
}

TEST(Lock, ABrowserThatIsAToolBringsAFont) {
  declare::Declaration with = declaration();
  const auto has_font = [&] {
    const source::Query asked = query(with, nullptr, {}, false);
    return std::any_of(asked.shared.begin(), asked.shared.end(), [](const source::Wanted& one) {
      return one.package == "fonts-liberation" && one.optional;
    });
  };
  EXPECT_FALSE(has_font());
  with.tools.push_back({"chromium", {}});
  EXPECT_TRUE(has_font());
}

TEST(Lock, TheFingerprintCoversThePackageIndex) {
  declare::Declaration with = declaration();
  const std::string before = fingerprint(with);
  with.pypi.declared = true;
  const std::string declared = fingerprint(with);
  EXPECT_NE(declared, before);
  with.pypi.files["requirements.txt"] = "requests\n";
  const std::string filled = fingerprint(with);
  EXPECT_NE(filled, declared);
  with.packages["pytest"] = {
      .name = {"pytest", {}}, .from = declare::PypiPackage{"PyTest", ">=7"}, .commands = {}};
  const std::string ruled = fingerprint(with);
  EXPECT_NE(ruled, filled);
  with.packages["pytest"].from = declare::PypiPackage{"pytest", ">=7"};
  EXPECT_EQ(fingerprint(with), ruled);
  with.packages["pytest"].from = declare::PypiPackage{"pytest", ">=8"};
  EXPECT_NE(fingerprint(with), ruled);
}

TEST(Lock, TheFingerprintIsOfWhatTheLockDependsOn) {
  const std::string before = fingerprint(declaration());
  EXPECT_EQ(before.size(), 64U);
  declare::Declaration same = declaration();
  std::swap(same.tools[0], same.tools[1]);
  same.variables["A"] = "b";
  same.timers["t"] = {};
  same.packages["docker"].commands.emplace();
  same.packages["unused"] = {
      .name = {"unused", {}}, .from = declare::DebianPackage{"other"}, .commands = {}};
  same.baselines["old"] = {.name = {"old", {}}, .tools = {}, .from = {"a.nix@v1", {}}};
  same.waivers["x"] = "y";
  same.ignored["images"] = "shipped";
  same.hosts["another"] = {.name = {"another", {}}, .extra_tools = {}};
  EXPECT_EQ(fingerprint(same), before);

  const auto changed = [&](const auto& change) {
    declare::Declaration other = declaration();
    change(other);
    return fingerprint(other) != before;
  };
  EXPECT_TRUE(changed([](auto& d) { d.tools.push_back({"jq", {}}); }));
  EXPECT_TRUE(changed([](auto& d) { d.tools.pop_back(); }));
  EXPECT_TRUE(changed([](auto& d) { d.python.clear(); }));
  EXPECT_TRUE(changed([](auto& d) { d.library_packages = {{"fonts-dejavu-core", {}}}; }));
  EXPECT_TRUE(changed([](auto& d) { d.packages.erase("docker"); }));
  EXPECT_TRUE(changed([](auto& d) {
    std::get<declare::PinnedArchive>(d.packages["abra"].from).sha256 = digest('c');
  }));
  EXPECT_TRUE(changed([](auto& d) { d.debian.suite = "trixie"; }));
  EXPECT_TRUE(changed([](auto& d) { d.debian.components = {"contrib"}; }));
  EXPECT_TRUE(changed([](auto& d) { d.images["web"].packages = {{"git", {}}}; }));
  EXPECT_TRUE(changed([](auto& d) { d.images["web"].essential = false; }));
  EXPECT_TRUE(changed([](auto& d) { d.hosts["plain"].extra_tools = {{"jq", {}}}; }));
}

TEST(Lock, AnImageHasAClosureOfItsOwn) {
  Lock lock = sample();
  lock.packages[2].sets = {"image:web", "shared"};
  lock.packages.push_back(package("python3", "3.11", {"image web python3"}, {"image:web"}));
  EXPECT_THAT(names(lock.image_closure("web")), ElementsAre("git", "python3"));
  EXPECT_THAT(lock.image_closure("other"), testing::IsEmpty());
  EXPECT_EQ(names(lock.closure("shared")), names(sample().closure("shared")));
  EXPECT_EQ(names(lock.closure("cc-ci")), names(sample().closure("cc-ci")));
}

TEST(Lock, TheQueryAsksForTheImages) {
  declare::Declaration asked = declaration();
  declare::Image& image = asked.images["web"];
  image.tools = {{"docker", {}}};
  image.packages = {{"python3-yaml", {}}};
  image.essential = false;
  const auto wanted = query(asked, nullptr, {}, false).images.at("web");
  EXPECT_FALSE(wanted.essential);
  ASSERT_EQ(wanted.wanted.size(), 2U);
  EXPECT_EQ(wanted.wanted[0].package, "docker.io");
  EXPECT_EQ(wanted.wanted[0].because, "image web docker.io");
  EXPECT_EQ(wanted.wanted[1].because, "image web python3-yaml");
}

TEST(Lock, TheQueryAsksForWhatIsDeclared) {
  const Lock earlier = sample();
  const source::Query asked = query(declaration(), &earlier, {"docker", "pytest", "libc6"}, false);
  Names wanted;
  for (const source::Wanted& one : asked.shared) wanted.push_back(one.package + "/" + one.because);
  EXPECT_THAT(wanted, UnorderedElementsAre("git/tool git", "docker.io/tool docker",
                                           "python3-pytest/python pytest",
                                           "ca-certificates/environment certificates",
                                           "tzdata/environment time zones"));
  EXPECT_TRUE(asked.shared.back().optional);
  ASSERT_EQ(asked.hosts.size(), 1U);
  EXPECT_EQ(asked.hosts.at("cc-ci").at(0).package, "openssh-client");
  EXPECT_EQ(asked.source.suite, "bookworm");
  EXPECT_THAT(names(asked.keep), ElementsAre("base-files", "git", "libc6", "openssh-client"));
  EXPECT_THAT(asked.update, ElementsAre("docker.io", "libc6", "python3-pytest"));
  EXPECT_FALSE(asked.update_all);
  EXPECT_TRUE(query(declaration(), nullptr, {}, true).update_all);
}

// A package with nothing on PATH is the package of its name, whatever a tool of that name is.
TEST(Lock, TheQueryAsksForPackagesThatAreNoTools) {
  declare::Declaration asked = declaration();
  asked.library_packages = {{"buildbot-worker", {"cc-ci.toml", 3, 4, 5, ""}}, {"docker", {}}};
  const source::Query query = lock::query(asked, nullptr, {"buildbot-worker"}, false);
  Names wanted;
  for (const source::Wanted& one : query.shared) {
    if (one.because.starts_with("library ")) wanted.push_back(one.package + "/" + one.because);
    if (one.package == "buildbot-worker") {
      EXPECT_EQ(one.at.line, 3);
    }
    EXPECT_EQ(one.optional, one.package == "ca-certificates" || one.package == "tzdata");
  }
  EXPECT_THAT(wanted,
              ElementsAre("buildbot-worker/library buildbot-worker", "docker/library docker"));
  EXPECT_THAT(query.update, ElementsAre("buildbot-worker"));
}

TEST(Lock, BrowsersComeWithAFontAndNeedPlaywright) {
  const auto declaration = [](const std::string& rest) {
    return *declare::parse("[runtime]\ntools = [\"python3\"]\n" + rest, "cc-ci.toml");
  };
  const declare::Declaration with = declaration("browsers = [\"chromium\"]\n");
  EXPECT_NE(fingerprint(with), fingerprint(declaration("")));
  std::map<std::string, bool> asked;
  for (const source::Wanted& wanted : query(with, nullptr, {}, false).shared) {
    if (wanted.because == "browser chromium") asked[wanted.package] = wanted.optional;
  }
  EXPECT_EQ(asked, (std::map<std::string, bool>{{"chromium", false},
                                                {"chromium-headless-shell", true},
                                                {"fonts-liberation", false}}));
  Lock lock = sample();
  EXPECT_TRUE(check_browsers(declaration(""), lock));
  const auto refused = check_browsers(with, lock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "lock.no-playwright");
  EXPECT_EQ(refused.error().where.at(0).line, 3);
  add_pypi(lock, {package("pypi:playwright", "1.65.2", {"python playwright"})}, {});
  EXPECT_TRUE(check_browsers(with, lock));
}

TEST(Lock, PinnedArchivesGetTheirReasonsAndClosures) {
  source::Package abra = sample().packages[0];
  abra.because.clear();
  abra.sets.clear();
  source::Package unused = abra;
  unused.name = "unused";
  declare::Declaration asked = declaration();
  const auto lock = make(asked, {}, {unused, abra}, "amd64");
  ASSERT_TRUE(lock);
  ASSERT_EQ(names(lock->packages), Names{"abra"});
  EXPECT_THAT(lock->packages[0].because, ElementsAre("tool abra"));
  EXPECT_THAT(lock->packages[0].sets, ElementsAre("shared"));
  EXPECT_EQ(lock->asks, fingerprint(asked));

  asked.tools.pop_back();
  asked.hosts["cc-ci"].extra_tools.push_back({"abra", {}});
  asked.hosts["plain"].extra_tools.push_back({"abra", {}});
  const auto hosts = make(asked, {}, {abra}, "amd64");
  ASSERT_TRUE(hosts);
  EXPECT_THAT(hosts->packages[0].sets, ElementsAre("cc-ci", "plain"));
}

TEST(Lock, AnArchiveMayNotTakeTheNameOfAPackageThatOthersNeed) {
  source::Answer answer;
  answer.packages = {package("abra", "1", {"package git"})};
  const auto lock = make(declaration(), answer, {sample().packages[0]}, "amd64");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, "lock.name-taken");
}

TEST(Lock, ChangesSayWhatMovedWhichWay) {
  const Lock before = sample();
  Lock after = sample();
  after.packages[0].sha256 = digest('c');
  after.packages[0].version = "cccccccccccc";
  after.packages[1].sha256 = digest('c');
  after.packages[2].version = "1:2.39.5-0+deb12u10";  // above u3, though its text is below
  after.packages[3].version = "2.36-9+deb12u14~rc1";
  after.packages[4] = package("zsh", "5", {"tool zsh"});
  EXPECT_THAT(
      changes(before, after),
      ElementsAre(
          Change{Movement::rebuilt, "abra", "bbbbbbbbbbbb", "cccccccccccc", {"tool abra"}},
          Change{Movement::rebuilt, "base-files", "12.4", "12.4", {"essential", "package libc6"}},
          Change{Movement::up, "git", "1:2.39.5-0+deb12u3", "1:2.39.5-0+deb12u10", {"tool git"}},
          Change{Movement::down,
                 "libc6",
                 "2.36-9+deb12u14",
                 "2.36-9+deb12u14~rc1",
                 {"package git", "package openssh-client"}},
          Change{Movement::removed, "openssh-client", "1:9.2p1-2", "", {"tool openssh-client"}},
          Change{Movement::added, "zsh", "", "5", {"tool zsh"}}));
  EXPECT_THAT(changes(before, before), ElementsAre());
}

// A machine whose apt lacks a suite must not make a lock that no other one can build.
TEST(Lock, KeepsTheReleasesThatKeptPackagesComeFrom) {
  Lock earlier = sample();
  earlier.releases.push_back(
      {"http://deb.example.org/debian-security/", "bookworm-security", "d", digest('2'), "CCCC"});
  earlier.releases.push_back({"http://deb.example.org/debian/", "old", "d", digest('3'), "CCCC"});
  Lock lock = sample();
  lock.packages.front().suite = "bookworm-security";
  keep_releases(lock, earlier);
  ASSERT_EQ(lock.releases.size(), 2U);
  EXPECT_EQ(lock.releases[0].suite, "bookworm-security");
  EXPECT_EQ(lock.releases[1].suite, "bookworm");
  keep_releases(lock, earlier);
  EXPECT_EQ(lock.releases.size(), 2U);
}

TEST(Lock, TellsWhatGoesDownToAnotherSuite) {
  const Lock after = sample();
  Lock before = sample();
  EXPECT_TRUE(descents(before, after).empty());
  for (source::Package& one : before.packages) {
    if (one.name != "git") continue;
    one.suite = "bookworm-security";
    one.version = "1:2.39.5-0+deb12u9";
  }
  EXPECT_THAT(descents(before, after),
              ElementsAre(std::pair(Descent{"bookworm-security", "bookworm"}, std::size_t{1})));
  EXPECT_TRUE(descents(after, before).empty()) << "it goes up";
}

TEST(Lock, ChainsLeadFromTheDeclarationToThePackage) {
  const Lock lock = sample();
  EXPECT_THAT(chains(lock, "git"), ElementsAre(Names{"tool git", "git"}));
  EXPECT_THAT(
      chains(lock, "base-files"),
      ElementsAre(Names{"essential", "base-files"}, Names{"tool git", "git", "libc6", "base-files"},
                  Names{"tool openssh-client", "openssh-client", "libc6", "base-files"}));
  EXPECT_EQ(chains(lock, "base-files", 1).size(), 1U);
  EXPECT_THAT(chains(lock, "nothing"), ElementsAre());
}

TEST(Lock, ChainsEndWhereEverythingDependsOnEverything) {
  Lock lock;
  for (int i = 10; i < 70; ++i) {
    source::Package one = package("p" + std::to_string(i), "1", {});
    for (int j = 10; j < 70; ++j) {
      if (i != j) one.because.push_back("package p" + std::to_string(j));
    }
    if (i == 69) one.because.push_back("tool p69");
    lock.packages.push_back(std::move(one));
  }
  const auto found = chains(lock, "p10", 3);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0], (Names{"tool p69", "p69", "p10"}));
}

}  // namespace
}  // namespace ccci::lock
