// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger file: JSON lines that are only ever appended to, by one writer at a time, each durable
// before it is acknowledged. A crash while writing leaves at most one torn last line, which nobody
// was told of; nothing but an explicit repair removes it, and keeps it beside the ledger.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/files.hpp"
#include "gate/audit.hpp"

namespace ccci::gate {

// Checkpoints of all ledgers this machine knows, one file each, outside every repository.
class Checkpoints {
 public:
  explicit Checkpoints(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Nothing where this ledger was never seen. [gate.checkpoint] where the file is damaged: a
  // checkpoint that cannot be read must not count as none.
  base::Result<std::optional<Checkpoint>> load(const std::string& ledger) const;
  // Forwards only.
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
  std::filesystem::path kept;  // where they went
};

class Ledger {
 public:
  // `name` tells this ledger from all others whatever its content: a replaced file must meet the
  // old one's checkpoint.
  Ledger(std::filesystem::path file, std::string name, Checkpoints checkpoints,
         base::Disk& disk = base::real_disk());

  // Reads and judges the whole; where it holds the checkpoint moves on. No file: an empty ledger.
  base::Result<Audit> read(const Trust& trust);

  // The same, and all findings as one error where it does not hold.
  base::Result<std::vector<Entry>> entries(const Trust& trust);

  // Under the lock: reads all, asks `allows` about what is there, signs and appends. Refuses to
  // lengthen a ledger that does not hold. On return the record is on disk.
  using Allows = std::function<base::Result<void>(const std::vector<Entry>&)>;
  base::Result<Entry> append(const Draft& draft, const PrivateKey& key, const Trust& trust,
                             const Allows& allows);

  // Moves a torn last line aside. [gate.ledger-acknowledged] where the checkpoint says that the
  // record was once whole: then it is no accident.
  base::Result<Repair> repair(const Trust& trust);

 private:
  struct Locked;
  base::Result<Locked> lock(bool shared);
  base::Result<Audit> judge(std::string_view text, const Trust& trust);
  base::Result<void> write_line(int fd, const std::string& line, std::uint64_t size);

  std::filesystem::path file_;
  std::string name_;
  Checkpoints checkpoints_;
  base::Disk& disk_;
};

}  // namespace ccci::gate
