// SPDX-License-Identifier: GPL-3.0-or-later
// The traps of each kind of runner, found in files as they lie on a host.
#include "doctor/runner_checkup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "declare/runner_kind.hpp"
#include "doctor/timer_checkup.hpp"
#include "host/attachment.hpp"
#include "host/unit.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::doctor {

void PrintTo(const Symptom& symptom, std::ostream* out) {
  *out << symptom.what << ": " << symptom.found << " (" << symptom.remedy << ")";
}

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

using State = Symptom::State;

const std::string fragment = "/etc/systemd/system/r.service";

// A host below a scratch directory: the unit, cc-ci's drop-in, and an environment beside it.
class RunnerCheckup : public testing::Test {
 protected:
  RunnerCheckup() {
    environment_.address.hash = "0123456789abcdef0123456789abcdef";
    environment_.root = (scratch_ / "environment").native();
    environment_.exposed = {
        {"git", "git", "2", "/usr/lib/cc-ci/path/git", {{"git", "/usr/bin/git", "git"}}}};
    environment_.variables = {{"DECLARED", "1"}};
    inside("/usr/bin/sh");
    inside("/usr/bin/git");
    // As the environment has them for these kinds.
    std::filesystem::create_directories(environment_.root + "/etc");
    for (const declare::RunnerKind& kind : declare::runner_kinds()) {
      if (kind.configuration.empty()) continue;
      const std::string path(kind.configuration);
      std::filesystem::create_symlink("/etc/.cc-ci/host" + path, environment_.root + path);
    }
    put("/opt/daemon",
        "\x7f"
        "ELF");
    // What units of the tests bind.
    for (const char* source : {"/srv/a/x", "/srv/x/x", "/usr/bin/tool", "/usr/local/bin/tool"})
      put(source, "");
    unit("ExecStart=/opt/daemon run");
  }

  void put(const std::string& path, const std::string& text) {
    const auto at = scratch_ / ("host" + path);
    std::filesystem::create_directories(at.parent_path());
    test::write_text(at, text);
  }
  void inside(const std::string& path, const std::string& text = "x") {
    const std::filesystem::path at = environment_.root + path;
    std::filesystem::create_directories(at.parent_path());
    test::write_text(at, text);
  }
  void unit(const std::string& lines) { put(fragment, "[Service]\nUser=root\n" + lines + "\n"); }
  void drop_in(const std::string& path, const std::string& text) {
    put(path, text);
    drop_ins_.push_back(path);
  }

  std::vector<Symptom> look(bool built = true) {
    runner_.unit = "r.service";
    if (const auto ours = host::runner_drop_in(runner_, environment_, "/p")) {
      put("/usr/local/lib/systemd/system/" + ours->path, ours->content);
      drop_ins_.push_back("/usr/local/lib/systemd/system/" + ours->path);
    }
    std::sort(drop_ins_.begin(), drop_ins_.end(), [](const auto& a, const auto& b) {
      return std::filesystem::path(a).filename() < std::filesystem::path(b).filename();
    });
    const auto host = scratch_ / "host";
    ObservedUnit unit =
        observe_unit("r.service", load_, fragment, base::join(drop_ins_, " "), host);
    ObservedRunner observed =
        observe_runner(runner_, std::move(unit), built ? environment_.root : "", host);
    observed.unmet = unmet_;
    observed.starts = starts_;
    return runner_symptoms(runner_, observed, built ? &environment_ : nullptr, here_);
  }

  // The one thing found to be bad.
  void expect_bad(const std::string& found, const std::string& remedy) {
    EXPECT_THAT(look(), ElementsAre(AllOf(Field(&Symptom::what, "runner r"),
                                          Field(&Symptom::state, State::bad),
                                          Field(&Symptom::found, HasSubstr(found)),
                                          Field(&Symptom::remedy, HasSubstr(remedy)))));
  }
  void expect_good() {
    EXPECT_THAT(look(), ElementsAre(Symptom{"runner r", State::good,
                                            "r.service is installed, nothing is in the way", ""}));
  }

  test::Scratch scratch_;
  environment::Environment environment_;
  declare::Runner runner_{{"r", {}}, "unit", "", "", {}};
  std::vector<std::string> drop_ins_;
  std::string load_ = "loaded";
  std::vector<std::string> unmet_;
  bool starts_ = false;
  bool here_ = true;
};

TEST_F(RunnerCheckup, SaysThatNothingIsInTheWay) { expect_good(); }

TEST_F(RunnerCheckup, AUnitThatIsNotInstalledIsMissedOnAHostOnly) {
  load_ = "not-found";
  expect_bad("r.service is not installed", "[runners.r] unit");
  put("/home/ci/.config/systemd/user/r.service", "[Service]\n");
  expect_bad("/home/ci/.config/systemd/user/r.service is run by a user's own systemd",
             "with User=");
  here_ = false;
  EXPECT_EQ(look().at(0).state, State::unknown);
  load_ = "masked";
  expect_bad("is masked", "systemctl unmask r.service");
  load_ = "";
  EXPECT_EQ(look().at(0).state, State::unknown);
}

TEST_F(RunnerCheckup, OnlyARunnerThatCannotRunPreventsASwitch) {
  const auto prevented = [&] {
    const auto all = look();
    return std::any_of(all.begin(), all.end(), [](const Symptom& one) { return one.prevents; });
  };
  EXPECT_FALSE(prevented());
  put(fragment, "[Service]\nExecStart=/opt/daemon run\n");
  EXPECT_FALSE(prevented()) << "a unit without User=";
  unit("ExecStart=/opt/daemon run\nUser=no-such-user-here");
  EXPECT_TRUE(prevented());
  unit("ExecStart=/usr/bin/absent run");
  EXPECT_TRUE(prevented());
  load_ = "not-found";
  EXPECT_TRUE(prevented());
}

// Each of them would make a job of a green switch see something else than declared.
TEST_F(RunnerCheckup, WhatWinsOverTheDeclarationStopsASwitch) {
  const auto prevented = [&] {
    const auto all = look();
    drop_ins_.clear();
    return std::any_of(all.begin(), all.end(), [](const Symptom& one) { return one.prevents; });
  };
  const std::string with_file = "ExecStart=/opt/daemon run\nEnvironmentFile=/etc/r.env";
  for (const std::string line : {"DECLARED=2", "PATH=/opt/bin", "PYTHONNOUSERSITE=0"}) {
    unit(with_file);
    put("/etc/r.env", line + "\n");
    EXPECT_TRUE(prevented()) << line;
    unit("ExecStart=/opt/daemon run");
    drop_in("/etc/systemd/system/r.service.d/60.conf", "[Service]\nEnvironment=" + line + "\n");
    EXPECT_TRUE(prevented()) << line;
  }
  unit("ExecStart=/opt/daemon run\nRootDirectory=/srv/root");
  EXPECT_TRUE(prevented());
  runner_.kind = "act-runner";
  const std::string file = "/etc/gitea-runner/config.yaml";
  unit("ExecStart=/opt/daemon daemon --config " + file);
  put(file, "runner: {envs: {DECLARED: two}}\n");
  EXPECT_TRUE(prevented());
  put(file, "runner: {env_file: /etc/gitea-runner/env}\n");
  put("/etc/gitea-runner/env", "DECLARED=2\n");
  EXPECT_TRUE(prevented());
  runner_.kind = "gitlab-shell";
  unit("ExecStart=/opt/daemon run --user root");
  put("/etc/gitlab-runner/config.toml",
      "[[runners]]\nexecutor = \"shell\"\nenvironment = [\"DECLARED=2\"]\n");
  EXPECT_TRUE(prevented());
}

TEST_F(RunnerCheckup, TheDeclaredValueDoesNoHarmAnywhere) {
  unit("ExecStart=/opt/daemon run\nEnvironmentFile=/etc/a.env\nEnvironmentFile=/etc/b.env");
  put("/etc/a.env", "DECLARED=2\n");
  put("/etc/b.env", "DECLARED=1\n");  // the last one counts
  drop_in("/etc/systemd/system/r.service.d/60.conf",
          "[Service]\nEnvironment=\"A=b\" \"DECLARED=1\"\n");
  expect_good();
  put("/etc/b.env", "DECLARED=3\n");
  drop_ins_.clear();
  expect_bad("/etc/b.env sets DECLARED", "remove DECLARED from /etc/b.env");
  runner_.kind = "act-runner";
  const std::string file = "/etc/gitea-runner/config.yaml";
  unit("ExecStart=/opt/daemon daemon --config " + file);
  put(file, "runner: {envs: {DECLARED: 1}, env_file: /etc/gitea-runner/env}\n");
  put("/etc/gitea-runner/env", "DECLARED='1'\n");
  drop_ins_.clear();
  expect_good();
  runner_.kind = "gitlab-shell";
  unit("ExecStart=/opt/daemon run --user root");
  put("/etc/gitlab-runner/config.toml",
      "[[runners]]\nexecutor = \"shell\"\nenvironment = [\"DECLARED=1\"]\n");
  drop_ins_.clear();
  expect_good();
}

TEST_F(RunnerCheckup, FilesOfAPatternAreRead) {
  unit("ExecStart=/opt/daemon run\nEnvironmentFile=-/etc/r.d/*.env");
  put("/etc/r.d/a.env", "MINE=1\nDECLARED=2\n");
  put("/etc/r.d/b.txt", "PATH=/x\n");
  expect_bad("/etc/r.d/a.env sets DECLARED", "remove DECLARED from /etc/r.d/a.env");
  put("/etc/r.d/b.env", "DECLARED=1\n");
  drop_ins_.clear();
  expect_good();
}

TEST_F(RunnerCheckup, AKindWithoutAUsualUnitNeedsOne) {
  const declare::Runner worker{{"r", {}}, "buildbot-worker", "", "", {}};
  const auto symptoms = runner_symptoms(worker, {}, nullptr, true);
  ASSERT_EQ(symptoms.size(), 1U);
  EXPECT_EQ(symptoms[0].state, State::bad);
  EXPECT_THAT(symptoms[0].found, HasSubstr("no usual unit"));
}

TEST_F(RunnerCheckup, AUserThatDoesNotExist) {
  unit("ExecStart=/opt/daemon\nUser=no-such-user-x");
  expect_bad("runs as 'no-such-user-x'", "adduser --system --group no-such-user-x");
}

TEST_F(RunnerCheckup, ADaemonBelowUsrIsInTheEnvironmentOrDeclared) {
  for (const std::string program : {"/usr/local/bin/daemon", "/usr/bin/daemon"}) {
    drop_ins_.clear();
    runner_.program.clear();
    put(program,
        "\x7f"
        "ELF");
    unit("ExecStart=-" + program + " run");
    expect_bad("its program " + program + " is not in the environment",
               "program = \"" + program + "\"");
    drop_ins_.clear();
    runner_.program = program;
    expect_good();
  }
  drop_ins_.clear();
  runner_.program.clear();
  inside("/usr/bin/daemon", "");
  expect_bad("is not in the environment", "program");  // it is only a place to be mounted on
  inside("/usr/bin/daemon");
  drop_ins_.clear();
  expect_good();
  drop_ins_.clear();
  EXPECT_EQ(look(false).at(0).remedy, "cc-ci build");
}

TEST_F(RunnerCheckup, AProgramThatTheHostLacks) {
  runner_.program = "/usr/local/bin/gone";
  unit("ExecStart=/usr/local/bin/gone");
  expect_bad("/usr/local/bin/gone is not on this machine", "[runners.r] program");
}

TEST_F(RunnerCheckup, AProgramThatIsAScriptForOneThatIsLost) {
  put("/opt/daemon", "#!/usr/bin/env node\n");
  expect_bad("a script for /usr/bin/env", "the package of /usr/bin/env");
  drop_ins_.clear();
  inside("/usr/bin/env");
  expect_good();
}

TEST_F(RunnerCheckup, ADropInAfterOursUndoesIt) {
  const auto later = [&](const std::string& lines, const std::string& found) {
    drop_ins_.clear();
    drop_in("/etc/systemd/system/r.service.d/60-path.conf", "[Service]\n" + lines + "\n");
    expect_bad(found, "remove it from /etc/systemd/system/r.service.d/60-path.conf");
  };
  later("Environment=PATH=/usr/bin", "60-path.conf sets PATH again");
  later("Environment=\"A=b\" \"PATH=%h/bin:/usr/bin\"", "sets PATH again");
  later("UnsetEnvironment=", "clears UnsetEnvironment=");
  later("Environment=DECLARED=2", "sets DECLARED");
  later("Environment=", "clears Environment=");
  later("UnsetEnvironment=A PATH", "unsets PATH");
  later("BindReadOnlyPaths=", "clears BindReadOnlyPaths=");
  later("BindPaths=\"/srv/x\":\"/usr/lib/x\"", "mounts onto /usr with BindPaths=");
  later("BindReadOnlyPaths=/usr/local/bin/tool", "mounts onto /usr with BindReadOnlyPaths=");
}

TEST_F(RunnerCheckup, ADropInThatSortsBeforeOursLoses) {
  drop_in("/etc/systemd/system/r.service.d/10-path.conf",
          "[Service]\nEnvironment=PATH=/usr/bin\nBindPaths=/srv/x:/srv/y\n");
  drop_in("/etc/systemd/system/r.service.d/override.conf",
          "[Service]\nEnvironment=A=b\nBindPaths=/srv/x:/srv/y\nEnvironment=PATHS=1\n");
  expect_good();
}

TEST_F(RunnerCheckup, ARootOfItsOwn) {
  unit("ExecStart=/opt/daemon\nRootDirectory=/srv/root");
  expect_bad("sets RootDirectory=", "remove RootDirectory=");
  unit("ExecStart=/opt/daemon\nRootDirectory=/");
  expect_good();
}

// systemd would make what the mount needs in a published root.
TEST_F(RunnerCheckup, WhatTheUnitNeedsBeforeItsDaemonIsInTheEnvironment) {
  unit("ExecStart=/opt/daemon run\nExecStartPre=/usr/local/bin/prepare --now");
  const auto prevents = [](const std::vector<Symptom>& symptoms, const char* found) {
    return std::any_of(symptoms.begin(), symptoms.end(), [&](const Symptom& one) {
      return one.prevents && one.found.find(found) != std::string::npos;
    });
  };
  EXPECT_TRUE(prevents(look(), "ExecStartPre= runs /usr/local/bin/prepare"));
  unit("ExecStart=/opt/daemon run\nWorkingDirectory=/usr/local/work");
  EXPECT_TRUE(prevents(look(), "WorkingDirectory=/usr/local/work"));
  // Outside of the view, allowed to fail, or there.
  unit(
      "ExecStart=/opt/daemon run\nExecStartPre=+/usr/local/bin/prepare\n"
      "ExecStartPre=-/usr/local/bin/prepare\nExecStartPost=/usr/bin/git --version\n"
      "WorkingDirectory=-/usr/local/work");
  expect_good();
}

TEST_F(RunnerCheckup, ADaemonsConfigurationIsSeenInside) {
  put("/etc/own/config", "");
  unit("ExecStart=/opt/daemon --config=/etc/own/config --pid /etc/absent");
  const auto symptoms = look();
  ASSERT_EQ(symptoms.size(), 1U);
  EXPECT_TRUE(symptoms[0].prevents);
  EXPECT_THAT(symptoms[0].remedy, HasSubstr("host_files = [\"/etc/own\"]"));
  std::filesystem::create_directories(environment_.root + "/etc");
  std::filesystem::create_symlink("/etc/.cc-ci/host/etc/own", environment_.root + "/etc/own");
  drop_ins_.clear();
  expect_good();
}

TEST_F(RunnerCheckup, AMountThatWouldBeMadeInThePublishedRoot) {
  environment_.places = {"var/lib/x"};
  inside("/etc/there");
  std::filesystem::create_directories(environment_.root + "/var/lib/x");
  unit(
      "ExecStart=/opt/daemon run\nBindReadOnlyPaths=\"/srv/a\":\"/etc/own.conf\" "
      "/srv/a:/var/lib/x/sub");
  const auto symptoms = look();
  ASSERT_EQ(symptoms.size(), 2U);
  EXPECT_THAT(symptoms[0].found, HasSubstr("mounts onto /etc/own.conf"));
  EXPECT_THAT(symptoms[1].found, HasSubstr("mounts onto /var/lib/x/sub"));
  unit("ExecStart=/opt/daemon run\nBindPaths=/srv/a:/etc/there\nTemporaryFileSystem=/var/lib/y");
  expect_good();
}

TEST_F(RunnerCheckup, APathWithoutWhichTheServiceDoesNotStart) {
  const std::string start = "ExecStart=/opt/daemon run\n";
  unit(start + "EnvironmentFile=/etc/absent.env");
  expect_bad("EnvironmentFile= names /etc/absent.env, which does not exist", "create it");
  unit(start + "EnvironmentFile=/etc/r.d/*.env");
  expect_bad("EnvironmentFile= names /etc/r.d/*.env", "create it");
  unit(start + "LoadCredential=token:/etc/absent");
  expect_bad("LoadCredential= names /etc/absent", "create it");
  unit(start + "WorkingDirectory=/srv/absent");
  expect_bad("WorkingDirectory= names /srv/absent", "create it");
  unit(start + "BindPaths=/srv/absent:/mnt/x");
  expect_bad("BindPaths= names /srv/absent", "create it");
  unit(start + "ReadWritePaths=/srv/absent");
  expect_bad("ReadWritePaths= names /srv/absent", "create it");
  // These are looked for within the mounts.
  put("/etc/host.conf", "x");
  unit(start + "ReadOnlyPaths=/etc/host.conf");
  expect_bad("ReadOnlyPaths= names /etc/host.conf, which the environment does not have",
             "host_files = [\"/etc/host.conf\"]");
  inside("/etc/host.conf");
  expect_good();
}

TEST_F(RunnerCheckup, APathThatMayBeMissingOrIsMadeForTheService) {
  put("/etc/r.d/a.env", "A=1\n");
  put("/srv/there/x", "x");
  unit(
      "ExecStart=/opt/daemon run\nEnvironmentFile=-/etc/absent\nEnvironmentFile=/etc/r.d/*.env\n"
      "EnvironmentFile=/etc/%i\nLoadCredential=token:token\nWorkingDirectory=/var/lib/r\n"
      "StateDirectory=r/work\nRuntimeDirectory=r\nReadWritePaths=/run/r -/srv/absent\n"
      "BindPaths=-/srv/absent:/mnt/x\nInaccessiblePaths=/srv/there /tmp/absent");
  expect_good();
}

// What is made, cleared, or moot. tests/hosts/paths_test.py starts such units.
TEST_F(RunnerCheckup, APathThatSystemdDoesNotNeed) {
  for (const char* lines : {
           "EnvironmentFile=\"/etc/absent\"",
           "LoadCredential=a:/etc/absent\nSetCredential=a:x",
           "LoadCredential=a:/etc/absent\nLoadCredentialEncrypted=",
           "BindPaths=/srv/absent:/mnt\nBindReadOnlyPaths=",
           "ReadWritePaths=/srv/absent\nReadWriteDirectories=",
           "ReadWritePaths=/srv /srv/absent",
           "ProtectSystem=strict\nReadOnlyPaths=/srv/absent",
           "InaccessiblePaths=/srv\nReadWritePaths=/srv/absent",
           "ProtectHome=Yes\nReadWritePaths=/home/absent",
           "DynamicUser=yes\nStateDirectory=s\nReadWritePaths=/var/lib/private/s",
           "StateDirectory=%N\nReadWritePaths=/var/lib/r",
           "ReadWritePaths=/var/run/other /run/other\nEnvironmentFile=/run/other/env",
           "BindPaths=/srv/a:/srv/work\nWorkingDirectory=/srv/work",
           "DynamicUser=yes\nUser=newcomer",
           "RootDirectory=/srv/absent\nRootDirectory=",
       }) {
    SCOPED_TRACE(lines);
    unit(std::string("ExecStart=/opt/daemon run\n") + lines);
    expect_good();
  }
  unit("ExecStart=/opt/daemon run\nEnvironmentFile=/srv/far/env");
  put("/run/systemd/generator/srv-far.mount", "[Mount]\n");
  std::filesystem::create_directories(scratch_ / "host/srv/far");
  expect_good();
}

TEST_F(RunnerCheckup, ADropInClearsWhatTheUnitAsksFor) {
  unit(
      "ExecStart=/opt/daemon\nRootDirectory=/srv/root\nBindPaths=/usr/bin/tool\n"
      "BindReadOnlyPaths=/srv/a:/etc/own");
  EXPECT_EQ(look().size(), 3U);
  drop_ins_.clear();
  drop_in("/etc/systemd/system/r.service.d/10-site.conf",
          "[Service]\nRootDirectory=\nBindReadOnlyPaths=\n");
  expect_good();
}

TEST_F(RunnerCheckup, AStreamNeedsItsDirectory) {
  unit("ExecStart=/opt/daemon\nStandardOutput=append:/srv/absent/log");
  expect_bad("StandardOutput= names /srv/absent", "create it");
  unit("ExecStart=/opt/daemon\nStandardInput=file:/srv/absent");
  expect_bad("StandardInput= names /srv/absent", "create it");
  unit("ExecStart=/opt/daemon\nReadWriteDirectories=/srv/absent");
  expect_bad("ReadWritePaths= names /srv/absent", "create it");
  unit("ExecStart=/opt/daemon\nLogsDirectory=r\nStandardOutput=append:/var/log/r/log");
  expect_bad("StandardOutput= names /var/log/r", "create it");
  put("/srv/there/x", "");
  unit("ExecStart=/opt/daemon\nStandardError=truncate:/srv/there/log");
  expect_good();
}

TEST_F(RunnerCheckup, APathOfAnotherTypeIsNamed) {
  put("/srv/file", "");
  put("/srv/directory/x", "");
  unit("ExecStart=/opt/daemon\nWorkingDirectory=/srv/file");
  expect_bad("WorkingDirectory= names /srv/file, which is no directory", "correct");
  unit("ExecStart=/opt/daemon\nEnvironmentFile=/srv/directory");
  expect_bad("EnvironmentFile= names /srv/directory, which is a directory", "correct");
  unit("ExecStart=/opt/daemon\nWorkingDirectory=/srv/directory\nEnvironmentFile=/srv/file");
  expect_good();
}

TEST_F(RunnerCheckup, WhatAUnitMakesThatStartsBeforeIsNotMissing) {
  put("/etc/systemd/system/other.service", "[Service]\nStateDirectory=other\n");
  const std::string needs = "\nReadWritePaths=/var/lib/other";
  unit("ExecStart=/opt/daemon" + needs + "\n[Unit]\nRequires=other.service\nAfter=other.service");
  expect_good();
  unit("ExecStart=/opt/daemon" + needs + "\n[Unit]\nAfter=other.service");
  expect_bad("ReadWritePaths= names /var/lib/other", "create it");
  EXPECT_EQ(look().front().start_of, "r.service");
}

TEST_F(RunnerCheckup, AFalseConditionIsBadWhereTheUnitWouldStart) {
  unmet_ = {"ConditionPathExists=/srv/absent"};
  EXPECT_EQ(look().front().state, State::good);
  EXPECT_THAT(look().front().found, HasSubstr("ConditionPathExists=/srv/absent is false"));
  starts_ = true;
  expect_bad("ConditionPathExists=/srv/absent is false", "systemctl disable --now r.service");
  EXPECT_FALSE(look().front().prevents);  // the switch asks for what it starts
}

TEST_F(RunnerCheckup, AUnitThatMountsOntoUsrItself) {
  unit("ExecStart=/opt/daemon\nBindPaths=/usr/bin/tool");
  expect_bad("mounts onto /usr", "[runners.r] program");
}

TEST_F(RunnerCheckup, AFileOfVariablesWinsOverTheUnit) {
  runner_.kind = "drone-exec";
  unit("ExecStart=/opt/daemon\nEnvironmentFile=-/etc/default/r\nEnvironmentFile=-/etc/absent");
  put("/etc/default/r", "# PATH=/no\nDRONE_RPC_HOST=x\n DRONE_RUNNER_PATH = '/usr/bin'\n");
  expect_bad("/etc/default/r sets DRONE_RUNNER_PATH",
             "remove DRONE_RUNNER_PATH from /etc/default/r");
  put("/etc/default/r", "DRONE_RPC_HOST=x\n");
  drop_ins_.clear();
  expect_good();
}

// Read by the engine, not by systemd, so UnsetEnvironment= is no help.
TEST_F(RunnerCheckup, AnEnginesOwnFileGivesVariablesToJobs) {
  for (const char* kind : {"act-runner", "gitea-runner"}) {
    runner_.kind = kind;
    drop_ins_.clear();
    unit("ExecStart=/opt/daemon daemon --config /etc/gitea-runner/config.yaml");
    const std::string file = "/etc/gitea-runner/config.yaml";
    put(file, "log:\n  level: info\nrunner:\n  envs:\n    MINE: 1\n    BASH_ENV: /opt/env\n");
    expect_bad(file + " sets BASH_ENV, and the engine gives it to every job",
               "remove BASH_ENV from " + file);
    drop_ins_.clear();
    put(file, "runner: {envs: {MINE: x}, env_file: /etc/gitea-runner/env}\n");
    put("/etc/gitea-runner/env", "OTHER=1\nPYTHONPATH=/opt/x\n");
    expect_bad("/etc/gitea-runner/env sets PYTHONPATH", "remove PYTHONPATH");
    drop_ins_.clear();
    put("/etc/gitea-runner/env", "OTHER=1\n");
    expect_good();
    drop_ins_.clear();
    put(file, "runner: [\n");
    EXPECT_EQ(look().front().state, State::unknown);
  }
}

TEST_F(RunnerCheckup, GitlabsFileIsRead) {
  std::filesystem::create_symlink("/etc/.cc-ci/host/etc/gitlab", environment_.root + "/etc/gitlab");
  runner_.kind = "gitlab-shell";
  const std::string usual = "/etc/gitlab-runner/config.toml";
  for (const auto& [option, file] :
       {std::pair<std::string, std::string>{"", usual},
        {"\"--config\" \"/etc/gitlab/own.toml\" ", "/etc/gitlab/own.toml"}}) {
    drop_ins_.clear();
    unit("ExecStart=/opt/daemon \"run\" " + option + "\"--user\" \"root\"");
    const std::string begin =
        "concurrent = 4\n[session_server]\n  session_timeout = 1800\n\n[[runners]]\n  name = "
        "\"a\"\n"
        "  executor = \"shell\"\n  [runners.cache]\n    MaxUploadedArchiveSize = 0\n\n"
        "[[runners]]\n  name = \"b\"\n  executor = \"shell\"\n  environment = ";
    put(file, begin + "[\"MINE=a=b\", \"GIT_DEPTH=1\"]\n");
    expect_good();
    for (const std::string name : {"PATH", "LD_PRELOAD", "DECLARED", "BASH_ENV"}) {
      drop_ins_.clear();
      put(file, begin + "[\"MINE=a=b\", \"" + name + "=/opt/bin:/bin\"]\n");
      expect_bad(file + " sets " + name + ", and the engine gives it to every job",
                 "remove " + name + " from " + file);
    }
    // Jobs of another executor are not the service's.
    drop_ins_.clear();
    put(file, "[[runners]]\nname = \"c\"\nexecutor = \"docker\"\nenvironment = [\"PATH=/x\"]\n");
    const auto symptoms = look();
    ASSERT_EQ(symptoms.size(), 2U);
    EXPECT_EQ(symptoms[0].state, State::good);
    EXPECT_NE(symptoms[0].found.find("'c' in " + file + " has the executor 'docker'"),
              std::string::npos);
    drop_ins_.clear();
    put(file, "[[runners]\n");
    EXPECT_EQ(look().front().state, State::unknown);
    put(file, "");
  }
}

TEST_F(RunnerCheckup, DronesFileIsReadAndWhatIsReplacedIsSaid) {
  runner_.kind = "drone-exec";
  const std::string file = "/etc/drone-runner-exec/config";
  unit("ExecStart=/opt/daemon \"service\" \"run\" \"--config\" \"" + file + "\"");
  put(file, "DRONE_RPC_HOST=x\nDRONE_RUNNER_ENVIRON=LD_PRELOAD:/opt/x.so,PATH:/opt,DECLARED:2\n");
  expect_bad(file + " sets LD_PRELOAD", "remove LD_PRELOAD from " + file);
  drop_ins_.clear();
  put(file, "DRONE_RUNNER_ENVFILE=/etc/drone/env\nDRONE_RUNNER_PATH=/opt\n");
  put("/etc/drone/env", "HOUSE=1\nLD_PRELOAD=/opt/x.so\n");
  const auto symptoms = look();
  ASSERT_EQ(symptoms.size(), 4U);
  EXPECT_EQ(symptoms[0].found, "DRONE_RUNNER_ENVFILE in " + file + " loses against cc-ci's");
  EXPECT_EQ(symptoms[1].found, "DRONE_RUNNER_PATH in " + file + " loses against cc-ci's");
  EXPECT_EQ(symptoms[2].found,
            "jobs do not get the variables of /etc/drone/env any more: HOUSE, LD_PRELOAD");
  EXPECT_EQ(symptoms[3].found, "r.service is installed, nothing is in the way");
}

TEST_F(RunnerCheckup, AVariableThatLosesIsNamed) {
  runner_.kind = "drone-exec";
  unit("ExecStart=/opt/daemon\nEnvironment=DRONE_RUNNER_PATH=/usr/bin");
  const auto symptoms = look();
  ASSERT_EQ(symptoms.size(), 2U);
  EXPECT_EQ(symptoms[0].state, State::good);
  EXPECT_EQ(symptoms[0].found,
            "DRONE_RUNNER_PATH in /etc/systemd/system/r.service loses against cc-ci's");
  EXPECT_EQ(symptoms[1].found, "r.service is installed, nothing is in the way");
}

TEST_F(RunnerCheckup, AVariableThatTheDropInUnsetsIsNamed) {
  drop_in("/etc/systemd/system/r.service.d/10-site.conf",
          "[Service]\nEnvironment=PYTHONPATH=/opt/x\n");
  const auto symptoms = look();
  ASSERT_EQ(symptoms.size(), 2U);
  EXPECT_EQ(symptoms[0].state, State::good);
  EXPECT_EQ(symptoms[0].found,
            "/etc/systemd/system/r.service.d/10-site.conf sets PYTHONPATH, "
            "which jobs do not get");
}

// systemd 252 sets HOME and USER only for a named user.
TEST_F(RunnerCheckup, AUnitWithoutAUser) {
  put(fragment, "[Service]\nExecStart=/opt/daemon\n");
  expect_bad("has no User=", "User=root");
}

TEST_F(RunnerCheckup, APathFrozenAtInstallation) {
  runner_.kind = "github-runner";
  unit("ExecStart=/opt/ar/runsvc.sh");
  put("/opt/ar/runsvc.sh", "#!/usr/bin/sh\n");
  put("/opt/ar/.path", "/home/me/bin:/usr/bin\n");
  expect_bad("/opt/ar/.path froze when it was configured, now /home/me/bin:/usr/bin",
             "program = \"/opt/ar/runsvc.sh\"");
  runner_.program = "/opt/ar/runsvc.sh";
  drop_ins_.clear();
  expect_good();
  put("/opt/ar/.env", "LANG=C.UTF-8\nLD_LIBRARY_PATH=/opt/lib\n");
  drop_ins_.clear();
  expect_bad("/opt/ar/.env sets LD_LIBRARY_PATH", "remove LD_LIBRARY_PATH from /opt/ar/.env");
  put("/opt/ar/.env", "RUBYOPT=-W0\n");
  drop_ins_.clear();
  expect_bad("/opt/ar/.env sets RUBYOPT", "remove RUBYOPT");
  put("/opt/ar/.env", "ACTIONS_RUNNER_HOOK_JOB_STARTED=/usr/local/bin/start.sh\n");
  drop_ins_.clear();
  expect_bad("names the hook /usr/local/bin/start.sh", "move the hook below /opt");
  put("/opt/ar/.env", "ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/hooks/start.sh\n");
  drop_ins_.clear();
  expect_good();
  std::filesystem::remove(scratch_ / "host/opt/ar/.env");
  std::filesystem::remove(scratch_ / "host/opt/ar/.path");
  drop_ins_.clear();
  expect_bad("there is no /opt/ar/.path", "./env.sh");
}

TEST_F(RunnerCheckup, ALoginShellsOwnFiles) {
  runner_.kind = "gitlab-shell";
  unit("ExecStart=/opt/daemon run \"--user\" \"root\"");
  put(fragment, "[Service]\nExecStart=/opt/daemon run --user daemon\n");  // su sets HOME
  expect_good();
  unit("ExecStart=/opt/daemon run \"--user\" \"root\"");
  drop_ins_.clear();
  put("/root/.profile", "if [ -d ~/bin ]; then\n  PATH=\"$HOME/bin:$PATH\"\nfi\n");
  expect_good();
  put("/root/.profile", "export PATH=/opt/bin:$PATH\n");
  drop_ins_.clear();
  expect_bad("/root/.profile sets PATH", "remove that line");
  put("/root/.profile", "");
  put("/root/.bash_logout", "[ \"$SHLVL\" = 1 ] && /usr/bin/clear_console -q\n");
  drop_ins_.clear();
  expect_bad("clear_console", "mv /root/.bash_logout /root/.bash_logout.before-cc-ci");
  unit("ExecStart=/opt/daemon run --user=no-such-user-x");
  drop_ins_.clear();
  expect_bad("runs as 'no-such-user-x'", "adduser");
}

TEST_F(RunnerCheckup, WoodpeckerNeedsItsPluginAndGit) {
  runner_.kind = "woodpecker-local";
  expect_bad("no plugin-git on PATH", "add 'plugin-git' to [runtime] tools");
  environment_.exposed[0].commands.push_back({"plugin-git", "/x", "plugin-git"});
  drop_ins_.clear();
  expect_good();
  environment_.exposed[0].commands.erase(environment_.exposed[0].commands.begin());
  drop_ins_.clear();
  expect_bad("no git on PATH", "add 'git'");
}

TEST_F(RunnerCheckup, ReadsOnlyOrdinaryFilesWithinABound) {
  runner_.kind = "drone-exec";
  unit(
      "ExecStart=/opt/daemon\nEnvironmentFile=/etc/pipe\nEnvironmentFile=/etc/huge\n"
      "EnvironmentFile=/etc/%i\nEnvironmentFile=-/etc/*.env");
  ASSERT_EQ(mkfifo((scratch_ / "host/etc/pipe").c_str(), 0600), 0);
  put("/etc/huge", "PATH=/x\n" + std::string(2U << 20U, '#'));
  expect_good();
}

TEST(TimerCheckup, AUnitOfThatNameThatIsSomebodyElses) {
  const test::Scratch scratch;
  const declare::Timer timer{{"docker", {}}, "daily", {"run"}};
  const auto look = [&](const std::string& path, const std::string& text) {
    const auto at = scratch.path() / path.substr(1);
    std::filesystem::create_directories(at.parent_path());
    test::write_text(at, text);
    return timer_symptoms(timer,
                          observe_unit("docker.service", "loaded", path, "", scratch.path()));
  };
  const auto taken = look("/usr/lib/systemd/system/docker.service", "[Service]\nExecStart=/x\n");
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].state, State::bad);
  EXPECT_EQ(taken[0].found, "docker.service is /usr/lib/systemd/system/docker.service already");
  EXPECT_EQ(taken[0].remedy, "give [timers.docker] another name");
  const std::string own = host::timer_units(timer, {{"run", "/e"}}, {}).front().content;
  EXPECT_THAT(look("/usr/local/lib/systemd/system/docker.service", own), IsEmpty());
  EXPECT_THAT(look("/etc/systemd/system/docker.service", own), IsEmpty());
  EXPECT_THAT(timer_symptoms(timer, observe_unit("docker.service", "not-found", "", "")),
              IsEmpty());
}

TEST(Observation, ReadsVariablesAsEnginesAndSystemdDo) {
  EXPECT_THAT(file_variables("A=1\n#B=2\n;C=3\nW = \"x y\" \nE='z'\nF\nG=\nA=2\n"),
              ElementsAre(testing::Pair("A", "2"), testing::Pair("E", "z"), testing::Pair("G", ""),
                          testing::Pair("W", "x y")));
}

}  // namespace
}  // namespace ccci::doctor
