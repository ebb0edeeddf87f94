// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/coverage.hpp"

#include <gmock/gmock.h>

namespace ccci::configure {
namespace {

Coverage judge(const std::string& body) {
  return coverage("#!/bin/sh\nset -e\n" + body,
                  [](const std::string& path) { return path == "etc/there"; });
}

TEST(Coverage, RulesCoverWhatDebhelperWrites) {
  EXPECT_TRUE(judge("if [ \"$1\" = \"configure\" ]; then\n"
                    "  if deb-systemd-helper --quiet was-enabled 'x.service'; then\n"
                    "    deb-systemd-helper enable 'x.service' >/dev/null || true\n  fi\nfi\n"
                    "if which py3compile >/dev/null 2>&1; then py3compile -p x; fi\n"
                    "update-alternatives --install /usr/bin/a a /usr/bin/b 10\n"
                    "ldconfig\n")
                  .covered);
  EXPECT_TRUE(coverage("", {}).covered);
}

TEST(Coverage, NamesTheScriptsThatMakeAccounts) {
  EXPECT_TRUE(judge("systemd-sysusers x.conf\n").makes_accounts);
  EXPECT_TRUE(judge("getent passwd x || adduser --system x\n").makes_accounts);
  EXPECT_TRUE(judge("adduser --system x\n").covered);
  EXPECT_FALSE(judge("chown x /etc/x\n").makes_accounts);
}

TEST(Coverage, ByteCodeIsNotMissed) {
  EXPECT_TRUE(judge("/usr/bin/python3.11 -E /usr/lib/python3.11/py_compile.py $files\n").covered);
  EXPECT_FALSE(judge("/usr/bin/python3.11 -E /usr/lib/x/other.py $files\n").covered);
}

TEST(Coverage, NamesTheFirstCommandThatNoRuleCovers) {
  EXPECT_EQ(judge("ldconfig\nglib-compile-schemas /usr/share\nother\n").because,
            "glib-compile-schemas");
  EXPECT_EQ(judge("/usr/bin/fmtutil-sys --all\n").because, "fmtutil-sys");
  EXPECT_EQ(judge("echo x > /etc/file\n").because, "echo");
  EXPECT_EQ(judge(": > /etc/file\n").because, ":");
  EXPECT_EQ(judge("sed -i s/a/b/ /etc/file\n").because, "sed");
  EXPECT_EQ(judge(". /usr/lib/other\n").because, ".");
  EXPECT_EQ(judge("update-alternatives --install $LINK a /b 1\n").because, "update-alternatives");
  EXPECT_EQ(judge("eval \"$x\"\n").because, "eval");
  EXPECT_EQ(judge("a 'b\n").because, "not read completely");
  EXPECT_EQ(coverage("#!/usr/bin/perl\nldconfig\n", {}).because, "not a shell script");
}

TEST(Coverage, RemovingWhatDoesNotExistHasNoEffect) {
  EXPECT_TRUE(judge("rm -f /etc/old.conf\n").covered);
  EXPECT_FALSE(judge("rm -f /etc/there\n").covered);
  EXPECT_FALSE(judge("rm -rf \"$dir\"\n").covered);
  EXPECT_FALSE(judge("cd /etc\nrm -f there\n").covered);
}

TEST(Coverage, ACommandIsCoveredOnlyInItsHarmlessForms) {
  EXPECT_TRUE(judge("dpkg --compare-versions 1 lt 2\ndpkg -L x\n").covered);
  EXPECT_EQ(judge("dpkg --add-architecture i386\n").because, "dpkg");
  EXPECT_TRUE(judge("trap - EXIT\n").covered);
  EXPECT_EQ(judge("trap 'make-something' EXIT\n").because, "trap");
  EXPECT_EQ(judge("dpkg-divert --add /usr/bin/x\n").because, "dpkg-divert");
}

TEST(Coverage, AFunctionIsJudgedByItsBody) {
  EXPECT_TRUE(judge("f() { ldconfig; }\nf\n").covered);
  EXPECT_EQ(judge("f() { mkfontdir; }\nf\n").because, "mkfontdir");
}

TEST(Coverage, ATriggerIsPassedOn) {
  const Coverage found = judge("dpkg-trigger --no-await texmf\n");
  EXPECT_TRUE(found.covered);
  EXPECT_THAT(found.activates, testing::ElementsAre("texmf"));
}

}  // namespace
}  // namespace ccci::configure
