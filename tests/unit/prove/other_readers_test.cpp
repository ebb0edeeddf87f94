// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "reading.hpp"

namespace ccci::prove {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> read(std::string_view path, std::string_view text) {
  return shown(read_file(path, text));
}

TEST(ImageReader, ShellFormAcrossLinesAndComments) {
  const Reading reading = read_file(
      "Dockerfile",
      "FROM debian\n# RUN apt-get install no\n"
      "RUN --mount=type=cache,target=/x apt-get update && \\\n"
      "    DEBIAN_FRONTEND=x apt-get install -y --no-install-recommends \\\n"
      "      # the tools\n\n      git=1:2.39* \\\n      curl \\\n && rm -rf /x\nCMD [\"git\"]\n");
  ASSERT_THAT(shown(reading), ElementsAre("4:23 apt-get install: git curl"));
  EXPECT_THAT(places(reading.findings[0]), ElementsAre("git@7:7", "curl@8:7"));
}

TEST(ImageReader, JsonFormHereDocumentsAndVariables) {
  EXPECT_THAT(read("images/Containerfile.ci",
                   "FROM alpine\nrun [\"apk\", \"add\", \"git\"]\n"
                   "RUN [\"sh\", \"-c\", \"apk add jq\"]\n"
                   "RUN <<EOF\nset -e\ndnf install -y tar\nEOF\n"
                   "RUN python3 <<EOF\napt-get install no\nEOF\n"
                   "ARG TOOLS=\"sed grep\"\nRUN apt-get install $TOOLS\n"
                   "ENV PATH=/opt/x/bin:$PATH A=b\nENV PATH /opt/y:$PATH\n"
                   "LABEL x=\"RUN apt-get install no\"\nCOPY apt-get install /no\n"),
              ElementsAre("2:6 apk add: git", "3:19 apk add: jq", "6:1 dnf install: tar",
                          "12:5 apt-get install: sed grep", "13:5 PATH: front /opt/x/bin",
                          "14:5 PATH: front /opt/y"));
}

TEST(ImageReader, TheEscapeDirectiveIsObeyed) {
  EXPECT_THAT(read("Dockerfile", "# escape=`\nFROM x\nRUN apt-get install `\n git\n"),
              ElementsAre("3:5 apt-get install: git"));
}

TEST(ModulesReader, RequirementsAndConstraints) {
  const char* text =
      "# a list\n-r other.txt\nrequests[socks]>=2.31  # why\n  PyYAML ; python_version > '3'\n"
      "idna==3.7 \\\n    --hash=sha256:00\n-e .\ngit+https://example.org/x.git\n./local\n";
  for (const char* path : {"requirements.txt", "ci/requirements-dev.txt", "dev-requirements.txt",
                           "requirements/test.txt", "constraints.txt"}) {
    const Reading reading = read_file(path, text);
    ASSERT_EQ(reading.findings.size(), 1U) << path;
    EXPECT_THAT(places(reading.findings[0]), ElementsAre("requests@3:1", "PyYAML@4:3", "idna@5:1"));
    EXPECT_TRUE(reading.findings[0].tools[0].module);
  }
  EXPECT_THAT(read("notes.txt", text), IsEmpty());
  EXPECT_THAT(read("requirements.txt", "# nothing\n"), IsEmpty());
}

TEST(ModulesReader, ProjectFiles) {
  const Reading reading = read_file(
      "app/pyproject.toml",
      "[build-system]\nrequires = [\"setuptools\"]\n[project]\nname = \"x\"\n"
      "dependencies = [\"requests>=2\", \"flask\"]\n[project.optional-dependencies]\n"
      "test = [\"pytest\"]\n[dependency-groups]\ndev = [\"ruff\", {include-group = \"x\"}]\n");
  ASSERT_EQ(reading.findings.size(), 3U);
  EXPECT_EQ(reading.findings[0].what, "[project] dependencies");
  EXPECT_EQ(reading.findings[0].tools.size(), 2U);
  EXPECT_EQ(reading.findings[1].tools[0].name, "pytest");
  EXPECT_EQ(reading.findings[2].tools[0].name, "ruff");
  EXPECT_THAT(read("pyproject.toml", "[tool.black]\n"), IsEmpty());
  EXPECT_FALSE(read_file("pyproject.toml", "[").unavailable.empty());
}

TEST(ModulesReader, PackagesOfNpm) {
  const Reading reading =
      read_file("web/package.json",
                "{\n  \"name\": \"web\",\n  \"dependencies\": {\n    \"@s/a\": \"^1\",\n"
                "    \"other\": \"npm:real@1\",\n    \"own\": \"file:../own\"\n  },\n"
                "  \"devDependencies\": {\"b\": \"*\"},\n  \"scripts\": {\"x\": \"y\"}\n}\n");
  ASSERT_EQ(reading.findings.size(), 2U);
  EXPECT_EQ(reading.findings[0].what, "dependencies");
  EXPECT_THAT(places(reading.findings[0]), ElementsAre("@s/a@4:5", "real@5:5"));
  EXPECT_EQ(reading.findings[1].tools[0].name, "b");
  EXPECT_FALSE(reading.findings[1].tools[0].module);
  EXPECT_THAT(read("package.json", "{\"name\": \"x\", \"dependencies\": {}}"), IsEmpty());
  EXPECT_THAT(read("node_modules/x/package.json", "{\"dependencies\": {\"y\": \"1\"}}"), IsEmpty());
  EXPECT_FALSE(read_file("package.json", "{").unavailable.empty());
}

TEST(WorkflowReader, GithubAndGitea) {
  const char* text =
      "name: ci\non: push\nenv:\n  PATH: /opt/x:/usr/bin\njobs:\n  a:\n    steps:\n"
      "      - uses: actions/setup-node@v4\n      - uses: actions/checkout@v4\n"
      "      - run: sudo apt-get install -y git-lfs # why\n"
      "      - name: apt-get install no\n        run: |\n          # apt-get install no\n"
      "          set -e\n\n          apt-get install git \\\n            curl\n"
      "      - run: >\n          pip install\n          pytest\n"
      "      - run: \"apk add jq\"\n";
  for (const char* path : {".github/workflows/ci.yml", ".gitea/workflows/x.yaml"})
    EXPECT_THAT(read(path, text),
                ElementsAre("4:9 PATH: whole /opt/x /usr/bin", "8:15 actions/setup-node: node",
                            "10:19 apt-get install: git-lfs", "16:11 apt-get install: git curl",
                            "19:11 pip install: py:pytest", "21:15 apk add: jq"));
}

TEST(WorkflowReader, WoodpeckerAndDrone) {
  EXPECT_THAT(read(".woodpecker.yml",
                   "steps:\n  test:\n    image: x\n    commands:\n"
                   "      - apk add git\n      - |\n        T=jq\n      - apk add $T\n"),
              ElementsAre("5:9 apk add: git", "8:9 apk add: jq"));
  EXPECT_THAT(read(".woodpecker/test.yml", "steps:\n - commands: [ 'apk add git' ]\n"),
              ElementsAre("2:17 apk add: git"));
  EXPECT_THAT(read(".drone.yml",
                   "kind: pipeline\nsteps:\n- name: a\n  commands:\n  - apt install git\n"
                   "---\nkind: pipeline\nsteps:\n- commands:\n  - export PATH=/x:$PATH\n"),
              ElementsAre("5:5 apt install: git", "10:12 PATH: front /x"));
}

TEST(WorkflowReader, WhatCannotBeReadIsUnavailable) {
  EXPECT_THAT(read(".drone.yml", "steps:\n- commands:\n  - apk add git\n---\na: [\n"),
              ElementsAre("3:5 apk add: git", testing::StartsWith("unavailable line ")));
}

TEST(WorkflowReader, AliasBombsAndDepthAreBounded) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 9; ++k) bomb += (k ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(read(".drone.yml", bomb + "commands: [apk add git]\n"),
              ElementsAre("31:12 apk add: git"));
  EXPECT_THAT(read(".drone.yml", std::string(100'000, '[')),
              ElementsAre(testing::HasSubstr("nested deeper")));
  EXPECT_THAT(read(".drone.yml", "? {a: [b]}\n: c\n? [d]\n: commands\n"), IsEmpty());
}

TEST(TaskReader, ALoopInTheShortForm) {
  EXPECT_THAT(read("roles/ci/tasks/main.yml",
                   "- apt: pkg={{ item }} state=installed\n  with_items:\n    - git\n    - jq\n"),
              ElementsAre("1:3 apt: git jq"));
}

TEST(TaskReader, WhatAptIsToTakeAwayIsNoTool) {
  EXPECT_THAT(read("roles/ci/tasks/main.yml", "- apt: name=git-,jq\n- apt: name=git-\n"),
              ElementsAre("1:3 apt: jq"));
}

TEST(TaskReader, AnsiblePackageTasksInEveryForm) {
  EXPECT_THAT(
      read("roles/ci/tasks/main.yml",
           "- name: apt-get install no\n  ansible.builtin.apt:\n    name: git\n    state: present\n"
           "- apt:\n    name: [curl, jq=1.6]\n"
           "- package:\n    name: \"{{ item }}\"\n  loop:\n    - sed\n    - tar\n"
           "- apt: name=grep,make state=latest\n"
           "- dnf: {name: gone, state: absent}\n- apt: name=gone state=absent\n"
           "- apt:\n    update_cache: true\n"
           "- yum:\n    name: \"{{ tools }}\"\n  vars:\n    tools: [gcc]\n"
           "- pip:\n    name: pytest==8\n- shell: apt-get install openssl\n"
           "- apt:\n    pkg: \"{{ elsewhere }}\"\n"
           "- block:\n  - apk:\n      name: gawk\n"),
      ElementsAre("2:3 apt: git", "5:3 apt: curl jq", "7:3 package: sed tar", "12:3 apt: grep make",
                  "17:3 yum: gcc", "21:3 pip: py:pytest", "23:10 apt-get install: openssl",
                  "24:3 apt: $elsewhere", "27:5 apk: gawk"));
}

TEST(TaskReader, OtherYamlIsNotAList) {
  EXPECT_THAT(read("compose.yml", "services:\n  app:\n    image: git\n    package: {name: git}\n"),
              IsEmpty());
  EXPECT_THAT(read("chart/x.yaml", "{{- if .x }}\na: {{ .b }}\n"), IsEmpty());
}

TEST(UnitReader, PathSettings) {
  EXPECT_THAT(
      read("deploy/sweep.service",
           "[Service]\n# Environment=PATH=/no\n; Environment=PATH=/no\n"
           "Environment=A=b \"PATH=/opt/x:/usr/bin\" C=d\n"
           "Environment=PATHS=/no\nExecSearchPath=/opt/y\nPassEnvironment=HOME PATH\n"
           "ExecStartPre=-/bin/sh -c 'apt-get install git'\n"
           "ExecStart=/usr/bin/env \\\n  PATH=/opt/z:/bin cc-ci-run x\nDescription=PATH=/no\n"),
      ElementsAre("4:17 Environment=PATH: whole /opt/x /usr/bin",
                  "6:16 ExecSearchPath: whole /opt/y",
                  "7:22 PassEnvironment: whole $PATH of the manager", "8:27 apt-get install: git",
                  "10:3 PATH: whole /opt/z /bin"));
  EXPECT_THAT(read("etc/x.service.d/path.conf", "[Service]\nEnvironment=PATH=/usr/bin\n"),
              ElementsAre("2:13 Environment=PATH: whole /usr/bin"));
  // Directories of cc-ci's own: of an environment's tools and of one entrypoint.
  const std::string hash = "0123456789abcdef0123456789abcdef";
  EXPECT_THAT(read("etc/x.service.d/path.conf",
                   "[Service]\nEnvironment=PATH=/usr/lib/cc-ci/path/git:/s/store/entrypoint/" +
                       hash + "-run/root\n"),
              IsEmpty());
  for (const std::string& other :
       {"/s/store/entrypoint/" + hash + "-run/root/bin", "/s/store/entrypoint/" + hash + "/root",
        std::string("/s/store/entrypoint/tools/root"),
        "/s/store/entrypoint/" + hash + "-a/b/root"}) {
    EXPECT_THAT(read("etc/x.service.d/path.conf", "[Service]\nEnvironment=PATH=" + other + "\n"),
                ElementsAre("2:13 Environment=PATH: whole " + other));
  }
  EXPECT_THAT(read("etc/nginx.conf", "Environment=PATH=/usr/bin\n"), IsEmpty());
}

TEST(VersionsReader, ToolVersionsMiseAndDevbox) {
  EXPECT_THAT(read(".tool-versions", "# no\nnodejs 20.1\n  python 3.12 # no\n\n"),
              ElementsAre("2:1 .tool-versions: nodejs python"));
  EXPECT_THAT(read("mise.toml",
                   "[env]\ngit = \"no\"\n[tools]\nnode = \"20\"\n\"npm:prettier\" = \"3\"\n"
                   "\"ubi:owner/tool\" = \"1\" # no\n"),
              ElementsAre("4:1 [tools]: node prettier tool"));
  EXPECT_THAT(read("devbox.json",
                   "{ // \"no\"\n  \"packages\": [\"git@2.4\", /* \"no\" */ \"curl\",],\n"
                   "  \"shell\": {\"x\": \"http://no\"} }"),
              ElementsAre("2:15 packages: git curl"));
  EXPECT_THAT(read("devbox.json", "{\"packages\": {\"git\": \"latest\"}}"),
              ElementsAre("1:14 packages: git"));
  EXPECT_THAT(read("mise.toml", "[tools\n"),
              ElementsAre(testing::StartsWith("unavailable line 1")));
}

TEST(Readers, TheFormatIsKnownByNameOrFirstLine) {
  EXPECT_EQ(format_of("a/Dockerfile.test", ""), "image");
  EXPECT_EQ(format_of("a/x.dockerfile", ""), "image");
  EXPECT_EQ(format_of("Dockerfiles.md", ""), "");
  EXPECT_EQ(format_of("a/flake.nix", ""), "nix");
  EXPECT_EQ(format_of("run", "#!/usr/bin/env -S bash -e\n"), "shell");
  EXPECT_EQ(format_of("run", "#!/usr/bin/python3\n"), "");
  EXPECT_EQ(format_of(".envrc", ""), "shell");
  EXPECT_EQ(format_of("a/.github/workflows/x.yml", ""), "workflow");
  EXPECT_EQ(format_of("x.service.j2", ""), "unit");
  EXPECT_EQ(format_of("README.md", "apt-get install git"), "");
}

TEST(Readers, AFileTooLongIsUnavailable) {
  EXPECT_THAT(read("x.sh", std::string(largest_file + 1, ' ')),
              ElementsAre("unavailable longer than 4194304 bytes"));
}

TEST(Readers, NoiseIsReadByAll) {
  constexpr std::string_view alphabet(
      "\n\t \"'`$(){}[]<>=;:#\\-|&,apt-get install RUN run: PATH=/x\0\xff", 58);
  std::string noise;
  unsigned state = 7;
  for (int i = 0; i < 60'000; ++i) {
    state = state * 1103515245U + 12345U;
    noise += alphabet[(state >> 16U) % alphabet.size()];
  }
  for (const char* path : {"x.nix", "Dockerfile", "x.sh", ".drone.yml", "x.yml", "x.service",
                           ".tool-versions", "mise.toml", "devbox.json"})
    for (std::size_t from = 0; from < noise.size(); from += 6'000)
      read_file(path, std::string_view(noise).substr(from));
}

TEST(Readers, ToolsOfAFileAreEachNamedOnce) {
  const Reading reading =
      read_file("x.nix", "{ a.path = [ pkgs.git pkgs.jq ]; b.path = [ pkgs.git ]; }");
  std::vector<std::string> names;
  for (const Mention& mention : tools_in(reading)) names.push_back(mention.name);
  EXPECT_THAT(names, ElementsAre("git", "jq"));
}

TEST(Readers, SecretsInAddressesAreNotShown) {
  const Reading reading = read_file("x.sh", "pip install https://me:secret@e.example/x.whl\n");
  ASSERT_EQ(reading.findings.size(), 1U);
  EXPECT_EQ(reading.findings[0].excerpt.find("secret"), std::string::npos);
  EXPECT_EQ(reading.findings[0].tools[0].name.find("secret"), std::string::npos);
}

TEST(Snippets, ExcerptsAreBoundedAndPrintable) {
  const std::string text = "  a\x1b[31m" + std::string(300, 'x') + "\n";
  const std::string excerpt = Lines(text).excerpt(1);
  EXPECT_LT(excerpt.size(), 200U);
  EXPECT_EQ(excerpt.find('\x1b'), std::string::npos);
}

TEST(RunnerReader, FindsThePathThatJobsGet) {
  const std::string gitlab =
      "concurrent = 2\n[[runners]]\n  executor = \"shell\"\n  environment = [\n    "
      "\"A=PATH=/no\",\n"
      "    \"PATH=/opt/bin:$PATH\",\n  ]\n[[runners]]\n  environment = [\"PATH=/usr/bin\"]\n";
  for (const char* path : {"etc/gitlab-runner/config.toml", "config.toml", "roles/config.toml.j2"})
    EXPECT_THAT(read(path, gitlab),
                ElementsAre("6:5 PATH: front /opt/bin", "9:18 PATH: whole /usr/bin"));
  EXPECT_THAT(read("config.toml", "environment = [\"PATH=/opt/bin\"]\n"), IsEmpty());
  // Another program's file need not be readable; a runner's must be.
  EXPECT_THAT(read("site/config.toml", "title = \n"), IsEmpty());
  EXPECT_THAT(read("roles/config.toml.j2", "{{ x }}\n[[runners]]\n"), IsEmpty());
  EXPECT_THAT(read("config.toml", "[[runners]]\nname = \n"), testing::SizeIs(1));
  const std::string gitea = "log:\n  level: info\nrunner:\n  envs:\n    PATH: /opt/bin:/bin\n";
  EXPECT_THAT(read("config.yaml", gitea), ElementsAre("5:11 PATH: whole /opt/bin /bin"));
  EXPECT_THAT(read("act_runner.yml", "runner: {envs: {MINE: /opt/bin}}\n"), IsEmpty());
  // Still what else the file may be.
  EXPECT_THAT(read("x.yml", "- apt: {name: jq}\n"), testing::SizeIs(1));
  EXPECT_EQ(format_of("conf.d/mise/config.toml", ""), "versions");
}

TEST(CrontabReader, ReadsItsPathAndItsCommands) {
  const Reading read = read_crontab("etc/cron.d/ci",
                                    "# PATH=/no\nPATH=/opt/bin:/usr/bin\nMAILTO=ops\n"
                                    "0 3 * * 0 ci /usr/local/lib/cc-ci/current/bin/ci-run sweep\n"
                                    "@daily root apt-get install -y jq\n\n5 4 * *\n");
  ASSERT_EQ(read.findings.size(), 2U);
  EXPECT_EQ(read.findings[0].kind, Kind::path);
  EXPECT_EQ(read.findings[0].line, 2);
  EXPECT_EQ(read.findings[1].kind, Kind::install_command);
  EXPECT_EQ(read.findings[1].line, 5);
  EXPECT_EQ(tools_in(read).at(0).name, "jq");
  // A user's own crontab names no users.
  EXPECT_EQ(tools_in(read_crontab("ops/ci.crontab", "0 3 * * 0 pip install yq\n")).at(0).name,
            "yq");
  for (const char* path : {"crontab", "a/cron.d/x", "ci.cron", "spool/crontabs/ci"})
    EXPECT_EQ(format_of(path, "0 3 * * 0 true\n"), "crontab") << path;
}

}  // namespace
}  // namespace ccci::prove
