// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/bringing.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/hash.hpp"
#include "deploy/closure.hpp"
#include "deploy/program_place.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::deploy {
namespace {

namespace fs = std::filesystem;

// A host on this machine: the shell and its tools are real, only ssh is missing. `room` ends the
// connection after that many bytes to the host.
class Shell final : public Remote {
 public:
  explicit Shell(std::size_t room = std::string::npos) : room_(room) {}

  const std::string& destination() const override { return name_; }
  base::Result<std::unique_ptr<Conversation>> start(
      const std::vector<std::string>& words) override {
    class Cut final : public Conversation {
     public:
      Cut(std::unique_ptr<Conversation> whole, std::size_t room)
          : whole_(std::move(whole)), room_(room) {}
      base::Result<std::size_t> read(char* into, std::size_t count) override {
        return whole_->read(into, count);
      }
      base::Result<void> write(std::string_view bytes) override {
        const std::size_t count = std::min(room_, bytes.size());
        room_ -= count;
        CCCI_CHECK(whole_->write(bytes.substr(0, count)));
        if (count == bytes.size()) return {};
        return base::unexpected(base::fail("deploy.stream", base::Condition::disconnected));
      }
      base::Outcome finish() override { return whole_->finish(); }

     private:
      std::unique_ptr<Conversation> whole_;
      std::size_t room_;
    };
    started.push_back(words);
    std::vector<std::string> there = words;
    if (there.front() == "cc-ci") there = {"/bin/sh", "-c", "echo installed"};
    if (refuses && words.front() == "/bin/sh") {
      there = {"/bin/sh", "-c", "echo 'sudo: a password is required' >&2; exit 1"};
    }
    there.insert(there.begin(), before.begin(), before.end());
    CCCI_TRY(auto talk, converse_with(there));
    return std::make_unique<Cut>(std::move(talk), room_);
  }
  base::Result<base::Outcome> run(const std::vector<std::string>&, std::chrono::seconds) override {
    return base::unexpected(base::fail("base.exec"));
  }

  bool refuses = false;             // sudo there
  std::vector<std::string> before;  // words that run the shell
  std::vector<std::vector<std::string>> started;

 private:
  std::size_t room_;
  std::string name_ = "root@a";
};

// Bytes that do not compress.
std::string noise(std::size_t count) {
  std::string text;
  for (int i = 0; text.size() < count; ++i) text += base::sha256(std::to_string(i)).hex();
  return text.substr(0, count);
}

class Bring : public ::testing::Test {
 protected:
  Bring() { signal(SIGPIPE, SIG_IGN); }  // as cc-ci does

  // cat as cc-ci: it has a dynamic loader, and --version. The C library is only a file.
  std::shared_ptr<const Program> make(const std::string& version,
                                      std::string libc_version = "0.1") {
    Program::Parts parts;
    parts.content["bin/cc-ci"] = test::read_text("/bin/cat");
    parts.content["lib/cc-ci/cc-ci-enter"] = version + noise(300'000);
    parts.libc["lib/cc-ci/libc.so.6"] = "libc";
    parts.libc["lib/cc-ci/ld.so"] = "loader";
    parts.loader = "lib/cc-ci/ld.so";
    parts.libc_version = std::move(libc_version);
    auto real = Program::of(std::move(parts), state_);
    EXPECT_TRUE(real);
    return *real;
  }

  base::Result<Started> start(Remote& remote, const Program& program, bool dry = false) {
    return start_there(remote, {&program, "a", {"--version"}, dry}, {});
  }

  // The first line that the program prints.
  std::string says(Started started) {
    if (started.conversation == nullptr) return "nothing";
    const base::Outcome outcome = listen_to_end(*started.conversation);
    return outcome.out.substr(0, outcome.out.find('\n')) + outcome.err;
  }

  std::vector<std::string> left() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(programs_))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  test::Scratch scratch_;
  fs::path state_ = scratch_ / "state of it's own";
  fs::path programs_ = state_ / "programs";
};

TEST_F(Bring, OnceAndThenItIsThere) {
  const auto program = make("1");
  const ProgramForm& form = program->shared();
  Shell shell;
  auto planned = start(shell, *program, true);
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->conversation, nullptr);
  EXPECT_EQ(planned->lacked, form.archive().size());
  EXPECT_FALSE(fs::exists(state_)) << "a plan changes nothing";
  auto first = start(shell, *program);
  ASSERT_TRUE(first) << first.error().code << first.error().field("output");
  EXPECT_EQ(first->command, (programs_ / form.hash() / "bin/cc-ci").native());
  EXPECT_EQ(first->lacked, form.archive().size());
  EXPECT_EQ(first->content, form.archive().size());
  EXPECT_TRUE(says(std::move(*first)).starts_with("cat (GNU coreutils)"));
  EXPECT_EQ(left(), (std::vector<std::string>{form.hash(), "lock"}));
  auto second = start(shell, *program);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->lacked, 0U);
  EXPECT_EQ(second->content, 0U);
  EXPECT_LT(second->bytes, 8000U);
  EXPECT_TRUE(says(std::move(*second)).starts_with("cat (GNU coreutils)"));
  // The plan of a host that has it runs it.
  auto runs = start(shell, *program, true);
  ASSERT_TRUE(runs);
  EXPECT_TRUE(says(std::move(*runs)).starts_with("cat (GNU coreutils)"));
}

TEST_F(Bring, WhateverEndsTheConnection) {
  const auto program = make("1");
  const ProgramForm& form = program->shared();
  const std::size_t before = bring_script().size() + 600;
  const std::size_t size = form.archive().size();
  for (std::size_t tenth = 0; tenth < 10; ++tenth) {
    fs::remove_all(programs_);
    Shell cut(before + size * tenth / 10);
    const auto started = start(cut, *program);
    ASSERT_FALSE(started) << tenth;
    EXPECT_EQ(started.error().code, "deploy.cut");
    EXPECT_EQ(started.error().field("host"), "a");
    EXPECT_FALSE(fs::exists(programs_ / form.hash()));
    // What came is not sent again.
    Shell whole;
    auto rest = start(whole, *program);
    ASSERT_TRUE(rest) << tenth;
    EXPECT_LE(rest->content, size - size * tenth / 10);
    EXPECT_TRUE(says(std::move(*rest)).starts_with("cat (GNU"));
    EXPECT_EQ(left(), (std::vector<std::string>{form.hash(), "lock"}));
  }
}

TEST_F(Bring, DamageIsNoticed) {
  const auto program = make("1");
  const fs::path place = programs_ / program->shared().hash();
  Shell shell;
  ASSERT_TRUE(start(shell, *program));
  for (const char* path : {"bin/cc-ci", "lib/cc-ci/cc-ci-enter", "list"}) {
    test::write_text(place / path, "#!/bin/sh\necho somebody else's\n");
    auto again = start(shell, *program);
    ASSERT_TRUE(again);
    EXPECT_GT(again->content, 0U) << path;
    EXPECT_TRUE(says(std::move(*again)).starts_with("cat (GNU"));
  }
  fs::remove(place / "lib/cc-ci/cc-ci-enter");
  EXPECT_GT(start(shell, *program).value().content, 0U);
  // A part that is not the beginning of the archive is not used.
  fs::remove_all(place);
  test::write_text(programs_ / (program->shared().archive_digest() + ".part"), noise(1000));
  test::write_text(programs_ / ".new.left", "by a power cut");
  test::write_text(programs_ / (std::string(64, 'a') + ".part"), "of another version");
  EXPECT_EQ(start(shell, *program).value().content, program->shared().archive().size());
  EXPECT_EQ(left(), (std::vector<std::string>{program->shared().hash(), "lock"}));
}

TEST_F(Bring, AnOldHostGetsTheLibc) {
  const auto program = make("1", "999.1");
  Shell shell;
  auto started = start(shell, *program);
  ASSERT_TRUE(started);
  const fs::path place = programs_ / program->with_own_libc().hash();
  EXPECT_EQ(started->command, (place / "bin/cc-ci").native());
  EXPECT_EQ(test::read_text(place / "lib/cc-ci/libc.so.6"), "libc");
  EXPECT_NE(test::read_text(place / "bin/cc-ci").find(place / "lib/cc-ci/ld.so"),
            std::string::npos);
}

TEST_F(Bring, TwoAtOnce) {
  const auto program = make("1");
  Shell one;
  Shell other;
  auto first = start(one, *program);
  auto second = start(other, *program);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->content, 0U);
}

TEST_F(Bring, WhatStandsInTheWayIsSaid) {
  const auto program = make("1");
  Shell shell;
  shell.refuses = true;
  auto installed = start(shell, *program);
  ASSERT_TRUE(installed);
  EXPECT_EQ(installed->command, "cc-ci");
  EXPECT_EQ(says(std::move(*installed)), "installed");
  EXPECT_EQ(shell.started.back(), (std::vector<std::string>{"cc-ci", "--version"}));
  test::write_text(state_, "a file");
  Shell blocked;
  const auto started = start(blocked, *program);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "deploy.bring");
  EXPECT_NE(std::string(started.error().field("output")).find("expected a directory"),
            std::string::npos);
}

TEST_F(Bring, TheLockIsItsOwnersAlone) {
  const auto program = make("1");
  Shell shell;
  ASSERT_TRUE(start(shell, *program));
  const fs::perms mode = fs::status(programs_ / "lock").permissions();
  EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write);
  // One that an earlier version made becomes so.
  fs::permissions(programs_ / "lock", fs::perms(0644));
  fs::remove_all(programs_ / program->shared().hash());
  ASSERT_TRUE(start(shell, *program));
  EXPECT_EQ(fs::status(programs_ / "lock").permissions(), mode);
}

TEST_F(Bring, WhatOthersCouldExchangeIsRefused) {
  const auto program = make("1");
  const auto refused = [&](std::string_view what) {
    Shell shell;
    const auto started = start(shell, *program);
    if (started) return false;
    return started.error().code == "deploy.bring" &&
           started.error().field("output").find(what) != std::string_view::npos;
  };
  // Even if the program there is whole.
  Shell shell;
  ASSERT_TRUE(start(shell, *program));
  for (const fs::path& path : {state_, programs_}) {
    fs::permissions(path, fs::perms(0775));
    EXPECT_TRUE(refused("only its owner")) << path;
    fs::permissions(path, fs::perms(0755));
    if (geteuid() == 0) {
      ASSERT_EQ(chown(path.c_str(), 1234, 1234), 0);
      EXPECT_TRUE(refused("only its owner")) << path;
      ASSERT_EQ(chown(path.c_str(), 0, 0), 0);
    }
    const fs::path moved = scratch_ / "elsewhere";
    fs::rename(path, moved);
    fs::create_symlink(moved, path);
    EXPECT_TRUE(refused("not a link")) << path;
    fs::remove(path);
    fs::rename(moved, path);
  }
  if (geteuid() == 0) {
    const fs::path above = state_.parent_path();
    ASSERT_EQ(chown(above.c_str(), 1234, 0), 0);
    EXPECT_TRUE(refused("expected a directory of root"));
    ASSERT_EQ(chown(above.c_str(), 0, 0), 0);
    const fs::perms mode = fs::status(above).permissions();
    fs::permissions(above, fs::perms(0777));
    EXPECT_TRUE(refused("that others cannot write to"));
    fs::permissions(above, fs::perms(01777));
    EXPECT_FALSE(refused("that others cannot write to"));
    fs::permissions(above, mode);
  }
  // Nothing behind a link is removed or written.
  const fs::path victim = scratch_ / "victim";
  fs::remove_all(programs_);
  fs::create_directories(programs_);
  test::write_text(victim, "secret");
  fs::create_symlink(victim, programs_ / "lock");
  EXPECT_TRUE(refused("not a link or a pipe"));
  EXPECT_EQ(test::read_text(victim), "secret");
  fs::remove(programs_ / "lock");
  ASSERT_EQ(mkfifo((programs_ / "lock").c_str(), 0600), 0);
  EXPECT_TRUE(refused("not a link or a pipe"));
  fs::remove(programs_ / "lock");
  // A part that is none is made again.
  const std::string part = program->shared().archive_digest() + ".part";
  fs::create_symlink(victim, programs_ / part);
  ASSERT_TRUE(start(shell, *program));
  EXPECT_EQ(test::read_text(victim), "secret");
}

TEST_F(Bring, WhatIsMountedBelowStays) {
  if (geteuid() != 0) GTEST_SKIP() << "mounts";
  const auto program = make("1");
  const fs::path mounted = scratch_ / "mounted";
  fs::create_directories(programs_ / ".new.x/m");
  fs::create_directories(mounted);
  test::write_text(mounted / "data", "precious");
  Shell shell;
  shell.before = {"unshare",
                  "--mount",
                  "--propagation",
                  "private",
                  "sh",
                  "-c",
                  R"(mount --bind "$0" "$1" && shift && exec "$@")",
                  mounted.native(),
                  (programs_ / ".new.x/m").native()};
  const auto started = start(shell, *program);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().field("output").find("something is mounted"), std::string_view::npos);
  EXPECT_EQ(test::read_text(mounted / "data"), "precious");
  // Without the mount it is removed.
  Shell other;
  ASSERT_TRUE(start(other, *program));
  EXPECT_FALSE(fs::exists(programs_ / ".new.x"));
}

TEST(Closure, IsWhatTheLoaderFound) {
  const auto libraries = needed_libraries();
  ASSERT_TRUE(libraries);
  const auto named = [&](std::string_view name) {
    const auto found = std::find_if(libraries->begin(), libraries->end(),
                                    [&](const Library& one) { return one.name == name; });
    return found == libraries->end() ? nullptr : &*found;
  };
  ASSERT_NE(named("libc.so.6"), nullptr);
  EXPECT_TRUE(named("libc.so.6")->libc);
  ASSERT_NE(named("libz.so.1"), nullptr);
  EXPECT_FALSE(named("libz.so.1")->libc);
  // Only libapt needs it, and the program has no entry for it.
  EXPECT_NE(named("libxxhash.so.0"), nullptr);
  EXPECT_EQ(std::count_if(libraries->begin(), libraries->end(),
                          [](const Library& one) { return one.loader; }),
            1);
}

TEST(Closure, AnotherLoaderIsTheOneThatTheKernelStarts) {
  const test::Scratch scratch;
  const auto libraries = needed_libraries();
  const auto loader = std::find_if(libraries->begin(), libraries->end(),
                                   [](const Library& one) { return one.loader; });
  const fs::path copy = scratch / "a loader";
  fs::copy_file(fs::canonical(loader->path), copy);
  const auto patched = with_loader(test::read_text("/bin/true"), copy);
  ASSERT_TRUE(patched);
  test::write_text(scratch / "true", *patched);
  fs::permissions(scratch / "true", fs::perms(0755));
  EXPECT_EQ(std::system((scratch / "true").c_str()), 0);
  fs::remove(copy);
  EXPECT_NE(std::system((scratch / "true").c_str()), 0);
  // It can be undone, and a usual program is as it was.
  EXPECT_EQ(with_usual_loader(*patched).value(), test::read_text("/bin/true"));
  EXPECT_EQ(with_usual_loader(test::read_text("/bin/true")).value(), test::read_text("/bin/true"));
  EXPECT_EQ(with_loader("#!/bin/sh\n", copy).error().code, "deploy.own-form");
  EXPECT_EQ(with_loader("\177ELF", copy).error().code, "deploy.own-form");
  EXPECT_EQ(with_loader(patched->substr(0, 100), copy).error().code, "deploy.own-form");
}

class Place : public ::testing::Test {
 protected:
  fs::path brought(const std::string& hash) {
    const fs::path program = state_ / "programs" / hash / "bin/cc-ci";
    fs::create_directories(program.parent_path());
    test::write_text(program, hash);
    return program;
  }
  void age(const std::string& hash) {
    fs::last_write_time(state_ / "programs" / hash,
                        fs::file_time_type::clock::now() - std::chrono::hours(25));
  }

  test::Scratch scratch_;
  fs::path state_ = scratch_ / "state";
  activate::Layout layout_{scratch_ / "host"};
  fs::path link_ = scratch_ / "host/usr/local/lib/cc-ci/program";
  fs::path command_ = scratch_ / "host/usr/local/bin/cc-ci";
  std::string one_ = std::string(32, '1');
  std::string two_ = std::string(32, '2');
};

TEST_F(Place, TheLastOneIsTheHosts) {
  const fs::path first = brought(one_);
  ASSERT_TRUE(adopt_program(layout_, state_, first));
  EXPECT_EQ(fs::read_symlink(link_), state_ / "programs" / one_);
  EXPECT_EQ(fs::read_symlink(command_), "/usr/local/lib/cc-ci/program/bin/cc-ci");
  const fs::path second = brought(two_);
  ASSERT_TRUE(adopt_program(layout_, state_, second));
  EXPECT_EQ(fs::read_symlink(link_), state_ / "programs" / two_);
  EXPECT_TRUE(fs::exists(first)) << "it is young";
  age(one_);
  ASSERT_TRUE(adopt_program(layout_, state_, second));
  EXPECT_FALSE(fs::exists(first));
  // An installed one takes over.
  ASSERT_TRUE(adopt_program(layout_, state_, "/usr/bin/cc-ci"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(link_)));
  EXPECT_FALSE(fs::exists(fs::symlink_status(command_)));
}

TEST_F(Place, AFileOfSomebodyElseStays) {
  fs::create_directories(command_.parent_path());
  test::write_text(command_, "installed by hand");
  ASSERT_TRUE(adopt_program(layout_, state_, brought(one_)));
  EXPECT_EQ(test::read_text(command_), "installed by hand");
  EXPECT_EQ(brought_programs(layout_, state_), (std::vector<fs::path>{state_ / "programs"}));
  ASSERT_TRUE(forget_programs(layout_, state_));
  EXPECT_EQ(test::read_text(command_), "installed by hand");
  EXPECT_FALSE(fs::exists(state_ / "programs"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(link_)));
  ASSERT_TRUE(forget_programs(layout_, state_));
}

}  // namespace
}  // namespace ccci::deploy
