// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/audit.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace ccci::gate {

namespace {

struct Line {
  std::string_view text;
  Parsed parsed;
  base::Digest digest;
  bool suspect = false;  // damaged; findings that follow from this are not repeated
};

class Auditor {
 public:
  Auditor(const std::string& file, const Trust& trust) : file_(file), trust_(trust) {}

  Audit run(std::string_view text, const std::optional<Checkpoint>& checkpoint) {
    read_lines(text);
    for (std::size_t i = 0; i < lines_.size(); ++i) examine(i);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!lines_[i].parsed.good) continue;
      result_.entries.push_back(
          {std::move(lines_[i].parsed.record), lines_[i].digest, static_cast<int>(i) + 1});
    }
    if (result_.torn_bytes > 0) {
      result_.findings.push_back(
          at(lines_.size(), base::fail("gate.ledger-torn", base::Condition::torn)
                                .with("bytes", static_cast<long long>(result_.torn_bytes))));
    }
    if (checkpoint) compare(*checkpoint);
    return std::move(result_);
  }

 private:
  void read_lines(std::string_view text) {
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      Line line;
      line.text = text.substr(0, end);
      line.parsed = parse_record(line.text);
      line.digest = base::sha256(line.text);
      if (line.parsed.good) {
        at_seq_.emplace(line.parsed.record.seq, lines_.size());
        by_signature_.emplace(line.parsed.record.signature, lines_.size());
      }
      lines_.push_back(std::move(line));
      text.remove_prefix(end + 1);
      result_.whole_bytes += end + 1;
    }
    result_.torn_bytes = text.size();
  }

  base::Error at(std::size_t index, base::Error&& error) const {
    const int number = static_cast<int>(index) + 1;
    return std::move(error).with("line", number).at({file_, number, 1, 1, {}});
  }

  void find(std::size_t index, base::Error&& error) {
    lines_[index].suspect = true;
    result_.findings.push_back(at(index, std::move(error)));
  }

  void examine(std::size_t i) {
    Line& line = lines_[i];
    if (!line.parsed.good) {
      find(i, base::fail("gate.ledger-malformed").with("cause", line.parsed.cause));
      ++next_seq_;
      return;
    }
    const Record& record = line.parsed.record;
    if (!well_signed(i)) {
      ++next_seq_;  // its own place numbers are not trusted
      return;
    }
    const bool before_suspect = i > 0 && lines_[i - 1].suspect;
    const base::Digest before = i > 0 ? lines_[i - 1].digest : base::Digest{};
    if (record.seq != next_seq_) {
      misplaced(i);
    } else if (!before_suspect && record.previous != before) {
      find(i, base::fail("gate.ledger-chain").with("seq", static_cast<long long>(record.seq)));
    }
    next_seq_ = std::max(next_seq_, record.seq + 1);
  }

  void misplaced(std::size_t i) {
    const Record& record = lines_[i].parsed.record;
    const auto with = [&](base::Error&& error) {
      find(i, std::move(error)
                  .with("seq", static_cast<long long>(record.seq))
                  .with("expected", static_cast<long long>(next_seq_)));
    };
    const std::size_t first = at_seq_.at(record.seq);
    if (first != i) {
      const bool same = lines_[first].text == lines_[i].text;
      return with(base::fail(same ? "gate.ledger-duplicate" : "gate.ledger-fork")
                      .with("first", static_cast<long long>(first) + 1));
    }
    const bool missing = record.seq > next_seq_ && !at_seq_.contains(next_seq_);
    with(base::fail(missing ? "gate.ledger-dropped" : "gate.ledger-reordered")
             .with("last", static_cast<long long>(record.seq) - 1));
  }

  bool well_signed(std::size_t i) {
    const Record& record = lines_[i].parsed.record;
    const Party* party = trust_.find(record.key);
    if (party != nullptr && record.signed_by(party->key)) return true;
    if (party == nullptr) {
      find(i, base::fail("gate.ledger-unknown-key").with("key", record.key));
    } else {
      find(i, forgery(i, *party));
    }
    return false;
  }

  // How a record was changed that does not have the party's valid signature, as far as this is
  // visible.
  base::Error forgery(std::size_t i, const Party& party) const {
    const Record& record = lines_[i].parsed.record;
    for (const Party& other : trust_.parties()) {
      if (!record.signed_by(other.key)) continue;
      return base::fail("gate.ledger-wrong-key")
          .with("party", party.name)
          .with("signer", other.name);
    }
    Record retyped = record;
    for (const Type type : {Type::claim, Type::verdict, Type::veto, Type::withdrawal}) {
      retyped.type = type;
      if (!retyped.signed_by(party.key)) continue;
      return base::fail("gate.ledger-type")
          .with("found", type_name(record.type))
          .with("signed", type_name(type));
    }
    const std::size_t owner = by_signature_.at(record.signature);
    if (owner != i) {
      return base::fail("gate.ledger-borrowed").with("owner", static_cast<long long>(owner) + 1);
    }
    return base::fail("gate.ledger-edited").with("party", party.name);
  }

  void compare(const Checkpoint& checkpoint) {
    result_.against_checkpoint = true;
    std::uint64_t last = 0;
    for (const Entry& entry : result_.entries) {
      last = std::max(last, entry.record.seq);
      if (entry.record.seq != checkpoint.seq || entry.digest == checkpoint.digest) continue;
      result_.findings.push_back(at(static_cast<std::size_t>(entry.line) - 1,
                                    base::fail("gate.ledger-rewritten")
                                        .with("seq", static_cast<long long>(checkpoint.seq))
                                        .with("digest", checkpoint.digest.short_hex())
                                        .with("found", entry.digest.short_hex())));
    }
    // next_seq_ also counts records that can no longer be parsed.
    last = std::max(last, next_seq_ - 1);
    if (last < checkpoint.seq) {
      result_.findings.push_back(
          at(lines_.size(), base::fail("gate.ledger-truncated", base::Condition::truncated)
                                .with("last", static_cast<long long>(last))
                                .with("seen", static_cast<long long>(checkpoint.seq))));
    }
  }

  const std::string& file_;
  const Trust& trust_;
  std::vector<Line> lines_;
  std::map<std::uint64_t, std::size_t> at_seq_;      // the first line that has it
  std::map<std::string, std::size_t> by_signature_;  // the first line that has it
  std::uint64_t next_seq_ = 1;
  Audit result_;
};

}  // namespace

Audit audit(std::string_view text, const std::string& file, const Trust& trust,
            const std::optional<Checkpoint>& checkpoint) {
  return Auditor(file, trust).run(text, checkpoint);
}

}  // namespace ccci::gate
