// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/needs.hpp"

#include <gmock/gmock.h>

#include "environment/exposure.hpp"
#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

using test::part;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NeedsTest : public ::testing::Test {
 protected:
  // "name" for a link, "name+package" for a command with needs.
  std::vector<std::string> plan(const std::string& text, const std::vector<Part>& parts,
                                const std::vector<Alternative>& alternatives = {}) {
    const auto parsed = declare::parse("[runtime]\n" + text, "cc-ci.toml");
    EXPECT_TRUE(parsed) << parsed.error().code;
    if (!parsed) return {};
    auto tree = Tree::merge(parts);
    EXPECT_TRUE(tree);
    for (const Alternative& alternative : alternatives) {
      tree->add_link("etc/alternatives/" + alternative.name, "/" + alternative.target);
      tree->add_link(alternative.link, "/etc/alternatives/" + alternative.name);
    }
    const CommandIndex index(parts, *tree, alternatives);
    auto exposed = expose(*parsed, nullptr, parts, *tree, index);
    EXPECT_TRUE(exposed);
    needs_ = find_needs(*parsed, parts, index, *tree, *exposed);
    std::vector<std::string> list;
    for (const Exposed& directory : *exposed) {
      for (const Command& command : directory.commands) {
        list.push_back(command.name + (command.needs.empty() ? "" : "+" + command.needs));
      }
    }
    return list;
  }

  std::vector<std::string> needed() const {
    std::vector<std::string> list;
    for (const Needs& one : needs_) {
      for (const auto& [name, command] : one.commands) list.push_back(one.package + ":" + name);
    }
    return list;
  }

  std::vector<Needs> needs_;
};

const Part compiler =
    part("gcc", {"usr/bin/gcc*"}, {.source = "gcc-defaults", .depends = {"gcc-12"}});
const Part versioned = part("gcc-12", {"usr/bin/gcc-12*"}, {.depends = {"binutils"}});
const Part linker = part("binutils", {"usr/bin/as*", "usr/bin/ld*"});

TEST_F(NeedsTest, ADeclaredProgramFindsTheCommandsOfItsDependencies) {
  EXPECT_THAT(plan("tools = [\"gcc\"]\n", {compiler, versioned, linker}), ElementsAre("gcc+gcc"));
  EXPECT_THAT(needed(), ElementsAre("gcc:as", "gcc:gcc-12", "gcc:ld"));
}

TEST_F(NeedsTest, AVersionOfACommandOnPathIsNotNeeded) {
  EXPECT_THAT(plan("tools = [\"python3\"]\n",
                   {part("python3", {"usr/bin/python3*"}, {.depends = {"python3.11"}}),
                    part("python3.11", {"usr/bin/python3.11*"})}),
              ElementsAre("python3"));
  EXPECT_THAT(needed(), IsEmpty());
}

TEST_F(NeedsTest, CommandsOnPathAreNotNeededAgain) {
  const Part base = part("base", {"usr/bin/ls*"}, {.essential = true, .depends = {"mawk"}});
  const Part mawk = part("mawk", {"usr/bin/mawk*"});
  Part leaf = part("jq", {"usr/bin/jq*"}, {.depends = {"base", "binutils"}});
  EXPECT_THAT(plan("tools = [\"jq\", \"binutils\"]\n", {base, leaf, linker, mawk}),
              ElementsAre("jq", "as", "ld", "ls"));
  EXPECT_THAT(needs_, IsEmpty());
}

TEST_F(NeedsTest, ALibraryStartsNoProgramsThatItsOwnScriptsUse) {
  const Part library =
      part("libssl3", {"usr/lib/libssl.so.3"},
           {.depends = {"debconf"},
            .control = {{"control", "Package: libssl3\nSection: libs\n"},
                        {"postinst", "#!/bin/sh\n. /usr/share/debconf/confmodule\n"}}});
  const Part debconf = part("debconf", {"usr/bin/debconf*"});
  EXPECT_THAT(plan("tools = [\"curl\"]\n",
                   {part("curl", {"usr/bin/curl*"}, {.depends = {"libssl3"}}), library, debconf}),
              ElementsAre("curl"));
}

TEST_F(NeedsTest, ALibraryStartsOtherProgramsThatItDependsOn) {
  const auto library = [](const std::string& name, std::vector<std::string> depends) {
    return part(name, {"usr/lib/" + name + ".so"},
                {.depends = std::move(depends),
                 .control = {{"control", "Package: " + name + "\nSection: libs\n"},
                             {"postinst", "#!/bin/sh\nldconfig\n"},
                             {"triggers", "activate-noawait ld\n"}}});
  };
  const Part data = part("data", {"usr/share/data"}, {.depends = {"debconf"}});
  EXPECT_THAT(
      plan("tools = [\"emacs\"]\n",
           {part("emacs", {"usr/bin/emacs*"}, {.depends = {"libfirst"}}),
            library("libfirst", {"libgccjit0"}), library("libgccjit0", {"binutils", "data"}), data,
            part("debconf", {"usr/bin/debconf*"}), linker}),
      ElementsAre("emacs+emacs"));
  EXPECT_THAT(needed(), ElementsAre("emacs:as", "emacs:ld"));
}

TEST_F(NeedsTest, EssentialPackagesAndRenamedCommandsStayLinks) {
  const Part bash = part("bash", {"usr/bin/bash*"}, {.essential = true, .depends = {"gcc-12"}});
  EXPECT_THAT(plan("tools = [\"bash\", \"gcc\"]\n"
                   "[packages.gcc]\ndebian = \"gcc\"\ncommands = { cc = \"/usr/bin/gcc\" }\n",
                   {bash, compiler, versioned, linker}),
              ElementsAre("bash", "cc"));
}

TEST_F(NeedsTest, AnAlternativeInADirectoryOfItsOwnStaysALink) {
  const Part java = part("jre", {"usr/lib/jvm/17/bin/java*"}, {.depends = {"binutils"}});
  const Alternative alternative{"usr/bin/java", "java", "usr/lib/jvm/17/bin/java", "jre"};
  EXPECT_THAT(plan("tools = [\"jre\"]\n", {java, linker}, {alternative}), ElementsAre("java"));
}

TEST_F(NeedsTest, ModulesHaveTheNeedsOfTheirOwnPackage) {
  EXPECT_THAT(
      plan("tools = [\"python3\"]\npython = [\"pytest\"]\n",
           {part("python3", {"usr/bin/python3*"}),
            part("python3-pytest", {"usr/bin/pytest*"}, {.depends = {"binutils"}}), linker}),
      ElementsAre("pytest+python3-pytest", "python3"));
}

std::string changed(const std::string& line, const std::string& path = "/usr/bin/node") {
  const auto call = read_env_call(line);
  return call ? call->program + " " + with_path(*call, path) : "";
}

TEST(EnvCall, GivesTheProgramItsPath) {
  EXPECT_EQ(changed("#!/usr/bin/env node"), "node #!/usr/bin/node");
  EXPECT_EQ(changed("#! /usr/bin/env\tnode  "), "node #!/usr/bin/node");
  EXPECT_EQ(changed("#!/bin/env node"), "node #!/usr/bin/node");
  EXPECT_EQ(changed("#!/usr/bin/env -S node"), "node #!/usr/bin/node");
  EXPECT_EQ(changed("#!/usr/bin/env -Snode --flag"), "node #!/usr/bin/node --flag");
  EXPECT_EQ(changed("#!/usr/bin/env -S node --a --b=1"),
            "node #!/usr/bin/env -S /usr/bin/node --a --b=1");
  EXPECT_EQ(changed("#!/usr/bin/env --split-string=node -e"), "node #!/usr/bin/node -e");
  EXPECT_EQ(changed("#!/usr/bin/env -S A=b node -e"),
            "node #!/usr/bin/env -S A=b /usr/bin/node -e");
}

TEST(EnvCall, LeavesEveryOtherLine) {
  for (const char* line :
       {"#!/usr/bin/env", "#!/usr/bin/env -i node", "#!/usr/bin/env node -e",
        "#!/usr/bin/env /usr/bin/node", "#!/usr/bin/env -S", "", "#!/usr/bin/env -S A=b",
        "#!/usr/bin/env -S -i node", "node", "#!/usr/bin/env -S 'node x'"}) {
    EXPECT_EQ(changed(line), "") << line;
  }
}

TEST(ScriptLine, IsChangedIfTheTextNamesANeededCommand) {
  const Needs needs{"suite", {{"prove", {}}, {"as", {}}}};
  EXPECT_EQ(script_line("#!/bin/sh\nset -e\nprove -v t\n", needs),
            "#!/usr/lib/cc-ci/start +suite /bin/sh");
  EXPECT_EQ(script_line("#! /bin/sh -e\nexec prove\n", needs),
            "#!/usr/lib/cc-ci/start +suite /bin/sh -e");
  for (const char* other :
       {"#!/bin/sh\necho proven\n", "#!/bin/sh\n/usr/bin/prove\n", "#!/bin/sh\ngcc-as x.as\n",
        "#!/usr/bin/env sh\nprove\n", "prove\n", "#!sh\nprove\n"}) {
    EXPECT_EQ(script_line(other, needs), std::nullopt) << other;
  }
}

TEST_F(NeedsTest, AProgramFindsWhatDeclaredPackagesOfItsSourceDependOn) {
  const Part scanner = part("gobject-introspection", {"usr/bin/g-ir-scanner*"}, {.source = "gi"});
  Part headers = part("libgirepository-dev", {"usr/include/g.h"},
                      {.source = "gi", .depends = {"gobject-introspection", "pkgconf"}});
  const Part finder = part("pkgconf", {"usr/bin/pkg-config*"});
  const std::string text =
      "tools = [\"gobject-introspection\"]\npackages = [\"libgirepository-dev\"]\n";
  headers.package.because = {"library gir1.2-gtk"};
  plan(text, {scanner, headers, finder});
  EXPECT_THAT(needed(), IsEmpty()) << "only another package brings it";
  headers.package.because = {"library libgirepository-dev"};
  plan(text, {scanner, headers, finder});
  EXPECT_THAT(needed(), ElementsAre("gobject-introspection:pkg-config"));
  headers.package.source_package = "other";
  plan(text, {scanner, headers, finder});
  EXPECT_THAT(needed(), IsEmpty());
}

TEST_F(NeedsTest, ATransitionalPackageLeadsOn) {
  const auto oldlibs = [](const std::string& file) {
    return part("pkg-config", {file},
                {.depends = {"pkgconf"},
                 .control = {{"control", "Package: pkg-config\nSection: oldlibs\n"},
                             {"postinst", "#!/bin/sh\npkgconf --version\n"}}});
  };
  const Part scanner = part("scan", {"usr/bin/scan*"}, {.depends = {"pkg-config"}});
  const Part finder = part("pkgconf", {"usr/bin/pkgconf*"});
  plan("tools = [\"scan\"]\n", {scanner, oldlibs("usr/lib/libold.so.1"), finder});
  EXPECT_THAT(needed(), IsEmpty()) << "a library's script";
  plan("tools = [\"scan\"]\n",
       {scanner, oldlibs("usr/share/lintian/overrides/pkg-config"), finder});
  EXPECT_THAT(needed(), ElementsAre("scan:pkgconf"));
}

TEST_F(NeedsTest, APackageThatIsDeclaredForItsScriptsHasNeeds) {
  Part suite = part("suite", {"usr/share/suite/run*"}, {.depends = {"binutils"}});
  const std::string text = "tools = [\"jq\"]\npackages = [\"suite\"]\n";
  const Part jq = part("jq", {"usr/bin/jq*"});
  plan(text, {jq, suite, linker});
  EXPECT_THAT(needed(), IsEmpty());
  suite.scripts = {{"usr/share/suite/run", "#!/bin/sh\nas\n"}};
  plan(text, {jq, suite, linker});
  EXPECT_THAT(needed(), ElementsAre("suite:as", "suite:ld"));
}

}  // namespace
}  // namespace ccci::environment
