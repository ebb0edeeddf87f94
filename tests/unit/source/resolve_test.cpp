// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>
#include <clocale>

#include "declare/known_commands.hpp"
#include "tests/unit/source/archive_fixture.hpp"

namespace ccci::source::debian {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Resolve = ArchiveTest;

// What is told of the solving for hosts, which is one unit for each time that it is done.
class Solving final : public base::Progress {
 public:
  void begin(std::string_view what, std::uint64_t total, Unit /*unit*/) override {
    now_ = what == "solving for hosts' extra tools";
    if (now_) announced = total;
  }
  void advance(std::uint64_t /*done*/, std::string_view item) override {
    if (now_) hosts.emplace_back(item);
  }
  void end() override { now_ = false; }
  void note(std::string_view /*text*/) override {}

  std::uint64_t announced = 0;
  std::vector<std::string> hosts;

 private:
  bool now_ = false;
};

TEST_F(Resolve, ClosureHoldsDependenciesAndEssentialAndNothingElse) {
  mirror.add({.name = "git",
              .version = "2:1.5-1",
              .fields = "Depends: libc\nPre-Depends: early\n"
                        "Recommends: less\nSuggests: gui\n"});
  for (const char* name : {"libc", "early", "less", "gui", "other"}) mirror.add({.name = name});
  mirror.add({.name = "weighty", .fields = "Priority: required\nImportant: yes\n"});
  mirror.publish(key);
  EXPECT_THAT(names(query({"git"})), ElementsAre("base 1", "early 1", "git 2:1.5-1", "libc 1"));
}

TEST_F(Resolve, RecordsEverythingThatTheLockNeeds) {
  mirror.add(
      {.name = "git",
       .version = "1.5",
       .fields = "Depends: libc (>= 1)\nProvides: vcs, scm (= 3)\nSource: git-source (1.4)\n",
       .architecture = "amd64"});
  mirror.add({.name = "libc"});
  mirror.publish(key);
  const auto answer = resolve(query({"git"}));
  ASSERT_TRUE(answer) << describe(answer.error());
  const std::string deb = tests::read(mirror.pool("git", "1.5"));
  const Package expected{.name = "git",
                         .version = "1.5",
                         .architecture = "amd64",
                         .origin = Origin::debian,
                         .sha256 = base::sha256(deb).hex(),
                         .size = deb.size(),
                         .uri = "pool/main/git_1.5_all.deb",
                         .suite = "stable",
                         .component = "main",
                         .source_package = "git-source",
                         .essential = false,
                         .depends = {"libc"},
                         .provides = {"scm", "vcs"},
                         .because = {"tool git"},
                         .sets = {"shared"}};
  EXPECT_EQ(find(*answer, "git"), expected);
  EXPECT_TRUE(find(*answer, "base").essential);
  EXPECT_THAT(find(*answer, "base").because, ElementsAre("essential"));
  EXPECT_THAT(find(*answer, "libc").because, ElementsAre("package git"));
}

TEST_F(Resolve, RecordsTheReleaseAndWhoSignedIt) {
  mirror.publish(key);
  const auto answer = resolve(query({}));
  ASSERT_TRUE(answer) << describe(answer.error());
  ASSERT_EQ(answer->releases.size(), 1U);
  const Release& release = answer->releases.front();
  EXPECT_EQ(release.suite, "stable");
  EXPECT_EQ(release.uri, mirror.uri());
  EXPECT_EQ(release.date, "Sat, 11 Jul 2026 10:16:37 UTC");
  EXPECT_EQ(release.sha256, base::sha256(tests::read(mirror.dists() / "InRelease")).hex());
  EXPECT_THAT(key.gpg({"--with-colons", "--list-keys"}), HasSubstr(":" + release.signed_by + ":"));
}

TEST_F(Resolve, TakesTheFirstAlternativeUnlessAnotherIsWantedAnyway) {
  mirror.add({.name = "mailer", .fields = "Depends: exim | postfix\n"});
  mirror.add({.name = "exim"});
  mirror.add({.name = "postfix"});
  mirror.publish(key);
  EXPECT_THAT(names(query({"mailer"})), ElementsAre("base 1", "exim 1", "mailer 1"));
  EXPECT_THAT(names(query({"mailer", "postfix"})), ElementsAre("base 1", "mailer 1", "postfix 1"));
}

TEST_F(Resolve, AVirtualPackageIsProvided) {
  mirror.add({.name = "mailer", .fields = "Depends: mta\n"});
  mirror.add({.name = "exim", .fields = "Provides: mta\n"});
  mirror.publish(key);
  const auto answer = resolve(query({"mailer"}));
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_THAT(find(*answer, "mailer").depends, ElementsAre("exim"));
}

TEST_F(Resolve, UnknownPackagesAreAllNamedAtOnceWithWhatWasMeant) {
  mirror.add({.name = "git-lfs"});
  mirror.add({.name = "exim", .fields = "Provides: mta\n"});
  mirror.publish(key);
  const auto answer = resolve(query({"git-lsf", "mta", "base"}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(describe(answer.error()),
            "source.unknown-package package=git-lsf because=tool git-lsf likely=git-lfs\n"
            "source.unknown-package package=mta because=tool mta providers=exim");
}

TEST_F(Resolve, ACommandsNameLeadsToItsPackage) {
  mirror.add({.name = "ripgrep"});
  mirror.add({.name = "mg"});
  mirror.publish(key);
  const auto answer = resolve(query({"rg", "nc"}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(describe(answer.error()),
            "source.unknown-package package=rg because=tool rg likely=ripgrep\n"
            "source.unknown-package package=nc because=tool nc");
}

TEST_F(Resolve, CommandsWithAnotherNameThanTheirPackageAreKnown) {
  EXPECT_EQ(declare::package_of("java"), "default-jre-headless");
  EXPECT_EQ(declare::other_packages_of("java"), "default-jre, default-jdk-headless, default-jdk");
  EXPECT_EQ(declare::other_packages_of("mvn"), "");
  EXPECT_EQ(declare::package_of("mvn"), "maven");
  EXPECT_EQ(declare::package_of("pdflatex"), "texlive-latex-base");
  EXPECT_EQ(declare::package_of("xmllint"), "libxml2-utils");
  EXPECT_EQ(declare::package_of("fc-list"), "fontconfig");
  EXPECT_EQ(declare::package_of("gem"), "ruby-rubygems");
  EXPECT_EQ(declare::package_of("maven"), "");
  for (const char* name : {"maven", "texlive-latex-base", "libxml2-utils", "fontconfig"}) {
    mirror.add({.name = name});
  }
  mirror.publish(key);
  const auto answer = resolve(query({"mvn", "pdflatex", "xmllint", "fc-list"}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(describe(answer.error()),
            "source.unknown-package package=mvn because=tool mvn likely=maven\n"
            "source.unknown-package package=pdflatex because=tool pdflatex "
            "likely=texlive-latex-base\n"
            "source.unknown-package package=xmllint because=tool xmllint likely=libxml2-utils\n"
            "source.unknown-package package=fc-list because=tool fc-list likely=fontconfig");
}

// wine32 is in the indexes of i386 only; packages of amd64 name it.
TEST_F(Resolve, APackageThatOthersNameMayBeOfAnotherArchitecture) {
  mirror.add({.name = "wine", .fields = "Depends: wine64 | wine32\n"});
  mirror.add({.name = "wine64"});
  mirror.publish(key);
  const auto answer = resolve(query({"wine32"}));
  ASSERT_FALSE(answer);
  EXPECT_THAT(describe(answer.error()), testing::HasSubstr(" architecture=amd64"));
}

// Two thousand unknown names against the archive's sixty thousand took two minutes.
TEST_F(Resolve, OfManyUnknownPackagesTheFirstGetAGuess) {
  mirror.add({.name = "git-lfs"});
  mirror.publish(key);
  std::vector<std::string> names(60, "git-lfs");
  for (std::size_t i = 0; i < names.size(); ++i) names[i] += std::to_string(i);
  const auto answer = resolve(query(names));
  ASSERT_FALSE(answer);
  std::vector<base::Error> all{answer.error()};
  all.insert(all.end(), answer.error().also.begin(), answer.error().also.end());
  const auto guesses = std::count_if(all.begin(), all.end(), [](const base::Error& error) {
    return error.field("likely") == "git-lfs";
  });
  EXPECT_EQ(all.size(), names.size());
  EXPECT_EQ(guesses, 50);
}

TEST_F(Resolve, WhatIsOptionalIsTakenWhereItIsAndNoErrorWhereNot) {
  mirror.add({.name = "git"});
  mirror.add({.name = "certificates"});
  mirror.publish(key);
  Query asked = query({"git"});
  for (const char* name : {"certificates", "nothing"}) {
    asked.shared.push_back(
        {.package = name, .because = "environment test", .at = {}, .optional = true});
  }
  EXPECT_THAT(names(asked), ElementsAre("base 1", "certificates 1", "git 1"));
}

TEST_F(Resolve, AConflictSaysWhichPackagesAndWhy) {
  mirror.add({.name = "git", .fields = "Depends: libnew\n"});
  mirror.add({.name = "libnew", .fields = "Conflicts: libold\n"});
  mirror.add({.name = "svn", .fields = "Depends: libold\n"});
  mirror.add({.name = "libold"});
  mirror.publish(key);
  const auto answer = resolve(query({"git", "svn"}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "source.conflict");
  EXPECT_EQ(answer.error().field("reasons"),
            "libnew 1 conflicts with libold 1 (wanted by svn -> libold) "
            "(wanted by git -> libnew)");
}

TEST_F(Resolve, AConflictOfBothIsToldOnce) {
  mirror.add({.name = "git", .fields = "Conflicts: svn\nBreaks: svn\n"});
  mirror.add({.name = "svn", .fields = "Conflicts: git\n"});
  mirror.publish(key);
  const auto answer = resolve(query({"git", "svn"}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(std::string(answer.error().field("reasons")).find('\n'), std::string::npos)
      << answer.error().field("reasons");
}

TEST_F(Resolve, AMissingDependencySaysWhatThereIs) {
  mirror.add({.name = "git", .fields = "Depends: libc (>= 2), nothing\n"});
  mirror.add({.name = "libc", .version = "1.9"});
  mirror.publish(key);
  const auto answer = resolve(query({"git"}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().field("wanted"), "'tool git'");
  EXPECT_EQ(answer.error().field("reasons"),
            "git 1 depends on libc (>= 2), found libc 1.9\n"
            "git 1 depends on nothing, which the archive lacks");
}

TEST_F(Resolve, AHostGetsItsExtrasOnTopOfTheSharedSet) {
  mirror.add({.name = "git", .fields = "Depends: libc\n"});
  mirror.add({.name = "ssh", .fields = "Depends: libc, libssh\n"});
  mirror.add({.name = "libc"});
  mirror.add({.name = "libssh"});
  mirror.publish(key);
  Query asked = query({"git"});
  asked.hosts["one"] = {tool("ssh")};
  asked.hosts["two"] = {tool("ssh"), tool("git")};
  const auto answer = resolve(asked);
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_THAT(find(*answer, "git").sets, ElementsAre("shared"));
  EXPECT_THAT(find(*answer, "libc").sets, ElementsAre("shared"));
  EXPECT_THAT(find(*answer, "ssh").sets, ElementsAre("one", "two"));
  EXPECT_THAT(find(*answer, "libssh").sets, ElementsAre("one", "two"));
}

TEST_F(Resolve, AnImageGetsItsOwnClosureInTheVersionsOfTheOthers) {
  mirror.add({.name = "git", .fields = "Depends: libc\n"});
  mirror.add({.name = "python", .fields = "Depends: libc, libpy\n"});
  mirror.add({.name = "libc"});
  mirror.add({.name = "libpy"});
  mirror.add({.name = "busybox"});
  mirror.publish(key);
  Query asked = query({"git"});
  asked.images["py"] = {{{"python", "image py python", {}}}, true};
  asked.images["bare"] = {{{"busybox", "image bare busybox", {}}}, false};
  const auto answer = resolve(asked);
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_THAT(find(*answer, "git").sets, ElementsAre("shared"));
  EXPECT_THAT(find(*answer, "libc").sets, ElementsAre("image:py", "shared"));
  EXPECT_THAT(find(*answer, "libpy").sets, ElementsAre("image:py"));
  EXPECT_THAT(find(*answer, "base").sets, ElementsAre("image:py", "shared"));
  EXPECT_THAT(find(*answer, "busybox").sets, ElementsAre("image:bare"));
  EXPECT_THAT(find(*answer, "python").because, ElementsAre("image py python"));
}

TEST_F(Resolve, HostsThatWantTheSameAreSolvedOnce) {
  mirror.add({.name = "git"});
  mirror.add({.name = "ssh", .fields = "Depends: libssh\n"});
  for (const char* name : {"libssh", "less"}) mirror.add({.name = name});
  mirror.publish(key);
  Query asked = query({"git"});
  asked.hosts["a"] = {tool("ssh"), tool("less")};
  asked.hosts["b"] = {tool("less")};
  asked.hosts["c"] = {tool("less"), {"ssh", "tool remote", {}}};
  asked.hosts["d"] = {tool("less"), tool("ssh"), tool("less")};
  asked.hosts["e"] = {tool("less")};
  Solving solving;
  const auto answer = archive().resolve(asked, solving);
  ASSERT_TRUE(answer) << describe(answer.error());
  EXPECT_EQ(solving.announced, 2U);
  EXPECT_THAT(solving.hosts, ElementsAre("a", "b"));
  EXPECT_THAT(find(*answer, "less").sets, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(find(*answer, "ssh").sets, ElementsAre("a", "c", "d"));
  EXPECT_THAT(find(*answer, "libssh").sets, ElementsAre("a", "c", "d"));
  EXPECT_THAT(find(*answer, "ssh").because, ElementsAre("tool remote", "tool ssh"));
}

TEST_F(Resolve, AHostsExtrasNeverMoveTheSharedSet) {
  mirror.add({.name = "git", .fields = "Depends: libc\n"});
  mirror.add({.name = "libc"});
  mirror.add({.name = "ssh", .fields = "Conflicts: libc\n"});
  mirror.publish(key);
  Query asked = query({"git"});
  asked.hosts["one"] = {tool("ssh")};
  const auto answer = resolve(asked);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "source.conflict");
  EXPECT_EQ(answer.error().field("host"), "one");
}

TEST_F(Resolve, TheAnswerDependsOnNeitherOrderNorLocaleNorUmask) {
  mirror.add({.name = "mailer", .fields = "Depends: exim | postfix, mta\n"});
  mirror.add({.name = "exim", .fields = "Provides: mta\nConflicts: postfix\n"});
  mirror.add({.name = "postfix", .fields = "Provides: mta\nConflicts: exim\n"});
  mirror.add({.name = "git", .fields = "Depends: libc, mta\n"});
  mirror.add({.name = "libc"});
  mirror.publish(key);
  const auto one = resolve(query({"git", "mailer", "libc"}));
  ASSERT_TRUE(one) << describe(one.error());
  std::filesystem::remove_all(directory.path() / "state");
  const mode_t before = umask(077);
  setenv("LC_ALL", "de_DE.UTF-8", 1);
  std::setlocale(LC_ALL, "");
  const auto other = resolve(query({"libc", "mailer", "git"}));
  std::setlocale(LC_ALL, "C");
  unsetenv("LC_ALL");
  EXPECT_EQ(umask(before), 077U) << "the caller's umask is given back";
  ASSERT_TRUE(other) << describe(other.error());
  EXPECT_EQ(one->packages, other->packages);
}

TEST_F(Resolve, VersionsStayWhileTheMirrorMovesOn) {
  mirror.add({.name = "git", .fields = "Depends: libc\n"});
  mirror.add({.name = "libc"});
  mirror.publish(key);
  const auto before = resolve(query({"git"}));
  ASSERT_TRUE(before) << describe(before.error());
  mirror.add({.name = "git", .version = "2", .fields = "Depends: libc\n"});
  mirror.add({.name = "libc", .version = "2"});
  mirror.publish(key);

  Query again = query({"git"});
  again.keep = before->packages;
  EXPECT_THAT(names(again), ElementsAre("base 1", "git 1", "libc 1"));
  again.update = {"git"};
  EXPECT_THAT(names(again), ElementsAre("base 1", "git 2", "libc 1"));
  again.update_all = true;
  EXPECT_THAT(names(again), ElementsAre("base 1", "git 2", "libc 2"));
}

TEST_F(Resolve, AnUpdateMovesWhatItForcesToMoveAndNoMore) {
  mirror.add({.name = "git", .fields = "Depends: git-man (= 1), libc\n"});
  mirror.add({.name = "git-man", .fields = "Breaks: git (>= 2)\n"});
  mirror.add({.name = "libc"});
  mirror.publish(key);
  Query asked = query({"git"});
  const auto before = resolve(asked);
  ASSERT_TRUE(before) << describe(before.error());
  mirror.add({.name = "git", .version = "2", .fields = "Depends: git-man (= 2), libc\n"});
  mirror.add({.name = "git-man", .version = "2"});
  mirror.add({.name = "libc", .version = "2"});
  mirror.publish(key);
  asked.keep = before->packages;
  asked.update = {"git"};
  EXPECT_THAT(names(asked), ElementsAre("base 1", "git 2", "git-man 2", "libc 1"));
}

TEST_F(Resolve, AddingAToolChangesNothingElse) {
  mirror.add({.name = "git", .fields = "Depends: libc, one | two\n"});
  for (const char* name : {"libc", "one", "two"}) mirror.add({.name = name});
  mirror.publish(key);
  const auto before = resolve(query({"git", "two"}));
  ASSERT_TRUE(before) << describe(before.error());
  mirror.add({.name = "jq", .fields = "Depends: libc\n"});
  mirror.add({.name = "libc", .version = "2"});
  mirror.publish(key);
  Query more = query({"git", "two", "jq"});
  more.keep = before->packages;
  EXPECT_THAT(names(more), ElementsAre("base 1", "git 1", "jq 1", "libc 1", "two 1"));
}

TEST_F(Resolve, AKeptFileStandsInForWhatTheMirrorDropped) {
  mirror.add({.name = "git", .fields = "Depends: libc\nProvides: vcs\n"});
  mirror.add({.name = "libc"});
  mirror.publish(key);
  Query asked = query({"git"});
  const auto before = resolve(asked);
  ASSERT_TRUE(before) << describe(before.error());
  const auto fetched = fetch(*before);
  ASSERT_TRUE(fetched) << describe(fetched.error());
  mirror.drop("git", "1");
  mirror.add({.name = "git", .version = "2", .fields = "Depends: libc\n"});
  mirror.publish(key);
  asked.keep = before->packages;
  const auto after = resolve(asked);
  ASSERT_TRUE(after) << describe(after.error());
  EXPECT_EQ(before->packages, after->packages);

  // A kept file with other content than the lock names is no stand-in.
  const Package& git = find(*before, "git");
  tests::flip_byte(kept_path(kept, git), git.size / 2);
  EXPECT_THAT(names(asked), ElementsAre("base 1", "git 2", "libc 1"));
}

TEST_F(Resolve, OfflineUsesTheIndexesOfBefore) {
  mirror.add({.name = "git"});
  mirror.publish(key);
  EXPECT_THAT(names(query({"git"}), true), ElementsAre(HasSubstr("source.no-index")));
  ASSERT_THAT(names(query({"git"})), ElementsAre("base 1", "git 1"));
  std::filesystem::remove_all(directory.path() / "mirror");
  EXPECT_THAT(names(query({"git"}), true), ElementsAre("base 1", "git 1"));
}

TEST_F(Resolve, ADeclaredMirrorNeedsNoSourcesOfTheMachine) {
  sources("");
  mirror.add({.name = "git"});
  mirror.publish(key);
  Query asked = query({"git"});
  asked.source = {.suite = "stable", .uri = mirror.uri(), .components = {}, .signed_by = {}};
  EXPECT_THAT(names(asked), ElementsAre(HasSubstr("source.no-keyring")));
  asked.source.signed_by = key.keyring();
  EXPECT_THAT(names(asked), ElementsAre("base 1", "git 1"));
  asked.source.signed_by = {};
  std::filesystem::create_directories(machine.keyrings);
  std::filesystem::copy_file(key.keyring(), machine.keyrings / "debian-archive-keyring.gpg");
  EXPECT_THAT(names(asked), ElementsAre("base 1", "git 1"));
}

TEST_F(Resolve, TheMachinesOwnAptAndDpkgStateStaysUntouched) {
  const auto listing = [] {
    return tests::run({"find", "/var/lib/apt", "/var/cache/apt", "/var/lib/dpkg/status",
                       "/var/log/apt", "-printf", "%p %s %T@\n"});
  };
  mirror.add({.name = "git"});
  mirror.publish(key);
  const std::string before = listing();
  const auto answer = resolve(query({"git"}));
  ASSERT_TRUE(answer) << describe(answer.error());
  ASSERT_TRUE(fetch(*answer));
  EXPECT_EQ(before, listing());
}

}  // namespace
}  // namespace ccci::source::debian
