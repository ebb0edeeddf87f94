// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "reading.hpp"

namespace ccci::prove {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> read_script(std::string_view text) {
  return shown(read_shell("x.sh", text));
}

TEST(ShellReader, WhatAnotherUsersShellInstalls) {
  EXPECT_THAT(read_script("su -c 'apt-get install -y git'\nsu - root -c \"apt install jq\"\n"),
              ElementsAre("1:8 apt-get install: git", "2:15 apt install: jq"));
}

TEST(ShellReader, APackageThatAptTakesAwayIsNone) {
  EXPECT_THAT(read_script("apt-get install -y git nano- g++\n"),
              ElementsAre("1:1 apt-get install: git g++"));
}

TEST(ShellReader, InstallNamesWhatItInstalls) {
  EXPECT_THAT(read_script("#!/bin/sh\napt-get install -y git curl=7.88 jq/stable libc6:arm64\n"),
              ElementsAre("2:1 apt-get install: git curl jq libc6"));
}

TEST(ShellReader, OptionsAndTheirWordsAreNotPackages) {
  EXPECT_THAT(
      read_script("apt-get -o Dpkg::Use-Pty=0 -qq install --no-install-recommends -t sid -- git"),
      ElementsAre("1:1 apt-get install: git"));
  EXPECT_THAT(
      read_script("apk add --no-cache --virtual .build-deps -X https://e.example git~=2.4 jq@edge"),
      ElementsAre("1:1 apk add: git jq"));
  EXPECT_THAT(read_script("dnf -y --enablerepo crb install git-lfs"),
              ElementsAre("1:1 dnf install: git-lfs"));
}

TEST(ShellReader, EveryPackageManagerIsKnown) {
  EXPECT_THAT(
      read_script("apt install git\napk add git\nyum install git\nmicrodnf install git\n"
                  "zypper in git\npacman -Syu --noconfirm git\nbrew install owner/tap/git@2\n"
                  "nix-env -iA nixpkgs.git\nnix-shell -p git --run make\n"),
      ElementsAre("1:1 apt install: git", "2:1 apk add: git", "3:1 yum install: git",
                  "4:1 microdnf install: git", "5:1 zypper install: git", "6:1 pacman -S: git",
                  "7:1 brew install: git", "8:1 nix-env -i: git", "9:1 nix-shell -p: git"));
}

TEST(ShellReader, PythonModulesAreKnownAsSuch) {
  EXPECT_THAT(
      read_script("pip install 'pytest[x]>=7' playwright==1.40\n"
                  "python3 -m pip install -r requirements.txt black\nuv pip install ruff\n"),
      ElementsAre("1:1 pip install: py:pytest py:playwright", "2:1 pip install: py:black",
                  "3:1 pip install: py:ruff"));
}

TEST(ShellReader, PackagesOfNpmCountIfTheyAreInstalledForAll) {
  EXPECT_THAT(
      read_script("npm install -g prettier@3 @scope/tool@^1\nsudo npm i --location=global eslint\n"
                  "npm --location global install x\nyarn global add y\npnpm add -g z@npm:real@1\n"
                  "npm install z\nyarn add z\npnpm install\nyarn global list\n"),
      ElementsAre("1:1 npm install: prettier @scope/tool", "2:6 npm install: eslint",
                  "3:1 npm install: x", "4:1 yarn add: y", "5:1 pnpm add: real"));
}

TEST(ShellReader, OtherVerbsInstallNothing) {
  EXPECT_THAT(
      read_script("apt-get update\napt-get remove git\napt-cache show git\napk del git\n"
                  "pacman -Ss git\npacman -Qi git\npip list\nbrew upgrade\napt-get install -y\n"
                  "npm install left-pad\ndnf search install\n"),
      IsEmpty());
}

TEST(ShellReader, CommentsStringsAndDocumentsAreText) {
  EXPECT_THAT(read_script("# apt-get install git\n"
                          "true # apt-get install git\n"
                          "echo apt-get install git\n"
                          "echo 'x\napt-get install git\n'\n"
                          "echo \"x\napt-get install git\n\"\n"
                          "cat <<EOF\napt-get install git\nEOF\n"
                          "cat <<-'EOF' >file\n\tapt-get install git\n\tEOF\n"
                          "x='apt-get install git'\n"
                          "usage() { cat <<EOF; }\napt-get install git\nEOF\n"),
              IsEmpty());
}

TEST(ShellReader, WhatFollowsADocumentIsReadAgain) {
  EXPECT_THAT(read_script("cat <<A <<B\nit's\nA\napt-get install no\nB\napt-get install git\n"),
              ElementsAre("6:1 apt-get install: git"));
}

TEST(ShellReader, ADocumentForAShellIsAScript) {
  EXPECT_THAT(read_script("chroot /x /bin/bash <<EOF\napt-get install -y git\nEOF\n"),
              ElementsAre("2:1 apt-get install: git"));
}

TEST(ShellReader, QuotedScriptsAreRead) {
  EXPECT_THAT(read_script("bash -euc 'apt-get install git'\nsudo sh -c \"true\napk add jq\"\n"
                          "eval 'apt install curl'\n"),
              ElementsAre("1:12 apt-get install: git", "3:1 apk add: jq", "4:7 apt install: curl"));
}

TEST(ShellReader, CommandsAreFoundWhereverTheyBegin) {
  EXPECT_THAT(
      read_script("true && apt-get install a || apt-get install b; (apt-get install c) | { apt-get "
                  "install d; }\nif ! apt-get install e; then time apt-get install f; fi\n"
                  "x=$(apt-get install g)\ny=\"`apt-get install h`\"\n"),
      ElementsAre("1:9 apt-get install: a", "1:30 apt-get install: b", "1:50 apt-get install: c",
                  "1:73 apt-get install: d", "2:6 apt-get install: e", "2:35 apt-get install: f",
                  "3:5 apt-get install: g", "4:5 apt-get install: h"));
}

TEST(ShellReader, WrappersAreSeenThrough) {
  EXPECT_THAT(
      read_script("DEBIAN_FRONTEND=noninteractive sudo -E -u root env A=b nice -n 5 timeout 60 "
                  "/usr/bin/apt-get install git\n$SUDO apt-get install jq\n"),
      ElementsAre("1:77 apt-get install: git", "2:7 apt-get install: jq"));
}

TEST(ShellReader, LinesContinue) {
  const Reading reading = read_shell("x.sh", "apt-get install -y \\\n    git \\\n  curl\n");
  ASSERT_THAT(shown(reading), ElementsAre("1:1 apt-get install: git curl"));
  EXPECT_THAT(places(reading.findings[0]), ElementsAre("git@2:5", "curl@3:3"));
}

TEST(ShellReader, VariablesOfTheFileAreFollowed) {
  EXPECT_THAT(read_script("PACKAGES=\"git curl\"\nmore=(jq # no\n  sed)\nmore+=(tar)\n"
                          "apt-get install $PACKAGES \"${more[@]}\" $elsewhere\n"
                          "for p in make gcc; do apt-get install \"$p\"; done\n"),
              ElementsAre("5:1 apt-get install: git curl jq sed tar $elsewhere",
                          "6:23 apt-get install: make gcc"));
}

TEST(ShellReader, AListFromElsewhereIsSaidToBeOne) {
  EXPECT_THAT(read_script("xargs apt-get install -y < packages.txt"),
              ElementsAre("1:7 apt-get install:"));
}

TEST(ShellReader, PathInFrontBehindAndInstead) {
  EXPECT_THAT(
      read_script("export PATH=/opt/a/bin:$PATH\nPATH=$PATH:/sbin\nPATH=/usr/bin:/bin cmd\n"
                  "export PATH=\"$HOME/.local/bin:${PATH}:/opt/b\"\ndeclare -x PATH=~/bin:$PATH\n"
                  "env PATH=/opt/c:$PATH true\n"),
      ElementsAre("1:8 PATH: front /opt/a/bin", "2:1 PATH: back /sbin",
                  "3:1 PATH: whole /usr/bin /bin", "4:8 PATH: front $HOME/.local/bin /opt/b",
                  "5:12 PATH: front ~/bin", "6:5 PATH: front /opt/c"));
}

TEST(ShellReader, TheRepositorysOwnDirectoriesAreNotTheHosts) {
  EXPECT_THAT(
      read_script("export PATH=$PWD/bin:$PATH\nPATH=\"$(dirname \"$0\")/x:$PATH\"\n"
                  "PATH=./bin:$PATH\nbase=$(pwd)\nPATH=$base/bin:$PATH\n"
                  "PATH=/usr/lib/cc-ci/path/git:/usr/lib/cc-ci/essential:$PATH\nMYPATH=/usr/"
                  "bin\nMANPATH=/x:$MANPATH\n"
                  "echo PATH=/usr/bin\n# PATH=/usr/bin\n"),
      IsEmpty());
}

TEST(ShellReader, PathVariablesAreResolvedOrCounted) {
  EXPECT_THAT(read_script("tools=/opt/tools\nPATH=$tools/bin:$PATH\nPATH=$unknown:$PATH\n"
                          "both=/a:/b:\nPATH=$both$PATH\n"),
              ElementsAre("2:1 PATH: front /opt/tools/bin", "3:1 PATH: front $unknown",
                          "5:1 PATH: front /a /b"));
}

TEST(ShellReader, DirenvAndGithubPath) {
  EXPECT_THAT(read_script("PATH_add /opt/x\nPATH_add bin\necho /opt/y >> \"$GITHUB_PATH\"\n"
                          "echo ./bin >> $GITHUB_PATH\n"),
              ElementsAre("1:1 PATH_add: front /opt/x", "3:6 GITHUB_PATH: front /opt/y"));
}

TEST(ShellReader, QuotesInsideSubstitutionsDoNotLeak) {
  EXPECT_THAT(read_script("x=\"$(echo \")\" 'it')\"\ny=${z:-it's}\nw=$(cat <<EOF\ndon't\nEOF\n)\n"
                          "v=$((1 << 2))\napt-get install git\n"),
              ElementsAre("8:1 apt-get install: git"));
}

TEST(ShellReader, NastyInputEnds) {
  for (const std::string& unit :
       {std::string("$("), std::string("\"$("), std::string("`"), std::string("a=("),
        std::string("${"), std::string("<<A\n"), std::string("'"), std::string("\\"),
        std::string("(("), std::string("x=$(\"${y:-`"), std::string("\0\n", 2), std::string("<("),
        std::string("bash <<A\n"), std::string("for x in "), std::string("bash -c '"),
        std::string("\xff\xfe{")}) {
    std::string text;
    while (text.size() < 50'000) text += unit;
    read_shell("x.sh", text);
    read_shell("x.sh", text + "\napt-get install git");
  }
}

TEST(ShellReader, EveryPrefixOfAScriptIsRead) {
  const std::string text =
      "a=(x y) b=$(c \"d ${e}\" `f`) cat <<-Z >g 2>&1; PATH=/h:$PATH sudo apt-get install 'i'\n"
      "\tj\n\tZ\nbash -c \"apk add k\" # l\n";
  for (std::size_t size = 0; size <= text.size(); ++size)
    read_shell("x.sh", std::string_view(text).substr(0, size));
  EXPECT_THAT(read_script(text),
              ElementsAre("1:47 PATH: front /h", "1:66 apt-get install: i", "4:10 apk add: k"));
}

}  // namespace
}  // namespace ccci::prove
