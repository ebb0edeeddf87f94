// SPDX-License-Identifier: GPL-3.0-or-later
// Each proof on the reference case, and where it must fail or stay unproven.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prove/proofs.hpp"
#include "prove/readers.hpp"

namespace ccci::prove {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string hash = "0123456789abcdef0123456789abcdef";
const std::string digest(64, 'a');

std::vector<declare::Name> names(const std::vector<std::string>& texts) {
  std::vector<declare::Name> out;
  for (const std::string& text : texts) out.push_back({text, {}});
  return out;
}

// The reference case: two hosts that each add openssh-client to one shared list.
declare::Declaration reference() {
  declare::Declaration out;
  out.tools = names({"bash", "coreutils", "curl", "docker", "git", "git-lfs", "grep", "jq",
                     "openssl", "procps", "python3", "sed", "tar", "util-linux"});
  out.python = names({"pytest"});
  out.packages["docker"] = {{"docker", {}}, declare::DebianPackage{"docker.io"}, {}};
  out.entrypoints["cc-ci-run"] = {{"cc-ci-run", {}}, {"python3"}};
  out.timers["nightly-sweep"] = {{"nightly-sweep", {}}, "Sun *-*-* 03:00", {"cc-ci-run"}};
  out.runners["drone"] = {{"drone", {}}, "drone-exec", {}};
  for (const char* host : {"cc-ci", "cc-ci-hetzner"})
    out.hosts[host] = {{host, {}}, names({"openssh-client"})};
  return out;
}

std::vector<BaselineList> baselines(const declare::Declaration& declaration) {
  std::vector<BaselineList> out;
  const auto add = [&](const char* name, const std::vector<std::string>& tools) {
    out.push_back(baseline_list(declaration, {{name, {}}, names(tools)}));
  };
  add("entrypoint",
      {"python3", "pytest", "playwright", "abra", "docker", "git", "coreutils", "util-linux"});
  add("sweep", {"python3", "pytest", "playwright", "bash", "abra", "docker", "git", "curl", "jq",
                "gnused", "gnugrep", "gnutar", "coreutils", "util-linux", "procps"});
  add("host-cc-ci", {"curl", "git", "jq", "openssh"});
  add("cc-ci-hetzner", {"curl", "git", "git-lfs", "jq", "openssh"});
  return out;
}

const Reasons waivers{{"abra", "no source yet"}, {"playwright", "browsers come later"}};

environment::Exposed exposed(const std::string& tool, const std::string& version = "1") {
  return {tool, tool, version, "/usr/lib/cc-ci/path/" + tool, {{tool, "/usr/bin/" + tool, tool}}};
}

std::vector<environment::Exposed> all_exposed(const declare::Declaration& declaration,
                                              const std::vector<std::string>& extras = {}) {
  std::vector<environment::Exposed> out;
  for (const declare::Name& tool : declaration.tools) out.push_back(exposed(tool.text));
  for (const std::string& tool : extras) out.push_back(exposed(tool));
  out.push_back(
      {"essential", "", "", "/usr/lib/cc-ci/path/essential", {{"ls", "/usr/bin/ls", ""}}});
  return out;
}

std::vector<Consumer> consumers(const declare::Declaration& declaration) {
  std::vector<Consumer> out;
  for (const Expected& expected : expected_consumers(declaration))
    out.push_back({expected.host, expected.name, "cc-ci-run", digest, hash, {}, {}, {}});
  return out;
}

// builds

TEST(Builds, EveryHostIsBuilt) {
  const Proof proof = builds(reference(), {{"cc-ci", true, digest, {}, {}, {}},
                                           {"cc-ci-hetzner", true, digest, {}, {}, {}}});
  EXPECT_EQ(proof.verdict, Verdict::pass);
  EXPECT_EQ(proof.evidence, "2 hosts built, no collision");
}

TEST(Builds, ACollisionNamesBothThePathAndTheRemedy) {
  const Proof proof = builds(
      reference(), {{"cc-ci", true, digest, {}, {}, {}},
                    {"cc-ci-hetzner", false, {}, {{"/usr/bin/x", "a", "b", "drop one"}}, {}, {}}});
  EXPECT_EQ(proof.verdict, Verdict::fail);
  EXPECT_EQ(proof.evidence, "host 'cc-ci-hetzner': /usr/bin/x: both 'a' and 'b' own it; drop one");
}

TEST(Builds, AnUnbuiltHostIsUnprovenAndAnErrorFails) {
  EXPECT_EQ(builds(reference(), {{"cc-ci", true, digest, {}, {}, {}}}).evidence,
            "host 'cc-ci-hetzner': nothing says whether it builds");
  EXPECT_EQ(builds(reference(), {}).verdict, Verdict::unproven);
  const Proof proof = builds(reference(), {{"cc-ci", false, {}, {}, "disk full", {}}});
  EXPECT_EQ(proof.verdict, Verdict::fail);
  EXPECT_EQ(proof.evidence, "host 'cc-ci': disk full");
}

// single-source

Proof single(const std::vector<File>& files, const Reasons& ignore = {},
             std::vector<Consumer> seen = consumers(reference()),
             const std::string& environment = hash) {
  std::vector<Reading> readings;
  for (const File& file : files) readings.push_back(read_file(file.path, file.text));
  return single_source(reference(), readings, ignore, seen, environment);
}

TEST(SingleSource, ARequirementsFileIsASecondListUnlessItIsDeclared) {
  const File file{"app/ci/requirements.txt", "pytest>=7\nrequests\n"};
  const Proof second = single({file});
  EXPECT_EQ(second.verdict, Verdict::fail);
  declare::Declaration declaration = reference();
  declaration.pypi.declared = true;
  declaration.pypi.requirements.text = "ci/requirements.txt";
  declaration.pypi.files = {{"ci/requirements.txt", file.text}};
  const Proof first = single_source(declaration, {read_file(file.path, file.text)}, {},
                                    consumers(declaration), hash);
  EXPECT_EQ(first.verdict, Verdict::pass) << first.evidence;
  // What it names is declared, so another list of it is a second one.
  const Proof other =
      single_source(declaration, {read_file("Dockerfile", "FROM x\nRUN pip install Requests\n")},
                    {}, consumers(declaration), hash);
  EXPECT_EQ(other.verdict, Verdict::fail);
}

TEST(SingleSource, PackagesOfNpmAreKnownByTheirNames) {
  declare::Declaration declaration = reference();
  declaration.tools.push_back({"tsc", {}});
  declaration.packages["tsc"] = {
      .name = {"tsc", {}}, .from = declare::NpmPackage{"typescript", ""}, .commands = {}};
  declaration.tools.push_back({"web", {}});
  declaration.packages["web"] = {
      .name = {"web", {}},
      .from = declare::NpmPackage{"", "", {"web/package-lock.json", {}}, {}},
      .commands = {}};
  declaration.npm.files = {
      {"web/package-lock.json",
       R"({"packages": {"": {"dependencies": {"@s/a": "1"}}, "node_modules/deep": {}}})"},
      {"web/package.json", R"({"dependencies": {"@s/a": "1"}})"}};
  const auto judged = [&](const std::string& path, const std::string& text) {
    return single_source(declaration, {read_file(path, text)}, {}, consumers(declaration), hash);
  };
  EXPECT_EQ(judged("web/package.json", declaration.npm.files["web/package.json"]).verdict,
            Verdict::pass);
  const Proof other =
      judged("tools/package.json", R"({"dependencies": {"@s/a": "1", "typescript": "5"}})");
  EXPECT_EQ(other.verdict, Verdict::fail);
  EXPECT_THAT(other.facts.dump(), HasSubstr(R"("repeats":["@s/a","typescript"])"));
  EXPECT_EQ(judged("ci.sh", "#!/bin/sh\nnpm install -g typescript@5\n").verdict, Verdict::fail);
  BaselineList baseline;
  baseline.name = "old";
  baseline.tools = {"typescript", "@s/a"};
  EXPECT_EQ(superset(declaration, {baseline}, {}, nullptr).verdict, Verdict::pass);
  baseline.tools.push_back("deep");
  EXPECT_NE(superset(declaration, {baseline}, {}, nullptr).verdict, Verdict::pass);
}

TEST(SingleSource, ARepositoryWithoutListsPasses) {
  const Proof proof = single({{"README.md", "apt-get install git"},
                              {"run.sh", "# apt-get install git\ncc-ci run -- git\n"},
                              {"x.nix", "{ runtimeInputs = [ cc-ci-run ]; }"}});
  EXPECT_EQ(proof.verdict, Verdict::pass) << proof.evidence;
  EXPECT_EQ(proof.evidence,
            "14 tools and 1 Python module declared once; 3 files and 8 consumers hold no other "
            "list");
}

TEST(SingleSource, ASecondListIsNamedWithWhatItRepeatsAndAdds) {
  const Proof proof =
      single({{"nix/sweep.nix", "{\n  runtimeInputs = with pkgs; [ gnused git htop ];\n}\n"},
              {".woodpecker.yml", "steps:\n- commands:\n  - apk add py3-pytest docker-cli\n"}});
  EXPECT_EQ(proof.verdict, Verdict::fail);
  EXPECT_THAT(proof.details,
              ElementsAre("nix/sweep.nix:2:3: runtimeInputs repeats gnused, git; adds htop",
                          ".woodpecker.yml:3:5: apk add repeats py3-pytest, docker-cli"));
  EXPECT_EQ(proof.evidence,
            "nix/sweep.nix:2:3: runtimeInputs repeats gnused, git; adds htop (and 1 more)");
  EXPECT_EQ(proof.facts["findings"][0]["adds"][0], "htop");
}

TEST(SingleSource, APathOfItsOwnFails) {
  EXPECT_EQ(single({{"a.sh", "export PATH=/opt/x:$PATH\n"}}).evidence,
            "a.sh:1:8: PATH puts /opt/x in front");
  EXPECT_EQ(single({{"a.sh", "PATH=$PATH:/opt/x\n"}}).evidence,
            "a.sh:1:1: PATH adds /opt/x behind");
  EXPECT_EQ(single({{"a.service", "[Service]\nEnvironment=PATH=/usr/bin\n"}}).evidence,
            "a.service:2:13: Environment=PATH is replaced by /usr/bin");
}

TEST(SingleSource, AnUncertainListCountsOnlyWhereItRepeats) {
  EXPECT_EQ(single({{"x.nix", "{ fonts.fonts = with pkgs; [ noto ]; }"}}).verdict, Verdict::pass);
  EXPECT_EQ(single({{"x.nix", "{ mine = with pkgs; [ noto git ]; }"}}).evidence,
            "x.nix:1:21: a list of packages repeats git; adds noto");
}

TEST(SingleSource, AnExcusedPathIsShownWithItsReason) {
  const std::vector<File> files{{"image/Dockerfile", "RUN apt-get install git\n"}};
  for (const char* path : {"image/Dockerfile", "image", "image/"}) {
    const Proof proof = single(files, {{path, "another product"}});
    EXPECT_EQ(proof.verdict, Verdict::pass) << path;
    EXPECT_THAT(proof.details,
                Contains("excused: " + std::string(path) + ": another product (1 finding)"));
  }
  EXPECT_EQ(single(files, {{"imag", "no prefix of a name"}}).verdict, Verdict::fail);
  EXPECT_THAT(single({}, {{"gone", "x"}}).details,
              Contains("[prove.ignore] 'gone' is stale: it excuses nothing"));
}

TEST(SingleSource, WhatCouldNotBeReadIsUnproven) {
  EXPECT_EQ(single({{".drone.yml", "a: [\n"}}).verdict, Verdict::unproven);
  EXPECT_EQ(single({{".drone.yml", "a: [\n"}}, {{".drone.yml", "generated"}}).verdict,
            Verdict::pass);
  EXPECT_EQ(single({}, {}, consumers(reference()), "").evidence,
            "the shared environment is not built");
  EXPECT_EQ(single({}, {}, {}).verdict, Verdict::unproven);
}

TEST(SingleSource, AConsumerWithAListOfItsOwnFails) {
  std::vector<Consumer> seen = consumers(reference());
  seen[1].own =
      read_unit("/etc/systemd/system/s.service.d/p.conf", "[Service]\nEnvironment=PATH=/opt/x\n")
          .findings;
  EXPECT_EQ(single({}, {}, seen).evidence,
            "host 'cc-ci': timer nightly-sweep: /etc/systemd/system/s.service.d/p.conf:2:13: "
            "Environment=PATH is replaced by /opt/x");
  seen = consumers(reference());
  seen[0].environment = "fedcba";
  EXPECT_EQ(single({}, {}, seen).verdict, Verdict::fail);
}

TEST(SingleSource, AnExtraToolThatIsSharedIsDeclaredTwice) {
  declare::Declaration declaration = reference();
  declaration.hosts["cc-ci"].extra_tools = names({"gnutar"});
  EXPECT_EQ(single_source(declaration, {}, {}, consumers(declaration), hash).evidence,
            "host 'cc-ci': extra tool 'gnutar' is shared already");
}

// superset

TEST(Superset, TheReferenceCaseDropsNothingButWhatIsWaived) {
  const declare::Declaration declaration = reference();
  const auto tools = all_exposed(declaration);
  const Proof proof = superset(declaration, baselines(declaration), waivers, &tools);
  EXPECT_EQ(proof.verdict, Verdict::pass);
  EXPECT_EQ(proof.evidence,
            "4 baselines covered, nothing dropped but waived abra, playwright; additions: git-lfs, "
            "openssl");
  EXPECT_THAT(proof.details, Contains("waived: 'abra': no source yet (entrypoint, sweep)"));
  EXPECT_THAT(proof.details,
              Contains("baseline 'sweep': 13 of 15 names covered; additions: git-lfs, openssl"));
  EXPECT_EQ(proof.facts["additions"], base::Json({"git-lfs", "openssl"}));
}

TEST(Superset, ADroppedToolFailsByName) {
  declare::Declaration declaration = reference();
  declaration.tools.erase(declaration.tools.begin() + 11);  // sed
  const auto tools = all_exposed(declaration);
  const Proof proof = superset(declaration, baselines(declaration), waivers, &tools);
  EXPECT_EQ(proof.verdict, Verdict::fail);
  EXPECT_EQ(proof.evidence, "baseline 'sweep': 'gnused' is dropped");
}

TEST(Superset, WithoutAWaiverTheMissingFail) {
  const declare::Declaration declaration = reference();
  const auto tools = all_exposed(declaration);
  const Proof proof = superset(declaration, baselines(declaration), {}, &tools);
  EXPECT_EQ(proof.evidence, "baseline 'entrypoint': 'playwright' is dropped (and 3 more)");
}

TEST(Superset, AHostsListIsCoveredByItsExtrasAndASharedOneIsNot) {
  declare::Declaration declaration = reference();
  declaration.hosts["cc-ci"].extra_tools.clear();
  const auto tools = all_exposed(declaration);
  EXPECT_EQ(superset(declaration, baselines(declaration), waivers, &tools).evidence,
            "baseline 'host-cc-ci': 'openssh' is dropped");
  BaselineList shared{"all", {"openssh"}, {}, {}, {}};
  EXPECT_EQ(superset(reference(), {shared}, {}, &tools).verdict, Verdict::fail);
}

TEST(Superset, AStaleWaiverIsReported) {
  declare::Declaration declaration = reference();
  declaration.tools.push_back({"abra", {}});
  const auto tools = all_exposed(declaration);
  Reasons more = waivers;
  more["never"] = "x";
  const Proof proof = superset(declaration, baselines(declaration), more, &tools);
  EXPECT_EQ(proof.verdict, Verdict::pass);
  EXPECT_THAT(proof.details, Contains("waiver 'abra' is stale: the environment has it; remove it"));
  EXPECT_THAT(proof.details, Contains("waiver 'never' is stale: no baseline names it; remove it"));
}

TEST(Consumers, ATimerOfOneHostIsExpectedThereOnly) {
  declare::Declaration declaration = reference();
  declaration.timers.begin()->second.hosts = {{"cc-ci", {}}};
  const std::string name = "timer " + declaration.timers.begin()->first;
  std::vector<std::string> on;
  for (const Expected& expected : expected_consumers(declaration)) {
    if (expected.name == name) on.push_back(expected.host);
  }
  EXPECT_THAT(on, ElementsAre("cc-ci"));
}

TEST(Superset, APackageWithoutCommandsCovers) {
  const BaselineList baseline{"dockerfile", {"fonts-dejavu-core"}, {}, {}, {}};
  declare::Declaration declaration = reference();
  const auto tools = all_exposed(declaration);
  EXPECT_EQ(superset(declaration, {baseline}, {}, &tools).verdict, Verdict::fail);
  declaration.library_packages.push_back({"fonts-dejavu-core", {}});
  EXPECT_EQ(superset(declaration, {baseline}, {}, &tools).verdict, Verdict::pass);
}

TEST(Superset, ACommandThatAToolExposesCovers) {
  const BaselineList baseline{"b", {"ps"}, {}, {}, {}};
  auto tools = all_exposed(reference());
  EXPECT_EQ(superset(reference(), {baseline}, {}, &tools).verdict, Verdict::fail);
  EXPECT_EQ(superset(reference(), {baseline}, {}, nullptr).verdict, Verdict::unproven);
  tools[9].commands.push_back({"ps", "/usr/bin/ps", "procps"});
  EXPECT_EQ(superset(reference(), {baseline}, {}, &tools).verdict, Verdict::pass);
}

TEST(Superset, ABaselineThatCannotBeReadIsUnproven) {
  const BaselineList baseline{"b", {}, "x.nix@v1", {}, "no revision 'v1'"};
  const Proof proof = superset(reference(), {baseline}, {}, nullptr);
  EXPECT_EQ(proof.verdict, Verdict::unproven);
  EXPECT_EQ(proof.evidence, "baseline 'b': no revision 'v1'");
}

// The sweep of the reference case as it was written down before, list and PATH patch and all.
TEST(Superset, ABaselineIsReadFromWhereItStood) {
  const Reading reading = read_file("nix/modules/nightly-sweep.nix", R"nix(
{ config, pkgs, lib, ... }:
let
  pyEnv = pkgs.python3.withPackages (ps: with ps; [ pytest playwright ]);
  sweep = pkgs.writeShellApplication {
    name = "cc-ci-sweep"; # git-lfs is not here
    runtimeInputs = [ pyEnv ] ++ (with pkgs; [
      bash abra docker git curl jq
      gnused gnugrep gnutar /* htop */ coreutils util-linux procps
    ]);
    text = ''
      export PATH=/run/current-system/sw/bin:$PATH
      export PLAYWRIGHT_BROWSERS_PATH=${pkgs.playwright-driver.browsers}
      exec python3 runner/sweep.py
    '';
  };
in {
  systemd.services.nightly-sweep.serviceConfig.ExecStart = "${sweep}/bin/cc-ci-sweep";
  systemd.timers.nightly-sweep.timerConfig.OnCalendar = "Sun *-*-* 03:00";
}
)nix");
  BaselineList from{"sweep", {}, "nix/modules/nightly-sweep.nix@v1", {}, reading.unavailable};
  for (const Mention& mention : tools_in(reading)) from.tools.push_back(mention.name);
  EXPECT_EQ(from.tools, baselines(reference())[1].tools);
  const auto tools = all_exposed(reference());
  const Proof proof = superset(reference(), {from}, waivers, &tools);
  EXPECT_EQ(proof.verdict, Verdict::pass);
  EXPECT_THAT(proof.details,
              Contains("baseline 'sweep' (nix/modules/nightly-sweep.nix@v1): 13 of 15 names "
                       "covered; additions: git-lfs, openssl"));
  EXPECT_THAT(single_source(reference(), {reading}, {}, consumers(reference()), hash).details,
              Contains("nix/modules/nightly-sweep.nix:12:14: PATH puts /run/current-system/sw/bin "
                       "in front"));
}

TEST(Superset, FromNamesAFileAndARevision) {
  const auto good = parse_from("nix/a@b.nix@v1.0");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->path, "nix/a@b.nix");
  EXPECT_EQ(good->revision, "v1.0");
  for (const char* bad : {"", "x", "@v1", "x@", "/x@v1", "../x@v1", "a/../b@v1", "-x@v1", "x@-v1",
                          "x@v:1", "x y@v1", "x\n@v1", "a//b@v1", ":x@v1", "x@HEAD\x7f"})
    EXPECT_FALSE(parse_from(bad)) << bad;
  EXPECT_EQ(parse_from("x").error().code, "prove.from");
}

// parity

TEST(Parity, OneEntrypointEverywhere) {
  const Proof proof = parity(reference(), consumers(reference()));
  EXPECT_EQ(proof.verdict, Verdict::pass);
  EXPECT_EQ(proof.evidence, "8 consumers on 2 hosts execute one cc-ci-run aaaaaaaaaaaa");
}

TEST(Parity, OneThatDiffersIsNamed) {
  auto seen = consumers(reference());
  seen[6].digest = std::string(64, 'b');
  const Proof proof = parity(reference(), seen);
  EXPECT_EQ(proof.verdict, Verdict::fail);
  EXPECT_EQ(proof.evidence,
            "host 'cc-ci-hetzner': runner drone: cc-ci-run bbbbbbbbbbbb, where 7 other consumers "
            "have aaaaaaaaaaaa");
}

TEST(Parity, EntrypointsOfOtherNamesShareTheEnvironment) {
  auto seen = consumers(reference());
  seen[3].executes = "inside";
  seen[3].digest = std::string(64, 'c');
  EXPECT_EQ(parity(reference(), seen).verdict, Verdict::pass);
  seen[3].environment = "ffff";
  EXPECT_THAT(parity(reference(), seen).evidence, HasSubstr("environment ffff"));
}

TEST(Parity, AConsumerThatWasNotSeenIsUnproven) {
  auto seen = consumers(reference());
  seen.pop_back();
  EXPECT_EQ(parity(reference(), seen).evidence, "not looked at: host 'cc-ci-hetzner': PATH");
  seen = consumers(reference());
  seen[1].unavailable = "no such unit";
  EXPECT_EQ(parity(reference(), seen).evidence, "host 'cc-ci': timer nightly-sweep: no such unit");
  seen[1] = consumers(reference())[1];
  seen[1].digest.clear();
  EXPECT_EQ(parity(reference(), seen).verdict, Verdict::unproven);
  EXPECT_EQ(parity({}, {}).verdict, Verdict::unproven);
}

// divergence

std::vector<HostView> views() {
  const auto list = std::make_shared<const std::vector<environment::Exposed>>(
      all_exposed(reference(), {"openssh-client"}));
  return {{"cc-ci", list, {}}, {"cc-ci-hetzner", list, {}}};
}

Proof diverge(const std::vector<HostView>& hosts) {
  return divergence(reference(), hosts, baselines(reference()), waivers);
}

HostView changed(const std::function<void(std::vector<environment::Exposed>&)>& change) {
  auto list = all_exposed(reference(), {"openssh-client"});
  change(list);
  return {"cc-ci-hetzner",
          std::make_shared<const std::vector<environment::Exposed>>(std::move(list)),
          {}};
}

TEST(Divergence, EqualListsPassAndGainsAreNamed) {
  const Proof proof = diverge(views());
  EXPECT_EQ(proof.verdict, Verdict::pass);
  EXPECT_EQ(proof.evidence, "2 hosts show the same list but for their declared extras");
  const auto& gains = proof.facts["against_baselines"][0]["gains"].elements();
  EXPECT_THAT(gains, Contains("git-lfs"));
  EXPECT_THAT(gains, Contains("openssl"));
  EXPECT_THAT(gains, Not(Contains("curl")));
  EXPECT_THAT(gains, Not(Contains("openssh-client")));
  EXPECT_THAT(proof.facts["against_baselines"][1]["gains"].elements(), Not(Contains("git-lfs")));
  EXPECT_TRUE(proof.facts["against_baselines"][0]["loses"].empty());
}

TEST(Divergence, AnExtraToolMayTakeACommandOfAnother) {
  auto hosts = views();
  // openssh-client is an extra tool of that host. It has a command that elsewhere is curl's.
  hosts[1] = changed([](auto& list) {
    for (environment::Exposed& one : list) {
      if (one.tool == "openssh-client") one.commands.push_back(list[2].commands.front());
    }
    list[2].commands.clear();
  });
  EXPECT_EQ(diverge(hosts).verdict, Verdict::pass) << diverge(hosts).evidence;
}

TEST(Divergence, EveryDifferenceIsNamed) {
  auto hosts = views();
  hosts[1] = changed([](auto& list) { list.erase(list.begin() + 5); });
  EXPECT_EQ(diverge(hosts).evidence, "host 'cc-ci-hetzner': lacks 'git-lfs', which 'cc-ci' has");
  hosts[1] = changed([](auto& list) { list.push_back(exposed("vim")); });
  EXPECT_EQ(diverge(hosts).evidence,
            "host 'cc-ci-hetzner': has 'vim', which 'cc-ci' lacks and no extra_tools names");
  hosts[1] = changed([](auto& list) { list[2].version = "2"; });
  EXPECT_EQ(diverge(hosts).evidence, "host 'cc-ci-hetzner': 'curl' is 2, on 'cc-ci' 1");
  hosts[1] = changed([](auto& list) { list[2].commands.clear(); });
  EXPECT_EQ(diverge(hosts).evidence,
            "host 'cc-ci-hetzner': 'curl' exposes other commands than on 'cc-ci': curl");
  hosts[1] = changed([](auto& list) { std::swap(list[0], list[1]); });
  EXPECT_EQ(diverge(hosts).evidence,
            "host 'cc-ci-hetzner': the directories on PATH stand in another order than on 'cc-ci'");
  hosts[1] = changed([](auto& list) { list.erase(list.end() - 2); });
  EXPECT_EQ(diverge(hosts).evidence,
            "host 'cc-ci-hetzner': lacks its declared extra tool 'openssh-client'");
}

TEST(Divergence, HostsThatAgreeOnTheWrongListFail) {
  auto hosts = views();
  hosts[1] = changed([](auto& list) { list.erase(list.begin() + 5); });
  hosts[0].exposed = hosts[1].exposed;
  EXPECT_EQ(diverge(hosts).evidence, "host 'cc-ci': lacks the declared tool 'git-lfs'");
}

TEST(Divergence, AHostThatWasNotReadIsUnproven) {
  auto hosts = views();
  hosts[1].unavailable = "not built";
  EXPECT_EQ(diverge(hosts).evidence, "host 'cc-ci-hetzner': not built");
  hosts.pop_back();
  EXPECT_EQ(diverge(hosts).evidence, "host 'cc-ci-hetzner': not looked at");
}

// propagation

Trial trial() {
  Trial out{"htop", "htop", "3.2", {}, {}, {}};
  const auto before =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"git", "jq"});
  const auto after = std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{"git", "htop", "jq"});
  for (const Expected& expected : expected_consumers(reference())) {
    out.before.push_back({expected.host, expected.name, before});
    out.after.push_back({expected.host, expected.name, after});
  }
  return out;
}

TEST(Propagation, AToolAddedOnceReachesEveryConsumer) {
  const Proof proof = propagation(reference(), trial());
  EXPECT_EQ(proof.verdict, Verdict::pass);
  EXPECT_EQ(proof.evidence, "'htop' (package htop 3.2), planned once, reaches all 8 consumers");
}

TEST(Propagation, AConsumerThatItDoesNotReachIsNamed) {
  Trial one = trial();
  one.after[1].tools = one.before[1].tools;
  EXPECT_EQ(propagation(reference(), one).evidence,
            "host 'cc-ci': timer nightly-sweep: does not get 'htop'");
  one = trial();
  one.before[1].tools = one.after[1].tools;
  EXPECT_THAT(propagation(reference(), one).evidence, HasSubstr("before it is declared"));
  one = trial();
  one.after[1].tools =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"htop", "git"});
  EXPECT_THAT(propagation(reference(), one).evidence, HasSubstr("changes more than that"));
}

TEST(Propagation, WhatWasNotPlannedIsUnproven) {
  Trial one = trial();
  one.after.pop_back();
  EXPECT_EQ(propagation(reference(), one).evidence, "not planned: host 'cc-ci-hetzner': PATH");
  one = trial();
  one.version.clear();
  EXPECT_EQ(propagation(reference(), one).evidence, "no source has a package for 'htop'");
  one = trial();
  one.unavailable = "the archive was not reached";
  EXPECT_EQ(propagation(reference(), one).verdict, Verdict::unproven);
  one = trial();
  one.tool = "gnused";
  EXPECT_NE(propagation(reference(), one).verdict, Verdict::pass);
}

// closed

Inside inside() {
  Inside out;
  out.environment = hash;
  out.commands.push_back({"git", "/usr/lib/cc-ci/path/git", "/usr/bin/git", true});
  for (const ProbeKind kind : {ProbeKind::by_name, ProbeKind::by_path, ProbeKind::preload,
                               ProbeKind::inherited_path, ProbeKind::cleared_environment})
    out.probes.push_back({kind, "/usr/bin/gdb", true, true, "status 127", {}});
  return out;
}

TEST(Closed, EveryProbeIsRefused) {
  const Proof proof = closed(hash, inside());
  EXPECT_EQ(proof.verdict, Verdict::pass);
  EXPECT_EQ(proof.evidence, "1 command resolves within the root; 5 probes refused");
}

TEST(Closed, WhatGetsInFails) {
  Inside seen = inside();
  seen.probes[1].refused = false;
  seen.probes[1].saw = "status 0";
  EXPECT_EQ(closed(hash, seen).evidence, "'/usr/bin/gdb' by absolute path: runs inside (status 0)");
  seen = inside();
  seen.commands.push_back({"x", "/p", "/home/x", false});
  EXPECT_EQ(closed(hash, seen).evidence, "/p/x: leads to /home/x, outside the root");
  seen.commands.back().target.clear();
  EXPECT_EQ(closed(hash, seen).evidence, "/p/x: leads nowhere");
  seen = inside();
  seen.commands.push_back({"x", "/p", "/usr/bin/x", true, true});
  EXPECT_EQ(closed(hash, seen).evidence,
            "/p/x: is on PATH, but the environment's record does not name it");
  seen = inside();
  seen.environment.clear();
  EXPECT_EQ(closed(hash, seen).evidence, "inside is environment none, expected 0123456789ab");
}

TEST(Closed, AFileOfAHostPackageIsNotSeen) {
  Inside seen = inside();
  seen.host_files_looked_for = 700;
  EXPECT_EQ(closed(hash, seen).evidence,
            "1 command resolves within the root; 5 probes refused; none of 700 files of host "
            "packages is seen");
  seen.host_files = {{"/var/lib/aspell/a.compat", "aspell-a"}, {"/var/lib/aspell/b", "aspell-b"}};
  EXPECT_EQ(closed(hash, seen).verdict, Verdict::fail);
  EXPECT_EQ(
      closed(hash, seen).evidence,
      "/var/lib/aspell/a.compat: a job sees this file of the host's packages aspell-a, aspell-b; "
      "declare them, or /var/lib/aspell under [runtime] host_files");
  seen.host_files = {{"/var/www/cgi/a", "cgi"}};
  EXPECT_EQ(closed(hash, seen).evidence,
            "/var/www/cgi/a: a job sees this file of the host's package cgi; declare /var/www/cgi "
            "under [runtime] host_files");
}

TEST(Closed, DeclaredFilesOfHostPackagesAreNamed) {
  Inside seen = inside();
  seen.host_files_looked_for = 700;
  seen.host_files = {{"/etc/perl/a", "perl", "/etc/perl"}, {"/etc/perl/b", "perl-b", "/etc/perl"}};
  const Proof proof = closed(hash, seen);
  EXPECT_EQ(proof.verdict, Verdict::pass);
  EXPECT_EQ(proof.evidence,
            "1 command resolves within the root; 5 probes refused; of 700 files of host packages, "
            "2 are seen, as declared");
  EXPECT_THAT(proof.details, Contains("/etc/perl: declared under host_files; jobs see 2 files of "
                                      "the host's packages perl, perl-b"));
}

TEST(Closed, AProbeThatFailsOutsideTooProvesNothing) {
  Inside seen = inside();
  seen.probes[2].works_outside = false;
  EXPECT_EQ(closed(hash, seen).verdict, Verdict::unproven);
  EXPECT_EQ(closed(hash, seen).evidence, "no probe through LD_PRELOAD that works outside");
  seen = inside();
  seen.probes[4].unavailable = "env is missing";
  EXPECT_EQ(closed(hash, seen).evidence, "no probe through env -i that works outside");
  seen = inside();
  seen.commands.clear();
  EXPECT_EQ(closed(hash, seen).verdict, Verdict::unproven);
  seen.unavailable = "namespaces are denied";
  EXPECT_EQ(closed(hash, seen).evidence, "namespaces are denied");
}

// appeared

TEST(Appeared, WhatCameIsNamedAndWhatWentFails) {
  const auto now = all_exposed(reference());
  Earlier earlier{"v1", false, {exposed("git"), exposed("ls")}, {}};
  EXPECT_THAT(appeared(earlier, now, {}).evidence, HasSubstr("since v1: appeared bash, coreutils"));
  EXPECT_EQ(appeared(earlier, now, {}).verdict, Verdict::pass);
  earlier.exposed.push_back(exposed("htop"));
  EXPECT_EQ(appeared(earlier, now, {}).evidence, "'htop' (htop) was on PATH at v1 and is not now");
  const Proof waived = appeared(earlier, now, {{"htop", "nobody used it"}});
  EXPECT_EQ(waived.verdict, Verdict::pass);
  EXPECT_THAT(waived.details, Contains("- htop (htop), waived: nobody used it"));
}

TEST(Appeared, WithoutAnEarlierEnvironment) {
  EXPECT_EQ(appeared({"v1", true, {}, {}}, {}, {}).verdict, Verdict::pass);
  EXPECT_EQ(appeared({"v1", false, {}, "not built"}, {}, {}).verdict, Verdict::unproven);
  EXPECT_EQ(appeared({"v1", false, {exposed("git")}, {}}, {}, {}).evidence,
            "the shared environment is not built");
}

// proofs together

TEST(Proofs, TheWorstVerdictCounts) {
  const auto with = [](Verdict v) { return Proof{"x", v, {}, {}, {}}; };
  EXPECT_EQ(verdict({}), Verdict::unproven);
  EXPECT_EQ(verdict({with(Verdict::pass)}), Verdict::pass);
  EXPECT_EQ(verdict({with(Verdict::pass), with(Verdict::unproven)}), Verdict::unproven);
  EXPECT_EQ(verdict({with(Verdict::unproven), with(Verdict::fail)}), Verdict::fail);
}

TEST(Proofs, AreFoundByName) {
  const std::vector<Proof> all{parity(reference(), consumers(reference()))};
  ASSERT_TRUE(find(all, "parity"));
  const auto none = find(all, "partiy");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "prove.unknown-proof");
  EXPECT_EQ(none.error().field("likely"), "parity");
  EXPECT_EQ(to_json(all[0])["verdict"], "pass");
  EXPECT_EQ(proof_names().size(), 8U);
}

TEST(Proofs, TextFromOutsideCannotRepaintATerminal) {
  const Proof proof = single({{"a\x1b[2J.sh", "apt-get install x\x1b[2J\n"}});
  EXPECT_EQ(proof.evidence.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace ccci::prove
