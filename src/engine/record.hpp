// SPDX-License-Identifier: GPL-3.0-or-later
// What is known about an engine on disk. The record is there before anything of the engine is, and
// goes after everything else of it has gone. So an engine without a record does not exist.
//
//   DIRECTORY/lock          taken for moments: while a record appears or goes
//   DIRECTORY/NAME.lock     held by the owner as long as it lives; the kernel releases it
//   DIRECTORY/NAME.json     the record
//   DIRECTORY/NAME/         socket, data and log of the engine
//   DIRECTORY/.lease        what tells the records of this directory from those of all others
//
// In an engine that is shared, the objects of a run carry NAME and the lease as labels. So
// NAME.lock says whether the run is alive to which an object belongs, and objects of another lease
// are not this directory's to judge.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/files.hpp"
#include "base/result.hpp"

namespace ccci::engine {

// A process, named so that a later process with the same number is not taken for it.
struct ProcessName {
  pid_t number = 0;     // 0: none
  std::string started;  // starttime of /proc/NUMBER/stat

  bool operator==(const ProcessName&) const = default;
};
// Empty if there is no such process.
std::optional<ProcessName> name_process(pid_t number);
// Changes with each boot.
std::string boot_id();

// For whoever looks at a kept deployment later.
struct KeptNote {
  std::string subject = {};  // "gitea 1.0.0+1"
  std::string results = {};  // directory of the result's files
  std::string docker = {};   // the command that talks to the engine, as one would type it

  bool operator==(const KeptNote&) const = default;
};

struct Record {
  std::string name;
  std::string boot;
  ProcessName owner;
  ProcessName keeper;
  bool kept = false;  // it outlives its owner, until somebody removes it by name
  // Of the engine that the run shares with others; empty: it has one of its own.
  std::string socket = {};
  KeptNote note = {};

  bool operator==(const Record&) const = default;
};

std::string write_record(const Record& record);
base::Result<Record> read_record(std::string_view text);  // [engine.record]

// Whether its deployment is left for a look. A boot ends an engine of the run's own. One that is
// shared starts its services again.
bool is_kept(const Record& record);

struct Kept {
  Record record;
  std::chrono::system_clock::time_point since;
  bool runs = false;  // its first process lives, and with it a private engine, or the ingress
};

// Lower-case letters, digits and '-', 40 at most, and not "lock".
bool is_engine_name(std::string_view name);

class Records {
 public:
  explicit Records(std::filesystem::path directory, base::Disk& disk = base::real_disk())
      : directory_(std::move(directory)), disk_(disk) {}

  std::filesystem::path place(const std::string& name) const { return directory_ / name; }

  // Makes the record of a new engine durable and returns the owner's lock. [engine.name],
  // [engine.exists], [base.*]
  base::Result<base::Fd> create(const Record& record);
  // Replaces the content. It need not be durable, because after a power failure nothing runs,
  // except for a deployment that is kept in a shared engine.
  base::Result<void> update(const Record& record);
  // Call when nothing else of the engine is left.
  base::Result<void> remove(const std::string& name);

  base::Result<Record> read(const std::string& name) const;
  // Says what the kept deployment is. [engine.record], [base.*]
  base::Result<void> annotate(const std::string& name, const KeptNote& note);
  // Those that are kept, and when that was. [base.*] if the directory is there and cannot be read.
  base::Result<std::vector<Kept>> kept() const;
  // Made when it is first asked for; 32 hex digits.
  base::Result<std::string> lease();
  // All names that have a record, a lock or a directory, sorted.
  base::Result<std::vector<std::string>> names() const;
  // The lock of an engine whose owner has ended; nothing while somebody holds it. The owner does as
  // long as it lives, and a keeper for its first moments.
  base::Result<std::optional<base::Fd>> claim(const std::string& name);

 private:
  base::Result<base::Fd> open_directory() const;
  base::Result<base::Fd> guard() const;

  std::filesystem::path directory_;
  base::Disk& disk_;
};

}  // namespace ccci::engine
