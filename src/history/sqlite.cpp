// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "base/files.hpp"
#include "history/database.hpp"

namespace ccci::history {

namespace {

namespace fs = std::filesystem;

constexpr int patience = 60'000;  // ms that a writer waits for another one
constexpr const char* more_space =
    "cc-ci gc, or remove other files from its file system; then the same command again";
constexpr const char* writable =
    "mount its file system for writing, or give another state directory with --state";

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

  // An earlier cc-ci may have been killed after the first of its tables.
  base::Result<bool> is_foreign() override {
    CCCI_TRY(const std::vector<Row> tables,
             query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')", {}));
    if (tables.empty()) return false;
    CCCI_TRY(const std::vector<Row> columns,
             query("SELECT name FROM pragma_table_info('layout') ORDER BY name", {}));
    return columns != std::vector<Row>{{"number"}, {"one"}};
  }

  std::string name() const override { return path_; }

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
    std::string problem = sqlite3_errmsg(handle_.get());
    const int number = sqlite3_system_errno(handle_.get());
    const bool by_kernel = code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
    if (by_kernel && number != 0) problem += ": " + base::describe_errno(number);
    base::Error error = base::fail("history.sql").with("path", path_).with("problem", problem);
    if (code == SQLITE_FULL || (by_kernel && number == ENOSPC))
      return std::move(error).with("remedy", more_space);
    if (code == SQLITE_READONLY || (by_kernel && number == EROFS))
      return std::move(error).with("remedy", writable);
    return error;
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

// A file of SQLite without tables.
base::Result<std::string> empty_database() {
  sqlite3* opened = nullptr;
  const int status = sqlite3_open(":memory:", &opened);
  const Handle handle(opened);
  sqlite3_int64 size = 0;
  // Any change gives it its first page.
  if (status == SQLITE_OK && sqlite3_exec(opened, "PRAGMA application_id = 1667449193", nullptr,
                                          nullptr, nullptr) == SQLITE_OK) {
    const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> bytes(
        sqlite3_serialize(opened, "main", &size, 0), &sqlite3_free);
    if (bytes && size > 0)
      return std::string(reinterpret_cast<const char*>(bytes.get()),
                         static_cast<std::size_t>(size));
  }
  return base::unexpected(
      base::fail("history.open").with("path", ":memory:").with("problem", sqlite3_errstr(status)));
}

// SQLite itself would make an empty file and fill it later: after a kill nobody could tell it from
// one whose content is lost.
base::Result<void> make_file(const fs::path& file) {
  CCCI_CHECK(base::make_directories(file.parent_path()));
  CCCI_TRY(const base::Fd directory, base::open_path(file.parent_path(), O_RDONLY | O_DIRECTORY));
  CCCI_TRY(const std::string content, empty_database());
  const std::string name = file.filename().native();
  const std::string part = "." + name + "." + std::to_string(gettid()) + ".part";
  CCCI_CHECK(base::replace_file(directory.get(), part, content, 0600));
  auto moved = base::real_disk().rename_new(directory.get(), part, directory.get(), name);
  if (moved) return base::real_disk().sync(directory.get());
  CCCI_CHECK(base::remove_tree(directory.get(), part));
  if (moved.error().is(std::errc::file_exists)) return {};  // another process was faster
  return moved;
}

// A user who can read it can hold a lock on it, and a sweep would wait for that user.
base::Result<void> close_to_others(int file, const fs::path& path) {
  struct stat status {};
  if (fstat(file, &status) == 0 && (status.st_mode & 0077U) != 0 && fchmod(file, 0600) != 0)
    return base::unexpected(base::fail("base.open").with("path", path.native()).with_errno(errno));
  return {};
}

// SQLite would say only that it cannot open it: the reason is asked from the kernel.
base::Result<void> look_at_file(const fs::path& file, bool create) {
  const int access = create ? O_RDWR : O_RDONLY;
  auto opened = base::open_path(file, access | O_NOFOLLOW | O_NONBLOCK);
  struct stat status {};
  const bool known =
      opened ? fstat(opened->get(), &status) == 0
             : opened.error().is(std::errc::is_a_directory) && stat(file.c_str(), &status) == 0;
  if (known && !S_ISREG(status.st_mode)) {
    return base::unexpected(base::fail("history.open")
                                .with("path", file.native())
                                .with("problem", S_ISDIR(status.st_mode)
                                                     ? "expected a file, found a directory"
                                                     : "expected a file, found none of that kind")
                                .with("remedy", "move it away: the next sweep begins a new file"));
  }
  if (!opened) return base::unexpected(std::move(opened).error());
  if (status.st_size == 0) {
    return base::unexpected(base::fail("history.damaged")
                                .with("path", file.native())
                                .with("problem", "the file is empty"));
  }
  return create ? close_to_others(opened->get(), file) : base::Result<void>();
}

base::Result<void> prepare_file(const fs::path& file, bool exists, bool create) {
  auto prepared = [&]() -> base::Result<void> {
    if (!exists) CCCI_CHECK(make_file(file));
    return look_at_file(file, create);
  }();
  if (prepared || !prepared.error().is(std::errc::read_only_file_system)) return prepared;
  return base::unexpected(base::fail("history.open")
                              .with("path", file.native())
                              .with("problem", base::describe_errno(EROFS))
                              .with("remedy", writable));
}

}  // namespace

base::Result<std::unique_ptr<Database>> open_sqlite(const fs::path& file, bool create) {
  std::error_code error;
  const bool exists = fs::exists(file, error) || error;  // then opening it says why
  if (!exists && !create) {
    return base::unexpected(
        base::fail("history.none", base::Condition::not_found).with("path", file.native()));
  }
  CCCI_CHECK(prepare_file(file, exists, create));
  sqlite3* opened = nullptr;
  const int flags = (create ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOFOLLOW |
                    SQLITE_OPEN_FULLMUTEX;
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
