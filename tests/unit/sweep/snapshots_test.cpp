// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/snapshots.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::sweep {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Answers as restic does; tests/recipe runs the real one.
class Restic final : public base::ProcessRunner {
 public:
  base::Result<base::Outcome> run(const base::Command& command) override {
    environment = *command.environment;
    std::vector<std::string> words(command.argv.begin() + 2, command.argv.end());
    calls.push_back(base::join(words, " "));
    base::Outcome outcome;
    if (locked > 0) {
      --locked;
      outcome.status = 1;
      outcome.err = "unable to create lock in backend: repository is already locked by PID 7\n";
    } else if (const auto status = failing.find(words[4]); status != failing.end()) {
      outcome.status = 1;
      outcome.err = status->second;
    } else if (words[4] == "snapshots") {
      outcome.out = snapshots[words[1]];
    }
    return outcome;
  }

  int locked = 0;
  std::map<std::string, std::string> failing;    // command -> what it says
  std::map<std::string, std::string> snapshots;  // repository -> JSON
  std::vector<std::string> calls;
  std::vector<std::string> environment;
};

class Still final : public Machine {
 public:
  base::WallTime now() override { return {}; }
  base::Clock::Time tick() override { return tick_; }
  void pause() override { tick_ += std::chrono::minutes(1); }
  Free free(const fs::path&) override { return {}; }
  base::Result<std::unique_ptr<JobProcess>> start(const std::vector<std::string>&,
                                                  const fs::path&) override {
    return base::unexpected(base::fail("base.exec"));
  }

 private:
  base::Clock::Time tick_{};
};

class SnapshotsTest : public testing::Test {
 protected:
  SnapshotsTest() {
    record_.version = "1.0.0+1";
    record_.started = "2026-11-28T03:00:00Z";
    fs::create_directories(backup_);
    test::write_text(backup_ / "config", "");
    test::write_text(word_, "secret\n");
    EXPECT_TRUE(snapshots_.open());
    restic_.calls.clear();
    restic_.snapshots[backup_.native()] = R"([{"id": "2222", "original": "1111"}])";
    restic_.snapshots["/srv/kept"] =
        R"([{"id": "9999", "original": "8888"}, {"id": "3333", "original": "1111"}])";
  }

  test::Scratch scratch_;
  fs::path backup_ = scratch_.path() / "backup";
  fs::path word_ = scratch_.path() / "word";
  history::Record record_{.recipe = "gitea", .night = "2026-11-28", .environment = "env"};
  Restic restic_;
  Still machine_;
  ResticSnapshots snapshots_{
      {"/srv/kept", word_.native(), {"enter", "restic"}, "one"}, restic_, machine_};
};

// Without [sweep] snapshots_password.
class UnnamedPasswordTest : public SnapshotsTest {
 protected:
  base::Result<void> open(const std::string& repository) {
    ResticSnapshots::Setup setup{
        repository, snapshots_password("", scratch_.path()).value(), {"enter", "restic"}, "one"};
    return ResticSnapshots(std::move(setup), restic_, machine_).open();
  }
  bool is_kept() const { return fs::exists(file_); }
  bool is_pending() const { return fs::exists(file_.native() + ".new"); }

  const std::string nothing_there_ = "Fatal: unable to open config file: no such file\n";
  fs::path file_ = scratch_.path() / "snapshots.password";
};

// A canonical would be without the data that it was promoted with.
TEST_F(SnapshotsTest, a_backup_that_cannot_be_looked_at_is_not_an_absent_one) {
  fs::remove(backup_ / "config");
  EXPECT_EQ(snapshots_.take(record_, backup_).value(), "");
  fs::create_symlink("config", backup_ / "config");
  EXPECT_FALSE(snapshots_.take(record_, backup_));
}

TEST_F(SnapshotsTest, a_backup_is_tagged_copied_and_found_again) {
  EXPECT_EQ(snapshots_.take(record_, backup_).value(), "3333");
  EXPECT_THAT(restic_.calls[0], HasSubstr("tag --set recipe=gitea,version=1.0.0+1,"
                                          "night=2026-11-28,machine=one,started=2026-11-28T"));
  EXPECT_THAT(restic_.calls[2], HasSubstr("copy --from-repo " + backup_.native()));
  // The password is no argument.
  EXPECT_THAT(restic_.environment, Contains("RESTIC_PASSWORD=secret"));
  EXPECT_THAT(base::join(restic_.calls, "\n"), testing::Not(HasSubstr("secret")));
}

TEST_F(SnapshotsTest, a_run_without_a_backup_has_no_snapshot) {
  EXPECT_EQ(snapshots_.take(record_, scratch_.path() / "none").value(), "");
  EXPECT_THAT(restic_.calls, IsEmpty());
}

TEST_F(SnapshotsTest, a_copy_that_is_not_there_is_an_error) {
  restic_.snapshots["/srv/kept"] = "[]";
  EXPECT_EQ(snapshots_.take(record_, backup_).error().field("problem"),
            "restic copied no snapshot");
}

TEST_F(SnapshotsTest, another_restic_is_waited_for_but_not_for_ever) {
  restic_.locked = 3;
  EXPECT_TRUE(snapshots_.take(record_, backup_));
  restic_.locked = 1000;
  EXPECT_THAT(std::string(snapshots_.take(record_, backup_).error().field("problem")),
              HasSubstr("already locked"));
}

TEST_F(SnapshotsTest, opening_makes_what_is_missing_and_says_what_is_wrong) {
  restic_.failing["unlock"] = "Fatal: unable to open config file: no such file\n";
  EXPECT_TRUE(snapshots_.open());
  EXPECT_THAT(restic_.calls.back(), HasSubstr(" init"));
  restic_.failing = {{"unlock", "Fatal: wrong password or no key found\n"},
                     {"init", "Fatal: config file already exists\n"}};
  EXPECT_EQ(snapshots_.open().error().field("problem"), "wrong password or no key found");
}

TEST_F(SnapshotsTest, forgets_what_is_old_and_nobodys) {
  const auto snapshot = [](const std::string& id, const std::string& recipe,
                           const std::string& started) {
    return R"({"id": ")" + id + R"(", "tags": ["recipe=)" + recipe +
           R"(", "machine=one", "started=)" + started + R"("]})";
  };
  restic_.snapshots["/srv/kept"] = "[" + snapshot("aa", "gitea", "2026-11-01T03:00:00Z") + "," +
                                   snapshot("bb", "gitea", "2026-11-20T03:00:00Z") + "," +
                                   snapshot("cc", "wiki", "2026-11-01T03:00:00Z") + "," +
                                   snapshot("dd", "gitea", "2026-11-28T02:00:00Z") + "]";
  history::Canonical canonical{"gitea", "1.1.0+1", "c", "env", "n", "d"};
  canonical.snapshot = "bb";
  const auto now = base::from_rfc3339("2026-11-28T03:00:00Z").value();
  ASSERT_TRUE(snapshots_.tidy({{"gitea", canonical}}, now));
  EXPECT_THAT(restic_.calls.back(), HasSubstr("forget --prune aa cc"));
  EXPECT_THAT(restic_.calls.front(), HasSubstr("--tag machine=one"));
}

TEST_F(UnnamedPasswordTest, is_made_once_with_the_repository_for_root_alone) {
  restic_.failing["unlock"] = nothing_there_;
  ASSERT_TRUE(open("sftp:nas:/kept"));
  const std::string made = base::read_file(file_, 100).value();
  EXPECT_EQ(made.size(), 65U);
  EXPECT_FALSE(is_pending());
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  restic_.failing.clear();
  ASSERT_TRUE(open("sftp:nas:/kept"));
  EXPECT_EQ(base::read_file(file_, 100).value(), made);
  EXPECT_THAT(restic_.environment, Contains("RESTIC_PASSWORD=" + made.substr(0, 64)));
}

// One that was made for it would never fit, and the next sweep would blame it.
TEST_F(UnnamedPasswordTest, is_not_made_for_a_repository_that_is_there) {
  fs::create_directories(scratch_.path() / "vault");
  test::write_text(scratch_.path() / "vault/config", "");
  for (const std::string local : {"", "local:"}) {
    restic_.calls.clear();
    const auto opened = open(local + (scratch_.path() / "vault").native());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "sweep.snapshots-lost");
    EXPECT_EQ(opened.error().field("path"), file_.native());
    EXPECT_FALSE(is_kept() || is_pending());
    EXPECT_THAT(restic_.calls, IsEmpty());
  }
  restic_.failing = {{"unlock", "Fatal: wrong password or no key found\n"},
                     {"init", "Fatal: create repository failed: config file already exists\n"}};
  const auto opened = open("sftp:nas:/kept");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "sweep.snapshots-lost");
  EXPECT_FALSE(is_kept() || is_pending());
}

TEST_F(UnnamedPasswordTest, is_used_again_where_making_the_repository_was_interrupted) {
  restic_.failing = {{"unlock", nothing_there_}, {"init", "Fatal: connection refused\n"}};
  EXPECT_EQ(open("sftp:nas:/kept").error().code, "sweep.snapshots");
  EXPECT_FALSE(is_kept());
  EXPECT_FALSE(open("sftp:nas:/kept"));
  const std::string made = base::read_file(file_.native() + ".new", 100).value();
  // It was made after all, and the answer was lost: the password is that of the repository.
  restic_.failing = {{"init", "Fatal: config file already exists\n"}};
  ASSERT_TRUE(open("sftp:nas:/kept"));
  EXPECT_EQ(base::read_file(file_, 100).value(), made);
  EXPECT_FALSE(is_pending());
}

TEST_F(UnnamedPasswordTest, is_forgotten_if_somebody_else_made_the_repository_meanwhile) {
  restic_.failing = {{"unlock", nothing_there_}, {"init", "Fatal: connection refused\n"}};
  EXPECT_FALSE(open("sftp:nas:/kept"));
  EXPECT_TRUE(is_pending());
  restic_.failing["unlock"] = "Fatal: wrong password or no key found\n";
  EXPECT_EQ(open("sftp:nas:/kept").error().code, "sweep.snapshots-lost");
  EXPECT_FALSE(is_kept() || is_pending());
}

TEST_F(SnapshotsTest, a_named_password_is_found_where_it_is) {
  EXPECT_EQ(snapshots_password(word_.native(), scratch_.path()).value(), word_.native());
}

TEST_F(SnapshotsTest, a_file_without_a_password_is_told) {
  const auto problem_of = [&](const char* name) {
    const auto found = snapshots_password((scratch_.path() / name).native(), scratch_.path());
    EXPECT_EQ(found.error().code, "sweep.snapshots-password");
    return std::string(found.error().field("problem"));
  };
  EXPECT_EQ(problem_of("absent"), "no such file or directory");
  test::write_text(scratch_.path() / "blank", "\n");
  EXPECT_EQ(problem_of("blank"), "an empty file");
  test::write_text(scratch_.path() / "large", std::string(5000, 'x'));
  EXPECT_EQ(problem_of("large"), "more than 4096 bytes");
}

}  // namespace
}  // namespace ccci::sweep
