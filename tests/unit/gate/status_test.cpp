// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/status.hpp"

#include "gate/rules.hpp"
#include "rig.hpp"

namespace ccci::gate {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

class StatusTest : public testing::Test {
 protected:
  static std::string gate_text(const std::string& name) {
    return "[[gate]]\nname = '" + name +
           "'\nwhat = 'w'\nwhere = ['a']\n[[gate.check]]\nname = 'one'\nhow = 'ls'\n"
           "expect = { status = 0 }\n[[gate.check]]\nname = 'two'\nhow = 'ls'\n"
           "expect = { output = 'x' }\n";
  }

  void add(Type type, const PrivateKey& key, base::Json payload, Time time = noon,
           const std::string& gate = "M1") {
    Entry entry;
    entry.record.seq = entries_.size() + 1;
    entry.record.type = type;
    entry.record.time = time;
    base::Json whole{{"phase", "p"}, {"gate", gate}};
    whole.update(payload);
    entry.record.payload = whole;
    entry.record.sign(key);
    entry.digest = entry.record.digest();
    entries_.push_back(entry);
  }
  void claim(const PrivateKey& key, const std::string& gate = "M1", Time time = noon) {
    add(Type::claim, key,
        {{"commit", std::string(40, 'a')},
         {"digests", digests(*phase_.find(gate))},
         {"rules", rules(phase_, gate, trust_)}},
        time, gate);
    last_claim_ = entries_.back();
  }
  void verdict(const PrivateKey& key, bool pass, Time time = noon, const std::string& gate = "M1") {
    base::Json checks = base::Json::array();
    checks.push_back({{"name", "one"}, {"held", true}});
    checks.push_back({{"name", "two"}, {"held", pass}});
    if (!pass) checks[1]["reasons"] = {"output: expected 'x', found 'y'"};
    const base::Json payload{
        {"claim", {{"seq", last_claim_.record.seq}, {"digest", last_claim_.digest.hex()}}},
        {"verdict", pass ? "pass" : "fail"},
        {"checks", checks}};
    add(Type::verdict, key, payload, time, gate);
  }
  GateStatus m1(Time now = noon) const { return *status(phase_, entries_, trust_, now).find("M1"); }
  State state(const std::string& gate, Time now = noon) const {
    return status(phase_, entries_, trust_, now).find(gate)->state;
  }

  Parties parties_;
  Trust trust_ = parties_.trust();
  Phase phase_ =
      read_phase("title = 't'\n" + gate_text("M1") + gate_text("M2"), "p", "p.toml").value();
  std::vector<Entry> entries_;
  Entry last_claim_;
};

TEST_F(StatusTest, FromOpenToPassedAndTheNextGateOpens) {
  EXPECT_EQ(state("M1"), State::open);
  EXPECT_EQ(state("M2"), State::closed);
  claim(parties_.carol);
  EXPECT_EQ(state("M1"), State::claimed);
  EXPECT_THAT(m1().backlog, ElementsAre(Pair("one", "not verified"), Pair("two", "not verified")));
  verdict(parties_.bob, true);
  EXPECT_EQ(state("M1"), State::passed);
  EXPECT_EQ(state("M2"), State::open);
  EXPECT_FALSE(status(phase_, entries_, trust_, noon).done());
  claim(parties_.carol, "M2");
  verdict(parties_.bob, true, noon, "M2");
  EXPECT_TRUE(status(phase_, entries_, trust_, noon).done());
}

TEST_F(StatusTest, APassIsFreshForADayAndNotASecondLonger) {
  claim(parties_.carol);
  verdict(parties_.bob, true);
  EXPECT_EQ(state("M1", noon + 24h), State::passed);
  EXPECT_EQ(state("M1", noon + 24h + 1s), State::stale);
  EXPECT_EQ(state("M2", noon + 24h + 1s), State::closed);
  verdict(parties_.bob, true, noon + 25h);
  EXPECT_EQ(state("M1", noon + 26h), State::passed);
}

TEST_F(StatusTest, APassFromTheFutureDoesNotCount) {
  claim(parties_.carol);
  verdict(parties_.bob, true, noon + 48h);
  EXPECT_EQ(state("M1"), State::claimed);
  EXPECT_THAT(m1().ignored, SizeIs(1));
}

TEST_F(StatusTest, RulesThatChangeAfterTheClaimShowAsSuch) {
  claim(parties_.carol);
  verdict(parties_.bob, true);
  phase_.fresh_for = 240h;
  EXPECT_EQ(state("M1", noon + 30h), State::changed);
  EXPECT_THAT(m1().reason, HasSubstr("fresh_for was 1d in the claim, now it is 10d"));
  phase_.fresh_for = 24h;
  EXPECT_EQ(state("M1"), State::passed);
  claim(parties_.carol, "M2");
  std::swap(phase_.gates[0], phase_.gates[1]);
  EXPECT_EQ(state("M1"), State::closed);
  claim(parties_.carol, "M2");
  verdict(parties_.bob, true, noon, "M2");
  EXPECT_EQ(state("M1"), State::changed);
  EXPECT_THAT(m1().reason,
              HasSubstr("the gates before it were none in the claim, now they are M2"));
}

TEST_F(StatusTest, AClaimWithoutRulesDoesNotCount) {
  add(Type::claim, parties_.carol, {{"digests", digests(phase_.gates[0])}});
  last_claim_ = entries_.back();
  verdict(parties_.bob, true);
  EXPECT_EQ(state("M1"), State::changed);
}

TEST_F(StatusTest, AKeyThatIsAddedAfterTheClaimCannotPassIt) {
  claim(parties_.carol);
  trust_ =
      read_trust(parties_.keys() + party_text("eve", parties_.mallory, "'verify'"), "k").value();
  verdict(parties_.mallory, true);
  EXPECT_EQ(state("M1"), State::claimed);
  ASSERT_THAT(m1().ignored, SizeIs(1));
  EXPECT_THAT(m1().ignored[0].text, HasSubstr("added after the claim"));
  // A new claim names the key, and the status says that it came later.
  claim(parties_.carol);
  verdict(parties_.mallory, true);
  EXPECT_EQ(state("M1"), State::passed);
  EXPECT_THAT(m1().reason, HasSubstr("PASS by eve, whose key was added after the first claim"));
  EXPECT_THAT(m1().added_verifiers, ElementsAre("eve"));
}

TEST_F(StatusTest, NobodyCertifiesTheirOwnClaim) {
  claim(parties_.alice);
  verdict(parties_.alice, true);
  EXPECT_EQ(state("M1"), State::claimed);
  ASSERT_THAT(m1().ignored, SizeIs(1));
  EXPECT_THAT(m1().ignored[0].text, HasSubstr("claimed this gate"));
  // Nor one that somebody else claimed again.
  claim(parties_.carol);
  verdict(parties_.alice, true);
  EXPECT_EQ(state("M1"), State::claimed);
  verdict(parties_.bob, true);
  EXPECT_EQ(state("M1"), State::passed);
}

TEST_F(StatusTest, AKeyWithoutTheRoleCountsForNothing) {
  claim(parties_.bob);  // may verify only
  EXPECT_EQ(state("M1"), State::open);
  claim(parties_.alice);
  verdict(parties_.carol, true);  // may claim only
  EXPECT_EQ(state("M1"), State::claimed);
  add(Type::veto, parties_.carol, {{"reason", "no"}});
  EXPECT_THAT(m1().vetoes, IsEmpty());
}

TEST_F(StatusTest, AFailStandsUntilTheSameKeySaysPass) {
  trust_ =
      read_trust(parties_.keys() + party_text("dave", parties_.mallory, "'verify'"), "k").value();
  claim(parties_.carol);
  verdict(parties_.bob, false);
  EXPECT_EQ(state("M1"), State::failed);
  EXPECT_THAT(m1().backlog, ElementsAre(Pair("two", "output: expected 'x', found 'y'")));
  verdict(parties_.mallory, true);
  EXPECT_EQ(state("M1"), State::failed);
  verdict(parties_.bob, true);
  EXPECT_EQ(state("M1"), State::passed);
}

TEST_F(StatusTest, ANewClaimNeedsANewVerdict) {
  claim(parties_.carol);
  verdict(parties_.bob, true);
  claim(parties_.carol);
  EXPECT_EQ(state("M1"), State::claimed);
}

TEST_F(StatusTest, AVerdictOnAnotherClaimDoesNotCount) {
  claim(parties_.carol);
  verdict(parties_.bob, true);
  entries_.back().record.payload["claim"]["digest"] = std::string(64, '0');
  EXPECT_EQ(state("M1"), State::claimed);
}

TEST_F(StatusTest, AVetoStandsOverLaterClaimsUntilItsKeyWithdrawsIt) {
  claim(parties_.carol);
  verdict(parties_.bob, true);
  add(Type::veto, parties_.bob, {{"reason", "leaks"}});
  EXPECT_EQ(state("M1"), State::vetoed);
  EXPECT_EQ(state("M2"), State::closed);
  claim(parties_.carol);
  verdict(parties_.bob, true);
  EXPECT_EQ(state("M1"), State::vetoed);
  add(Type::withdrawal, parties_.alice, {{"reason", "not mine"}});
  EXPECT_EQ(state("M1"), State::vetoed);
  add(Type::withdrawal, parties_.bob, {{"reason", "fixed"}});
  EXPECT_EQ(state("M1"), State::passed);
}

TEST_F(StatusTest, AVetoIsOverruledByTakingTheRoleFromItsKey) {
  add(Type::veto, parties_.bob, {{"reason", "leaks"}});
  EXPECT_EQ(state("M1"), State::vetoed);
  trust_ = read_trust(party_text("bob", parties_.bob, ""), "k").value();
  EXPECT_EQ(state("M1"), State::open);
  EXPECT_THAT(m1().ignored, SizeIs(1));
}

TEST_F(StatusTest, ARightThatIsTakenAfterTheClaimIsAChange) {
  const Trust before =
      read_trust(parties_.keys() + party_text("eve", parties_.mallory, "'verify'"), "k").value();
  const Trust without =
      read_trust(parties_.keys() + party_text("eve", parties_.mallory, ""), "k").value();
  trust_ = before;
  claim(parties_.carol);
  verdict(parties_.bob, true);
  EXPECT_EQ(state("M1"), State::passed);
  for (const Trust& now : {without, parties_.trust()}) {
    trust_ = now;
    EXPECT_EQ(state("M1"), State::changed);
    EXPECT_THAT(m1().reason, HasSubstr("the key of eve could verify when it was claimed"));
  }
}

TEST_F(StatusTest, TheVetoAndTheFailOfAKeyThatLostItsRightHoldUntilANewClaim) {
  const Trust before =
      read_trust(parties_.keys() + party_text("eve", parties_.mallory, "'verify'"), "k").value();
  const Trust without =
      read_trust(parties_.keys() + party_text("eve", parties_.mallory, ""), "k").value();
  trust_ = before;
  claim(parties_.carol);
  verdict(parties_.bob, true);
  verdict(parties_.mallory, false);
  add(Type::veto, parties_.mallory, {{"reason", "leaks"}});
  trust_ = without;
  EXPECT_EQ(state("M1"), State::vetoed);
  EXPECT_THAT(m1().vetoes, SizeIs(1));
  EXPECT_THAT(m1().verdicts, SizeIs(2));
  // The PASS of such a key never counts, and it takes back the FAIL of the same key.
  verdict(parties_.mallory, true);
  EXPECT_THAT(m1().verdicts, SizeIs(1));
  EXPECT_THAT(m1().ignored, SizeIs(1));
  claim(parties_.carol);
  EXPECT_EQ(state("M1"), State::claimed);
  EXPECT_THAT(m1().ignored, SizeIs(1));  // the veto
  verdict(parties_.bob, true);
  EXPECT_EQ(state("M1"), State::passed);
}

TEST_F(StatusTest, OtherTextsNeedAnotherClaim) {
  claim(parties_.carol);
  verdict(parties_.bob, true);
  phase_.gates[0].checks[1].expect.output = "y";
  EXPECT_EQ(state("M1"), State::changed);
}

TEST_F(StatusTest, APassThatLeavesACheckOutIsNone) {
  claim(parties_.carol);
  verdict(parties_.bob, true);
  base::Json& payload = entries_.back().record.payload;
  payload["checks"] = base::Json::array({payload["checks"][0]});
  EXPECT_EQ(state("M1"), State::failed);
  EXPECT_THAT(m1().backlog, ElementsAre(Pair("two", "not verified")));
}

TEST_F(StatusTest, AnyPayloadIsRead) {
  claim(parties_.carol);
  for (const char* text : {R"({"claim":3})", R"({"claim":{"seq":1,"digest":7}})",
                           R"({"checks":"x","verdict":[]})", R"({"reason":{}})"}) {
    for (const Type type : {Type::claim, Type::verdict, Type::veto, Type::withdrawal}) {
      const auto before = entries_;
      add(type, parties_.alice, base::Json::parse(text).value());
      const Status now = status(phase_, entries_, trust_, noon);
      EXPECT_FALSE(now.done()) << text;
      EXPECT_FALSE(markdown(now).empty());
      EXPECT_FALSE(to_json(now).dump().empty());
      entries_ = before;
    }
  }
}

TEST_F(StatusTest, ThePageTellsPhaseGateClaimVerdictAndBacklog) {
  claim(parties_.carol);
  verdict(parties_.bob, false);
  const std::string page = markdown(status(phase_, entries_, trust_, noon));
  for (const char* part : {"# Phase p", "## Gate M1", "State: **failed**",
                           "| M1 | failed | `aaaaaaaaaaaa` | FAIL | 1 of 2 |",
                           "| M2 | closed | none | none | 2 of 2 |", "WHAT:", "WHERE:", "HOW:",
                           "EXPECTED:", "- FAIL, bob, 2026-11-22T12:00:00Z (record 2)",
                           "- two: output\\: expected 'x', found 'y'"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST_F(StatusTest, ThePageTakesTextAsText) {
  phase_.gates[0].what = "<script>x</script>\n# head\n[a](javascript:b) | cell\n\x1b[2J";
  phase_.gates[0].checks[0].how.script = "echo '```'\n# not a heading";
  claim(parties_.carol);
  entries_.back().record.payload["commit"] = "`**x**<b>";
  add(Type::veto, parties_.bob, {{"reason", "</li>\n\n# PASS `x`"}});
  const std::string page = markdown(status(phase_, entries_, trust_, noon));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, Not(HasSubstr("\n# head")));
  EXPECT_THAT(page, Not(HasSubstr("](javascript")));
  EXPECT_THAT(page, Not(HasSubstr("\n# PASS")));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, HasSubstr("````\necho '```'\n# not a heading\n````\n"));
}

TEST_F(StatusTest, TheMachineFormIsVersioned) {
  const base::Json json = to_json(status(phase_, entries_, trust_, noon));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["gates"][0]["state"], "open");
  EXPECT_TRUE(json["gates"][0]["claim"].is_null());
}

}  // namespace
}  // namespace ccci::gate
