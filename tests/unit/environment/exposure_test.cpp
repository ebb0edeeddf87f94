// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/exposure.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

using test::part;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

declare::Declaration declaration(const std::string& text) {
  auto parsed = declare::parse(text, "cc-ci.toml");
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().code);
  return parsed.value_or(declare::Declaration{});
}

std::vector<std::string> names(const Exposed& exposed) {
  std::vector<std::string> list;
  for (const Command& command : exposed.commands) list.push_back(command.name);
  return list;
}

base::Result<std::vector<Exposed>> run(const std::string& text, const std::vector<Part>& parts,
                                       const std::vector<Alternative>& alternatives = {}) {
  auto tree = Tree::merge(parts);
  EXPECT_TRUE(tree);
  for (const Alternative& alternative : alternatives) {
    tree->add_link(alternative.link, "/" + alternative.target);
  }
  return expose(declaration(text), nullptr, parts, *tree, CommandIndex(parts, *tree, alternatives));
}

TEST(Exposure, OneDirectoryPerToolInTheDeclarationsOrderThenEssential) {
  const auto exposed = run(
      "[runtime]\ntools = [\"zip\", \"git\"]\n",
      {part("git", {"usr/bin/git*", "usr/lib/git-core/git-add*"}),
       part("zip", {"usr/bin/zip*", "usr/share/doc/zip/README"}),
       part("libx", {"usr/bin/libx-tool*"}), part("base", {"usr/bin/ls*"}, {.essential = true})});
  ASSERT_TRUE(exposed);
  ASSERT_EQ(exposed->size(), 3U);
  EXPECT_EQ((*exposed)[0].directory, "/usr/lib/cc-ci/path/zip");
  EXPECT_THAT(names((*exposed)[0]), ElementsAre("zip"));
  EXPECT_THAT(names((*exposed)[1]), ElementsAre("git"));
  EXPECT_EQ((*exposed)[2].directory, "/usr/lib/cc-ci/essential");
  EXPECT_THAT(names((*exposed)[2]), ElementsAre("ls"));
}

TEST(Exposure, FollowsDependenciesOfTheSameSourceOnly) {
  const auto exposed =
      run("[runtime]\ntools = [\"python3\"]\n",
          {part("python3", {"usr/bin/pydoc3*"},
                {.source = "python3-defaults", .depends = {"libz", "python3-minimal"}}),
           part("python3-minimal", {"usr/bin/python3 -> python3.11"},
                {.source = "python3-defaults", .depends = {"python3.11-minimal"}}),
           part("python3.11-minimal", {"usr/bin/python3.11*"}, {.source = "python3.11"}),
           part("libz", {"usr/bin/zz*"})});
  ASSERT_TRUE(exposed);
  EXPECT_THAT(names((*exposed)[0]), ElementsAre("pydoc3", "python3"));
}

TEST(Exposure, AMetapackageBringsTheCommandsOfWhatItStandsFor) {
  const auto exposed = run(
      "[runtime]\ntools = [\"default-jdk\"]\n",
      {part("default-jdk", {"usr/share/doc/default-jdk/copyright"},
            {.source = "java-common", .depends = {"base", "default-jre", "openjdk-jdk"}}),
       part("default-jre", {"usr/lib/jvm/default-java -> java-17"},
            {.source = "java-common", .depends = {"openjdk-jre"}}),
       part("openjdk-jdk", {"usr/bin/javac*"}, {.source = "openjdk", .depends = {"openjdk-jre"}}),
       part("openjdk-jre", {"usr/bin/java*"}, {.source = "openjdk", .depends = {"libz"}}),
       part("libz", {"usr/bin/zz*"}), part("base", {"usr/bin/ls*"}, {.essential = true})});
  ASSERT_TRUE(exposed);
  EXPECT_THAT(names((*exposed)[0]), ElementsAre("java", "javac"));
}

TEST(Exposure, TheCommandOfAToolsNameMayBeInAPackageThatItDependsOn) {
  const auto tool = [](const std::string& name) {
    const auto exposed = run(
        "[runtime]\ntools = [\"" + name + "\"]\n",
        {part("ansible", {"usr/bin/ansible-community*"}, {.depends = {"ansible-core", "jinja"}}),
         part("ansible-core", {"usr/bin/ansible*", "usr/bin/ansible-playbook*"}),
         part("jinja", {"usr/bin/jinja*"}),
         part("other", {"usr/bin/other*"}, {.depends = {"ansible"}})});
    return exposed ? names((*exposed)[0]) : std::vector<std::string>{"refused"};
  };
  EXPECT_THAT(tool("ansible"), ElementsAre("ansible", "ansible-community", "ansible-playbook"));
  EXPECT_THAT(tool("other"), ElementsAre("other"));
}

TEST(Exposure, AMetapackageBringsTheWrappersOfItsOwnSource) {
  const auto exposed =
      run("[runtime]\ntools = [\"postgresql-client\"]\n",
          {part("postgresql-client", {}, {.source = "common", .depends = {"postgresql-client-15"}}),
           part("postgresql-client-15", {"usr/lib/postgresql/15/bin/psql*"},
                {.source = "postgresql-15", .depends = {"client-common", "other"}}),
           part("client-common", {"usr/bin/psql*"}, {.source = "common"}),
           part("other", {"usr/bin/other*"})});
  ASSERT_TRUE(exposed);
  EXPECT_THAT(names((*exposed)[0]), ElementsAre("psql"));
}

TEST(Exposure, AMetapackageMayHaveListsOfItsOwn) {
  Part lists =
      part("build-essential", {"usr/share/build-essential/list"}, {.depends = {"gcc", "make"}});
  const Part compiler = part("gcc", {"usr/bin/gcc*"});
  const Part builder = part("make", {"usr/bin/make*"});
  const std::string text = "[runtime]\ntools = [\"build-essential\"]\n";
  const auto exposed = run(text, {lists, compiler, builder});
  ASSERT_TRUE(exposed);
  EXPECT_THAT(names((*exposed)[0]), ElementsAre("gcc", "make"));
  EXPECT_FALSE(run(text, {lists, compiler, part("make", {"usr/lib/make"})})) << "data of one tool";
  lists.manifest.entries.back().size = 1U << 20U;
  EXPECT_FALSE(run(text, {lists, compiler, builder})) << "data, and not a list";
}

TEST(Exposure, APackageWithAFileForOthersStandsForItsVersion) {
  const std::string text = "[runtime]\ntools = [\"gnat\"]\n";
  const Part compiler = part("gnat-12", {"usr/bin/gnatmake*"}, {.depends = {"binutils"}});
  const Part linker = part("binutils", {"usr/bin/ld*"});
  const auto exposed =
      run(text, {part("gnat", {"usr/share/ada/packaging.mk"}, {.depends = {"gnat-12", "binutils"}}),
                 compiler, linker});
  ASSERT_TRUE(exposed);
  EXPECT_THAT(names((*exposed)[0]), ElementsAre("gnatmake"));
  EXPECT_FALSE(
      run(text, {part("gnat", {"usr/lib/gnat/tool*"}, {.depends = {"gnat-12"}}), compiler}))
      << "it has programs of its own";
  EXPECT_FALSE(run(text, {part("gnat", {"usr/share/ada/x"}, {.depends = {"gnat-doc"}}),
                          part("gnat-doc", {"usr/bin/gnat-doc*"})}))
      << "not a version";
}

TEST(Exposure, DataBringsNoCommandsOfItsDependencies) {
  const auto exposed = run("[runtime]\ntools = [\"tzdata\"]\n",
                           {part("tzdata", {"usr/share/zoneinfo/UTC"}, {.depends = {"debconf"}}),
                            part("debconf", {"usr/bin/debconf*"})});
  ASSERT_FALSE(exposed);
  EXPECT_EQ(exposed.error().code, "environment.no-commands");
  EXPECT_EQ(exposed.error().field("candidates"), "debconf");
}

TEST(Exposure, APinnedProgramHasTheNameOfItsToolAndOfItsFile) {
  Part program = part("abra", {"abra*"}, {.origin = source::Origin::archive});
  program.package.uri = "https://downloads.example.org/v1/abra-linux-amd64";
  const std::string rule = "[packages.abra]\nurl = \"" + program.package.uri + "\"\nsha256 = \"" +
                           std::string(64, 'a') + "\"\n";
  const std::string tools = "[runtime]\ntools = [\"abra\"]\n";
  for (const std::string commands :
       {"", "commands = { abra = \"abra-linux-amd64\" }\n", "commands = [\"abra\"]\n"}) {
    const auto exposed = run(tools + rule + commands, {program});
    ASSERT_TRUE(exposed) << commands;
    EXPECT_THAT((*exposed)[0].commands,
                ElementsAre(Command{"abra", "/usr/lib/cc-ci/packages/abra/abra", "abra", {}}));
  }
  const Part archive =
      part("abra", {"abra-1/abra*", "abra-1/README"}, {.origin = source::Origin::archive});
  const auto none = run(tools + rule, {archive});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().field("programs"), "abra-1/abra");
}

TEST(Exposure, ModulesPutTheirCommandsBesidePython) {
  const auto exposed =
      run("[runtime]\ntools = [\"python3\"]\npython = [\"pytest\"]\n",
          {part("python3", {"usr/bin/python3*"}), part("python3-pytest", {"usr/bin/pytest*"})});
  ASSERT_TRUE(exposed);
  EXPECT_THAT(names((*exposed)[0]), ElementsAre("pytest", "python3"));
}

TEST(Exposure, ARuleChoosesCommandsAlsoFromTheClosure) {
  const auto exposed =
      run("[runtime]\ntools = [\"docker\"]\n[packages.docker]\ndebian = \"docker.io\"\n"
          "commands = [\"docker\", \"runc\"]\n",
          {part("docker.io", {"usr/bin/docker*", "usr/sbin/dockerd*"}, {.depends = {"runc"}}),
           part("runc", {"usr/sbin/runc*"})});
  ASSERT_TRUE(exposed);
  EXPECT_THAT((*exposed)[0].commands,
              ElementsAre(Command{"docker", "/usr/bin/docker", "docker.io", {}},
                          Command{"runc", "/usr/sbin/runc", "runc", {}}));
}

TEST(Exposure, NamesAMissingCommandAndTheLikelyOne) {
  const auto exposed =
      run("[runtime]\ntools = [\"git\"]\n[packages.git]\ndebian = \"git\"\ncommands = [\"gti\"]\n",
          {part("git", {"usr/bin/git*"})});
  ASSERT_FALSE(exposed);
  EXPECT_EQ(exposed.error().code, "environment.no-such-command");
  EXPECT_EQ(exposed.error().field("command"), "gti");
  EXPECT_EQ(exposed.error().field("likely"), "git");
}

TEST(Exposure, AToolWithoutCommandsNamesThoseThatHaveSome) {
  const auto exposed =
      run("[runtime]\ntools = [\"postgresql\"]\n",
          {part("postgresql", {"usr/lib/postgresql/x"}, {.depends = {"postgresql-client"}}),
           part("postgresql-client", {"usr/bin/psql*"})});
  ASSERT_FALSE(exposed);
  EXPECT_EQ(exposed.error().code, "environment.no-commands");
  EXPECT_EQ(exposed.error().field("candidates"), "postgresql-client");
  ASSERT_EQ(exposed.error().where.size(), 1U);
  EXPECT_EQ(exposed.error().where[0].line, 2);
}

TEST(Exposure, PinnedArchivesExposeByPath) {
  const auto exposed =
      run("[runtime]\ntools = [\"abra\"]\n[packages.abra]\nfile = \"abra.tar\"\n"
          "sha256 = \"" +
              std::string(64, 'a') + "\"\ncommands = { abra = \"bin/abra\" }\n",
          {part("abra", {"bin/abra*"}, {.origin = source::Origin::archive})});
  ASSERT_TRUE(exposed) << exposed.error().code;
  EXPECT_THAT((*exposed)[0].commands,
              ElementsAre(Command{"abra", "/usr/lib/cc-ci/packages/abra/bin/abra", "abra", {}}));
}

TEST(Exposure, EssentialShowsTheVirtualAwkButNotMawk) {
  const auto exposed =
      run("[runtime]\ntools = [\"git\"]\n",
          {part("git", {"usr/bin/git*"}),
           part("base-files", {"etc/issue"},
                {.essential = true, .control = {{"control", "Pre-Depends: awk\n"}}}),
           part("mawk", {"usr/bin/mawk*"}, {.provides = {"awk"}})},
          {{"usr/bin/awk", "awk", "usr/bin/mawk", "mawk"}});
  ASSERT_TRUE(exposed);
  EXPECT_THAT(names((*exposed)[1]), ElementsAre("awk"));
}

TEST(Exposure, EssentialDoesNotRepeatADeclaredTool) {
  const auto exposed = run("[runtime]\ntools = [\"bash\"]\n",
                           {part("bash", {"usr/bin/bash*"}, {.essential = true})});
  ASSERT_TRUE(exposed);
  EXPECT_THAT(names((*exposed)[0]), ElementsAre("bash"));
  EXPECT_THAT((*exposed)[1].commands, IsEmpty());
}

}  // namespace
}  // namespace ccci::environment
