// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/declaration.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "tests/unit/declare/mistakes.hpp"

namespace ccci::declare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<Name>& names) {
  std::vector<std::string> result;
  for (const Name& name : names) result.push_back(name.text);
  return result;
}

constexpr std::string_view whole = R"([runtime]
tools = ["git", "docker", "python3", "abra", "local"]
python = ["pytest", "PyYAML_x.y"]
packages = ["buildbot-worker", "vim"]
[runtime.variables]
FREE = "a 'b' \"c\" $d %e [Service] ; ä"
EMPTY = ""
[sources.debian]
suite = "bookworm/updates"
uri = "https://user:secret@deb.example.org/debian"
components = ["main", "non-free-firmware"]
signed-by = "keys/archive.gpg"
[packages]
docker.debian = "docker.io"
docker.commands = ["docker"]
abra = { url = "https://example.org/a.tar.gz", sha256 = "0000000000000000000000000000000000000000000000000000000000000001", commands = { abra = "bin/abra" } }
[packages.local]
file = "archives/local 1.tar"
sha256 = "0000000000000000000000000000000000000000000000000000000000000002"
commands = ["local"]
["packages"."PyYAML_x.y"]
debian = "python3-yaml"
commands = { yaml = "/usr/bin/yaml" }
[entrypoints.ci-run]
[entrypoints.py-run]
exec = ["python3", "-I", ""]
[timers.nightly_1]
schedule = "Mon..Fri *-*-* 03:00 Europe/Berlin"
exec = ["py-run", "a b", "%h $HOME"]
directory = "/srv/ci 100%"
user = "ci_1"
[runners.drone]
kind = "drone-exec"
program = "/usr/local/bin/drone-runner-exec"
trigger = ["curl", "http://x/ y", ""]
[runners.mine]
kind = "unit"
unit = "my-runner@1.service"
[hosts.one]
extra_tools = ["vim"]
[hosts.two]
extra_tools = ["vim"]
address = "root@ci.example.org"
[health]
units = ["docker.service", "nfs-server.socket"]
commands = [["docker", "info"], ["true", ""]]
deadline = "1min 30s"
[witness]
exec = ["py-run", "-m", "pytest"]
[baselines]
Old_1 = ["gnused", "Anything"]
Old_2 = { from = "nix/modules/a b.nix@v1~2" }
[waivers]
Anything = "nobody needs it"
[prove.ignore]
"images/app/" = "shipped, not run in"
)";

TEST(Declaration, HoldsAllThatTheFormatSays) {
  const auto parsed = parse(whole, test_file);
  ASSERT_TRUE(parsed) << testing::PrintToString(parsed.error());
  EXPECT_EQ(parsed->file, test_file);
  EXPECT_THAT(texts(parsed->tools), ElementsAre("git", "docker", "python3", "abra", "local"));
  EXPECT_THAT(texts(parsed->python), ElementsAre("pytest", "PyYAML_x.y"));
  EXPECT_EQ(parsed->variables, (std::map<std::string, std::string>{
                                   {"FREE", "a 'b' \"c\" $d %e [Service] ; ä"}, {"EMPTY", ""}}));
  EXPECT_EQ(parsed->debian, (DebianSource{"bookworm/updates",
                                          "https://user:secret@deb.example.org/debian",
                                          {"main", "non-free-firmware"},
                                          "keys/archive.gpg"}));
  EXPECT_THAT(parsed->entrypoints.at("ci-run").exec, IsEmpty());
  EXPECT_THAT(parsed->entrypoints.at("py-run").exec, ElementsAre("python3", "-I", ""));
  EXPECT_EQ(parsed->timers.at("nightly_1").schedule, "Mon..Fri *-*-* 03:00 Europe/Berlin");
  EXPECT_THAT(parsed->timers.at("nightly_1").exec, ElementsAre("py-run", "a b", "%h $HOME"));
  EXPECT_EQ(parsed->runners.at("drone").kind, "drone-exec");
  EXPECT_EQ(parsed->runners.at("drone").unit, "");
  EXPECT_EQ(parsed->runners.at("mine").unit, "my-runner@1.service");
  EXPECT_THAT(texts(parsed->hosts.at("one").extra_tools), ElementsAre("vim"));
  EXPECT_THAT(texts(parsed->hosts.at("two").extra_tools), ElementsAre("vim"));
  EXPECT_THAT(texts(parsed->library_packages), ElementsAre("buildbot-worker", "vim"));
  EXPECT_EQ(parsed->timers.at("nightly_1").directory, "/srv/ci 100%");
  EXPECT_EQ(parsed->timers.at("nightly_1").user, "ci_1");
  EXPECT_EQ(parsed->runners.at("drone").program, "/usr/local/bin/drone-runner-exec");
  EXPECT_THAT(parsed->runners.at("drone").trigger, ElementsAre("curl", "http://x/ y", ""));
  EXPECT_EQ(parsed->runners.at("mine").program, "");
  EXPECT_EQ(parsed->hosts.at("one").address, "");
  EXPECT_EQ(parsed->hosts.at("two").address, "root@ci.example.org");
  EXPECT_THAT(parsed->health.units, ElementsAre("docker.service", "nfs-server.socket"));
  EXPECT_THAT(parsed->health.commands,
              ElementsAre(ElementsAre("docker", "info"), ElementsAre("true", "")));
  EXPECT_EQ(parsed->health.deadline, std::chrono::seconds(90));
  EXPECT_THAT(parsed->witness, ElementsAre("py-run", "-m", "pytest"));
  EXPECT_THAT(texts(parsed->baselines.at("Old_1").tools), ElementsAre("gnused", "Anything"));
  EXPECT_EQ(parsed->baselines.at("Old_1").from.text, "");
  EXPECT_EQ(parsed->baselines.at("Old_2").from.text, "nix/modules/a b.nix@v1~2");
  EXPECT_THAT(parsed->baselines.at("Old_2").tools, IsEmpty());
  EXPECT_THAT(parsed->waivers, ElementsAre(testing::Pair("Anything", "nobody needs it")));
  EXPECT_THAT(parsed->ignored, ElementsAre(testing::Pair("images/app/", "shipped, not run in")));
}

TEST(Declaration, HoldsPackageRules) {
  const auto parsed = parse(whole, test_file);
  ASSERT_TRUE(parsed) << testing::PrintToString(parsed.error());
  using Commands = std::vector<CommandRule>;
  const PackageRule& docker = parsed->packages.at("docker");
  EXPECT_EQ(std::get<DebianPackage>(docker.from).name, "docker.io");
  EXPECT_EQ(docker.commands, (Commands{{"docker", ""}}));
  const PackageRule& abra = parsed->packages.at("abra");
  const std::string zeros(63, '0');
  EXPECT_EQ(std::get<PinnedArchive>(abra.from),
            (PinnedArchive{"https://example.org/a.tar.gz", "", zeros + "1"}));
  EXPECT_EQ(abra.commands, (Commands{{"abra", "bin/abra"}}));
  const PackageRule& local = parsed->packages.at("local");
  EXPECT_EQ(std::get<PinnedArchive>(local.from),
            (PinnedArchive{"", "archives/local 1.tar", zeros + "2"}));
  EXPECT_EQ(local.commands, (Commands{{"local", "local"}})) << "a list names programs at the top";
  EXPECT_EQ(parsed->packages.at("PyYAML_x.y").commands, (Commands{{"yaml", "/usr/bin/yaml"}}));
}

TEST(Declaration, FindsThePackageBehindAName) {
  const auto parsed = parse(whole, test_file);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->debian_package("git"), "git");
  EXPECT_EQ(parsed->debian_package("docker"), "docker.io");
  EXPECT_EQ(parsed->debian_package("abra"), std::nullopt);
  EXPECT_EQ(parsed->python_package("pytest"), "python3-pytest");
  EXPECT_EQ(parsed->python_package("Ruamel.yaml_x"), "python3-ruamel-yaml-x");
  EXPECT_EQ(parsed->python_package("PyYAML_x.y"), "python3-yaml");
  EXPECT_EQ(parsed->python_package("abra"), std::nullopt);
  EXPECT_EQ(parsed->rule("git"), nullptr);
  ASSERT_NE(parsed->rule("abra"), nullptr);
}

TEST(Declaration, KnowsWhereNamesStand) {
  const auto parsed = parse(whole, test_file);
  ASSERT_TRUE(parsed);
  const std::string line = R"(tools = ["git", "docker", "python3", "abra", "local"])";
  EXPECT_EQ(parsed->tools[1].at, (Position{test_file, 2, 17, 8, line}));
  EXPECT_EQ(parsed->timers.at("nightly_1").name.at,
            (Position{test_file, 27, 9, 9, "[timers.nightly_1]"}));
  EXPECT_EQ(parsed->packages.at("docker").name.at,
            (Position{test_file, 14, 1, 6, "docker.debian = \"docker.io\""}));
}

TEST(Declaration, IsEqualByWhatItSaysNotByWhere) {
  const auto one = parse("[runtime]\ntools = [\"git\"]\n", test_file);
  const auto moved = parse("# c\n\n[runtime]\n  tools = [ 'git' ]\n", test_file);
  const auto other = parse("[runtime]\ntools = [\"jq\"]\n", test_file);
  ASSERT_TRUE(one && moved && other);
  EXPECT_EQ(*one, *moved);
  EXPECT_NE(*one, *other);
}

// What differs in any key differs as a whole, or a change would go unnoticed.
TEST(Declaration, DiffersWhereAnyKeyDoes) {
  const std::string base =
      "[runtime]\ntools = [\"git\"]\n[entrypoints.r]\n[timers.t]\nschedule = \"daily\"\n"
      "exec = [\"r\"]\n[runners.d]\nkind = \"drone-exec\"\n[hosts.h]\n";
  const auto with = [&](const std::string& after, const std::string& more) {
    std::string text = base;
    text.insert(text.find(after) + after.size(), more);
    const auto parsed = parse(text, test_file);
    EXPECT_TRUE(parsed) << text << testing::PrintToString(parsed.error());
    return parsed.value_or(Declaration{});
  };
  const Declaration plain = with(base, "");
  for (const auto& [after, more] : std::vector<std::pair<std::string, std::string>>{
           {"[\"git\"]\n", "packages = [\"jq\"]\n"},
           {"[timers.t]\n", "directory = \"/x\"\n"},
           {"[timers.t]\n", "user = \"x\"\n"},
           {"[runners.d]\n", "program = \"/usr/local/bin/x\"\n"},
           {"[runners.d]\n", "trigger = [\"x\"]\n"},
           {"[hosts.h]\n", "address = \"x\"\n"},
           {"[hosts.h]\n", "[health]\nunits = [\"x.service\"]\n"},
           {"[hosts.h]\n", "[health]\ncommands = [[\"x\"]]\n"},
           {"[hosts.h]\n", "[health]\ndeadline = \"61s\"\n"},
           {"[hosts.h]\n", "[witness]\nexec = [\"r\"]\n"}}) {
    EXPECT_NE(with(after, more), plain) << more;
  }
  EXPECT_EQ(with("[hosts.h]\n", "[health]\ndeadline = \"1min\"\n"), plain) << "as it is anyway";
}

// One package may be two tools where each says which of its commands are its own.
TEST(Declaration, SharesAPackageBetweenToolsWithCommandsOfTheirOwn) {
  EXPECT_THAT(mistakes("[runtime]\ntools = [\"xz\", \"lzma\"]\n"
                       "[packages.xz]\ndebian = \"xz-utils\"\ncommands = [\"xz\"]\n"
                       "[packages.lzma]\ndebian = \"xz-utils\"\ncommands = [\"lzma\"]\n"),
              IsEmpty());
}

TEST(Declaration, ReadsTheExample) {
  const std::string path = CCCI_SOURCE_DIR "/examples/cc-ci/cc-ci.toml";
  const auto text = base::read_file(path, largest_declaration);
  ASSERT_TRUE(text);
  const auto parsed = parse(*text, path);
  ASSERT_TRUE(parsed) << testing::PrintToString(parsed.error());
  EXPECT_EQ(parsed->tools.size(), 14U);
  EXPECT_EQ(parsed->baselines.size(), 4U);
  EXPECT_EQ(parsed->hosts.size(), 2U);

  // Its commented ways to add abra are right too.
  for (const std::string origin : {"url ", "file "}) {
    std::string with_abra = *text;
    with_abra.replace(with_abra.find("\"bash\""), 0, "\"abra\", ");
    const std::size_t key = with_abra.find("# " + origin);
    ASSERT_NE(key, std::string::npos);
    std::size_t at = with_abra.rfind("# [packages.abra]", key);
    for (int line = 0; line < 4; ++line) {
      with_abra.erase(at, 2);
      at = with_abra.find("# ", at);
    }
    const auto added = parse(with_abra, path);
    ASSERT_TRUE(added) << testing::PrintToString(added.error());
    EXPECT_EQ(added->packages.at("abra").commands, (std::vector<CommandRule>{{"abra", "abra"}}));
  }
}

TEST(Declaration, StarterParsesAndShowsEveryTable) {
  const std::string text = starter();
  const auto parsed = parse(text, test_file);
  ASSERT_TRUE(parsed) << testing::PrintToString(parsed.error());
  EXPECT_THAT(texts(parsed->tools), testing::Contains("bash"));
  EXPECT_TRUE(parsed->entrypoints.contains("ci-run"));
  EXPECT_TRUE(parsed->packages.empty());
  for (const std::string table :
       {"runtime.variables", "sources.debian", "packages.docker", "timers.nightly", "runners.drone",
        "hosts.ci-1", "health", "witness", "baselines", "waivers", "prove.ignore"}) {
    EXPECT_THAT(text, testing::HasSubstr("\n# [" + table + "]\n"));
  }
  for (const std::string_view line : base::split(text, '\n')) EXPECT_LE(line.size(), 100U) << line;
}

// Whoever takes every '#' off gets a declaration, given the tools that the examples speak of.
TEST(Declaration, StarterExamplesAreRight) {
  const std::string commented = starter();
  std::string text;
  for (const std::string_view line : base::split(commented, '\n')) {
    const bool example = line.starts_with("# [") || line.find(" = ") != std::string_view::npos;
    text += example && line.starts_with("# ") ? line.substr(2) : line;
    text += '\n';
  }
  text.replace(text.find("\"bash\""), 0, "\"docker\", \"python3\", ");
  const auto parsed = parse(text, test_file);
  ASSERT_TRUE(parsed) << testing::PrintToString(parsed.error());
  EXPECT_EQ(parsed->packages.size(), 1U);
  EXPECT_EQ(parsed->baselines.size(), 1U);
}

TEST(Declaration, ReadsThePackageIndex) {
  const auto parsed = parse(R"([runtime]
tools = ["python3", "plain"]
python = ["requests", "Some.Module", "pytest"]
[sources.pypi]
index = "https://pypi.example.org/simple"
requirements = "ci/requirements.txt"
constraints = "constraints.txt"
[packages.requests]
pypi = "Requests"
version = ">=2.30, <3"
[packages.plain]
pypi = "plain"
commands = ["plain"]
)",
                            test_file);
  ASSERT_TRUE(parsed) << parsed.error().code;
  EXPECT_TRUE(parsed->uses_pypi());
  EXPECT_EQ(parsed->pypi.index, "https://pypi.example.org/simple");
  EXPECT_EQ(parsed->pypi.requirements.text, "ci/requirements.txt");
  EXPECT_EQ(std::get<PypiPackage>(parsed->rule("requests")->from),
            (PypiPackage{"Requests", ">=2.30, <3"}));
  EXPECT_THAT(parsed->module_packages("requests"),
              ElementsAre("pypi:requests", "python3-requests"));
  EXPECT_THAT(parsed->module_packages("Some.Module"),
              ElementsAre("python3-some-module", "pypi:some-module"));
  EXPECT_THAT(parsed->tool_packages("plain"), ElementsAre("pypi:plain", "python3-plain"));
  EXPECT_EQ(parsed->debian_package("plain"), std::nullopt);
  EXPECT_EQ(pypi_package("A__b.-C"), "pypi:a-b-c");
}

TEST(Declaration, AModuleIsDebiansWithoutAPackageIndex) {
  const auto parsed = parse("[runtime]\ntools = [\"python3\"]\npython = [\"pytest\"]\n", test_file);
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->uses_pypi());
  EXPECT_THAT(parsed->module_packages("pytest"), ElementsAre("python3-pytest"));
}

}  // namespace
}  // namespace ccci::declare
