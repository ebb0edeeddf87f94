// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/service.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"
#include "gate/evidence.hpp"
#include "gate/rules.hpp"
#include "gate/stored_output.hpp"

namespace ccci::gate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_file = 1U << 20U;
constexpr const char* keys_file = "gates/keys.toml";

base::Result<std::string> read_in(const base::Fd& root, const std::string& file) {
  return base::read_within(root.get(), file, largest_file);
}

// NAME for each gates/NAME.toml except keys.toml, sorted.
std::vector<std::string> phase_names(std::vector<std::string> files) {
  std::vector<std::string> names;
  for (const std::string& file : files) {
    const bool phase = file.ends_with(".toml") && file != "keys.toml" && file.size() > 5;
    if (phase && file.front() != '.') names.push_back(file.substr(0, file.size() - 5));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> listed(const base::Fd& root) {
  std::vector<std::string> names;
  auto gates = base::open_in_root(root.get(), "gates", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!gates) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(gates->get()), &closedir);
  if (stream == nullptr) return names;
  gates->release();
  while (const dirent* entry = readdir(stream.get())) names.emplace_back(entry->d_name);
  return names;
}

// Users name a gate without its phase, so two phases must not have a gate with the same name.
base::Result<void> require_distinct(const std::vector<Phase>& phases) {
  std::set<std::string> seen;
  for (const Phase& phase : phases) {
    for (const Gate& gate : phase.gates) {
      if (!seen.insert(gate.name).second) {
        return base::unexpected(
            base::fail("gate.ambiguous").with("gate", gate.name).with("phase", phase.name));
      }
    }
  }
  return {};
}

template <typename Read>
base::Result<std::vector<Phase>> read_phases(const std::vector<std::string>& names, Read read) {
  std::vector<Phase> phases;
  std::vector<base::Error> errors;
  for (const std::string& name : names) {
    const std::string file = "gates/" + name + ".toml";
    CCCI_TRY(const std::string text, read(file));
    auto phase = read_phase(text, name, file);
    if (phase) {
      phases.push_back(std::move(*phase));
    } else {
      errors.push_back(std::move(phase).error());
    }
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  if (phases.empty()) return base::unexpected(base::fail("gate.no-gates"));
  CCCI_CHECK(require_distinct(phases));
  return phases;
}

base::Result<const Phase*> find_phase(const std::vector<Phase>& phases, const std::string& gate) {
  std::vector<std::string> known;
  for (const Phase& phase : phases) {
    if (phase.find(gate) != nullptr) return &phase;
    for (const Gate& other : phase.gates) known.push_back(other.name);
  }
  return base::unexpected(base::fail("gate.unknown-gate")
                              .with("gate", gate)
                              .with("known", base::join(known, ", "))
                              .with("likely", base::likely(gate, known)));
}

base::Json common_payload(const Phase& phase, const std::string& gate) {
  return {{"phase", phase.name}, {"gate", gate}};
}

base::Result<void> require_open(const Phase& phase, const std::string& gate,
                                const std::vector<Entry>& entries, const Trust& trust, Time now) {
  const Status now_status = status(phase, entries, trust, now);
  const GateStatus* found = now_status.find(gate);
  if (found == nullptr || found->state != State::closed) return {};
  return base::unexpected(
      base::fail("gate.closed").with("gate", gate).with("reason", found->reason));
}

base::Result<const Entry*> require_claim(const std::vector<Entry>& entries, const Trust& trust,
                                         const std::string& phase, const std::string& gate,
                                         const std::string& key) {
  const Entry* claim = current_claim(entries, trust, phase, gate);
  if (claim == nullptr) return base::unexpected(base::fail("gate.no-claim").with("gate", gate));
  if (has_claimed(entries, key, phase, gate)) {
    return base::unexpected(
        base::fail("gate.own-claim").with("gate", gate).with("party", trust.name(key)));
  }
  return claim;
}

// Reads a signed payload. A party may have signed anything, so every member is checked.
base::Result<Claimed> claimed_of(const Entry& claim, const Phase& phase, const std::string& gate) {
  const base::Json& payload = claim.record.payload;
  const auto id = [&](const char* name) {
    std::string text = payload[name].text_or_empty();
    const bool good = (text.size() == 40 || text.size() == 64) &&
                      text.find_first_not_of("0123456789abcdef") == std::string::npos;
    return good ? text : std::string();
  };
  Claimed claimed{
      phase.name, gate, {id("commit"), id("tree")}, payload["digests"], payload["rules"]};
  if (claimed.commit.id.empty() || claimed.commit.tree.empty()) {
    return base::unexpected(base::fail("gate.bad-claim")
                                .with("gate", gate)
                                .with("seq", static_cast<long long>(claim.record.seq)));
  }
  return claimed;
}

std::string evidence_name(const std::string& gate, const Entry& claim, const PrivateKey& key,
                          Time now) {
  std::string time = format_time(now);
  std::erase_if(time, [](char c) { return c == ':' || c == '-'; });
  return gate + "-" + std::to_string(claim.record.seq) + "-" + time + "-" +
         key.public_key().id().substr(0, 8);
}

}  // namespace

Service::Service(git::Repository repository, Trust trust, std::vector<Phase> phases, Ledger ledger,
                 base::ProcessRunner& processes)
    : repository_(std::move(repository)),
      trust_(std::move(trust)),
      phases_(std::move(phases)),
      ledger_(std::move(ledger)),
      processes_(&processes) {}

base::Result<Service> Service::open(const fs::path& directory, const fs::path& checkpoints,
                                    base::ProcessRunner& processes, base::Progress& progress) {
  CCCI_TRY(git::Repository repository, git::Repository::open(directory, processes));
  CCCI_TRY(const std::string identity, repository.identity());
  CCCI_TRY(const base::Fd root, base::open_path(repository.root(), O_RDONLY | O_DIRECTORY));
  CCCI_TRY(std::vector<Phase> phases,
           read_phases(phase_names(listed(root)),
                       [&](const std::string& file) { return read_in(root, file); }));
  CCCI_TRY(const std::string keys, read_in(root, keys_file));
  CCCI_TRY(Trust trust, read_trust(keys, keys_file));
  Ledger ledger(repository.root() / "gates" / "ledger.jsonl", identity, Checkpoints(checkpoints));
  // In git's directory: a file in gates/ would make the work tree unclean.
  CCCI_TRY(const fs::path git_directory, repository.git_directory());
  ledger.lock_with(git_directory / "cc-ci-ledger.lock", progress);
  return Service(std::move(repository), std::move(trust), std::move(phases), std::move(ledger),
                 processes);
}

base::Result<const Phase*> Service::phase_of(const std::string& gate) const {
  return find_phase(phases_, gate);
}

base::Result<void> Service::require(const PrivateKey& key, Role role) const {
  const std::string id = key.public_key().id();
  const Party* party = trust_.find(id);
  if (party == nullptr || party->key != key.public_key()) {
    return base::unexpected(
        base::fail("gate.unknown-key-id").with("key", id).with("public", key.public_key().text()));
  }
  if (role == Role::claim ? party->may_claim : party->may_verify) return {};
  return base::unexpected(base::fail("gate.role")
                              .with("party", party->name)
                              .with("role", role == Role::claim ? "claim" : "verify"));
}

base::Result<Entry> Service::claim(const std::string& gate, const PrivateKey& key, Time now,
                                   const std::string& remote_name) {
  CCCI_CHECK(repository_.require_clean());
  CCCI_TRY(const git::Commit commit, repository_.head());
  CCCI_TRY(const git::Remote remote, repository_.remote(remote_name));
  CCCI_CHECK(repository_.require_pushed(commit, remote));
  CCCI_CHECK(require(key, Role::claim));
  // Read from the commit, because the work tree may hide a change (update-index
  // --assume-unchanged).
  CCCI_TRY(const std::vector<std::string> files, repository_.files_at(commit.id, "gates"));
  CCCI_TRY(const std::vector<Phase> phases,
           read_phases(phase_names(files), [&](const std::string& file) {
             return repository_.file_at(commit.id, file);
           }));
  CCCI_TRY(const Phase* const phase, find_phase(phases, gate));
  const Gate& claimed = *phase->find(gate);
  for (const std::string& path : claimed.where) {
    CCCI_TRY(const bool there, repository_.has_path(commit.id, path));
    if (!there) {
      return base::unexpected(base::fail("gate.where")
                                  .with("gate", gate)
                                  .with("path", path)
                                  .with("commit", commit.id.substr(0, 12)));
    }
  }
  Draft draft{Type::claim, now, common_payload(*phase, gate)};
  draft.payload["commit"] = commit.id;
  draft.payload["tree"] = commit.tree;
  draft.payload["texts"] = texts(claimed);
  draft.payload["digests"] = digests(claimed);
  CCCI_TRY(const std::string keys, repository_.file_at(commit.id, keys_file));
  CCCI_TRY(const Trust trust, read_trust(keys, keys_file));
  draft.payload["rules"] = rules(*phase, gate, trust);
  return ledger_.append(draft, key, trust_, [&](const std::vector<Entry>& entries) {
    return require_open(*phase, gate, entries, trust_, now);
  });
}

base::Result<Verdict> Service::verify(const std::string& gate, const PrivateKey& key, Time now,
                                      const VerifyOptions& options, base::Progress& progress) {
  CCCI_CHECK(require(key, Role::verify));
  CCCI_TRY(const Phase* const phase, phase_of(gate));
  CCCI_TRY(const git::Remote remote, repository_.remote(options.remote));
  const std::string id = key.public_key().id();
  CCCI_TRY(const std::vector<Entry> before, ledger_.entries(trust_));
  CCCI_TRY(const Entry* const claim, require_claim(before, trust_, phase->name, gate, id));
  CCCI_TRY(const Claimed claimed, claimed_of(*claim, *phase, gate));
  const Cold cold{remote.url, repository_.root(), options.place, options.path, options.passed};
  CCCI_TRY(Verification verification, verify_cold(claimed, cold, *processes_, progress));
  const fs::path evidence = fs::path("gates") / "evidence" / evidence_name(gate, *claim, key, now);
  CCCI_CHECK(write_evidence(repository_.root(), evidence, verification));
  Draft draft{Type::verdict, now, common_payload(*phase, gate)};
  draft.payload["claim"] = {{"seq", claim->record.seq}, {"digest", claim->digest.hex()}};
  draft.payload["commit"] = claimed.commit.id;
  draft.payload["tree"] = claimed.commit.tree;
  draft.payload["evidence"] = evidence.native();
  draft.payload.update(findings(verification, claimed, phase->find(gate), remote.url));
  CCCI_TRY(
      Entry entry,
      ledger_.append(
          draft, key, trust_, [&](const std::vector<Entry>& entries) -> base::Result<void> {
            CCCI_TRY(const Entry* const current,
                     require_claim(entries, trust_, phase->name, gate, id));
            if (current->digest == claim->digest) return {};
            return base::unexpected(base::fail("gate.claim-moved")
                                        .with("gate", gate)
                                        .with("seq", static_cast<long long>(current->record.seq)));
          }));
  return Verdict{std::move(entry), std::move(verification), evidence};
}

base::Result<Entry> Service::veto(const std::string& gate, const PrivateKey& key, Time now,
                                  const std::string& reason) {
  CCCI_CHECK(require(key, Role::verify));
  CCCI_TRY(const Phase* const phase, phase_of(gate));
  if (base::trim(reason).empty() || reason.size() > 4096) {
    return base::unexpected(base::fail("gate.reason").with("gate", gate));
  }
  Draft draft{Type::veto, now, common_payload(*phase, gate)};
  draft.payload["reason"] = base::printable(base::trim(reason));
  return ledger_.append(draft, key, trust_,
                        [](const std::vector<Entry>&) -> base::Result<void> { return {}; });
}

base::Result<Entry> Service::withdraw(const std::string& gate, const PrivateKey& key, Time now,
                                      const std::string& reason) {
  CCCI_CHECK(require(key, Role::verify));
  CCCI_TRY(const Phase* const phase, phase_of(gate));
  if (reason.size() > 4096) return base::unexpected(base::fail("gate.reason").with("gate", gate));
  Draft draft{Type::withdrawal, now, common_payload(*phase, gate)};
  draft.payload["reason"] = base::printable(base::trim(reason));
  const std::string id = key.public_key().id();
  return ledger_.append(
      draft, key, trust_, [&](const std::vector<Entry>& entries) -> base::Result<void> {
        const Status now_status = gate::status(*phase, entries, trust_, now);
        const GateStatus* found = now_status.find(gate);
        const std::string name = trust_.name(id);
        const bool standing =
            std::any_of(found->vetoes.begin(), found->vetoes.end(),
                        [&](const Statement& veto) { return veto.party == name; });
        if (standing) return {};
        return base::unexpected(base::fail("gate.no-veto").with("gate", gate).with("party", name));
      });
}

base::Result<std::string> Service::stored_output(const std::string& gate, const std::string& check,
                                                 Time now) {
  CCCI_TRY(const Phase* const phase, phase_of(gate));
  CCCI_TRY(const std::vector<Entry> entries, ledger_.entries(trust_));
  const Status now_status = gate::status(*phase, entries, trust_, now);
  return gate::stored_output(repository_.root(), *now_status.find(gate), entries, check);
}

base::Result<Audit> Service::log() { return ledger_.read(trust_); }

base::Result<Repair> Service::repair() { return ledger_.repair(trust_); }

base::Result<std::vector<Status>> Service::status(Time now) {
  CCCI_TRY(const std::vector<Entry> entries, ledger_.entries(trust_));
  std::vector<Status> all;
  for (const Phase& phase : phases_) all.push_back(gate::status(phase, entries, trust_, now));
  return all;
}

base::Result<std::vector<std::string>> Service::differs_from(const std::string& commit) const {
  CCCI_TRY(const std::string text,
           git::output(*processes_, git::command(root(), {"diff", "--name-only", "-z", commit, "--",
                                                          ".", ":(exclude)gates"})));
  std::vector<std::string> files;
  for (const std::string_view file : base::split(text, '\0'))
    if (!file.empty()) files.emplace_back(file);
  return files;
}

}  // namespace ccci::gate
