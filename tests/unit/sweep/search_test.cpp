// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/search.hpp"

#include <gmock/gmock.h>

#include "git/repository.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::sweep {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

// `cc-ci test` ends at once; `red` says with which verdict.
class Trials final : public Machine {
 public:
  base::WallTime now() override { return {}; }
  base::Clock::Time tick() override { return {}; }
  void pause() override {}
  Free free(const fs::path&) override { return {}; }
  base::Result<std::unique_ptr<JobProcess>> start(const std::vector<std::string>& argv,
                                                  const fs::path& log) override {
    const std::string& commit = argv.at(3);
    started.push_back(commit);
    const bool is_red = red.contains(commit);
    test::write_text(log.parent_path() / "results.json",
                     std::string(R"({"recipe": "a", "verdict": ")") + (is_red ? "fail" : "pass") +
                         R"(", "rungs": []})");
    return std::make_unique<Ended>(interrupted ? 143 : is_red ? 1 : 0);
  }

  std::set<std::string> red;
  bool interrupted = false;
  std::vector<std::string> started;

 private:
  class Ended final : public JobProcess {
   public:
    explicit Ended(int status) : status_(status) {}
    std::optional<int> ended() override { return status_; }
    void stop() override {}
    void kill() override {}

   private:
    int status_;
  };
};

class SearchTest : public testing::Test {
 protected:
  SearchTest()
      : history_(history::History::open("", scratch_.path(), history::Access::write).value()) {
    fs::create_directories(recipe_);
    fs::create_directories(scratch_.path() / "work");
    git({"init", "-q"});
    setup_.test = {"test"};
    setup_.operands = {{"a", "a"}};
  }

  std::string git(std::vector<std::string> words) {
    words.insert(words.begin(), {"-c", "user.name=t", "-c", "user.email=t@example.org"});
    auto said = git::output(base::real_processes(), git::command(recipe_, std::move(words)));
    EXPECT_TRUE(said);
    return said ? said->substr(0, said->find('\n')) : std::string();
  }
  std::string commit(const std::string& text) {
    git({"commit", "-q", "--allow-empty", "-m", text});
    return git({"rev-parse", "HEAD"});
  }
  void remember(const std::string& night, const std::string& commit, history::Verdict verdict) {
    history::Record record{.recipe = "a", .night = night, .environment = "env"};
    record.commit = commit;
    record.verdict = verdict;
    ASSERT_TRUE(history_.add(record));
  }
  base::Result<Found> find() {
    const Search wanted{.setup = setup_,
                        .recipe = "a",
                        .source = {.name = "a", .place = recipe_.native(), .settings = {}},
                        .file = scratch_.path() / "cc-ci.toml",
                        .environment = "env",
                        .files = scratch_.path() / "trials",
                        .work = scratch_.path() / "work",
                        .digest_of = {}};
    return search(wanted, history_, trials_, base::silent());
  }

  test::Scratch scratch_;
  fs::path recipe_ = scratch_.path() / "recipe";
  history::History history_;
  sweep::Setup setup_;
  Trials trials_;
};

TEST_F(SearchTest, the_first_red_commit_is_found_by_running) {
  const std::string green = commit("green");
  const std::string middle = commit("middle");
  const std::string broken = commit("broken");
  const std::string red = commit("red");
  remember("1", green, history::Verdict::pass);
  remember("2", red, history::Verdict::fail);
  trials_.red = {broken, red};
  const auto found = find();
  ASSERT_TRUE(found) << found.error().code;
  EXPECT_EQ(found->bisected.culprit, Culprit::recipe);
  EXPECT_EQ(found->bisected.first_red, broken);
  EXPECT_EQ(found->bisected.last_green, middle);
  EXPECT_THAT(trials_.started, ElementsAre(red, green, broken, middle));
  EXPECT_TRUE(fs::exists(scratch_.path() / "trials" / "4" / "results.json"));
}

TEST_F(SearchTest, a_signal_ends_it_without_an_answer) {
  remember("1", commit("green"), history::Verdict::pass);
  remember("2", commit("red"), history::Verdict::fail);
  trials_.interrupted = true;
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().is(base::Condition::interrupted));
}

}  // namespace
}  // namespace ccci::sweep
