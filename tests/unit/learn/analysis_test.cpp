// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/analysis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "learn/snippet.hpp"

namespace ccci::learn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> path{"/usr/local/bin", "/usr/bin", "/bin"};

// A machine with some packages, and a declaration of some of them.
struct World {
  declare::Declaration declaration;
  HostPackages host;
  Inside inside;
  Trace trace;

  explicit World(const std::string& text = "[runtime]\ntools = [\"git\"]\n")
      : declaration(declare::parse(text, "cc-ci.toml").value()) {
    package({"git", "git", {"libcurl"}, {}, false}, {"/usr/bin/git", "/usr/lib/git-core/git-x"});
    package({"libcurl", "curl", {}, {}, false}, {"/usr/lib/libcurl.so"});
    package({"git-lfs", "git-lfs", {"git"}, {}, false}, {"/usr/bin/git-lfs"});
    package({"jq", "jq", {}, {}, false}, {"/usr/bin/jq", "/usr/bin/jq2"});
    package({"coreutils", "coreutils", {}, {}, true}, {"/bin/cat"});
    package({"base-files", "base-files", {"awk"}, {}, true}, {});
    package({"mawk", "mawk", {}, {"awk"}, false}, {"/usr/bin/awk", "/usr/bin/mawk"});
    package({"python3", "python3-defaults", {"python3-minimal"}, {}, false}, {});
    package({"python3-minimal", "python3-defaults", {}, {}, false}, {"/usr/bin/python3"});
    package({"python3-pytest", "pytest", {"python3", "python3-pluggy"}, {}, false},
            {"/usr/lib/python3/dist-packages/pytest/a.py", "/usr/bin/pytest"});
    package({"python3-pluggy", "pluggy", {"python3"}, {}, false},
            {"/usr/lib/python3/dist-packages/pluggy.py"});
    package({"python3-setuptools", "setuptools", {}, {}, false},
            {"/usr/lib/python3/dist-packages/distutils-precedence.pth",
             "/usr/lib/python3/dist-packages/_distutils_hack/__init__.py"});
    package({"docker.io", "docker.io", {}, {}, false}, {"/usr/bin/docker", "/usr/bin/docker-init"});
    package({"tzdata", "tzdata", {}, {}, false}, {"/usr/share/zoneinfo/UTC"});
    inside = inside_of(declaration, host);
  }

  void package(const PackageFacts& facts, const std::vector<std::string>& files) {
    host.packages[facts.name] = facts;
    for (const std::string& file : files) host.owners[file] = facts.name;
  }
  void ran(const std::string& file, const std::string& line = "line", bool by_name = true) {
    trace.seen.push_back({Act::exec, file, true, by_name, line, "script"});
  }
  void opened(const std::string& file) {
    trace.seen.push_back({Act::open, file, true, false, "line", "script"});
  }
  void looked(const std::string& file, bool found) {
    trace.seen.push_back({Act::lookup, file, found, false, "line", "script"});
  }
  Findings findings() const {
    return analyse(declaration, inside, host, trace, path, "/home/me/project");
  }
};

TEST(Findings, ProposeThePackageOfWhatWasRun) {
  World world;
  world.ran("/usr/bin/git", "git lfs version");
  world.ran("/usr/bin/git-lfs", "git-lfs version");
  world.ran("/usr/bin/git-lfs", "git-lfs again");
  const Findings found = world.findings();
  EXPECT_THAT(
      found.needs,
      ElementsAre(Need{false, "git-lfs", "git-lfs", {"git-lfs"}, {"git-lfs version", "script"}}));
  EXPECT_THAT(found.unused, IsEmpty());
}

TEST(Findings, GatherTheCommandsOfAPackage) {
  World world;
  world.ran("/usr/bin/jq2");
  world.ran("/usr/bin/jq", "second");
  const Findings found = world.findings();
  ASSERT_EQ(found.needs.size(), 1U);
  EXPECT_THAT(found.needs[0].commands, ElementsAre("jq", "jq2"));
  EXPECT_EQ(found.needs[0].why.command, "line");
  EXPECT_THAT(found.unused, ElementsAre("git"));
}

TEST(Findings, ProposeNothingThatIsThere) {
  World world;
  world.ran("/usr/bin/git");
  world.ran("/bin/cat");      // Essential
  world.ran("/usr/bin/awk");  // what Essential packages ask for
  world.ran("/bin/cat", "/bin/cat", false);
  world.ran("/usr/lib/git-core/git-x");
  world.opened("/usr/lib/libcurl.so");  // git brings it
  const Findings found = world.findings();
  EXPECT_THAT(found.needs, IsEmpty());
  EXPECT_THAT(found.absolute, IsEmpty());
  EXPECT_THAT(found.opened, IsEmpty());
  EXPECT_THAT(found.outside, IsEmpty());
}

TEST(Findings, ProposeNothingThatADeclaredProgramFindsItself) {
  World world("[runtime]\ntools = [\"git-lfs\"]\n");
  world.ran("/usr/bin/git-lfs");
  world.trace.seen.push_back({Act::exec, "/usr/bin/git", true, true, "git x", "git-lfs pull"});
  EXPECT_THAT(world.findings().needs, IsEmpty());
  world.ran("/usr/bin/git", "git y");  // by the job's own script
  ASSERT_EQ(world.findings().needs.size(), 1U);
  EXPECT_EQ(world.findings().needs[0].name, "git");
}

TEST(Findings, TakeABuiltEnvironmentAtItsWord) {
  World world;
  world.inside = {};
  world.inside.commands.emplace();
  (*world.inside.commands)["jq"] = "jq";
  world.ran("/usr/bin/jq");
  world.ran("/usr/bin/mawk");
  const Findings found = world.findings();
  EXPECT_THAT(found.tools(), ElementsAre("mawk"));
}

TEST(Findings, NameAToolAsAPersonWould) {
  World world;
  world.ran("/usr/bin/python3");
  EXPECT_THAT(world.findings().tools(), ElementsAre("python3"));
}

TEST(Findings, CallPackagesAsTheirRulesDo) {
  World world(
      "[runtime]\ntools = [\"git\"]\n[packages.docker]\ndebian = \"docker.io\"\n"
      "[hosts.h]\nextra_tools = [\"docker\"]\n");
  world.ran("/usr/bin/docker");
  EXPECT_THAT(world.findings().tools(), ElementsAre("docker"));
}

TEST(Findings, TellWhatARuleHides) {
  World world(
      "[runtime]\ntools = [\"docker\"]\n"
      "[packages.docker]\ndebian = \"docker.io\"\ncommands = [\"docker\"]\n");
  world.inside.commands.emplace();
  (*world.inside.commands)["docker"] = "docker";
  world.ran("/usr/bin/docker-init");
  const Findings found = world.findings();
  EXPECT_THAT(found.needs, IsEmpty());
  EXPECT_THAT(found.hidden, ElementsAre(Hidden{"docker-init", "docker", {"line", "script"}}));
}

TEST(Findings, ProposeModulesWithoutWhatTheyBringAlong) {
  World world;
  world.ran("/usr/bin/python3");
  world.opened("/usr/lib/python3/dist-packages/pluggy.py");
  world.opened("/usr/lib/python3/dist-packages/pytest/a.py");
  world.opened("/usr/lib/python3/dist-packages/distutils-precedence.pth");
  world.opened("/usr/lib/python3/dist-packages/_distutils_hack/__init__.py");
  const Findings found = world.findings();
  EXPECT_THAT(found.tools(), ElementsAre("python3"));
  EXPECT_THAT(found.python(), ElementsAre("pytest"));
  EXPECT_THAT(found.opened, IsEmpty());
}

TEST(Findings, ProposeProjectsOfThePackageIndex) {
  World world(
      "[runtime]\ntools = [\"python3\"]\npython = [\"requests\"]\n"
      "[packages.requests]\npypi = \"requests\"\n");
  world.inside.closure.insert("pypi:requests");
  const std::string modules = "/usr/local/lib/python3.11/dist-packages/";
  world.opened(modules + "requests/__init__.py");
  world.opened(modules + "yaml/__init__.py");
  world.opened(modules + "__pycache__/some_module.cpython-311.pyc");
  world.opened("/home/me/venv/lib/python3.11/site-packages/cv2/cv2.abi3.so");
  world.opened("/home/me/project/venv/lib/python3.11/site-packages/own/x.py");
  world.opened(modules + "pip/__init__.py");
  world.opened(modules + "x.pth");
  const Findings found = world.findings();
  EXPECT_THAT(found.pypi(), ElementsAre("pyyaml", "opencv-python-headless"));
  // A stranger may have the name in the index.
  ASSERT_EQ(found.unknown_modules.size(), 1U);
  EXPECT_EQ(found.unknown_modules[0].name, "some_module");
  EXPECT_EQ(snippet(found).find("some"), std::string::npos);
  EXPECT_THAT(found.python(), IsEmpty());
  EXPECT_THAT(found.unused, ElementsAre("python3"));
  EXPECT_NE(snippet(found).find("[packages.pyyaml]\npypi = \"pyyaml\"\n"), std::string::npos);
  EXPECT_TRUE(declare::parse(snippet(found).replace(0, 10, "[runtime]\ntools = [\"python3\"]\n"),
                             "cc-ci.toml"));
}

TEST(Findings, ProposeOfPipWhatTheProjectItselfImports) {
  World world("[runtime]\ntools = [\"python3\"]\n");
  const std::string modules = "/opt/venv/lib/python3.11/site-packages/";
  world.host.pip.by_module = {{modules + "requests", "requests"},
                              {modules + "certifi", "certifi"},
                              {modules + "idna", "idna"},
                              {modules + "attr", "attrs"},
                              {modules + "company", "company"}};
  world.host.pip.elsewhere = {"company"};
  world.host.pip.needs = {{"requests", {"certifi", "idna"}}, {"certifi", {}}, {"attrs", {}}};
  for (const char* file :
       {"certifi/core.py", "attr/__init__.py", "requests/api.py", "idna/x.py", "company/x.py"})
    world.opened(modules + file);
  const Findings found = world.findings();
  EXPECT_THAT(found.pypi(), ElementsAre("attrs", "requests"));
  ASSERT_EQ(found.unknown_modules.size(), 1U);
  EXPECT_EQ(found.unknown_modules[0].path, modules + "company/x.py");
}

TEST(Findings, ProposePackagesOfNpm) {
  World world("[runtime]\ntools = [\"nodejs\", \"lint\"]\n[packages.lint]\nnpm = \"lint\"\n");
  world.inside.closure.insert("npm:lint");
  const std::string modules = "/usr/local/lib/node_modules/";
  world.opened(modules + "lint/index.js");
  world.opened(modules + "left-pad/index.js");
  world.opened(modules + "@s/x/node_modules/deep/index.js");
  world.opened(modules + "npm/index.js");
  world.opened(modules + ".package-lock.json");
  world.opened("/home/me/project/node_modules/own/index.js");
  Findings found = world.findings();
  std::vector<std::string> packages;
  for (const Need& need : found.npm_modules) packages.push_back(need.package);
  EXPECT_THAT(packages, ElementsAre("npm:left-pad", "npm:@s/x"));
  found.outside.push_back({"tsc", "/usr/local/bin/tsc", "", {}, "typescript"});
  const std::string lines = snippet(found);
  EXPECT_NE(lines.find("[packages.tsc]\nnpm = \"typescript\"\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find("[packages.x]\nnpm = \"@s/x\"\ncommands = []\n"), std::string::npos);
  std::string whole = lines;
  whole.insert(whole.find('[', 10) + 1, "\"nodejs\", ");
  EXPECT_TRUE(declare::parse(whole, "cc-ci.toml")) << whole;
}

TEST(Findings, ProposeTheModuleThatHasACommand) {
  World world;
  world.ran("/usr/bin/pytest");
  world.opened("/usr/lib/python3/dist-packages/pytest/a.py");
  const Findings found = world.findings();
  // A declaration with modules must have their interpreter.
  EXPECT_THAT(found.tools(), ElementsAre("python3"));
  EXPECT_THAT(found.python(), ElementsAre("pytest"));
}

TEST(Findings, TellModulesThatWereUsed) {
  World world("[runtime]\ntools = [\"python3\"]\npython = [\"pytest\", \"pluggy\"]\n");
  world.ran("/usr/bin/python3");
  world.opened("/usr/lib/python3/dist-packages/pytest/a.py");
  const Findings found = world.findings();
  EXPECT_THAT(found.unused, ElementsAre("pluggy"));
  EXPECT_THAT(found.python(), IsEmpty());
}

TEST(Findings, TellWhatWasOnlyCalledByItsPath) {
  World world;
  world.ran("/usr/bin/jq", "/usr/bin/jq .", false);
  world.ran("/usr/bin/docker", "/usr/bin/docker", false);
  world.ran("/usr/bin/docker", "docker");
  const Findings found = world.findings();
  EXPECT_THAT(found.absolute,
              ElementsAre(Absolute{"/usr/bin/jq", "jq", false, {"/usr/bin/jq .", "script"}}));
  EXPECT_THAT(found.tools(), ElementsAre("jq", "docker.io"));
}

TEST(Findings, SeeASearchBehindAnAbsolutePath) {
  World world;
  world.looked("/usr/local/bin/jq", false);
  world.looked("/usr/bin/jq", true);
  world.ran("/usr/bin/jq", "/usr/bin/jq", false);
  EXPECT_THAT(world.findings().absolute, IsEmpty());
  // Not a search: the directories in front were not asked.
  World other;
  other.looked("/usr/bin/jq", true);
  other.ran("/usr/bin/jq", "/usr/bin/jq", false);
  EXPECT_EQ(other.findings().absolute.size(), 1U);
}

TEST(Findings, TellWhatComesFromNoPackage) {
  World world;
  world.ran("/usr/local/bin/abra");
  world.ran("/home/me/project/tests/run", "tests/run", false);
  world.ran("/home/me/.pyenv/libexec/pyenv-which");
  world.ran("/opt/thing/bin/x", "/opt/thing/bin/x", false);
  const Findings found = world.findings();
  EXPECT_THAT(found.outside,
              ElementsAre(Outside{"abra", "/usr/local/bin/abra", "", {"line", "script"}},
                          Outside{"x", "/opt/thing/bin/x", "", {"/opt/thing/bin/x", "script"}}));
  EXPECT_THAT(found.needs, IsEmpty());
}

TEST(Findings, ProposeDebiansOwnForAnotherInFrontOfIt) {
  World world;
  world.ran("/usr/local/bin/python3");
  world.ran("/usr/local/bin/git");
  const Findings found = world.findings();
  EXPECT_THAT(found.tools(), ElementsAre("python3"));
  EXPECT_THAT(found.outside, IsEmpty());
  EXPECT_THAT(found.unused, IsEmpty());
}

TEST(Findings, TellPackagesWhoseFilesWereOpened) {
  World world;
  world.opened("/usr/share/zoneinfo/UTC");
  world.opened("/etc/ssl/certs/ca-certificates.crt");
  world.opened("/usr/share/locale/locale.alias");
  const Findings found = world.findings();
  ASSERT_EQ(found.packages.size(), 2U);
  EXPECT_EQ(found.packages[0].package, "tzdata");
  EXPECT_EQ(found.packages[1].package, "ca-certificates");
  EXPECT_THAT(found.opened, IsEmpty());
  EXPECT_THAT(found.needs, IsEmpty());
}

TEST(Missing, IsWhatNoDirectoryHas) {
  World world;
  for (const std::string& directory : path) {
    world.looked(directory + "/nonesuch", false);
    world.looked(directory + "/jq", directory == "/bin");
  }
  for (const std::string& directory : path)
    world.trace.seen.push_back(
        {Act::lookup, directory + "/gnm", false, false, "/usr/lib/gcc/collect2 x.o", "cc"});
  world.looked("/usr/bin/half", false);
  world.trace.seen.push_back({Act::exec, "/bin/half", false, true, "half", ""});
  for (const std::string& directory : path) {
    world.trace.seen.push_back(
        {Act::exec, directory + "/git-lfs", false, true, "git-lfs x", "run"});
  }
  EXPECT_THAT(missing_commands(world.trace, path, world.host),
              ElementsAre(Missing{"nonesuch", "", {"line", "script"}},
                          Missing{"git-lfs", "git-lfs", {"git-lfs x", "run"}}));
}

TEST(Missing, MindsNoSlashAtTheEndOfADirectory) {
  World world;
  world.looked("/a/x", false);
  world.looked("/b/x", false);
  EXPECT_EQ(missing_commands(world.trace, {"/a/", "/b", "/b/", "relative"}, world.host).size(), 1U);
  EXPECT_THAT(missing_commands(world.trace, {}, world.host), IsEmpty());
}

TEST(Snippet, IsALawfulDeclaration) {
  World world;
  world.ran("/usr/bin/jq");
  world.ran("/usr/bin/pytest");
  world.ran("/usr/local/bin/abra");
  world.ran("/usr/local/bin/a\"]\nb");
  Findings found = world.findings();
  for (Outside& one : found.outside) one.sha256 = std::string(64, 'a');
  const std::string text = snippet(found);
  const auto read = declare::parse(text, "snippet");
  ASSERT_TRUE(read) << read.error().code << "\n" << text;
  EXPECT_THAT(read->tools, ElementsAre(declare::Name{"jq", {}}, declare::Name{"python3", {}},
                                       declare::Name{"abra", {}}));
  EXPECT_THAT(read->python, ElementsAre(declare::Name{"pytest", {}}));
  EXPECT_EQ(std::get<declare::PinnedArchive>(read->packages.at("abra").from).file, "archives/abra");
  EXPECT_EQ(snippet({}), "");
  // A long list has lines of its own, none of which is wider than a terminal.
  Findings many;
  for (int i = 0; i < 30; ++i) {
    Need need;
    need.name = "tool-" + std::to_string(i);
    many.needs.push_back(need);
  }
  const std::string wide = snippet(many);
  EXPECT_EQ(wide.find("[runtime]\ntools  = [\n  \"tool-0\", \"tool-1\","), 0U) << wide;
  EXPECT_TRUE(declare::parse(wide, "cc-ci.toml")) << wide;
  for (std::size_t at = 0; at < wide.size();) {
    const std::size_t end = wide.find('\n', at);
    EXPECT_LE(end - at, 80U) << wide;
    at = end + 1;
  }
}

TEST(Findings, ProposeNothingThatOnlyAProposedProgramCalls) {
  World world;
  world.package({"gcc", "gcc", {"gcc-12"}, {}, false}, {"/usr/bin/cc"});
  world.package({"gcc-12", "gcc-12", {"binutils"}, {}, false}, {"/usr/lib/gcc/collect2"});
  world.package({"binutils", "binutils", {}, {}, false}, {"/usr/bin/as", "/usr/bin/strip"});
  for (const char* by : {"cc -o x x.c", "/usr/lib/gcc/collect2 x.o"})
    world.trace.seen.push_back({Act::exec, "/usr/bin/as", true, true, "as x.s", by});
  world.ran("/usr/bin/cc", "cc -o x x.c");
  const auto proposed = [&] {
    std::vector<std::string> names;
    for (const Need& need : world.findings().needs) names.push_back(need.name);
    return names;
  };
  EXPECT_THAT(proposed(), ElementsAre("gcc"));
  world.ran("/usr/bin/strip", "strip x");  // by the job's own script
  EXPECT_THAT(proposed(), ElementsAre("gcc", "binutils"));
}

TEST(Findings, ProposeNothingForTheProjectsOwnCommands) {
  World world;
  // Debian's jq would be another one.
  world.ran("/home/me/project/node_modules/.bin/jq", "jq .");
  const Findings found = world.findings();
  EXPECT_THAT(found.needs, IsEmpty());
  EXPECT_THAT(found.outside, IsEmpty());
}

TEST(Findings, ProposeWhatABuildReads) {
  World world;
  world.package({"libz-dev", "zlib", {"libz", "libc-dev"}, {}, false},
                {"/usr/include/zlib.h", "/usr/share/doc/libz-dev/x"});
  world.package({"libz", "zlib", {}, {}, false}, {"/lib/x86_64-linux-gnu/libz.so.1"});
  world.package({"gcc", "gcc", {"libc-dev"}, {}, false}, {"/usr/bin/gcc"});
  world.package({"libc-dev", "libc", {}, {}, false}, {"/usr/include/stdio.h"});
  world.package({"libnss-house", "house", {}, {}, false},
                {"/usr/lib/x86_64-linux-gnu/libnss_house.so.2", "/etc/house.conf"});
  world.package({"openssh-client", "openssh", {}, {}, false}, {"/etc/ssh/ssh_config"});
  world.ran("/usr/bin/gcc");
  for (const char* file :
       {"/lib/x86_64-linux-gnu/libz.so.1", "/usr/include/stdio.h", "/usr/include/zlib.h",
        "/usr/lib/x86_64-linux-gnu/libnss_house.so.2", "/etc/ssh/ssh_config"})
    world.opened(file);
  const Findings found = world.findings();
  // gcc brings libc-dev, and libz-dev brings libz.
  ASSERT_EQ(found.packages.size(), 1U);
  EXPECT_EQ(found.packages[0].package, "libz-dev");
  EXPECT_EQ(found.packages[0].first, "/usr/include/zlib.h");
  // The name that the next release has too.
  world.package({"python3.11-venv", "python3.11", {}, {}, false}, {"/usr/lib/python3.11/venv.py"});
  world.package({"python3-venv", "python3-defaults", {"python3.11-venv"}, {}, false}, {});
  world.opened("/usr/lib/python3.11/venv.py");
  EXPECT_EQ(world.findings().packages.at(1).package, "python3-venv");
  // Every program may open these, by the host's settings.
  ASSERT_EQ(found.opened.size(), 2U);
  EXPECT_EQ(found.opened[0].package, "libnss-house");
  EXPECT_EQ(found.opened[1].package, "openssh-client");
}

}  // namespace
}  // namespace ccci::learn
