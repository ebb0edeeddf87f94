// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "reading.hpp"

namespace ccci::prove {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> read(std::string_view text) { return shown(read_nix("x.nix", text)); }

TEST(NixReader, ListsBehindKnownAttributes) {
  EXPECT_THAT(
      read("{ pkgs, ... }: {\n"
           "  environment.systemPackages = with pkgs; [ git curl ];\n"
           "  systemd.services.sweep.path = [ pkgs.git-lfs pkgs.jq ];\n"
           "  x = pkgs.writeShellApplication { runtimeInputs = [ pkgs.tar ]; };\n"
           "  y = pkgs.mkShell { buildInputs = [ pkgs.a ]; nativeBuildInputs = [ pkgs.b ];"
           " };\n}\n"),
      ElementsAre("2:15 systemPackages: git curl", "3:26 path: git-lfs jq",
                  "4:36 runtimeInputs: tar", "5:22 buildInputs: a", "5:48 nativeBuildInputs: b"));
}

TEST(NixReader, TheValuesOfASetAreAList) {
  EXPECT_THAT(read("pkgs.mkShell { packages = builtins.attrValues {\n"
                   "  inherit (pkgs) git jq;\n  inherit (pkgs.python3Packages) pytest;\n"
                   "  editor = pkgs.vim; }; }\n"),
              ElementsAre("1:16 packages: git jq py:pytest vim"));
}

TEST(NixReader, CommentsAndStringsAreText) {
  EXPECT_THAT(read("{ environment.systemPackages = [\n"
                   "  # pkgs.git\n  /* pkgs.curl\n [ pkgs.jq ] */\n"
                   "  \"pkgs.sed ]\" ''pkgs.tar ]; ''\n  pkgs.real\n]; "
                   "description = \"systemPackages = [ pkgs.no ];\";\n"
                   "text2 = ''buildInputs = [ pkgs.no ];'';\n}\n"),
              ElementsAre("1:15 systemPackages: real"));
}

TEST(NixReader, PlacesAreTheElements) {
  const Reading reading = read_nix("x.nix", "{ runtimeInputs = with pkgs; [\n  git\n    curl ]; }");
  ASSERT_EQ(reading.findings.size(), 1U);
  EXPECT_THAT(places(reading.findings[0]), ElementsAre("git@2:3", "curl@3:5"));
  EXPECT_EQ(reading.findings[0].excerpt, "{ runtimeInputs = with pkgs; [");
}

TEST(NixReader, PythonEnvironmentsAreReadInEveryForm) {
  for (const char* text :
       {"{ runtimeInputs = [ (pkgs.python3.withPackages (ps: with ps; [ pytest playwright ])) ]; }",
        "{ runtimeInputs = [ (pkgs.python3.withPackages (ps: [ ps.pytest ps.playwright ])) ]; }",
        "{ runtimeInputs = [ pkgs.python3 python3Packages.pytest pkgs.python312Packages.playwright "
        "]; }",
        "{ runtimeInputs = [ pkgs.python3 ] ++ (with pkgs.python3Packages; [ pytest playwright ]); "
        "}",
        "let py = pkgs.python3.withPackages (p: [ p.pytest p.playwright ]); in { runtimeInputs = "
        "[ py ]; }",
        "{ runtimeInputs = [ pkgs.python3 pkgs.python3.pkgs.pytest pkgs.python3.pkgs.playwright ]; "
        "}"}) {
    const Reading reading = read_nix("x.nix", text);
    ASSERT_EQ(reading.findings.size(), 1U) << text;
    std::string line = shown(reading.findings[0]);
    EXPECT_EQ(line.substr(line.find(' ') + 1), "runtimeInputs: python3 py:pytest py:playwright")
        << text;
  }
  EXPECT_THAT(read("x: { env = x.python311.withPackages (ps: [ ps.pytest ]); }"),
              ElementsAre("1:12 withPackages: python311 py:pytest"));
}

TEST(NixReader, ConcatenationsConditionsAndNestingAreFollowed) {
  EXPECT_THAT(read("{ runtimeInputs = (with pkgs; [ a ]) ++ [ pkgs.b (pkgs.c.override { x = [ 1 ]; "
                   "}) pkgs.d.bin (lib.getBin pkgs.e) ] ++ lib.optionals stdenv.isLinux [ pkgs.f ]"
                   " ++ lib.optional true pkgs.g; }"),
              ElementsAre("1:3 runtimeInputs: a b c d e f g"));
}

TEST(NixReader, NamesThatLetBindsAreFollowedAndOthersAreNot) {
  EXPECT_THAT(read("let\n  tools = with pkgs; [ git curl ];\n  mine = pkgs.writeText \"x\" \"y\";\n"
                   "in {\n  runtimeInputs = tools ++ [ mine pkgs.jq ];\n}\n"),
              ElementsAre("5:3 runtimeInputs: git curl jq"));
  EXPECT_THAT(read("{ config, shared }: { runtimeInputs = shared; path = config.my.tools; }"),
              IsEmpty());
  // An attribute of a set is no name that a list could mean.
  EXPECT_THAT(read("{ programs = { git = { enable = true; }; };\n"
                   "  environment.systemPackages = with pkgs; [ git ]; }"),
              ElementsAre("2:15 systemPackages: git"));
}

TEST(NixReader, ALooseListIsUncertain) {
  EXPECT_THAT(read("{ pkgs }: with pkgs; [ git curl ]"),
              ElementsAre("1:22 a list of packages: git curl ?"));
  EXPECT_THAT(read("{ fonts.fonts = [ pkgs.noto ]; ports = [ 22 80 ]; names = [ a b ]; }"),
              ElementsAre("1:17 a list of packages: noto ?"));
}

TEST(NixReader, DevShellsAndBinPaths) {
  EXPECT_THAT(
      read("{ devShells.x86_64-linux.default = pkgs.mkShell {\n packages = [ pkgs.git ]; };\n"
           "env = \"${lib.makeBinPath [ pkgs.curl ]}:/x\"; }"),
      ElementsAre("2:2 packages: git", "3:14 makeBinPath: curl"));
}

TEST(NixReader, PathInScriptsUnitsAndAttributes) {
  EXPECT_THAT(
      read("{\n text = ''\n   export PATH=/run/current-system/sw/bin:$PATH\n   x=''${y}\n '';\n"
           " serviceConfig.Environment = \"PATH=/usr/bin\";\n"
           " environment.PATH = lib.mkForce \"/opt/bin:/x\";\n"
           " systemd.services.a.path = [ \"/run/wrappers\" ];\n"
           " description = ''PATH=/usr/bin'';\n}\n"),
      ElementsAre("3:11 PATH: front /run/current-system/sw/bin", "6:31 PATH: whole /usr/bin",
                  "7:34 PATH: whole /opt/bin /x", "8:21 path: front /run/wrappers"));
}

TEST(NixReader, ScriptsMayInstall) {
  EXPECT_THAT(read("{ a = pkgs.writeShellScriptBin \"a\" ''\n  apt-get install git\n'';\n"
                   "  description = ''\n  apt-get install no\n'';\n"
                   "  buildPhase = \"pip install pytest\"; }"),
              ElementsAre("2:3 apt-get install: git", "7:17 pip install: py:pytest"));
}

TEST(NixReader, InterpolationAndEscapesKeepTheirBounds) {
  EXPECT_THAT(read("{ a = \"${\"}\"}\\\"\"; b = ''$${x} ''${y} ''' ''\\n ${''z''}''; "
                   "runtimeInputs = [ pkgs.git ]; }"),
              ElementsAre("1:59 runtimeInputs: git"));
  EXPECT_THAT(read("{ runtimeInputs = assert true; with pkgs; let x = 1; in [ git ]; y = 2; }"),
              ElementsAre("1:3 runtimeInputs: git"));
}

TEST(NixReader, NastyInputEnds) {
  for (const char* unit : {"[", "(", "{", "\"${", "''${", "let a = ", "with pkgs; ", "a = b ++ ",
                           "path = [ ", "]", "x.withPackages (ps: ", "rec { a = a; ", "''", "/*",
                           "runtimeInputs = a; a = runtimeInputs; let ", "<", "${"}) {
    std::string text;
    while (text.size() < 50'000) text += unit;
    read_nix("x.nix", text);
  }
  EXPECT_THAT(read("let a = a ++ b; b = a; in { runtimeInputs = a ++ [ pkgs.git ]; }"),
              ElementsAre("1:29 runtimeInputs: git"));
}

TEST(NixReader, EveryPrefixIsRead) {
  const std::string text =
      "let p = pkgs.python3.withPackages (ps: with ps; [ pytest ]); in { # c\n"
      " path = with pkgs; [ git (x.override { y = ''a ${b} ''${c}''; }) p ] ++ [ \"/d\" ];\n"
      " text = \"PATH=/e:$PATH\"; }";
  for (std::size_t size = 0; size <= text.size(); ++size)
    read_nix("x.nix", std::string_view(text).substr(0, size));
}

}  // namespace
}  // namespace ccci::prove
