// SPDX-License-Identifier: GPL-3.0-or-later
// The actions of people on a gate: claim, verify, veto, withdraw, read the log, show the status.
// Uses the repository, its gates/ directory and the ledger.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/progress.hpp"
#include "gate/cold.hpp"
#include "gate/ledger.hpp"
#include "gate/phase.hpp"
#include "gate/status.hpp"
#include "gate/trust.hpp"
#include "git/repository.hpp"

namespace ccci::gate {

struct Verdict {
  Entry entry;
  Verification verification;
  std::filesystem::path evidence;
};

struct VerifyOptions {
  std::string remote;  // empty: the remote of the branch
  PlaceWish place;
  std::string path = base::standard_path;
  std::vector<std::string> passed{"http_proxy", "https_proxy", "no_proxy"};
};

class Service {
 public:
  // `checkpoints` is a directory outside the repository. [gate.no-repository], [gate.shallow], the
  // errors of read_trust and read_phase, [gate.no-gates], [gate.ambiguous] for a gate in two phases
  // `progress` says for whom an action waits.
  static base::Result<Service> open(const std::filesystem::path& directory,
                                    const std::filesystem::path& checkpoints,
                                    base::ProcessRunner& processes,
                                    base::Progress& progress = base::silent());

  const std::filesystem::path& root() const { return repository_.root(); }
  const Trust& trust() const { return trust_; }
  const std::vector<Phase>& phases() const { return phases_; }

  // The phase that has the gate. [gate.unknown-gate]
  base::Result<const Phase*> phase_of(const std::string& gate) const;

  // Does not run the checks of the gate. [gate.dirty], [gate.unpushed], [gate.closed], [gate.role],
  // [gate.unknown-key-id], [gate.where]
  base::Result<Entry> claim(const std::string& gate, const PrivateKey& key, Time now,
                            const std::string& remote = {});

  // [gate.no-claim], [gate.own-claim], [gate.role]; [gate.claim-moved] if another claim was added
  // meanwhile. A false claim is a verdict, not an error.
  base::Result<Verdict> verify(const std::string& gate, const PrivateKey& key, Time now,
                               const VerifyOptions& options, base::Progress& progress);

  base::Result<Entry> veto(const std::string& gate, const PrivateKey& key, Time now,
                           const std::string& reason);
  // [gate.no-veto] if there is no open veto by this key.
  base::Result<Entry> withdraw(const std::string& gate, const PrivateKey& key, Time now,
                               const std::string& reason);

  // The output of a check of a passed gate (stored_output.hpp).
  base::Result<std::string> stored_output(const std::string& gate, const std::string& check,
                                          Time now);

  // The tracked files outside of gates/ in which the work tree differs from the commit. [gate.git]
  base::Result<std::vector<std::string>> differs_from(const std::string& commit) const;

  base::Result<Audit> log();
  base::Result<Repair> repair();
  base::Result<std::vector<Status>> status(Time now);  // of every phase

 private:
  Service(git::Repository repository, Trust trust, std::vector<Phase> phases, Ledger ledger,
          base::ProcessRunner& processes);

  enum class Role { claim, verify };
  base::Result<void> require(const PrivateKey& key, Role role) const;

  git::Repository repository_;
  Trust trust_;
  std::vector<Phase> phases_;
  Ledger ledger_;
  base::ProcessRunner* processes_;
};

}  // namespace ccci::gate
