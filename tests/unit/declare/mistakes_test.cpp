// SPDX-License-Identifier: GPL-3.0-or-later
// Every mistake that a declaration can hold, with the whole error that it leads to.
#include "tests/unit/declare/mistakes.hpp"

#include <gtest/gtest.h>

namespace ccci::declare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string ok = "[runtime]\ntools = [\"git\"]\n";

constexpr std::string_view tool_form = "a name of lower-case letters, digits, '+', '.' and '-'";

struct Expected {
  std::string code;
  std::vector<base::Field> fields;
  std::vector<Place> places;
};

void expect(const std::string& text, const std::vector<Expected>& wanted) {
  std::vector<base::Error> errors;
  for (const Expected& e : wanted) errors.push_back(expected(text, e.code, e.fields, e.places));
  EXPECT_EQ(mistakes(text), errors) << text;
}

TEST(Mistakes, UnknownKeys) {
  expect(ok + "pyhton = []\n",
         {{"declare.unknown-key",
           {{"key", "runtime.pyhton"},
            {"likely", "python"},
            {"known",
             "tools, python, packages, host_files, absent_libraries, certificates, variables, "
             "browsers"}},
           {{3, 1, 6}}}});
  expect(
      ok + "[sources.debian]\n\"a\\nb\" = 1\n",
      {{"declare.unknown-key",
        {{"key", "sources.debian.a\\nb"}, {"known", "suite, uri, components, signed-by, snapshot"}},
        {{4, 1, 6}}}});
  // In the wrong table; then what should stand in the right one is not missing as well.
  const std::string tables =
      "runtime, sources, packages, entrypoints, timers, runners, hosts, recipes, sweep, health, "
      "notify, "
      "gates, witness, baselines, waivers, prove, images";
  expect("tools = [\"git\"]\n",
         {{"declare.unknown-key",
           {{"key", "tools"}, {"likely", "runtime.tools"}, {"known", tables}},
           {{1, 1, 5}}}});
  expect(ok + "[host.x]\n", {{"declare.unknown-key",
                              {{"key", "host"}, {"likely", "hosts"}, {"known", tables}},
                              {{3, 2, 4}}}});
}

TEST(Mistakes, DependenciesOfRecipes) {
  const std::string recipes = ok +
                              "[recipes.one]\nsource = \"a\"\ndependencies = [\"two\"]\n"
                              "[recipes.two]\nsource = \"b\"\ndependencies = [\"three\"]\n"
                              "[recipes.three]\nsource = \"c\"\n";
  expect(recipes + "dependencies = [\"tow\"]\n",
         {{"declare.no-recipe",
           {{"key", "recipes.three.dependencies"}, {"found", "tow"}, {"likely", "two"}},
           {{11, 17, 5}}}});
  std::vector<base::Error> circle = mistakes(recipes + "dependencies = [\"one\"]\n");
  ASSERT_EQ(circle.size(), 3U);
  for (const base::Error& error : circle) EXPECT_EQ(error.code, "declare.recipe-circle");
  std::vector<base::Error> point =
      mistakes(recipes + "[recipes.three.hooks.after-lunch]\nrun = \"true\"\n");
  ASSERT_EQ(point.size(), 1U);
  EXPECT_EQ(mistakes(recipes + "[recipes.three.hooks.after-install]\nrun = \"true\"\n").size(), 0U);
}

TEST(Mistakes, EnginesOfRecipes) {
  const auto problem = [&](const std::string& engine) {
    const std::string text = ok + "[recipes]\nengine = \"" + engine + "\"\n";
    const std::vector<base::Error> errors = mistakes(text);
    return errors.empty() ? std::string() : std::string(errors[0].field("why"));
  };
  for (const char* good : {"private", "unix:///var/run/docker.sock"}) EXPECT_EQ(problem(good), "");
  for (const char* remote : {"tcp://127.0.0.1:2375", "ssh://root@host", "https://host"})
    EXPECT_THAT(problem(remote), testing::HasSubstr("by a Unix socket only")) << remote;
  for (const char* bad :
       {"docker", "unix://", "unix://a", "unix:///a/", "unix:///a/../b", "/a.sock", "unix:///a b"})
    EXPECT_NE(problem(bad), "") << bad;
}

TEST(Mistakes, ProjectsOfThePackageIndex) {
  const std::string with = "[runtime]\ntools = [\"python3\"]\npython = [\"a-b\", \"A_B\"]\n";
  expect(with + "[packages.a-b]\npypi = \"a-b\"\n[packages.A_B]\npypi = \"A.B\"\n",
         {{"declare.same-project",
           {{"name", "A_B"}, {"other", "a-b"}, {"package", "a-b"}},
           {{3, 18, 5}, {3, 11, 5}}}});
  const std::string without = "[runtime]\ntools = [\"git\", \"x\"]\n";
  expect(without + "[packages.x]\npypi = \"x\"\n",
         {{"declare.needs-python", {{"module", "x"}}, {{3, 11, 1}}}});
  expect(without + "[packages.x]\ndebian = \"x1\"\nversion = \">=1\"\n",
         {{"declare.value",
           {{"key", "packages.x.version"},
            {"expected", "a Debian version or a pattern with '*', like '1.9.*'"},
            {"found", ">=1"}},
           {{5, 11, 5}}}});
  EXPECT_EQ(mistakes("[runtime]\ntools = [\"python3\"]\n[sources.pypi]\nindex = "
                     "\"https://me:secret@example.org/simple\"\n")
                .at(0)
                .code,
            "declare.value");
  EXPECT_FALSE(mistakes("[runtime]\ntools = [\"python3\"]\n[sources.pypi]\nindex = "
                        "\"file:///srv/simple\"\n")
                   .empty());
}

TEST(Mistakes, PackagesOfNpm) {
  const std::string with = "[runtime]\ntools = [\"nodejs\", \"x\"]\n[packages.x]\n";
  EXPECT_TRUE(mistakes(with + "npm = \"@scope/x\"\nversion = \"^3\"\n").empty());
  for (const char* name : {"../x", "@scope", "scope/x", "git+ssh://x", ".x", "@s/x/y", "x@1"}) {
    const auto found = mistakes(with + "npm = \"" + name + "\"\n");
    ASSERT_EQ(found.size(), 1U) << name;
    EXPECT_EQ(found[0].code, "declare.value") << name;
  }
  expect("[runtime]\ntools = [\"x\"]\n[packages.x]\nnpm = \"x\"\n",
         {{"declare.needs-node", {{"name", "x"}}, {{3, 11, 1}}}});
  expect(with + "npm = \"x\"\ncommands = { x = \"y\" }\n",
         {{"declare.npm-commands", {{"key", "packages.x"}}, {{5, 12, 11}}}});
  const std::string lock = with + "npm = { lock = \"web/package-lock.json\" }\n";
  EXPECT_TRUE(mistakes(lock + "commands = [\"x\"]\nscripts = [\"esbuild\", \"@s/x\"]\n").empty());
  EXPECT_TRUE(mistakes(with + "npm = \"x\"\nscripts = [\"x\"]\n").empty());
  for (const char* path :
       {"web/lock.json", "/web/package-lock.json", "../package-lock.json", "web//package-lock.json",
        "./package-lock.json", "node_modules/package-lock.json", "a b/package-lock.json"}) {
    const auto found = mistakes(with + "npm = { lock = \"" + path + "\" }\n");
    ASSERT_EQ(found.size(), 1U) << path;
    EXPECT_EQ(found[0].code, "declare.value") << path;
  }
  expect(lock + "version = \"1.*\"\n",
         {{"declare.npm-version", {{"key", "packages.x"}}, {{5, 11, 5}}}});
  expect(ok + "[packages.git]\nscripts = [\"x\"]\n",
         {{"declare.npm-scripts", {{"key", "packages.git"}}, {{4, 11, 5}}}});
  expect(with + "npm = {}\n", {{"declare.missing-key",
                                {{"key", "packages.x.npm.lock"},
                                 {"expected", "a string"},
                                 {"example", "lock = \"web/package-lock.json\""}},
                                {{4, 1, 3}}}});
}

TEST(Mistakes, Browsers) {
  const std::string with = "[runtime]\ntools = [\"python3\"]\nbrowsers = ";
  EXPECT_TRUE(mistakes(with + "[\"chromium\"]\n").empty());
  expect(with + "[\"chromium\", \"chromium\"]\n",
         {{"declare.duplicate",
           {{"key", "runtime.browsers"}, {"name", "chromium"}},
           {{3, 25, 10}, {3, 13, 10}}}});
  for (const char* name : {"firefox", "webkit", "chrome"}) {
    const auto found = mistakes(with + "[\"" + name + "\"]\n");
    ASSERT_EQ(found.size(), 1U) << name;
    EXPECT_EQ(found[0].code, "declare.value");
  }
}

TEST(Mistakes, MissingKeys) {
  expect("", {{"declare.missing-key",
               {{"key", "runtime"}, {"expected", "a table"}, {"example", "[runtime]"}},
               {{1, 1, 1}}}});
  expect(ok + "[entrypoints.r]\n[timers.t]\nexec = [\"r\"]\n",
         {{"declare.missing-key",
           {{"key", "timers.t.schedule"},
            {"expected", "a string"},
            {"example", "schedule = \"Sun *-*-* 03:00\""}},
           {{4, 9, 1}}}});
  expect(
      ok + "[runners.r]\nkind = \"unit\"\n",
      {{"declare.missing-key",
        {{"key", "runners.r.unit"}, {"expected", "a string"}, {"example", "unit = \"r.service\""}},
        {{3, 10, 1}}}});
}

TEST(Mistakes, Types) {
  const auto type = [](std::string key, std::string wanted, std::string found, Place place) {
    return Expected{
        "declare.type",
        {{"key", std::move(key)}, {"expected", std::move(wanted)}, {"found", std::move(found)}},
        {place}};
  };
  expect("runtime = 5\n", {type("runtime", "a table", "an integer", {1, 11, 1})});
  expect("[runtime]\ntools = \"git\"\n",
         {type("runtime.tools", "a list of strings", "a string", {2, 9, 5})});
  expect("[runtime]\ntools = [\"git\", 1.5, true]\n",
         {type("runtime.tools", "a string", "a number", {2, 17, 3}),
          type("runtime.tools", "a string", "a boolean", {2, 22, 4})});
  expect(ok + "[[hosts]]\n", {type("hosts", "a table", "a list", {3, 1, 9})});
  expect(ok + "variables = { A = 2026-01-01 }\n",
         {type("runtime.variables.A", "a string", "a date or time", {3, 19, 10})});
  expect(ok + "[packages.git]\ndebian = []\ncommands = \"git\"\n",
         {type("packages.git.debian", "a string", "a list", {4, 10, 2}),
          type("packages.git.commands", "a list of commands or a table of command = path",
               "a string", {5, 12, 5})});
}

TEST(Mistakes, Names) {
  const auto value = [](std::string key, std::string_view wanted, std::string found,
                        std::string why, Place place, std::string likely = "") {
    Expected e{"declare.value",
               {{"key", std::move(key)},
                {"expected", std::string(wanted)},
                {"found", std::move(found)},
                {"why", std::move(why)}},
               {place}};
    if (!likely.empty()) e.fields.push_back({"likely", likely});
    return e;
  };
  expect("[runtime]\ntools = [\"Git\", \"git_lfs\", \"\", \"a;b\", \"ä\", \"a\\nb\", \"../x\"]\n",
         {value("runtime.tools", tool_form, "Git", "it begins with 'G'", {2, 10, 5}, "git"),
          value("runtime.tools", tool_form, "git_lfs", "it contains '_'", {2, 17, 9}, "git-lfs"),
          value("runtime.tools", tool_form, "", "it is empty", {2, 28, 2}),
          value("runtime.tools", tool_form, "a;b", "it contains ';'", {2, 32, 5}),
          value("runtime.tools", tool_form, "ä", "it begins with 'ä'", {2, 39, 4}),
          value("runtime.tools", tool_form, "a\\nb", "it contains a control character", {2, 45, 6}),
          value("runtime.tools", tool_form, "../x", "it begins with '.'", {2, 53, 6})});
  const std::string one_architecture = "it contains ':': a lock has packages of one architecture";
  expect("[runtime]\ntools = [\"libc6:i386\"]\n",
         {value("runtime.tools", tool_form, "libc6:i386", one_architecture, {2, 10, 12})});
  const std::string longest(100, 'a');
  EXPECT_THAT(mistakes("[runtime]\ntools = [\"" + longest + "\"]\n"), IsEmpty());
  expect("[runtime]\ntools = [\"" + longest + "a\"]\n",
         {value("runtime.tools", tool_form, longest.substr(0, 80) + "…",
                "it is longer than 100 bytes", {2, 10, 103})});
  expect(ok + "[hosts.\"a b\"]\n",
         {value("hosts", tool_form, "a b", "it contains ' '", {3, 8, 5}, "a-b")});
  expect(ok + "[timers.\"a/b\"]\nschedule = \"daily\"\nexec = [\"r\"]\n[entrypoints.r]\n",
         {value("timers", "a name of lower-case letters, digits, '.', '_' and '-'", "a/b",
                "it contains '/'", {3, 9, 5})});
  expect(ok + "[runtime.variables]\n\"1A\" = \"\"\n",
         {value("runtime.variables", "a variable's name of letters, digits and '_'", "1A",
                "it begins with '1'", {4, 1, 4})});
  expect(ok + "[runtime.variables]\nTZ = \"Europe/Berln\"\n",
         {value("runtime.variables.TZ", "a time zone like 'Europe/Berlin'", "Europe/Berln",
                "programs would take it as UTC and say nothing", {4, 6, 14}, "Europe/Berlin")});
}

TEST(Mistakes, TimeZonesInEveryForm) {
  const auto refused = [](const std::string& text) {
    return !mistakes(ok + "[runtime.variables]\nTZ = \"" + text + "\"\n").empty();
  };
  for (const std::string good :
       {"", "UTC", "Europe/Berlin", ":Europe/Berlin", "America/Argentina/Buenos_Aires",
        "posix/Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3", "UTC0", "EST5EDT",
        "/usr/share/zoneinfo/Europe/Berlin"}) {
    EXPECT_FALSE(refused(good)) << good;
  }
  for (const std::string bad :
       {"Berlin", "Europe/", "europe/berlin", "CEST", "+2", "<+03", "posix/", ":Berlin"}) {
    EXPECT_TRUE(refused(bad)) << bad;
  }
}

TEST(Mistakes, WhatOfTheHostCanBeDeclared) {
  const auto problem = [](const std::string& path) {
    const auto errors = mistakes(ok + "host_files = [\"" + path + "\"]\n");
    return errors.empty() ? std::string() : std::string(errors[0].field("why"));
  };
  for (const char* path : {"/etc/a/b", "/opt/a", "/srv/a", "/var/lib/a", "/var/www/a"}) {
    EXPECT_EQ(problem(path), "") << path;
  }
  EXPECT_EQ(problem("/etc"), "/etc cannot be declared as a whole; name what lies in it");
  EXPECT_EQ(problem("/var/lib"), "/var/lib cannot be declared as a whole; name what lies in it");
  EXPECT_EQ(problem("/var"), "it cannot be declared as a whole; name what lies in it");
  EXPECT_EQ(problem("/usr"), "/usr is the environment's");
  EXPECT_EQ(problem("/srv/a/b"), "it is not directly below /srv");
  EXPECT_THAT(problem("/home/a"), testing::StartsWith("jobs see it anyway"));
}

TEST(Mistakes, ARefusedFileOfTheHostHasARemedy) {
  const auto remedy = [](const std::string& path) {
    const auto errors = mistakes(ok + "host_files = [\"" + path + "\"]\n");
    return errors.empty() ? std::string() : std::string(errors[0].field("remedy"));
  };
  EXPECT_EQ(remedy("/etc"), "name what lies in it, for example \"/etc/krb5.conf\"");
  EXPECT_EQ(remedy("/var"), remedy("/etc"));
  EXPECT_EQ(remedy("/etc/krb5.conf.d/"), "write \"/etc/krb5.conf.d\"");
  EXPECT_EQ(remedy("/etc//a/../b"), "write \"/etc/b\"");
  EXPECT_EQ(remedy("/var/lib/a/b/c"), "write \"/var/lib/a\"");
  EXPECT_THAT(remedy("/usr/local/bin/x"), testing::StartsWith("declare its package"));
  EXPECT_EQ(remedy("/home/a"), "remove it");
  EXPECT_THAT(remedy("etc/krb5.conf"), testing::StartsWith("write the absolute path"));
}

// Windows' editors write UTF-16, which is no TOML.
TEST(Mistakes, AnotherEncodingIsNamed) {
  const auto found = [](std::string_view text) {
    const auto parsed = parse(text, "cc-ci.toml");
    return parsed ? std::string()
                  : parsed.error().code + " " + std::string(parsed.error().field("found"));
  };
  using namespace std::string_view_literals;
  EXPECT_EQ(found("\xff\xfe[\0r\0"sv), "declare.encoding UTF-16LE");
  EXPECT_EQ(found("\xfe\xff\0[\0r"sv), "declare.encoding UTF-16BE");
  EXPECT_EQ(found("[\0r\0"sv), "declare.encoding UTF-16LE");
  EXPECT_EQ(found("\0[\0r"sv), "declare.encoding UTF-16BE");
  EXPECT_EQ(found("\xff\xfe\0\0[\0\0\0"sv), "declare.encoding UTF-32LE");
  EXPECT_TRUE(parse("\xef\xbb\xbf" + ok, "cc-ci.toml"));
}

// What would be syntax in a unit, a list of apt's or a path.
TEST(Mistakes, HostileValues) {
  const auto refused = [](const std::string& text) {
    const auto errors = mistakes(ok + text);
    return errors.size() == 1 && errors[0].code == "declare.value";
  };
  const std::string rule = "[packages.git]\nsha256 = \"" + std::string(64, 'a') + "\"\n";
  for (const std::string bad : {"../a", "/a", "a/../b", "a/..", "a\\u0000", "a\\u001b", "a/"}) {
    EXPECT_TRUE(refused(rule + "file = \"" + bad + "\"\n")) << bad;
    EXPECT_TRUE(refused(rule + "file = \"a\"\ncommands = { git = \"" + bad + "\" }\n")) << bad;
  }
  for (const std::string bad : {"ftp://x/y", "http:///y", "https://", "x", "file:a", "http://x/ y",
                                "file:///a/../b", "http://x/\\ny", "https://u:p@x/y"}) {
    EXPECT_TRUE(refused(rule + "url = \"" + bad + "\"\n")) << bad;
  }
  EXPECT_TRUE(refused("[packages.git]\ndebian = \"git\"\ncommands = { git = \"bin/git\" }\n"));
  EXPECT_TRUE(refused("[packages.git]\ndebian = \"git\"\ncommands = { \"a/b\" = \"/bin/git\" }\n"));
  for (const std::string bad :
       {"[trusted=yes] http://x", "http://x/#", "http://$(ARCH)/", "cdrom:/x", "copy:/x",
        "http://x/\\ndeb http://y", "http://x/\\\"y"}) {
    EXPECT_TRUE(refused("[sources.debian]\nuri = \"" + bad + "\"\n")) << bad;
  }
  for (const std::string bad : {"../x", "a b", "a\\nb", "Bookworm", "a/../b", "", "a#"}) {
    EXPECT_TRUE(refused("[sources.debian]\nsuite = \"" + bad + "\"\n")) << bad;
    EXPECT_TRUE(refused("[sources.debian]\ncomponents = [\"" + bad + "\"]\n")) << bad;
  }
  for (const std::string bad : {"../k.gpg", "a,b", "k]", "a\\tb", "a b"}) {
    EXPECT_TRUE(refused("[sources.debian]\nsigned-by = \"" + bad + "\"\n")) << bad;
  }
  for (const std::string bad : {"x", ".service", "x.timer", "a/b.service", "a b.service",
                                "a\\nb.service", "a%i.service", "../x.service"}) {
    EXPECT_TRUE(refused("[runners.r]\nkind = \"unit\"\nunit = \"" + bad + "\"\n")) << bad;
  }
  for (const std::string bad : {"a\\nb", "a\\u0000b", "a\\u007f", "a\\u0085b", "a\\rb", "\\t"}) {
    EXPECT_TRUE(refused("[runtime.variables]\nA = \"" + bad + "\"\n")) << bad;
    EXPECT_TRUE(refused("[entrypoints.r]\nexec = [\"" + bad + "\"]\n")) << bad;
    EXPECT_TRUE(refused("[timers.t]\nschedule = \"daily\"\nexec = [\"r\", \"" + bad +
                        "\"]\n[entrypoints.r]\n"))
        << bad;
  }
  EXPECT_TRUE(refused("[entrypoints.r]\nexec = [\"\"]\n"));
  EXPECT_TRUE(
      refused("[timers.t]\nschedule = \"daily\\nExecStart=x\"\nexec = [\"r\"]\n"
              "[entrypoints.r]\n"));
  const std::string timer = "[entrypoints.r]\n[timers.t]\nschedule = \"daily\"\nexec = [\"r\"]\n";
  for (const std::string bad : {"x", "./x", "", "~", "-/x", "/a/../b", "/a/./b", "/a//b", "/a/",
                                "/a\\nb", "/a ", "/a\\tb"}) {
    EXPECT_TRUE(refused(timer + "directory = \"" + bad + "\"\n")) << bad;
    EXPECT_TRUE(refused("[runners.r]\nkind = \"drone-exec\"\nprogram = \"" + bad + "\"\n")) << bad;
  }
  for (const std::string bad : {"/", "/usr/bin/a b", "/usr/bin/a:b", "/usr/bin/%h", "/usr/\\\"x"}) {
    EXPECT_TRUE(refused("[runners.r]\nkind = \"drone-exec\"\nprogram = \"" + bad + "\"\n")) << bad;
  }
  for (const std::string bad : {"", "0", "-x", "a b", "a:b", "a.b", "a%i", "a\\nb"}) {
    EXPECT_TRUE(refused(timer + "user = \"" + bad + "\"\n")) << bad;
  }
  EXPECT_TRUE(refused(timer + "user = \"" + std::string(32, 'a') + "\"\n"));
  for (const std::string bad : {"",
                                "-oProxyCommand=x",
                                "root@-oProxyCommand=x",
                                "-l@host",
                                "ssh://-x@host",
                                "ssh://-host",
                                "root@ host",
                                "root@host\\n",
                                "@host",
                                "root@",
                                "ssh://",
                                "a@b@host",
                                "host:22",
                                "ssh://host:",
                                "ssh://host:22x",
                                "ssh://host:222222",
                                "ssh://host/x",
                                "host/x",
                                "ho$(x)st",
                                "ssh://fe80::1",
                                "http://host"}) {
    EXPECT_TRUE(refused("[hosts.h]\naddress = \"" + bad + "\"\n")) << bad;
  }
  for (const std::string bad : {"", "docker", ".service", "a b.service", "a/b.service",
                                "-a.service", "a%i.service", "x.serv"}) {
    EXPECT_TRUE(refused("[health]\nunits = [\"" + bad + "\"]\n")) << bad;
  }
  for (const std::string bad : {"", "s", "0", "0s", "-1s", "1.5s", "61min", "2h", "3601",
                                "1 fortnight", "1s;", "60S", "9999999999s", "infinity", "1\\ns"}) {
    EXPECT_TRUE(refused("[health]\ndeadline = \"" + bad + "\"\n")) << bad;
  }
  for (const std::string bad : {"[]", "[\"\"]", "[\"a\\n\"]"}) {
    EXPECT_TRUE(refused("[health]\ncommands = [" + bad + "]\n")) << bad;
    EXPECT_TRUE(refused("[runners.r]\nkind = \"drone-exec\"\ntrigger = " + bad + "\n")) << bad;
  }
  EXPECT_TRUE(refused("[packages.git]\nfile = \"a\"\nsha256 = \"" + std::string(64, 'A') + "\"\n"));
  EXPECT_TRUE(refused("[packages.git]\nfile = \"a\"\nsha256 = \"" + std::string(63, 'a') + "\"\n"));
}

TEST(Mistakes, Duplicates) {
  expect(
      "[runtime]\ntools = [\"git\", \"git\"]\n[hosts.h]\nextra_tools = [\"vim\", \"git\", "
      "\"vim\"]\n",
      {{"declare.duplicate", {{"key", "runtime.tools"}, {"name", "git"}}, {{2, 17, 5}, {2, 10, 5}}},
       {"declare.duplicate",
        {{"key", "hosts.h.extra_tools"}, {"name", "git"}},
        {{4, 23, 5}, {2, 10, 5}}},
       {"declare.duplicate",
        {{"key", "hosts.h.extra_tools"}, {"name", "vim"}},
        {{4, 30, 5}, {4, 16, 5}}}});
  expect(
      "[runtime]\ntools = [\"python3\", \"x\"]\npython = [\"x\", \"y\", \"y\"]\n",
      {{"declare.duplicate", {{"key", "runtime.python"}, {"name", "x"}}, {{3, 11, 3}, {2, 21, 3}}},
       {"declare.duplicate",
        {{"key", "runtime.python"}, {"name", "y"}},
        {{3, 21, 3}, {3, 16, 3}}}});
  expect(
      "[runtime]\ntools = [\"docker\", \"docker.io\", \"python3\", \"python3-pytest\"]\n"
      "python = [\"pytest\"]\n[packages.docker]\ndebian = \"docker.io\"\n",
      {{"declare.same-package",
        {{"name", "docker.io"}, {"other", "docker"}, {"package", "docker.io"}},
        {{2, 20, 11}, {2, 10, 8}}},
       {"declare.same-package",
        {{"name", "pytest"}, {"other", "python3-pytest"}, {"package", "python3-pytest"}},
        {{3, 11, 8}, {2, 44, 16}}}});
  expect(ok + "[packages.git]\ndebian = \"git\"\ncommands = [\"git\", \"git\"]\n",
         {{"declare.duplicate",
           {{"key", "packages.git.commands"}, {"name", "git"}},
           {{5, 20, 5}, {5, 13, 5}}}});
}

TEST(Mistakes, PackagesWithNothingOnPath) {
  // A tool's own package is there anyway.
  expect(ok + "packages = [\"git\", \"jq\", \"jq\"]\n",
         {{"declare.duplicate",
           {{"key", "runtime.packages"}, {"name", "git"}},
           {{3, 13, 5}, {2, 10, 5}}},
          {"declare.duplicate",
           {{"key", "runtime.packages"}, {"name", "jq"}},
           {{3, 26, 4}, {3, 20, 4}}}});
  expect(
      "[runtime]\ntools = [\"docker\"]\npackages = [\"docker.io\"]\n[packages.docker]\n"
      "debian = \"docker.io\"\n",
      {{"declare.same-package",
        {{"name", "docker.io"}, {"other", "docker"}, {"package", "docker.io"}},
        {{3, 13, 11}, {2, 10, 8}}}});
  // A host may put it on the PATH of its people all the same.
  EXPECT_THAT(mistakes(ok + "packages = [\"vim\"]\n[hosts.h]\nextra_tools = [\"vim\"]\n"),
              IsEmpty());
  // [packages] is about tools and modules.
  expect(ok + "packages = [\"jq\"]\n[packages.jq]\ndebian = \"jq\"\n",
         {{"declare.unused-package", {{"name", "jq"}}, {{4, 11, 2}}}});
}

TEST(Mistakes, TwoOfOneUnit) {
  const auto same = [](std::string name, std::string other, std::string unit, Place at,
                       Place first) {
    return Expected{
        "declare.same-unit",
        {{"name", std::move(name)}, {"other", std::move(other)}, {"unit", std::move(unit)}},
        {at, first}};
  };
  expect(ok + "[runners.a]\nkind = \"drone-exec\"\n[runners.b]\nkind = \"unit\"\n"
              "unit = \"drone-runner-exec.service\"\n[entrypoints.e]\n[timers.w]\n"
              "schedule = \"daily\"\nexec = [\"e\"]\n[runners.c]\nkind = \"unit\"\n"
              "unit = \"w.service\"\n",
         {same("b", "a", "drone-runner-exec.service", {5, 10, 1}, {3, 10, 1}),
          same("c", "w", "w.service", {12, 10, 1}, {9, 9, 1})});
  // Of these every installation has a unit of its own name.
  EXPECT_THAT(mistakes(ok + "[runners.a]\nkind = \"buildbot-worker\"\n[runners.b]\n"
                            "kind = \"buildbot-worker\"\n"),
              IsEmpty());
}

TEST(Mistakes, HealthAndWitness) {
  expect(ok + "[health]\nunits = [\"a.service\", \"a.service\"]\n",
         {{"declare.duplicate",
           {{"key", "health.units"}, {"name", "a.service"}},
           {{4, 23, 11}, {4, 10, 11}}}});
  expect(ok + "[health]\ncommands = [\"docker info\", [\"a\", 5]]\n",
         {{"declare.type",
           {{"key", "health.commands"}, {"expected", "a list of strings"}, {"found", "a string"}},
           {{4, 13, 13}}},
          {"declare.type",
           {{"key", "health.commands"}, {"expected", "a string"}, {"found", "an integer"}},
           {{4, 34, 1}}}});
  expect(ok + "[health]\ncommands = \"docker info\"\n",
         {{"declare.type",
           {{"key", "health.commands"},
            {"expected", "a list of commands, each a list of strings"},
            {"found", "a string"}},
           {{4, 12, 13}}}});
  expect(ok + "[health]\ndeadline = \"soon\"\n",
         {{"declare.value",
           {{"key", "health.deadline"},
            {"expected", "a time span from 1s to 1h like '90s' or '2min'"},
            {"found", "soon"},
            {"why", "it is not a time span of seconds, minutes, hours and days"}},
           {{4, 12, 6}}}});
  expect(ok + "[entrypoints.r]\n[witness]\nexec = [\"x\"]\n",
         {{"declare.no-entrypoint",
           {{"key", "witness.exec"}, {"found", "x"}, {"known", "r"}},
           {{5, 9, 3}}}});
  expect(ok + "[witness]\n", {{"declare.missing-key",
                               {{"key", "witness.exec"},
                                {"expected", "a list of strings"},
                                {"example", "exec = [\"ci-run\", \"./smoke.sh\"]"}},
                               {{3, 2, 7}}}});
}

TEST(Mistakes, GoodAddressesAndDeadlines) {
  for (const std::string good : {"ci", "ci.example.org", "root@ci", "me_1.x@10.0.0.1", "::1",
                                 "root@fe80::1", "ssh://root@ci:2222", "ssh://ci"}) {
    EXPECT_THAT(mistakes(ok + "[hosts.h]\naddress = \"" + good + "\"\n"), IsEmpty()) << good;
  }
  const auto deadline = [&](const std::string& text) {
    const auto parsed = parse(ok + "[health]\ndeadline = \"" + text + "\"\n", test_file);
    return parsed ? parsed->health.deadline.count() : -1;
  };
  EXPECT_EQ(deadline("1"), 1);
  EXPECT_EQ(deadline("90s"), 90);
  EXPECT_EQ(deadline("2min"), 120);
  EXPECT_EQ(deadline("1min 30s"), 90);
  EXPECT_EQ(deadline(" 1 minutes2 sec "), 62);
  EXPECT_EQ(deadline("1hr"), 3600);
}

TEST(Mistakes, RulesForThePackageOfTheSameName) {
  const auto parsed = parse(ok + "[packages.git]\nrecommends = true\ncommands = [\"git\"]\n", "f");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->debian_package("git"), "git");
  EXPECT_TRUE(parsed->takes_recommended("git"));
  EXPECT_FALSE(parse(ok + "[packages.git]\nrecommends = false\n", "f")->takes_recommended("git"));
  expect(
      ok + "[packages.git]\nrecommends = \"yes\"\n",
      {{"declare.type",
        {{"key", "packages.git.recommends"}, {"expected", "true or false"}, {"found", "a string"}},
        {{4, 14, 5}}}});
  expect(ok + "[packages.git]\nfile = \"a\"\nsha256 = \"" + std::string(64, 'a') +
             "\"\nrecommends = true\n",
         {{"declare.pinned-recommends", {{"key", "packages.git"}}, {{6, 14, 4}}}});
}

TEST(Mistakes, PackageRules) {
  expect(ok + "[packages.git]\n",
         {{"declare.no-origin", {{"key", "packages.git"}, {"name", "git"}}, {{3, 11, 3}}}});
  expect(ok + "[packages.git]\ndebian = \"git\"\nfile = \"a\"\nurl = \"http://x/y\"\n",
         {{"declare.origins",
           {{"key", "packages.git"}, {"found", "debian and url and file"}},
           {{3, 11, 3}}}});
  expect(ok + "[packages.git]\nurl = \"http://x/y\"\n",
         {{"declare.unpinned", {{"key", "packages.git"}, {"origin", "url"}}, {{4, 7, 12}}}});
  expect(ok + "[packages.git]\ndebian = \"git\"\nsha256 = \"" + std::string(64, 'a') + "\"\n",
         {{"declare.pinned-debian", {{"key", "packages.git"}}, {{5, 10, 66}}}});
  expect(ok + "[packages.gti]\ndebian = \"git\"\n",
         {{"declare.unused-package", {{"name", "gti"}, {"likely", "git"}}, {{3, 11, 3}}}});
  expect(
      "[runtime]\ntools = [\"python3\"]\npython = [\"x\"]\n[packages.x]\nfile = \"a\"\nsha256 = "
      "\"" +
          std::string(64, 'a') + "\"\n",
      {{"declare.python-archive", {{"module", "x"}}, {{3, 11, 3}}}});
  expect(ok + "python = [\"pytest\"]\n",
         {{"declare.needs-python", {{"module", "pytest"}}, {{3, 11, 8}}}});
}

TEST(Mistakes, ReservedNames) {
  const std::string loader = "it decides where programs load code from";
  expect(ok + "[runtime.variables]\nPATH = \"\"\nLD_PRELOAD = \"\"\nCC_CI_X = \"\"\nPYTHONPATH = "
              "\"\"\nPATHS = \"\"\n",
         {{"declare.reserved",
           {{"key", "runtime.variables"},
            {"name", "PATH"},
            {"why", "cc-ci sets it to the commands of the declared tools"}},
           {{4, 1, 4}}},
          {"declare.reserved",
           {{"key", "runtime.variables"}, {"name", "LD_PRELOAD"}, {"why", loader}},
           {{5, 1, 10}}},
          {"declare.reserved",
           {{"key", "runtime.variables"}, {"name", "CC_CI_X"}, {"why", "cc-ci sets these itself"}},
           {{6, 1, 7}}},
          {"declare.reserved",
           {{"key", "runtime.variables"}, {"name", "PYTHONPATH"}, {"why", loader}},
           {{7, 1, 10}}}});
  expect("[runtime]\ntools = [\"essential\"]\n[hosts.shared]\n[entrypoints.cc-ci]\n",
         {{"declare.reserved",
           {{"key", "runtime.tools"},
            {"name", "essential"},
            {"why", "it is the PATH directory of Debian's essential packages"}},
           {{2, 10, 11}}},
          {"declare.reserved",
           {{"key", "hosts"},
            {"name", "shared"},
            {"why", "the lock uses this name for what all hosts share"}},
           {{3, 8, 6}}},
          {"declare.reserved",
           {{"key", "entrypoints"}, {"name", "cc-ci"}, {"why", "it is a program of cc-ci itself"}},
           {{4, 14, 5}}}});
}

TEST(Mistakes, References) {
  expect(ok + "[entrypoints.git]\n[hosts.h]\nextra_tools = [\"vim\"]\n[entrypoints.vim]\n",
         {{"declare.entrypoint-clash", {{"name", "git"}, {"tool", "git"}}, {{3, 14, 3}}},
          {"declare.entrypoint-clash", {{"name", "vim"}, {"tool", "vim"}}, {{6, 14, 3}}}});
  expect(ok + "[packages.git]\ndebian = \"git\"\ncommands = [\"run\"]\n[entrypoints.run]\n",
         {{"declare.entrypoint-clash", {{"name", "run"}, {"tool", "git"}}, {{6, 14, 3}}}});
  expect(
      ok + "[entrypoints.ci-run]\n[timers.t]\nschedule = \"daily\"\nexec = [\"ci-rnu\", \"x\"]\n",
      {{"declare.no-entrypoint",
        {{"key", "timers.t.exec"}, {"found", "ci-rnu"}, {"known", "ci-run"}, {"likely", "ci-run"}},
        {{6, 9, 8}}}});
  expect(ok + "[timers.t]\nschedule = \"daily\"\nexec = []\n",
         {{"declare.no-entrypoint", {{"key", "timers.t.exec"}, {"found", ""}}, {{5, 8, 2}}}});
}

TEST(Mistakes, ChoicesAndSchedules) {
  expect(ok + "[runners.r]\nkind = \"drone\"\n",
         {{"declare.value",
           {{"key", "runners.r.kind"},
            {"expected",
             "one of drone-exec, woodpecker-local, act-runner, gitea-runner, buildbot-worker, "
             "github-runner, gitlab-shell, unit"},
            {"found", "drone"}},
           {{4, 8, 7}}}});
  const auto errors = mistakes(ok + "[runners.r]\nkind = \"act_runner\"\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].field("likely"), "act-runner");
  expect(ok + "[entrypoints.r]\n[timers.t]\nschedule = \"*-02-30\"\nexec = [\"r\"]\n",
         {{"declare.value",
           {{"key", "timers.t.schedule"},
            {"expected", "a systemd calendar expression like 'Sun *-*-* 03:00'"},
            {"found", "*-02-30"},
            {"why", "this date never occurs"}},
           {{5, 12, 9}}}});
}

TEST(Mistakes, WhereABaselineStoodAndWhy) {
  const std::string form = "PATH@REVISION, a file of the repository at a git revision";
  const auto from = [&](const std::string& value, const std::string& why) {
    expect(ok + "[baselines]\nold = { from = '" + value + "' }\n",
           {{"declare.value",
             {{"key", "baselines.old.from"}, {"expected", form}, {"found", value}, {"why", why}},
             {{4, 16, static_cast<int>(value.size()) + 2}}}});
  };
  from("sweep.nix", "it has no '@'");
  from("/sweep.nix@v1", "it is absolute");
  from("a/../../sweep.nix@v1", "it contains '..'");
  from("@v", "it is shorter than 3 bytes");
  from("@v10", "it has no path");
  from("sweep.nix@", "it has no revision");
  from("sweep.nix@--output=x", "it begins with '-', like an option");
  expect(ok + "[baselines.old]\n", {{"declare.missing-key",
                                     {{"key", "baselines.old.from"},
                                      {"expected", "a string"},
                                      {"example", "from = \"nix/modules/sweep.nix@v1.0\""}},
                                     {{3, 12, 3}}}});
  expect(ok + "[baselines]\nold = 'x'\n",
         {{"declare.type",
           {{"key", "baselines.old"},
            {"expected", "a list of names or a table with from = \"PATH@REVISION\""},
            {"found", "a string"}},
           {{4, 7, 3}}}});
  expect(ok + "[waivers]\nabra = ''\n", {{"declare.value",
                                          {{"key", "waivers.abra"},
                                           {"expected", "a reason, on one line"},
                                           {"found", ""},
                                           {"why", "it is empty"}},
                                          {{4, 8, 2}}}});
  expect(ok + "[prove.ignore]\n'../x' = 'a'\n", {{"declare.value",
                                                  {{"key", "prove.ignore"},
                                                   {"expected", "a path of the repository"},
                                                   {"found", "../x"},
                                                   {"why", "it contains '..'"}},
                                                  {{4, 1, 6}}}});
}

TEST(Mistakes, Syntax) {
  const auto syntax = [](const std::string& text, const std::string& cause, Place place) {
    expect(text, {{"declare.syntax", {{"cause", cause}}, {place}}});
  };
  syntax("[runtime]\ntools = [\"git\"\n", "encountered end-of-file", {2, 15, 1});
  syntax("[runtime]\ntools = \n", "expected value, saw '\\n'", {2, 9, 1});
  // The library's search for the end of such a word is undefined for letters like U+01BD.
  syntax("[runtime]\nname = 0y\":\xC6\xBD\n",
         "a string cannot begin right after 'y'; a quote inside of a string is written \\\"",
         {2, 10, 1});
  syntax("[runtime]\nname = \"say \"hi\"\"\n",
         "a string cannot begin right after 'i'; a quote inside of a string is written \\\"",
         {2, 16, 1});
  syntax("[runtime]\nä = 5\n", "expected only ASCII characters outside of quotes, saw 'ä'",
         {2, 1, 2});
  syntax("[ = 1]\n", "expected bare key starting character or string delimiter, saw '='",
         {1, 3, 1});
  syntax("[runtime]\ntools = []\ntools = []\n", "cannot redefine existing array 'tools'",
         {3, 9, 1});
}

// The library counts code points, a position counts bytes.
TEST(Mistakes, CountColumnsInBytes) {
  expect("[runtime]\ntools = [\"ä€😀\", \"git\", 5]\n",
         {{"declare.value",
           {{"key", "runtime.tools"},
            {"expected", std::string(tool_form)},
            {"found", "ä€😀"},
            {"why", "it begins with 'ä'"}},
           {{2, 10, 11}}},
          {"declare.type",
           {{"key", "runtime.tools"}, {"expected", "a string"}, {"found", "an integer"}},
           {{2, 30, 1}}}});
  const auto errors = mistakes("\xEF\xBB\xBFtols = 1\n" + ok);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].where[0].column, 4) << "after the byte order mark";
  EXPECT_EQ(errors[0].where[0].length, 4);
}

TEST(Mistakes, ShowLinesThatEndAsWindowsEndsThem) {
  const auto errors = mistakes("[runtime]\r\ntools = [5]\r\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].where[0], (base::Position{test_file, 2, 10, 1, "tools = [5]"}));
}

TEST(Mistakes, ShowNoSecretOfAnAddress) {
  for (const std::string uri :
       {"https://joe:hunter2@deb.example.org/ x", "https://joe:hun/ter2@x y", "ftp://hunter2@x"}) {
    const auto errors = mistakes(ok + "[sources.debian]\nuri = \"" + uri + "\"\nbad = \"" + uri +
                                 "\"\n[packages.git]\nurl = \"" + uri + "\"\nsha256 = \"" +
                                 std::string(64, 'a') + "\"\n");
    ASSERT_EQ(errors.size(), 3U);
    for (const base::Error& error : errors) {
      EXPECT_THAT(testing::PrintToString(error), testing::Not(testing::HasSubstr("ter2")));
    }
    EXPECT_EQ(errors[0].where[0].excerpt.size(), uri.size() + 8) << "columns stay";
  }
}

TEST(Mistakes, ACommandWithANameThatNoPackageCanHave) {
  const auto errors = mistakes("[runtime]\ntools = [\"pg_dump\", \"git_lfs\"]\n");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].field("likely"), "postgresql-client");
  EXPECT_EQ(errors[1].field("likely"), "git-lfs");
}

// One edit, one look: nothing waits for another mistake to be mended first.
TEST(Mistakes, AllInOneGoInTheOrderOfTheText) {
  const auto errors = mistakes(
      "[hosts.\"A\"]\nextra = []\n[timers.t]\nschedule = \"x\"\nexec = [\"no\"]\n[runtime]\n"
      "tools = [\"git\", \"git\", 5]\npython = \"x\"\n[packages.git]\nurl = 1\n");
  std::vector<std::string> codes;
  std::vector<int> lines;
  for (const base::Error& error : errors) {
    codes.push_back(error.code);
    lines.push_back(error.where.at(0).line);
  }
  EXPECT_THAT(codes, ElementsAre("declare.value", "declare.unknown-key", "declare.value",
                                 "declare.no-entrypoint", "declare.duplicate", "declare.type",
                                 "declare.type", "declare.type", "declare.unpinned"));
  EXPECT_THAT(lines, ElementsAre(1, 2, 4, 5, 7, 7, 8, 10, 10));
}

}  // namespace
}  // namespace ccci::declare
