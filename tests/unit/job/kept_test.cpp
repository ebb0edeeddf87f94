// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/kept.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstdio>

#include "tests/support/scratch.hpp"

namespace ccci::job {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The words that a shell makes of the line.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  const std::string command = "printf '%s\\0' " + line;
  FILE* const shell = popen(command.c_str(), "re");
  if (shell == nullptr) return words;
  std::string text;
  std::array<char, 4096> part{};
  while (const std::size_t size = fread(part.data(), 1, part.size(), shell))
    text.append(part.data(), size);
  pclose(shell);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\0', begin);
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

class KeptTest : public testing::Test {
 protected:
  KeptTest() {
    result.recipe = "gitea";
    result.version = "1.0.0+1";
    result.kept = "run-1";
    result.rung("lint").verdict = run::Verdict::fail;
    result.rung("install").verdict = run::Verdict::fail;
  }

  test::Scratch scratch;
  engine::Records records{scratch / "state/engines"};
  run::Result result;
  std::vector<std::string> warnings;
  Caller caller{
      .context = {scratch / "state", true, base::silent()},
      .warn = [this](std::string_view text) { warnings.emplace_back(text); },
      .look_at_store =
          [] { return base::Result<store::Store>(base::unexpected(base::fail("test.none"))); }};
};

TEST_F(KeptTest, a_shell_reads_the_paths_of_the_command_as_they_are) {
  const std::string odd = R"(my "state" of $HOME; it's `here`)";
  run::Setup setup;
  setup.state = scratch / odd;
  setup.root = scratch / "root";
  setup.entry = {(setup.state / "cc-ci-inside").native()};
  const std::string socket = "unix://" + (setup.engines() / "run-1/docker.sock").native();
  // Without a client in the environment it is that of the host.
  EXPECT_THAT(words_of(docker_command(setup, socket)), ElementsAre("docker", "--host", socket));
  fs::create_directories(setup.root / "usr/bin");
  test::write_text(setup.root / "usr/bin/docker", "");
  EXPECT_THAT(words_of(docker_command(setup, socket)),
              ElementsAre(setup.entry.front(), "/usr/bin/docker", "--host", socket));
  setup.engine = "/run/docker.sock";
  EXPECT_EQ(docker_command(setup, "unix:///run/docker.sock"),
            "docker --host unix:///run/docker.sock");
}

TEST_F(KeptTest, a_note_says_what_is_kept) {
  engine::Record record{"run-1", engine::boot_id(), {11, "100"}, {12, "200"}, true};
  ASSERT_TRUE(records.create(record));
  note_kept(records, result, "/results", "docker --host unix:///x", caller);
  const auto kept = kept_deployments(caller);
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_EQ(kept->front().record.note, (engine::KeptNote{"gitea 1.0.0+1: install failed",
                                                         "/results", "docker --host unix:///x"}));
  EXPECT_THAT(warnings, IsEmpty());
  warn_of_kept(caller);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("run-1 (gitea 1.0.0+1: install failed) is kept")));
}

TEST_F(KeptTest, a_note_that_cannot_be_written_is_a_warning) {
  engine::Record record{"run-1", engine::boot_id(), {11, "100"}, {12, "200"}, true};
  ASSERT_TRUE(records.create(record));
  test::write_text(scratch / "state/engines/run-1.json", "damaged");
  note_kept(records, result, "/results", "docker", caller);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("cc-ci kept will not say what run-1 is: ")));
}

}  // namespace
}  // namespace ccci::job
