// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/shell_commands.hpp"

#include <gmock/gmock.h>

namespace ccci::configure {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(const std::string& text) {
  const ShellScript script = read_shell(text);
  EXPECT_TRUE(script.certain) << text;
  std::vector<std::string> list;
  for (const SimpleCommand& command : script.commands) {
    list.push_back(command.words.empty() ? "(redirection)" : command.words.front());
  }
  return list;
}

TEST(ShellCommands, FindsTheCommandsOfEveryConstruct) {
  EXPECT_THAT(names("a; b && c || d | e & f\ng"), ElementsAre("a", "b", "c", "d", "e", "f", "g"));
  EXPECT_THAT(names("if a; then b; elif c; then d; else e; fi"),
              ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(names("while a; do b; done; until c; do d; done; for x in y z; do e; done"),
              ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(names("case \"$x\" in configure|x) a;; y)\n b\n ;; *) c;; esac; d"),
              ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(names("case $x in (a) b ;; esac"), ElementsAre("b"));
  EXPECT_THAT(names("{ a; }; (b; c); ! d; exec e"), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(names("A=1 B=2 a; C=3"), ElementsAre("a"));
  EXPECT_THAT(names("a \\\n b\nc # d; e\n'f' \"g\""), ElementsAre("a", "c", "f"));
}

TEST(ShellCommands, LooksIntoSubstitutions) {
  EXPECT_THAT(names("x=$(a | b); c \"$(d $(e))\" `f`"), ElementsAre("a", "b", "e", "d", "f", "c"));
  EXPECT_THAT(names("a $((1 + 2)) ${b:-c}"), ElementsAre("a"));
  EXPECT_FALSE(read_shell("a ${b:-$(c)}").certain) << "a command there would be missed";
}

TEST(ShellCommands, HereDocumentsAreData) {
  EXPECT_THAT(names("a <<EOF; b\nrm -rf /\nEOF\nc"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(names("a <<-'EOF'\n\tx\n\tEOF\nc"), ElementsAre("a", "c"));
}

TEST(ShellCommands, NoticesWhatIsWritten) {
  const auto writes = [](const std::string& text) {
    const ShellScript script = read_shell(text);
    return !script.commands.empty() && script.commands.front().writes;
  };
  EXPECT_TRUE(writes("echo x > /etc/file"));
  EXPECT_TRUE(writes("echo x >>/etc/file"));
  EXPECT_TRUE(writes("> /etc/file"));
  EXPECT_FALSE(writes("a >/dev/null 2>&1"));
  EXPECT_FALSE(writes("a 2>&1 >&2"));
  EXPECT_FALSE(writes("a < /etc/file"));
}

TEST(ShellCommands, LeavesOutWhatOnlyAnUpgradeRuns) {
  EXPECT_THAT(names("if [ -n \"$2\" ]; then a; else b; fi; c"), ElementsAre("[", "b", "c"));
  EXPECT_THAT(
      names("if [ \"$1\" = configure ] && dpkg --compare-versions \"$2\" lt-nl 1; then a; fi"),
      ElementsAre("[", "dpkg"));
  EXPECT_THAT(names("if [ \"x$2\" != x ]; then a; fi"), ElementsAre("["));
  EXPECT_THAT(names("test -n \"$2\" && a; b"), ElementsAre("test", "b"));
  EXPECT_THAT(names("[ -n \"$2\" ] &&\n  a || b"), ElementsAre("[", "b"));
  EXPECT_THAT(names("if test \"$1\" = upgrade && x; then a; fi; b"), ElementsAre("test", "b"));
  EXPECT_THAT(names("case \"$1\" in abort-upgrade|remove) a;; configure) b;; *) c;; esac"),
              ElementsAre("b", "c"));
  EXPECT_THAT(names("case \"$x\" in remove) a;; esac"), ElementsAre("a"));
  // These run on a first installation too.
  EXPECT_THAT(names("if [ \"$1\" = install ]; then a; fi"), ElementsAre("[", "a"));
  EXPECT_THAT(names("if [ -n \"$2\" ] || x; then a; fi"), ElementsAre("[", "x", "a"));
  EXPECT_THAT(names("if ! [ -n \"$2\" ]; then a; fi"), ElementsAre("[", "a"));
  EXPECT_THAT(names("if dpkg --compare-versions \"$2\" lt 1; then a; fi"),
              ElementsAre("dpkg", "a"));
  EXPECT_THAT(names("if [ -n \"$3\" ]; then a; fi"), ElementsAre("[", "a"));
}

TEST(ShellCommands, MissesNothingWhereAConditionMayHold) {
  EXPECT_THAT(names("! [ -n \"$2\" ] && a"), ElementsAre("[", "a"));
  EXPECT_THAT(names("[ ! -n \"$2\" ] && a"), ElementsAre("[", "a"));
  EXPECT_THAT(names("[ -n $2 ] && a"), ElementsAre("[", "a")) << "without quotes it is true";
  EXPECT_THAT(names("[ x$2 != x ] && a"), ElementsAre("["));
  EXPECT_THAT(names("dpkg --compare-versions \"$2\" ge-nl 1 && a"), ElementsAre("dpkg", "a"));
  EXPECT_THAT(names("if [ -n \"$2\" ]; x; then a; fi"), ElementsAre("[", "x", "a"))
      << "the last command decides";
}

TEST(ShellCommands, ParametersOfAFunctionAreOthers) {
  EXPECT_THAT(names("f() { if [ -n \"$2\" ]; then a; fi; }\nf x y"), ElementsAre("[", "a", "f"));
  EXPECT_THAT(names("set -- x y\n[ -n \"$2\" ] && a"), ElementsAre("set", "[", "a"));
  EXPECT_THAT(names("shift\ncase \"$1\" in x) a;; esac"), ElementsAre("shift", "a"));
  EXPECT_THAT(names("set -e\n[ -n \"$2\" ] && a"), ElementsAre("set", "["));
}

TEST(ShellCommands, SaysWhereItIsNotCertain) {
  for (const char* text : {"a 'b", "a \"b", "a $(b", "case $1 in a) b", "a <<EOF\nx\n", "a `b"}) {
    EXPECT_FALSE(read_shell(text).certain) << text;
  }
  EXPECT_FALSE(read_shell(std::string((1U << 20U) + 1, ' ')).certain);
  EXPECT_THAT(read_shell("f() { a; }; f").functions, ElementsAre("f"));
  EXPECT_FALSE(read_shell("cat <<EOF\n$(a)\nEOF\n").certain) << "the shell runs it";
  EXPECT_TRUE(read_shell("cat <<'EOF'\n$(a)\nEOF\n").certain);
  EXPECT_FALSE(read_shell("a $(( $(b) + 1 ))").certain);
  EXPECT_THAT(read_shell("").commands, IsEmpty());
}

}  // namespace
}  // namespace ccci::configure
