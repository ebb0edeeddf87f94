// SPDX-License-Identifier: GPL-3.0-or-later
// A temporary directory with a bare remote, a work tree with gates/ and two parties with keys.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "base/process.hpp"
#include "base/progress.hpp"
#include "gate/service.hpp"

namespace ccci::gate {

namespace fs = std::filesystem;

inline Time at(const std::string& text) { return parse_time(text).value(); }
inline const Time noon = at("2026-11-22T12:00:00Z");

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string path = (fs::temp_directory_path() / "ccci-gate-test-XXXXXX").native();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = path;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

inline std::string slurp(const fs::path& file) {
  std::ifstream input(file, std::ios::binary);
  std::ostringstream text;
  text << input.rdbuf();
  return text.str();
}

inline std::string run_git(const fs::path& directory, std::vector<std::string> words) {
  std::vector<std::string> all{
      "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"};
  all.insert(all.end(), words.begin(), words.end());
  auto text = git::output(base::real_processes(), git::command(directory, all));
  if (!text) throw std::runtime_error("git: " + std::string(text.error().field("cause")));
  return *text;
}

inline std::string party_text(const std::string& name, const PrivateKey& key,
                              const std::string& may) {
  return "[" + name + "]\npublic = \"" + key.public_key().text() + "\"\nmay = [" + may + "]\n";
}

// Two parties: alice may claim and verify, bob may verify, carol may claim.
struct Parties {
  PrivateKey alice = PrivateKey::generate();
  PrivateKey bob = PrivateKey::generate();
  PrivateKey carol = PrivateKey::generate();
  PrivateKey mallory = PrivateKey::generate();  // in no list

  std::string keys() const {
    return party_text("alice", alice, "'claim', 'verify'") + party_text("bob", bob, "'verify'") +
           party_text("carol", carol, "'claim'");
  }
  Trust trust() const { return read_trust(keys(), "keys.toml").value(); }
};

inline std::string one_check(const std::string& how, const std::string& expect) {
  return "[[gate]]\nname = 'M1'\nwhat = 'it holds'\nwhere = ['a.txt']\n[[gate.check]]\n"
         "name = 'one'\nhow = '''" +
         how + "'''\nexpect = { " + expect + " }\n";
}

class Rig {
 public:
  explicit Rig(const std::string& phase = one_check("cat a.txt", "output = 'hello'")) {
    fs::create_directory(remote());
    run_git(remote(), {"init", "--quiet", "--bare", "-b", "main"});
    fs::create_directory(tree());
    run_git(tree(), {"init", "--quiet", "-b", "main"});
    run_git(tree(), {"remote", "add", "origin", remote().native()});
    write(tree() / "a.txt", "hello\n");
    write(tree() / "gates/demo.toml", phase);
    write(tree() / "gates/keys.toml", parties.keys());
    push();
    fs::create_directory(scratch());
  }

  void commit(const std::string& message = "change") const {
    run_git(tree(), {"add", "-A"});
    run_git(tree(), {"commit", "--quiet", "--allow-empty", "-m", message});
  }
  void push() const {
    commit();
    run_git(tree(), {"push", "--quiet", "-u", "origin", "main"});
  }

  fs::path tree() const { return directory_.path() / "tree"; }
  fs::path remote() const { return directory_.path() / "remote.git"; }
  fs::path scratch() const { return directory_.path() / "scratch"; }
  fs::path checkpoints() const { return directory_.path() / "checkpoints"; }
  fs::path ledger() const { return tree() / "gates/ledger.jsonl"; }
  fs::path path(const std::string& name) const { return directory_.path() / name; }

  Service service() const {
    auto service = Service::open(tree(), checkpoints(), base::real_processes());
    if (!service) throw std::runtime_error("service: " + service.error().code);
    return std::move(*service);
  }

  base::Result<Entry> claim(const PrivateKey& key, Time now = noon,
                            const std::string& gate = "M1") const {
    return service().claim(gate, key, now);
  }
  base::Result<Verdict> verify(const PrivateKey& key, Time now = noon,
                               const std::string& gate = "M1") const {
    return verify(key, PlaceWish{}, now, gate);
  }
  base::Result<Verdict> verify(const PrivateKey& key, const PlaceWish& place, Time now = noon,
                               const std::string& gate = "M1") const {
    VerifyOptions options;
    options.place = place;
    options.place.scratch = scratch();
    return service().verify(gate, key, now, options, base::silent());
  }
  GateStatus status(Time now = noon, const std::string& gate = "M1") const {
    Service here = service();  // what status() tells points into it
    auto all = here.status(now);
    if (!all) throw std::runtime_error("status: " + all.error().code);
    GateStatus found = *all->front().find(gate);
    found.gate = nullptr;  // owned by the service
    return found;
  }

  Parties parties;

 private:
  TemporaryDirectory directory_;
};

// The code of a result that must be an error; the codes of all where it holds several.
template <typename T>
std::vector<std::string> codes(const base::Result<T>& result) {
  if (result) return {};
  std::vector<std::string> all{result.error().code};
  for (const base::Error& error : result.error().also) all.push_back(error.code);
  return all;
}

}  // namespace ccci::gate
