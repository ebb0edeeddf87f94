// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/deployment.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "tests/unit/deploy/pipe.hpp"

namespace ccci::deploy {
namespace {

using std::chrono::milliseconds;

const std::string system_name = std::string(32, 'c') + "-a";
const std::string digest(64, 'd');
const Active wanted_active{2, 2, system_name, digest, "/state/projects/p/tree"};
const Active old_active{1, 1, "old-a", std::string(64, 'e'), "/state/projects/o/tree"};

class Hands final : public base::Clock {
 public:
  Time now() override { return now_; }
  void turn(milliseconds time) { now_ += time; }

 private:
  Time now_;
};

// A host: answers deliveries from memory, and commands by what they are.
class Host final : public Remote {
 public:
  explicit Host(Hands& hands) : hands_(hands) {}

  Active active = old_active;
  std::optional<std::string> delivery;  // instead of the usual one
  std::deque<std::string> looks;        // answers to `confirm --look`; "": no connection
  std::string confirmed;                // answer to `confirm`
  base::Outcome start_outcome;
  int status = 0;
  bool current = false;  // as the delivery says
  std::vector<std::string> commands;
  std::function<void()> on_confirm = [] {};

  std::string answer(Phase phase, const std::string& word, const Active& now) const {
    base::Json json = to_json(SwitchState{phase, {word, 1, 2, std::nullopt}});
    json["active"] = to_json(now);
    return json.dump();
  }

  const std::string& destination() const override { return name_; }
  bool is_here() const override { return true; }  // nothing is brought

  base::Result<std::unique_ptr<Conversation>> start(const std::vector<std::string>&) override {
    class Talk final : public Conversation {
     public:
      explicit Talk(std::string bytes) : recorded_(std::move(bytes)) {}
      base::Result<std::size_t> read(char* into, std::size_t room) override {
        return recorded_.read(into, room);
      }
      base::Result<void> write(std::string_view bytes) override { return recorded_.write(bytes); }
      base::Outcome finish() override { return {255, "", "ssh: went away", false, false}; }

     private:
      test::Recorded recorded_;
    };
    const std::string usual =
        "cc-ci-deploy 1\n" + test::frame('r', write(Ready{"cc-ci 1", true, active})) +
        test::frame('w', "") +
        test::frame('z', write(Done{system_name, digest, wanted_active.project, current}));
    return std::make_unique<Talk>(delivery.value_or(usual));
  }

  base::Result<base::Outcome> run(const std::vector<std::string>& words,
                                  std::chrono::seconds) override {
    const auto has = [&](std::string_view word) {
      return std::find(words.begin(), words.end(), word) != words.end();
    };
    hands_.turn(milliseconds(100));
    const char* name = has("--start")   ? "start"
                       : has("--look")  ? "look"
                       : has("confirm") ? "confirm"
                                        : "status";
    commands.emplace_back(name);
    if (has("--start")) return start_outcome;
    if (has("status")) return base::Outcome{status, "{}", "", false, false};
    if (has("--look")) {
      std::string text = looks.empty() ? "" : looks.front();
      if (looks.size() > 1) looks.pop_front();
      return base::Outcome{text.empty() ? no_connection : 0, text, "", false, false};
    }
    on_confirm();
    return base::Outcome{confirmed.empty() ? no_connection : 0, confirmed, "", false, false};
  }

  std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(std::count(commands.begin(), commands.end(), name));
  }

 private:
  Hands& hands_;
  std::string name_ = "root@a";
};

class DeploymentTest : public ::testing::Test {
 protected:
  Row run(bool dry = false) {
    Parcel parcel;
    parcel.state = "/state";
    parcel.file = "cc-ci.toml";
    Options options;
    options.dry = dry;
    Deployment deployment(host_, parcel, {"a", system_name, digest}, options,
                          {hands_, [&](milliseconds time) { hands_.turn(time); },
                           [&] { return host_.commands.size() >= interrupted_after_; }},
                          {});
    return deployment.run();
  }

  std::string waiting() const {
    return host_.answer(Phase::waiting, "", {2, 1, system_name, digest, "p"});
  }

  Hands hands_;
  Host host_{hands_};
  std::size_t interrupted_after_ = 1'000'000;  // commands
};

TEST_F(DeploymentTest, SwitchedOnceTheHostSaysSoAtTheEnd) {
  host_.looks = {host_.answer(Phase::switching, "", old_active), waiting()};
  host_.confirmed = host_.answer(Phase::ended, "switched", wanted_active);
  const Row row = run();
  EXPECT_EQ(row.end, End::switched);
  EXPECT_EQ(row.before, 1U);
  EXPECT_EQ(row.after, 2U);
  EXPECT_FALSE(row.error);
  EXPECT_EQ(host_.commands,
            (std::vector<std::string>{"start", "look", "look", "status", "confirm"}));
}

TEST_F(DeploymentTest, WhatIsCurrentAndSoundIsNotSwitched) {
  host_.active = wanted_active;
  host_.current = true;
  EXPECT_EQ(run().end, End::current);
  EXPECT_TRUE(host_.commands.empty()) << "one connection is enough";
}

TEST_F(DeploymentTest, WhatIsCurrentButDriftedOrUnfinishedIs) {
  host_.active = wanted_active;
  host_.looks = {host_.answer(Phase::ended, "current", wanted_active)};
  EXPECT_EQ(run().end, End::current);
  EXPECT_EQ(host_.count("start"), 1U);
  host_.active.confirmed = 1;
  EXPECT_EQ(run().end, End::current);
  EXPECT_EQ(host_.count("start"), 2U);
}

TEST_F(DeploymentTest, NeverSuccessAfterARollback) {
  host_.looks = {waiting(), host_.answer(Phase::ended, "rolled-back", old_active)};
  host_.confirmed = "";  // the connection goes before the answer
  const Row row = run();
  EXPECT_EQ(row.end, End::rolled_back);
  EXPECT_EQ(row.after, 1U);
  EXPECT_EQ(row.error->code, "deploy.rolled-back");
}

TEST_F(DeploymentTest, ASuccessThatIsNotWhatIsActiveIsNone) {
  for (const Active& active : {old_active, Active{2, 1, system_name, digest, "p"},
                               Active{2, 2, system_name, std::string(64, 'f'), "p"}, Active{}}) {
    host_.looks = {host_.answer(Phase::ended, "switched", active)};
    const Row row = run();
    EXPECT_EQ(row.end, End::unknown);
    EXPECT_EQ(row.error->code, "deploy.end-state");
  }
}

TEST_F(DeploymentTest, ALostAnswerToTheConfirmationIsAskedFor) {
  host_.looks = {waiting(), host_.answer(Phase::ended, "switched", wanted_active)};
  EXPECT_EQ(run().end, End::switched);
  EXPECT_EQ(host_.count("confirm"), 1U);
}

TEST_F(DeploymentTest, AHostThatIsNotReachedAgainIsUnknownInTime) {
  const base::Clock::Time begun = hands_.now();
  const Row row = run();
  EXPECT_EQ(row.end, End::unknown);
  EXPECT_EQ(row.error->code, "deploy.unknown");
  EXPECT_FALSE(row.after);
  EXPECT_LE(hands_.now() - begun, std::chrono::minutes(6));
  EXPECT_EQ(host_.count("confirm"), 0U);
}

// The host waits for the jobs of its runners, at most ten minutes, before it changes anything.
TEST_F(DeploymentTest, AHostThatWaitsForJobsIsFollowed) {
  const auto switching = host_.answer(Phase::switching, "", old_active);
  host_.looks.assign(5900, switching);  // a tenth of a second each
  host_.looks.push_back(waiting());
  host_.confirmed = host_.answer(Phase::ended, "switched", wanted_active);
  EXPECT_EQ(run().end, End::switched);
  // But not for ever.
  const base::Clock::Time begun = hands_.now();
  host_.looks = {switching};
  EXPECT_EQ(run().end, End::unknown);
  EXPECT_LE(hands_.now() - begun, std::chrono::minutes(16));
}

TEST_F(DeploymentTest, AHostThatIsReachedAgainTellsThatItWentBack) {
  host_.looks = {host_.answer(Phase::switching, "", old_active)};
  for (int i = 0; i < 100; ++i) host_.looks.emplace_back("");
  host_.looks.push_back(host_.answer(Phase::ended, "rolled-back", old_active));
  EXPECT_EQ(run().end, End::rolled_back);
}

TEST_F(DeploymentTest, NothingElseIsConfirmed) {
  host_.looks = {host_.answer(Phase::waiting, "", {2, 1, "other-a", digest, "p"})};
  EXPECT_EQ(run().end, End::unknown);
  EXPECT_EQ(host_.count("confirm"), 0U);
  // Nor what cannot give account of itself.
  host_.looks = {waiting()};
  host_.status = 3;
  EXPECT_EQ(run().end, End::unknown);
  EXPECT_EQ(host_.count("confirm"), 0U);
}

TEST_F(DeploymentTest, AHostStartedAnewKnowsNothingOfItsSwitch) {
  host_.looks = {host_.answer(Phase::switching, "", old_active),
                 host_.answer(Phase::none, "", old_active)};
  EXPECT_EQ(run().end, End::unknown);
}

TEST_F(DeploymentTest, ASwitchThatWasKilledHasFailed) {
  host_.looks = {host_.answer(Phase::died, "", wanted_active)};
  const Row row = run();
  EXPECT_EQ(row.end, End::failed);
  EXPECT_EQ(row.error->code, "deploy.died");
}

TEST_F(DeploymentTest, WhatDidNotStartSwitchedNothing) {
  host_.start_outcome = {1, "", "Failed to start transient service unit", false, false};
  const Row row = run();
  EXPECT_EQ(row.end, End::failed);
  EXPECT_EQ(row.error->code, "deploy.start");
  EXPECT_EQ(row.after, 1U);
  EXPECT_EQ(host_.commands, std::vector<std::string>{"start"});
  // A connection lost at that moment: it may have begun, or not.
  host_.start_outcome = {no_connection, "", "", false, false};
  host_.looks = {host_.answer(Phase::none, "", old_active)};
  EXPECT_EQ(run().error->code, "deploy.start");
  host_.looks = {waiting()};
  host_.confirmed = host_.answer(Phase::ended, "switched", wanted_active);
  EXPECT_EQ(run().end, End::switched);
}

TEST_F(DeploymentTest, ADeliveryThatFailsSwitchesNothing) {
  const std::string hail = "cc-ci-deploy 1\n";
  const std::string ready = test::frame('r', write(Ready{"cc-ci 1", true, old_active}));
  const std::vector<std::pair<std::string, std::string>> cases{
      {"Welcome!\n", "deploy.undelivered; deploy.not-cc-ci"},
      {hail, "deploy.cut"},
      {hail + ready, "deploy.cut"},
      {hail + test::frame('e', write(base::fail("deploy.state"))), "deploy.remote"},
      {hail + test::frame('e', write(base::fail("deploy.ended", base::Condition::ended))),
       "deploy.cut"},
      {"", "deploy.unreachable"},
      {"cc-ci-deploy 2\n", "deploy.undelivered; deploy.protocol"},
      {hail + test::frame(
                  'e',
                  write(base::fail("deploy.quiet", base::Condition::silent).with("seconds", 300))),
       "deploy.silent"},
      {hail + test::frame('d', "x"), "deploy.undelivered; deploy.frame"},
      {hail + ready + test::frame('w', std::string(64, 'a') + "\n"),
       "deploy.undelivered; deploy.message"},
      {hail + ready + test::frame('w', "") +
           test::frame('z', write(Done{system_name, std::string(64, '0'), "/p", false})),
       "deploy.differs"},
      {hail + ready + test::frame('w', "") +
           test::frame('z', write(Done{"x-a", digest, "/p", false})),
       "deploy.differs"}};
  for (const auto& [bytes, code] : cases) {
    host_.delivery = bytes;
    const Row row = run();
    EXPECT_EQ(row.end, End::failed) << bytes;
    const std::vector<base::Error>& also = row.error->also;
    const bool here = !also.empty() && row.error->code == "deploy.undelivered";
    EXPECT_EQ(row.error->code + (here ? "; " + also.front().code : ""), code) << bytes;
    EXPECT_EQ(row.error->field("host"), "a") << bytes;
  }
  EXPECT_TRUE(host_.commands.empty());
}

TEST_F(DeploymentTest, ADryRunAsksAndDoesNothing) {
  const Row row = run(true);
  EXPECT_EQ(row.end, End::planned);
  EXPECT_TRUE(host_.commands.empty());
}

TEST_F(DeploymentTest, InterruptedBeforeItsSwitchNothingIsSwitched) {
  interrupted_after_ = 0;
  const Row row = run();
  EXPECT_EQ(row.end, End::failed);
  EXPECT_EQ(row.error->code, "deploy.interrupted");
  EXPECT_TRUE(host_.commands.empty());
}

TEST_F(DeploymentTest, InterruptedInItsSwitchNothingIsConfirmed) {
  host_.looks = {waiting()};
  host_.confirmed = host_.answer(Phase::ended, "switched", wanted_active);
  // After the start, after the look, after the look at its state.
  for (const std::size_t commands : {1U, 2U, 3U}) {
    host_.commands.clear();
    interrupted_after_ = commands;
    const Row row = run();
    EXPECT_EQ(row.end, End::unknown);
    EXPECT_EQ(row.error->code, "deploy.left");
    EXPECT_EQ(host_.count("confirm"), 0U) << commands;
    EXPECT_LE(host_.commands.size(), commands + 1);
  }
}

}  // namespace
}  // namespace ccci::deploy
