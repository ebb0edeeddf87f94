// SPDX-License-Identifier: GPL-3.0-or-later
// SIGKILL before each call that the writer of a ledger makes: what was acknowledged stays, the
// chain has no fork, and what is torn is found and repaired.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.hpp"
#include "gate/ledger.hpp"
#include "rig.hpp"

namespace ccci::gate {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* place_variable = "CCCI_TEST_LEDGER";
const Ledger::Allows anything = [](const std::vector<Entry>&) -> base::Result<void> { return {}; };

Ledger ledger_in(const fs::path& place) {
  return {place / "ledger.jsonl", "demo", Checkpoints(place / "checkpoints")};
}

base::Result<Entry> append(const fs::path& place, const PrivateKey& key, const Trust& trust,
                           int number) {
  const Draft draft{Type::veto,
                    noon + std::chrono::minutes(number),
                    {{"phase", "p"}, {"gate", "M1"}, {"reason", std::to_string(number)}}};
  return ledger_in(place).append(draft, key, trust, anything);
}

// Not a test of its own: what the other one kills. It acknowledges as a command would, by output.
TEST(LedgerKill, DISABLED_Victim) {
  const char* given = std::getenv(place_variable);
  ASSERT_NE(given, nullptr);
  const fs::path place = given;
  const auto key = PrivateKey::from_pem(slurp(place / "key"), "key");
  const auto trust = read_trust(slurp(place / "keys.toml"), "keys.toml");
  ASSERT_TRUE(key && trust);
  for (int number = 1; number <= 3; ++number) {
    const auto entry = append(place, *key, *trust, number);
    ASSERT_TRUE(entry) << entry.error().code;
    std::ofstream(place / "acknowledged", std::ios::app) << entry->digest.hex() << "\n";
  }
}

class LedgerKilled : public testing::Test {
 protected:
  void begin() {
    fs::remove_all(place());
    fs::create_directories(place());
    write(place() / "key", key_.pem());
    write(place() / "keys.toml", party_text("bob", key_, "'verify'"));
  }

  // True: killed there. False: it lived to the end.
  bool killed_at(const std::string& call, int nth) const {
    base::Command command;
    command.argv = {"strace",
                    "-f",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-e",
                    "trace=" + call,
                    "-e",
                    "inject=" + call + ":signal=KILL:when=" + std::to_string(nth),
                    fs::read_symlink("/proc/self/exe").native(),
                    "--gtest_brief=1",
                    "--gtest_also_run_disabled_tests",
                    "--gtest_filter=LedgerKill.DISABLED_Victim"};
    command.environment = {place_variable + std::string("=") + place().native(),
                           "ASAN_OPTIONS=detect_leaks=0"};
    command.time_limit = std::chrono::seconds(60);
    const auto outcome = base::real_processes().run(command);
    EXPECT_TRUE(outcome && (outcome->status == 0 || outcome->status == 128 + SIGKILL));
    return outcome && outcome->status != 0;
  }

  std::vector<std::string> acknowledged() const {
    std::vector<std::string> lines;
    const std::string text = slurp(place() / "acknowledged");
    for (const std::string_view line : base::split(text, '\n')) {
      if (line.size() == 64) lines.emplace_back(line);
    }
    return lines;
  }

  // What a person would do next: look, repair what is torn, go on.
  void go_on(const std::string& where) {
    const Trust trust = read_trust(slurp(place() / "keys.toml"), "keys.toml").value();
    Ledger ledger = ledger_in(place());
    auto audit = ledger.read(trust);
    ASSERT_TRUE(audit) << where << audit.error().code;
    std::vector<std::string> findings;
    for (const base::Error& finding : audit->findings) findings.push_back(finding.code);
    ASSERT_THAT(findings, AnyOf(IsEmpty(), ElementsAre("gate.ledger-torn"))) << where;
    if (!findings.empty()) {
      ASSERT_TRUE(ledger.repair(trust)) << where;
    }
    const auto entries = ledger.entries(trust);
    ASSERT_TRUE(entries) << where << entries.error().code;
    const std::vector<std::string> kept = acknowledged();
    ASSERT_LE(kept.size(), entries->size()) << where;
    ASSERT_GE(kept.size() + 1, entries->size()) << where << ": at most one that nobody was told of";
    for (std::size_t i = 0; i < kept.size(); ++i) {
      EXPECT_EQ((*entries)[i].digest.hex(), kept[i]) << where;
    }
    const auto next = append(place(), key_, trust, 9);
    ASSERT_TRUE(next) << where << next.error().code;
    EXPECT_EQ(next->record.seq, entries->size() + 1) << where;
    EXPECT_TRUE(ledger.entries(trust)) << where;
  }

  fs::path place() const { return home_.path() / "place"; }

  TemporaryDirectory home_;
  PrivateKey key_ = PrivateKey::generate();
};

TEST_F(LedgerKilled, BeforeEachCallThatWrites) {
  base::Command probe;
  probe.argv = {"strace", "-qq", "-o", "/dev/null", "true"};
  const auto strace = base::real_processes().run(probe);
  if (!strace || strace->status != 0) GTEST_SKIP() << "strace is not there or may not trace";
  for (const char* call : {"write", "fsync", "/^rename", "flock", "mkdir"}) {
    int nth = 1;
    for (begin(); killed_at(call, nth); ++nth, begin()) {
      // Some 20; UBSan adds a hundred writes to a pipe, its way to ask whether memory is readable.
      ASSERT_LT(nth, 300) << call;
      go_on(call + std::string(" ") + std::to_string(nth));
      if (HasFatalFailure()) return;
    }
    EXPECT_EQ(acknowledged().size(), 3U) << call;  // it lived
    EXPECT_GT(nth, 1) << call << ": never made, so it would prove nothing";
  }
}

// Half a line, as a power loss leaves it, and then the writer killed while it is repaired.
TEST_F(LedgerKilled, WhileTornIsNeverLengthened) {
  begin();
  const Trust trust = read_trust(slurp(place() / "keys.toml"), "keys.toml").value();
  ASSERT_TRUE(append(place(), key_, trust, 1));
  const std::string whole = slurp(place() / "ledger.jsonl");
  std::ofstream(place() / "ledger.jsonl", std::ios::app) << whole.substr(0, 40);
  EXPECT_THAT(codes(append(place(), key_, trust, 2)), ElementsAre("gate.ledger-torn"));
  EXPECT_EQ(ledger_in(place()).repair(trust)->bytes, 40U);
  EXPECT_EQ(slurp(place() / "ledger.jsonl"), whole);
  EXPECT_EQ(append(place(), key_, trust, 2)->record.seq, 2U);
}

}  // namespace
}  // namespace ccci::gate
