// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <mutex>

#include "base/files.hpp"
#include "history/database.hpp"

namespace ccci::history {

namespace {

namespace fs = std::filesystem;

constexpr int patience = 60'000;  // ms that a writer waits for another one

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct EndStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, EndStatement>;

class Sqlite final : public Database {
 public:
  Sqlite(Handle handle, std::string path) : handle_(std::move(handle)), path_(std::move(path)) {}

  base::Result<std::vector<Row>> query(const std::string& sql, const Row& values) override {
    const std::lock_guard guard(mutex_);
    return run(sql, values);
  }

  base::Result<void> transaction(const std::function<base::Result<void>()>& work) override {
    const std::lock_guard guard(mutex_);
    // IMMEDIATE: a transaction that first reads and then writes would fail without waiting if
    // another writer came between.
    CCCI_CHECK(run("BEGIN IMMEDIATE", {}));
    auto done = work();
    if (done) {
      auto committed = run("COMMIT", {});
      if (committed) return {};
      done = base::unexpected(std::move(committed).error());
    }
    static_cast<void>(run("ROLLBACK", {}));
    return done;
  }

  // BEGIN IMMEDIATE has taken the lock of the whole file.
  base::Result<void> lock(const std::string&) override { return {}; }

  std::string row_number() const override { return "INTEGER PRIMARY KEY"; }

  base::Result<bool> has_table(const std::string& name) override {
    CCCI_TRY(const std::vector<Row> rows,
             query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1", {name}));
    return !rows.empty();
  }

  base::Result<std::string> damage() override {
    CCCI_TRY(const std::vector<Row> rows, query("PRAGMA quick_check(1)", {}));
    const std::string said = rows.empty() ? "ok" : rows[0][0].value_or("");
    return said == "ok" ? std::string() : said;
  }

 private:
  base::Error failure() const {
    const int code = sqlite3_errcode(handle_.get());
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
      return base::fail("history.damaged")
          .with("path", path_)
          .with("problem", code == SQLITE_NOTADB ? "expected a database of SQLite, found other data"
                                                 : sqlite3_errmsg(handle_.get()));
    }
    return base::fail("history.sql")
        .with("path", path_)
        .with("problem", sqlite3_errmsg(handle_.get()));
  }

  base::Result<std::vector<Row>> run(const std::string& sql, const Row& values) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(handle_.get(), sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK)
      return base::unexpected(failure());
    const Statement statement(prepared);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int index = static_cast<int>(i) + 1;
      if (values[i]) {
        sqlite3_bind_text(prepared, index, values[i]->data(), static_cast<int>(values[i]->size()),
                          SQLITE_STATIC);
      } else {
        sqlite3_bind_null(prepared, index);
      }
    }
    std::vector<Row> rows;
    int step = 0;
    while ((step = sqlite3_step(prepared)) == SQLITE_ROW) {
      Row row;
      const int columns = sqlite3_column_count(prepared);
      for (int i = 0; i < columns; ++i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(prepared, i));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared, i));
        row.push_back(text == nullptr ? Value() : Value(std::string(text, size)));
      }
      rows.push_back(std::move(row));
    }
    if (step != SQLITE_DONE) return base::unexpected(failure());
    return rows;
  }

  Handle handle_;
  std::string path_;
  // Work inside of a transaction queries from the same thread.
  std::recursive_mutex mutex_;
};

// Makes the file if it is absent. A user who can read it can hold a lock on it, and a sweep would
// wait for that user.
base::Result<void> close_to_others(const fs::path& file) {
  constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  CCCI_TRY(const base::Fd opened, base::open_path(file, flags, 0600));
  struct stat status {};
  if (fstat(opened.get(), &status) == 0 && (status.st_mode & 0077U) != 0 &&
      fchmod(opened.get(), 0600) != 0)
    return base::unexpected(base::fail("base.open").with("path", file.native()).with_errno(errno));
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Database>> open_sqlite(const fs::path& file, bool create) {
  std::error_code error;
  const bool exists = fs::exists(file, error) || error;  // then opening it says why
  if (!exists && !create) {
    return base::unexpected(
        base::fail("history.none", base::Condition::not_found).with("path", file.native()));
  }
  if (!exists) CCCI_CHECK(base::make_directories(file.parent_path()));
  // SQLite would say only that it cannot open it: the reason is asked from the kernel.
  if (!create) CCCI_CHECK(base::open_path(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (create) CCCI_CHECK(close_to_others(file));
  sqlite3* opened = nullptr;
  const int flags = (create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_FULLMUTEX;
  const fs::path real = fs::weakly_canonical(file.parent_path(), error) / file.filename();
  const int status = sqlite3_open_v2(real.c_str(), &opened, flags, nullptr);
  Handle handle(opened);
  if (status != SQLITE_OK) {
    return base::unexpected(base::fail("history.open")
                                .with("path", file.native())
                                .with("problem", sqlite3_errstr(status)));
  }
  sqlite3_busy_timeout(opened, patience);
  auto database = std::make_unique<Sqlite>(std::move(handle), file.native());
  // A rollback journal and not WAL: who only reads needs no right to write into the directory.
  // EXTRA also syncs the directory after the journal was removed.
  if (create) CCCI_CHECK(database->query("PRAGMA synchronous = EXTRA", {}));
  CCCI_CHECK(database->query("PRAGMA trusted_schema = OFF", {}));
  return database;
}

}  // namespace ccci::history
