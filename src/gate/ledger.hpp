// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger file: JSON lines. Lines are only appended, by one writer at a time, and each line is
// durable before it is acknowledged. A crash during a write leaves at most one torn last line,
// which was never acknowledged. Only an explicit repair removes it. The repair keeps the removed
// bytes in a file next to the ledger.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/files.hpp"
#include "base/progress.hpp"
#include "gate/audit.hpp"

namespace ccci::gate {

// The checkpoints of all ledgers that this machine knows: one file each, outside every repository.
class Checkpoints {
 public:
  explicit Checkpoints(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Returns nothing if this ledger was never seen. [gate.checkpoint] if the file is damaged: an
  // unreadable checkpoint must not count as no checkpoint.
  base::Result<std::optional<Checkpoint>> load(const std::string& ledger) const;
  // Makes the directory. Fails if advance() could not write there. [base.mkdir], [base.write]
  base::Result<void> prepare() const;
  // Moves the checkpoint, only forwards.
  base::Result<void> advance(const std::string& ledger, const Checkpoint& checkpoint);

 private:
  std::filesystem::path directory_;
};

struct Draft {
  Type type = Type::claim;
  Time time;
  base::Json payload;
};

struct Repair {
  std::size_t bytes = 0;       // 0: nothing was torn
  std::filesystem::path kept;  // the file with these bytes
};

class Ledger {
 public:
  // `name` identifies this ledger independently of its content, so that a replaced file is compared
  // with the checkpoint of the old one.
  Ledger(std::filesystem::path file, std::string name, Checkpoints checkpoints,
         base::Disk& disk = base::real_disk());

  // The file with the lock of the ledger. Default: next to the ledger. `progress` says for whom an
  // action waits.
  void lock_with(std::filesystem::path lock_file, base::Progress& progress);

  // Reads and audits the whole ledger. If it is valid, moves the checkpoint forward. A missing file
  // is an empty ledger.
  base::Result<Audit> read(const Trust& trust);

  // The same, but returns all findings as one error if the ledger is not valid.
  base::Result<std::vector<Entry>> entries(const Trust& trust);

  // Under the lock: reads the ledger, calls `allows` with its entries, signs and appends. Refuses
  // to append to a ledger that is not valid. When it returns, the record is durable on disk. After
  // an error there is no record, except after [gate.record-left].
  using Allows = std::function<base::Result<void>(const std::vector<Entry>&)>;
  base::Result<Entry> append(const Draft& draft, const PrivateKey& key, const Trust& trust,
                             const Allows& allows);

  // Moves a torn last line to another file. [gate.ledger-acknowledged] if the checkpoint says that
  // this record was once complete: then it was not torn by a crash.
  base::Result<Repair> repair(const Trust& trust);

 private:
  struct Locked;
  base::Result<Locked> lock(bool shared);
  base::Result<base::Fd> lock_writers();
  base::Result<base::Fd> lock_readers() const;
  base::Result<Audit> judge(std::string_view text, const Trust& trust);
  base::Result<void> write_line(const Locked& locked, const std::string& line);

  std::filesystem::path file_;
  std::string name_;
  Checkpoints checkpoints_;
  base::Disk& disk_;
  std::filesystem::path lock_file_;
  base::Progress* progress_ = &base::silent();
};

}  // namespace ccci::gate
