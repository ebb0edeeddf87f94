// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/ledger.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/text.hpp"
#include "rig.hpp"

namespace ccci::gate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Ledger::Allows allows_anything = [](const std::vector<Entry>&) -> base::Result<void> {
  return {};
};

class LedgerTest : public testing::Test {
 protected:
  Ledger ledger(base::Disk& disk = base::real_disk()) const {
    return {file(), "demo", Checkpoints(home_.path() / "checkpoints"), disk};
  }
  fs::path file() const { return home_.path() / "ledger.jsonl"; }
  fs::path checkpoint() const { return home_.path() / "checkpoints/demo"; }

  void append(int count) {
    for (int i = 0; i < count; ++i) {
      const Draft draft{i % 3 == 0 ? Type::claim : Type::veto,
                        noon + std::chrono::minutes(i),
                        {{"phase", "p"}, {"gate", "M1"}, {"reason", "r" + std::to_string(i)}}};
      const auto entry = ledger().append(draft, i % 2 == 0 ? parties_.alice : parties_.bob, trust_,
                                         allows_anything);
      ASSERT_TRUE(entry) << entry.error().code;
    }
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    const std::string text = slurp(file());
    for (const std::string_view line : base::split(text, '\n')) {
      if (!line.empty()) lines.emplace_back(line);
    }
    return lines;
  }
  void put(const std::vector<std::string>& lines) const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    write(file(), text);
  }
  // "code:line" of every finding, as a machine sees it that never saw this ledger.
  std::vector<std::string> found(bool with_checkpoint = false) {
    if (!with_checkpoint) fs::remove(checkpoint());
    const auto audit = ledger().read(trust_);
    std::vector<std::string> all;
    if (!audit) return {audit.error().code};
    for (const base::Error& finding : audit->findings) {
      all.push_back(finding.code + ":" + std::to_string(finding.where.at(0).line));
    }
    return all;
  }

  TemporaryDirectory home_;
  Parties parties_;
  Trust trust_ = parties_.trust();
};

TEST_F(LedgerTest, KeepsWhatWasAppended) {
  append(5);
  EXPECT_THAT(found(true), IsEmpty());
  const auto entries = ledger().entries(trust_);
  ASSERT_EQ(entries->size(), 5U);
  EXPECT_EQ(entries->at(4).record.payload["reason"], "r4");
  EXPECT_EQ(entries->at(4).record.previous, entries->at(3).digest);
  EXPECT_EQ(entries->at(0).record.previous, base::Digest{});
}

TEST_F(LedgerTest, AMissingFileIsAnEmptyLedgerUntilItWasSeen) {
  EXPECT_THAT(found(), IsEmpty());
  append(2);
  fs::remove(file());
  EXPECT_THAT(found(true), ElementsAre("gate.ledger-truncated:1"));
}

TEST_F(LedgerTest, EveryByteThatIsChangedIsFoundOnItsLine) {
  append(3);
  const std::string whole = slurp(file());
  const std::size_t begin = whole.find('\n') + 1;
  const std::size_t end = whole.find('\n', begin);
  for (std::size_t i = begin; i < end; ++i) {
    std::string text = whole;
    text[i] = text[i] == '0' ? '1' : '0';
    write(file(), text);
    const auto all = found();
    ASSERT_FALSE(all.empty()) << i;
    EXPECT_TRUE(all.front().ends_with(":2")) << i << " " << all.front();
  }
}

TEST_F(LedgerTest, AnEditedRecordIsNamed) {
  append(4);
  auto all = lines();
  all[1].replace(all[1].find("\"r1\""), 4, "\"rX\"");
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-edited:2"));
}

TEST_F(LedgerTest, AnotherSpellingIsNoRecord) {
  append(3);
  const auto all = lines();
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"{\"seq\"", "{ \"seq\""},
           {"\"seq\":2", "\"seq\":2.0"},
           {"\"seq\":2", "\"seq\":9,\"seq\":2"},
           {"\"reason\":\"r1\"", "\"reason\":\"\\u0072\\u0031\""},
           {"\"signature\"", "\"extra\":1,\"signature\""},
           {"}", "}\r"}}) {
    auto changed = all;
    changed[1].replace(changed[1].rfind(from), from.size(), to);
    put(changed);
    EXPECT_THAT(found(), ElementsAre("gate.ledger-malformed:2")) << to;
  }
}

TEST_F(LedgerTest, ADroppedRecordIsNamed) {
  append(5);
  auto all = lines();
  all.erase(all.begin() + 1, all.begin() + 3);
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-dropped:2"));
  EXPECT_EQ(ledger().read(trust_)->findings[0].field("last"), "3");
}

TEST_F(LedgerTest, TheFirstRecordDroppedIsNamed) {
  append(3);
  auto all = lines();
  all.erase(all.begin());
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-dropped:1"));
}

TEST_F(LedgerTest, ReorderedRecordsAreNamed) {
  append(4);
  auto all = lines();
  std::swap(all[1], all[2]);
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-reordered:2", "gate.ledger-reordered:3"));
}

TEST_F(LedgerTest, ADuplicateIsNamed) {
  append(3);
  auto all = lines();
  all.push_back(all[1]);
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-duplicate:4"));
  all.pop_back();
  all.insert(all.begin() + 1, all[0]);
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-duplicate:2"));
}

TEST_F(LedgerTest, TwoRecordsOfOneNumberAreAFork) {
  append(2);
  const auto short_ledger = lines();
  append(1);
  auto all = lines();
  put(short_ledger);
  fs::remove(checkpoint());
  ASSERT_TRUE(ledger().append({Type::veto, noon, {{"reason", "other"}}}, parties_.bob, trust_,
                              allows_anything));
  all.push_back(lines().back());
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-fork:4"));
}

TEST_F(LedgerTest, TruncationNeedsTheCheckpoint) {
  append(4);
  auto all = lines();
  all.resize(2);
  put(all);
  EXPECT_THAT(found(true), ElementsAre("gate.ledger-truncated:3"));
  EXPECT_THAT(found(false), IsEmpty());
}

TEST_F(LedgerTest, ARewoundAndRegrownLedgerIsRefusedByTheCheckpoint) {
  append(3);
  auto all = lines();
  all.pop_back();
  put(all);
  const std::string seen = slurp(checkpoint());
  fs::remove(checkpoint());
  ASSERT_TRUE(ledger().append({Type::veto, noon, {{"reason", "no"}}}, parties_.bob, trust_,
                              allows_anything));
  write(checkpoint(), seen);
  EXPECT_THAT(found(true), ElementsAre("gate.ledger-rewritten:3"));
}

TEST_F(LedgerTest, ARecordReplacedByItsOwnSignerBreaksTheChain) {
  append(3);
  auto all = lines();
  Record record = parse_record(all[1]).record;
  record.payload["reason"] = "I never said that";
  record.sign(parties_.bob);
  all[1] = record.line();
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-chain:3"));
}

TEST_F(LedgerTest, AWrongKeyIsNamed) {
  append(3);
  auto all = lines();
  Record record = parse_record(all[2]).record;  // by alice
  record.signature = parties_.carol.sign(signed_bytes(type_name(record.type), record.body()));
  all[2] = record.line();
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-wrong-key:3"));
  record.signature = parties_.mallory.sign(signed_bytes(type_name(record.type), record.body()));
  all[2] = record.line();
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-edited:3"));
  record.sign(parties_.mallory);
  all[2] = record.line();
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-unknown-key:3"));
}

TEST_F(LedgerTest, ASwappedTypeIsNamed) {
  append(3);
  auto all = lines();
  all[2].replace(all[2].find("\"veto\""), 6, "\"verdict\"");
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-type:3"));
}

TEST_F(LedgerTest, AnotherEntrysSignatureIsNamed) {
  append(3);
  auto all = lines();
  Record record = parse_record(all[2]).record;
  record.signature = parse_record(all[0]).record.signature;  // of the same key
  all[2] = record.line();
  put(all);
  EXPECT_THAT(found(), ElementsAre("gate.ledger-borrowed:3"));
}

TEST_F(LedgerTest, ADamagedLedgerIsNeverLengthened) {
  append(3);
  auto all = lines();
  all[1].replace(all[1].find("\"r1\""), 4, "\"rX\"");
  put(all);
  const std::string before = slurp(file());
  const auto entry = ledger().append({Type::veto, noon, base::Json::object()}, parties_.bob, trust_,
                                     allows_anything);
  EXPECT_EQ(codes(entry).front(), "gate.ledger-edited");
  EXPECT_EQ(slurp(file()), before);
}

TEST_F(LedgerTest, ATornAppendIsFoundAtEachByteAndRepairKeepsAllThatWasAcknowledged) {
  append(2);
  const std::string acknowledged = slurp(file());
  const std::string seen = slurp(checkpoint());
  append(1);
  const std::string whole = slurp(file());
  for (std::size_t size = acknowledged.size() + 1; size < whole.size(); size += 7) {
    const std::string torn = whole.substr(acknowledged.size(), size - acknowledged.size());
    write(file(), acknowledged + torn);
    write(checkpoint(), seen);
    ASSERT_THAT(found(true), ElementsAre("gate.ledger-torn:3")) << size;
    ASSERT_THAT(codes(ledger().append({Type::veto, noon, base::Json::object()}, parties_.bob,
                                      trust_, allows_anything)),
                ElementsAre("gate.ledger-torn"));
    const auto repair = ledger().repair(trust_);
    ASSERT_TRUE(repair) << repair.error().code;
    EXPECT_EQ(repair->bytes, torn.size());
    EXPECT_EQ(slurp(repair->kept), torn);
    EXPECT_EQ(slurp(file()), acknowledged);
    EXPECT_THAT(found(true), IsEmpty());
  }
}

TEST_F(LedgerTest, RepairDoesNotTrimWhatWasAcknowledged) {
  append(3);
  const std::string whole = slurp(file());
  write(file(), whole.substr(0, whole.size() - 20));
  EXPECT_THAT(codes(ledger().repair(trust_)), ElementsAre("gate.ledger-acknowledged"));
  EXPECT_EQ(slurp(file()).size(), whole.size() - 20);
}

TEST_F(LedgerTest, RepairTouchesNothingElse) {
  append(2);
  const std::string whole = slurp(file());
  EXPECT_EQ(ledger().repair(trust_)->bytes, 0U);
  EXPECT_EQ(slurp(file()), whole);
}

// Every call from `first` to `last` fails; the first one has the number 1.
class BrokenSync : public base::Disk {
 public:
  BrokenSync(int first, int last) : first_(first), last_(last) {}
  base::Result<void> sync(int fd) override {
    ++calls;
    if (calls < first_ || calls > last_) return base::Disk::sync(fd);
    return base::unexpected(base::fail("base.sync").with_errno(EIO));
  }
  int calls = 0;

 private:
  int first_;
  int last_;
};

TEST_F(LedgerTest, WhatCannotBeMadeDurableIsTakenBackDurably) {
  const auto veto = [&](base::Disk& disk) {
    return codes(ledger(disk).append({Type::veto, noon, base::Json::object()}, parties_.bob, trust_,
                                     allows_anything));
  };
  // The first record also needs its file's name: the second call.
  for (const int call : {1, 2}) {
    BrokenSync disk(call, call);
    EXPECT_THAT(veto(disk), ElementsAre("base.sync")) << call;
    EXPECT_EQ(disk.calls, call + 1);
    EXPECT_FALSE(fs::exists(file())) << call;
  }
  append(2);
  const std::string before = slurp(file());
  BrokenSync once(1, 1);
  EXPECT_THAT(veto(once), ElementsAre("base.sync"));
  EXPECT_EQ(once.calls, 2);
  EXPECT_EQ(slurp(file()), before);
  BrokenSync always(1, 9);
  EXPECT_THAT(veto(always), ElementsAre("gate.record-left"));
  EXPECT_THAT(found(true), IsEmpty());
}

TEST_F(LedgerTest, WritersTakeTurns) {
  constexpr int each = 10;
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      bool good = true;
      for (int n = 0; n < each; ++n) {
        good = good && ledger().append({Type::veto, noon, {{"n", n}}}, parties_.bob, trust_,
                                       allows_anything);
      }
      _exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_THAT(found(true), IsEmpty());
  EXPECT_EQ(lines().size(), 4U * each);
}

TEST_F(LedgerTest, ALinkIsNotTheLedger) {
  write(home_.path() / "elsewhere", "");
  fs::create_symlink(home_.path() / "elsewhere", file());
  EXPECT_THAT(codes(ledger().read(trust_)), ElementsAre("base.open"));
}

TEST_F(LedgerTest, ADamagedCheckpointIsNotNone) {
  append(2);
  write(checkpoint(), "{}");
  EXPECT_THAT(found(true), ElementsAre("gate.checkpoint"));
}

TEST_F(LedgerTest, TheCheckpointNeverGoesBack) {
  append(3);
  Checkpoints checkpoints(home_.path() / "checkpoints");
  const auto newest = checkpoints.load("demo").value();
  ASSERT_TRUE(checkpoints.advance("demo", {1, base::sha256("x")}));
  EXPECT_EQ(checkpoints.load("demo").value(), newest);
  EXPECT_EQ(newest->seq, 3U);
}

TEST(Records, RefuseDeepNestingAndOversize) {
  EXPECT_FALSE(parse_record(std::string(100000, '[')).good);
  EXPECT_FALSE(parse_record("{\"a\":" + std::string(100000, '{')).good);
  EXPECT_FALSE(parse_record(std::string(longest_line + 1, ' ')).good);
  EXPECT_FALSE(parse_record("").good);
  EXPECT_FALSE(parse_record("null").good);
}

TEST(Audit, AThousandRecordsAreReadQuickly) {
  const Parties parties;
  std::string text;
  base::Digest previous;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    Record record;
    record.seq = i;
    record.previous = previous;
    record.type = Type::veto;
    record.time = noon;
    record.payload = {{"i", i}};
    record.sign(parties.bob);
    previous = record.digest();
    text += record.line() + "\n";
  }
  EXPECT_TRUE(audit(text, "l", parties.trust(), std::nullopt).holds());
  text.erase(text.find("\"seq\":500,") + 7, 1);  // now it is a second record 50
  EXPECT_EQ(audit(text, "l", parties.trust(), std::nullopt).findings.size(), 1U);
}

}  // namespace
}  // namespace ccci::gate
