// SPDX-License-Identifier: GPL-3.0-or-later
// The protocol on real repositories: claim, fresh clone, verdict.
#include "gate/service.hpp"

#include "base/text.hpp"
#include "rig.hpp"

namespace ccci::gate {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(Claim, ARepositoryWithoutACommitIsNoneYet) {
  const TemporaryDirectory directory;
  run_git(directory.path(), {"init", "-q", "."});
  const auto repository = git::Repository::open(directory.path(), base::real_processes());
  ASSERT_TRUE(repository);
  const auto identity = repository->identity();
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().code, "gate.no-repository");
}

TEST(Claim, RecordsCommitTreeTextsAndSignature) {
  const Rig rig;
  const auto entry = rig.claim(rig.parties.carol);
  ASSERT_TRUE(entry) << entry.error().code;
  const base::Json& payload = entry->record.payload;
  const std::string head = run_git(rig.tree(), {"rev-parse", "HEAD"});
  EXPECT_EQ(payload["commit"].text_or_empty() + "\n", head);
  EXPECT_EQ(payload["texts"]["what"], "it holds");
  EXPECT_EQ(payload["texts"]["checks"][0]["how"], "cat a.txt");
  EXPECT_EQ(payload["texts"]["checks"][0]["expect"]["output"], "hello");
  EXPECT_EQ(payload["digests"].size(), 4U);
  EXPECT_TRUE(entry->record.signed_by(rig.parties.carol.public_key()));
  EXPECT_EQ(rig.status().state, State::claimed);
}

TEST(Claim, RefusesATreeThatIsNotClean) {
  for (const int kind : {0, 1, 2, 3}) {
    const Rig rig;
    if (kind == 0) write(rig.tree() / "a.txt", "changed\n");
    if (kind == 1) write(rig.tree() / "untracked", "x");
    if (kind == 2) fs::remove(rig.tree() / "a.txt");
    if (kind == 3) {
      write(rig.tree() / "staged", "x");
      run_git(rig.tree(), {"add", "staged"});
      run_git(rig.tree(), {"config", "status.showUntrackedFiles", "no"});
    }
    EXPECT_THAT(codes(rig.claim(rig.parties.carol)), ElementsAre("gate.dirty")) << kind;
    EXPECT_FALSE(fs::exists(rig.ledger()));
  }
}

TEST(Claim, AnIgnoredUntrackedSettingDoesNotHideAFile) {
  const Rig rig;
  run_git(rig.tree(), {"config", "status.showUntrackedFiles", "no"});
  write(rig.tree() / "untracked", "x");
  EXPECT_THAT(codes(rig.claim(rig.parties.carol)), ElementsAre("gate.dirty"));
}

TEST(Claim, RefusesWhatIsNotPushed) {
  const Rig rig;
  write(rig.tree() / "a.txt", "more\n");
  rig.commit();
  EXPECT_THAT(codes(rig.claim(rig.parties.carol)), ElementsAre("gate.unpushed"));
  // A remote-tracking branch is only what this machine believes.
  run_git(rig.tree(), {"update-ref", "refs/remotes/origin/main", "HEAD"});
  EXPECT_THAT(codes(rig.claim(rig.parties.carol)), ElementsAre("gate.unpushed"));
  rig.push();
  EXPECT_TRUE(rig.claim(rig.parties.carol));
}

TEST(Claim, AnAncestorOfWhatWasPushedIsPushed) {
  const Rig rig;
  const std::string first = std::string(base::trim(run_git(rig.tree(), {"rev-parse", "HEAD"})));
  rig.push();
  run_git(rig.tree(), {"checkout", "--quiet", "--detach", first});
  EXPECT_TRUE(rig.claim(rig.parties.carol));
}

TEST(Claim, TakesTheTextsFromTheCommit) {
  const Rig rig;
  run_git(rig.tree(), {"update-index", "--assume-unchanged", "gates/demo.toml"});
  write(rig.tree() / "gates/demo.toml", one_check("echo hello", "output = 'hello'"));
  const auto entry = rig.claim(rig.parties.carol);
  ASSERT_TRUE(entry) << entry.error().code;
  EXPECT_EQ(entry->record.payload["texts"]["checks"][0]["how"], "cat a.txt");
}

TEST(Claim, IsNotRedirectedByVariablesOfTheCaller) {
  const Rig rig;
  const Rig other;
  write(rig.tree() / "a.txt", "dirty\n");
  ASSERT_EQ(setenv("GIT_DIR", (other.tree() / ".git").c_str(), 1), 0);
  ASSERT_EQ(setenv("GIT_WORK_TREE", other.tree().c_str(), 1), 0);
  const auto entry = rig.claim(rig.parties.carol);
  unsetenv("GIT_DIR");
  unsetenv("GIT_WORK_TREE");
  EXPECT_THAT(codes(entry), ElementsAre("gate.dirty"));
}

TEST(Claim, RefusesKeysWithoutTheRoleAndUnknownOnes) {
  const Rig rig;
  EXPECT_THAT(codes(rig.claim(rig.parties.bob)), ElementsAre("gate.role"));
  EXPECT_THAT(codes(rig.claim(rig.parties.mallory)), ElementsAre("gate.unknown-key-id"));
}

TEST(Claim, RefusesAnUnknownGateAndAFileThatIsNotThere) {
  const Rig rig;
  EXPECT_THAT(codes(rig.claim(rig.parties.carol, noon, "M2")), ElementsAre("gate.unknown-gate"));
  fs::remove(rig.tree() / "a.txt");
  rig.push();
  EXPECT_THAT(codes(rig.claim(rig.parties.carol)), ElementsAre("gate.where"));
}

TEST(Claim, RefusesAShallowClone) {
  const Rig rig;
  rig.push();
  const fs::path shallow = rig.path("shallow");
  run_git(rig.path("."), {"clone", "--quiet", "--depth", "1", "file://" + rig.remote().native(),
                          shallow.native()});
  EXPECT_THAT(codes(Service::open(shallow, rig.checkpoints(), base::real_processes())),
              ElementsAre("gate.shallow"));
}

TEST(Verify, PassesFromAFreshCloneAndKeepsTheEvidence) {
  const Rig rig;
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  write(rig.tree() / "a.txt", "what stands here does not matter\n");
  const auto verdict = rig.verify(rig.parties.bob);
  ASSERT_TRUE(verdict) << verdict.error().code;
  EXPECT_TRUE(verdict->verification.passed());
  const base::Json& payload = verdict->entry.record.payload;
  EXPECT_EQ(payload["verdict"], "pass");
  const fs::path evidence = rig.tree() / payload["evidence"].text_or_empty();
  EXPECT_EQ(slurp(evidence / "01-one.out"), "hello\n");
  EXPECT_EQ(payload["checks"][0]["seen"]["out"]["digest"], base::sha256("hello\n").hex());
  EXPECT_EQ(rig.status().state, State::passed);
  EXPECT_TRUE(fs::is_empty(rig.scratch()));
}

TEST(Verify, FailsWithTheReproduction) {
  const Rig rig(one_check("cat a.txt", "output = 'good day'"));
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  const auto verdict = rig.verify(rig.parties.bob);
  ASSERT_TRUE(verdict) << verdict.error().code;
  const base::Json& payload = verdict->entry.record.payload;
  EXPECT_EQ(payload["verdict"], "fail");
  EXPECT_EQ(payload["checks"][0]["reasons"],
            base::Json::array({"output: expected 'good day', found 'hello'"}));
  const auto reproduction = payload["reproduction"].text_or_empty();
  EXPECT_THAT(reproduction,
              HasSubstr("git checkout --detach " + payload["commit"].text_or_empty()));
  EXPECT_THAT(reproduction, HasSubstr("\ncat a.txt\n"));
  EXPECT_EQ(rig.status().state, State::failed);
  EXPECT_THAT(rig.status().backlog,
              ElementsAre(Pair("one", "output: expected 'good day', found 'hello'")));
}

TEST(Verify, RefusesTheClaimantAndOthersWithoutTheRole) {
  const Rig rig;
  EXPECT_THAT(codes(rig.verify(rig.parties.bob)), ElementsAre("gate.no-claim"));
  ASSERT_TRUE(rig.claim(rig.parties.alice));
  EXPECT_THAT(codes(rig.verify(rig.parties.alice)), ElementsAre("gate.own-claim"));
  EXPECT_THAT(codes(rig.verify(rig.parties.carol)), ElementsAre("gate.role"));
  EXPECT_THAT(codes(rig.verify(rig.parties.mallory)), ElementsAre("gate.unknown-key-id"));
}

TEST(Verify, IsColdInStateAndVariables) {
  const Rig rig(one_check(
      "state=\"${CC_CI_STATE-/var/lib/cc-ci}\"\n"
      "for place in \"$state\" \"$HOME\" \"$TMPDIR\"; do test -z \"$(ls -A $place)\"; done\n"
      "test -z \"$(git config --global --list 2>/dev/null)\"\n"
      "env | cut -d= -f1 | sort | grep -v CC_CI_STATE | tr '\\n' ' '",
      "output = 'GIT_CONFIG_NOSYSTEM GIT_TERMINAL_PROMPT HOME LANG "
      "NO_COLOR PATH PWD TERM TMPDIR TZ '"));
  ASSERT_EQ(setenv("CCCI_TEST_LEAK", "1", 1), 0);
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  const auto verdict = rig.verify(rig.parties.bob);
  ASSERT_TRUE(verdict) << verdict.error().code;
  EXPECT_THAT(verdict->verification.checks.at(0).reasons, IsEmpty());
}

std::string second_check(const std::string& how, const std::string& expect) {
  return "[[gate.check]]\nname = 'two'\nhow = \"\"\"" + how + "\"\"\"\nexpect = { " + expect +
         " }\n";
}

bool machine_has(const std::string& name) { return fs::exists(fs::path(standard_state) / name); }

TEST(Verify, TheStateStandsAtItsStandardPlaceAndNobodyElseSeesIt) {
  const std::string mark = "of-a-check-" + std::to_string(getpid());
  const Rig rig(
      one_check("echo kept >\"${CC_CI_STATE-/var/lib/cc-ci}/" + mark + "\"", "status = 0") +
      second_check("cat \"${CC_CI_STATE-/var/lib/cc-ci}/" + mark + "\"", "output = 'kept'"));
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  for (const bool in_memory : {false, true}) {
    PlaceWish place;
    place.in_memory = in_memory;
    const auto verdict = rig.verify(rig.parties.bob, place);
    ASSERT_TRUE(verdict) << verdict.error().code;
    EXPECT_TRUE(verdict->verification.passed());
    EXPECT_FALSE(machine_has(mark));
    const base::Json& state = verdict->entry.record.payload["state"];
    if (geteuid() == 0 && state["kind"] == "standard") {
      EXPECT_EQ(state["path"], "/var/lib/cc-ci");
      EXPECT_TRUE(in_memory || !state.contains("memory"));
    } else {
      EXPECT_EQ(state["kind"], "elsewhere");
      EXPECT_THAT(state["note"].text_or_empty(), HasSubstr("their digests differ from the hosts'"));
    }
    EXPECT_TRUE(fs::is_empty(rig.scratch()));
  }
}

TEST(Verify, ALiveGateSeesTheMachinesOwnState) {
  const std::string gate =
      one_check("test -z \"${CC_CI_STATE-}\"; cat /proc/self/mountinfo", "matches = ' / '");
  const std::string live = "live = true\n[[gate.check]]";
  std::string text = gate;
  text.replace(text.find("[[gate.check]]"), 14, live);
  const Rig rig(text);
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  const auto verdict = rig.verify(rig.parties.bob);
  ASSERT_TRUE(verdict) << verdict.error().code;
  EXPECT_TRUE(verdict->verification.passed());
  EXPECT_EQ(verdict->entry.record.payload["state"]["kind"], "live");
  EXPECT_EQ(verdict->verification.checks[0].seen.out.kept, slurp("/proc/self/mountinfo"));
  // Whether a gate is live belongs to HOW: a claim of the one is none of the other.
  EXPECT_NE(digests(read_phase(gate, "a", "a").value().gates[0])["how"],
            digests(read_phase(text, "a", "a").value().gates[0])["how"]);
}

TEST(Verify, BeginsWithTheArchivesThatItIsGiven) {
  const std::string name = std::string(64, 'a') + ".deb";
  const Rig rig(one_check("cd \"${CC_CI_STATE-/var/lib/cc-ci}/archives\"; ls; cat *.deb",
                          "output = \"" + name + "\\nbytes\""));
  write(rig.path("archives") / name, "bytes\n");
  write(rig.path("archives") / "README", "not this one\n");
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  PlaceWish place;
  place.archives = rig.path("archives");
  const auto verdict = rig.verify(rig.parties.bob, place);
  ASSERT_TRUE(verdict) << verdict.error().code;
  EXPECT_THAT(verdict->verification.checks.at(0).reasons, IsEmpty());
  EXPECT_EQ(slurp(rig.path("archives") / name), "bytes\n");
}

TEST(Verify, ClonesSubmodules) {
  const Rig module(one_check("cat a.txt", "output = 'hello'"));
  const Rig rig(one_check("cat module/a.txt", "output = 'hello'"));
  run_git(rig.tree(), {"submodule", "--quiet", "add", module.remote().native(), "module"});
  rig.push();
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  const auto verdict = rig.verify(rig.parties.bob);
  ASSERT_TRUE(verdict) << verdict.error().code << verdict.error().field("cause");
  EXPECT_TRUE(verdict->verification.passed());
}

TEST(Claim, RefusesASubmoduleThatIsNotPushed) {
  const Rig module;
  const Rig rig;
  run_git(rig.tree(), {"submodule", "--quiet", "add", module.remote().native(), "module"});
  rig.push();
  run_git(rig.tree() / "module", {"commit", "--quiet", "--allow-empty", "-m", "here only"});
  EXPECT_THAT(codes(rig.claim(rig.parties.carol)), ElementsAre("gate.dirty"));
  rig.push();
  const auto refused = rig.claim(rig.parties.carol);
  ASSERT_THAT(codes(refused), ElementsAre("gate.unpushed"));
  EXPECT_THAT(std::string(refused.error().field("path")), HasSubstr("module"));
}

TEST(Verify, AClaimOfOtherTextsThanTheCommitsIsFalse) {
  const Rig rig;
  const auto honest = rig.claim(rig.parties.carol);
  ASSERT_TRUE(honest);
  // Signed by hand: an easier check than the commit has.
  Draft draft{Type::claim, noon, honest->record.payload};
  Phase easy = read_phase(one_check("echo hello", "output = 'hello'"), "demo", "x").value();
  draft.payload["texts"] = texts(easy.gates[0]);
  draft.payload["digests"] = digests(easy.gates[0]);
  Ledger ledger(rig.ledger(), "by-hand", Checkpoints(rig.checkpoints()));
  ASSERT_TRUE(ledger.append(draft, rig.parties.carol, rig.parties.trust(),
                            [](const auto&) -> base::Result<void> { return {}; }));
  const auto verdict = rig.verify(rig.parties.bob);
  ASSERT_TRUE(verdict) << verdict.error().code;
  EXPECT_FALSE(verdict->verification.passed());
  EXPECT_THAT(verdict->verification.refusal, HasSubstr("the claim's how differs from"));
  EXPECT_THAT(verdict->verification.checks, IsEmpty());
  EXPECT_EQ(verdict->entry.record.payload["verdict"], "fail");
}

TEST(Verify, AClaimOfOtherRulesThanTheCommitsIsFalse) {
  const Rig rig;
  const auto honest = rig.claim(rig.parties.carol);
  ASSERT_TRUE(honest);
  Draft draft{Type::claim, noon, honest->record.payload};
  draft.payload["rules"]["fresh_for"] = "240h";
  Ledger ledger(rig.ledger(), "by-hand", Checkpoints(rig.checkpoints()));
  ASSERT_TRUE(ledger.append(draft, rig.parties.carol, rig.parties.trust(),
                            [](const auto&) -> base::Result<void> { return {}; }));
  const auto verdict = rig.verify(rig.parties.bob);
  ASSERT_TRUE(verdict) << verdict.error().code;
  EXPECT_THAT(verdict->verification.refusal, HasSubstr("the claim's rules or keys differ"));
}

TEST(Verify, ACommittedLinkSendsNoEvidenceElsewhere) {
  const Rig rig;
  fs::create_directory(rig.path("elsewhere"));
  fs::create_directory_symlink(rig.path("elsewhere"), rig.tree() / "gates/evidence");
  rig.push();
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  EXPECT_FALSE(rig.verify(rig.parties.bob));
  EXPECT_TRUE(fs::is_empty(rig.path("elsewhere")));
}

TEST(Verify, ACommitThatTheRemoteLostIsAnErrorAndNoVerdict) {
  const Rig rig;
  rig.commit();
  run_git(rig.tree(), {"push", "--quiet", "origin", "HEAD:refs/heads/side"});
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  run_git(rig.remote(), {"update-ref", "-d", "refs/heads/side"});
  run_git(rig.remote(), {"gc", "--quiet", "--prune=now"});
  const auto verdict = rig.verify(rig.parties.bob);
  EXPECT_THAT(codes(verdict), ElementsAre("gate.clone"));
  EXPECT_EQ(rig.service().log()->entries.size(), 1U);
  EXPECT_TRUE(fs::is_empty(rig.scratch()));
}

TEST(Verify, AHangingCheckIsEndedAndTheOthersStillRun) {
  const Rig rig(
      one_check("setsid sleep 1000 & sleep 1000", "status = 0") + "time_limit = '1s'\n" +
      "[[gate.check]]\nname = 'two'\nhow = 'yes | head -c 3000000'\n"
      "expect = { matches = 'y' }\n"
      "[[gate.check]]\nname = 'three'\nhow = 'cat a.txt'\nexpect = { same_as = 'cat ./a.txt' }\n");
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  const auto verdict = rig.verify(rig.parties.bob);
  ASSERT_TRUE(verdict) << verdict.error().code;
  const auto& checks = verdict->verification.checks;
  ASSERT_EQ(checks.size(), 3U);
  EXPECT_TRUE(checks[0].seen.timed_out);
  EXPECT_FALSE(checks[1].held());
  EXPECT_EQ(checks[1].seen.out.total, 3000000U);
  EXPECT_TRUE(checks[2].held()) << checks[2].reasons[0];
  const base::Json& seen = verdict->entry.record.payload["checks"][1]["seen"]["out"];
  EXPECT_EQ(seen["bytes"], 3000000);
  EXPECT_EQ(seen["kept"], 1U << 20U);
  const fs::path evidence = rig.tree() / verdict->evidence;
  EXPECT_EQ(fs::file_size(evidence / "02-two.out"), 1U << 20U);
  EXPECT_EQ(seen["digest"], base::sha256(slurp(evidence / "02-two.out")).hex());
  EXPECT_EQ(slurp(evidence / "03-three.same.out"), "hello\n");
}

TEST(Verify, AltersNothingOfWhatItVerifies) {
  const Rig rig(
      one_check("echo changed > a.txt; git -C . commit -q -a -m x || git config --get user.name",
                "status = 0"));
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  const std::string refs = run_git(rig.remote(), {"for-each-ref"});
  const std::string head = run_git(rig.tree(), {"rev-parse", "HEAD"});
  ASSERT_TRUE(rig.verify(rig.parties.bob));
  EXPECT_EQ(run_git(rig.remote(), {"for-each-ref"}), refs);
  EXPECT_EQ(run_git(rig.tree(), {"rev-parse", "HEAD"}), head);
  EXPECT_EQ(slurp(rig.tree() / "a.txt"), "hello\n");
  EXPECT_EQ(run_git(rig.tree(), {"status", "--porcelain", "--untracked-files=normal"}),
            "?? gates/evidence/\n?? gates/ledger.jsonl\n");
}

std::string two_gates() {
  std::string second = one_check("cat a.txt", "output = 'hello'");
  second.replace(second.find("M1"), 2, "M2");
  return one_check("cat a.txt", "output = 'hello'") + second;
}

TEST(Gates, TheNextOneStaysClosedUntilThisOnePassed) {
  const Rig rig(two_gates());
  EXPECT_THAT(codes(rig.claim(rig.parties.carol, noon, "M2")), ElementsAre("gate.closed"));
  EXPECT_FALSE(fs::exists(rig.ledger()));  // a refusal leaves the tree as clean as it was
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  ASSERT_TRUE(rig.verify(rig.parties.bob));
  rig.push();  // the ledger and the evidence
  EXPECT_THAT(codes(rig.claim(rig.parties.carol, noon + 25h, "M2")), ElementsAre("gate.closed"));
  EXPECT_TRUE(rig.claim(rig.parties.carol, noon + 23h, "M2"));
}

TEST(Gates, AVetoClosesAndItsWithdrawalOpens) {
  const Rig rig(two_gates());
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  ASSERT_TRUE(rig.verify(rig.parties.bob));
  EXPECT_THAT(codes(rig.service().withdraw("M1", rig.parties.bob, noon, "x")),
              ElementsAre("gate.no-veto"));
  EXPECT_THAT(codes(rig.service().veto("M1", rig.parties.bob, noon, "  ")),
              ElementsAre("gate.reason"));
  EXPECT_THAT(codes(rig.service().veto("M1", rig.parties.carol, noon, "x")),
              ElementsAre("gate.role"));
  ASSERT_TRUE(rig.service().veto("M1", rig.parties.bob, noon, "it leaks"));
  EXPECT_EQ(rig.status().state, State::vetoed);
  EXPECT_EQ(rig.status(noon, "M2").state, State::closed);
  EXPECT_THAT(codes(rig.service().withdraw("M1", rig.parties.alice, noon, "x")),
              ElementsAre("gate.no-veto"));
  ASSERT_TRUE(rig.service().withdraw("M1", rig.parties.bob, noon, "fixed"));
  EXPECT_EQ(rig.status(noon, "M2").state, State::open);
}

TEST(Gates, TwoClonesShareTheCheckpoint) {
  const Rig rig;
  ASSERT_TRUE(rig.claim(rig.parties.carol));
  rig.push();
  const fs::path clone = rig.path("clone");
  run_git(rig.path("."), {"clone", "--quiet", rig.remote().native(), clone.native()});
  auto service = Service::open(clone, rig.checkpoints(), base::real_processes());
  ASSERT_TRUE(service);
  EXPECT_TRUE(service->log()->against_checkpoint);
  fs::remove(clone / "gates/ledger.jsonl");
  EXPECT_EQ(service->log()->findings.at(0).code, "gate.ledger-truncated");
}

TEST(Gates, RefuseOneNameInTwoPhasesAndABrokenPhase) {
  const Rig rig;
  write(rig.tree() / "gates/other.toml", one_check("ls", "status = 0"));
  EXPECT_THAT(codes(Service::open(rig.tree(), rig.checkpoints(), base::real_processes())),
              ElementsAre("gate.ambiguous"));
  write(rig.tree() / "gates/other.toml", "x = 1\n");
  EXPECT_THAT(codes(Service::open(rig.tree(), rig.checkpoints(), base::real_processes())),
              ElementsAre("gate.unknown-key", "gate.missing"));
  EXPECT_THAT(codes(Service::open(rig.path("."), rig.checkpoints(), base::real_processes())),
              ElementsAre("gate.no-repository"));
}

}  // namespace
}  // namespace ccci::gate
