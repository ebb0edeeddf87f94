// SPDX-License-Identifier: GPL-3.0-or-later
// One SQL database: a file of SQLite, or a PostgreSQL server. Both understand the statements that
// history.cpp uses; the few differences are here.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::history {

using Value = std::optional<std::string>;  // nothing: NULL
using Row = std::vector<Value>;

class Database {
 public:
  virtual ~Database() = default;
  // Parameters are $1, $2, …, in the order of their first use. [history.sql], [history.connection]
  virtual base::Result<std::vector<Row>> query(const std::string& sql, const Row& values) = 0;
  // All of `work` or nothing. It may be called again after the connection was lost, also if the
  // first commit took effect and only its reply was lost: it must then change nothing more.
  virtual base::Result<void> transaction(const std::function<base::Result<void>()>& work) = 0;
  // For the start of a transaction: waits until no other transaction holds this lock, and keeps it
  // until the end. Reading is not held up.
  virtual base::Result<void> lock(const std::string& table) = 0;
  // "INTEGER PRIMARY KEY", as the database spells a number that it gives to each row.
  virtual std::string row_number() const = 0;
  virtual base::Result<bool> has_table(const std::string& name) = 0;
  // Whether it is a file of another program, which is not to be written to.
  virtual base::Result<bool> is_foreign() = 0;
  // The path or the address, for messages.
  virtual std::string name() const = 0;
  // What is wrong with the stored data; empty: nothing. [history.sql]
  virtual base::Result<std::string> damage() = 0;
};

// With `create`, makes the file and its directory if they are absent: a file that is there was
// never empty, even if cc-ci is killed. Every commit is on the disk when it returns.
// [history.open], [history.damaged], [history.none] if the file does not exist
base::Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& file, bool create);

// `address` is a PostgreSQL URI without password: libpq finds one in ~/.pgpass or PGPASSFILE.
// libpq is loaded when it is needed, so a cc-ci without PostgreSQL does not need it.
// `patient`: waits about 20 seconds for a server that does not answer yet. [history.no-libpq],
// [history.connection]
base::Result<std::unique_ptr<Database>> open_postgres(const std::string& address, bool patient);

}  // namespace ccci::history
