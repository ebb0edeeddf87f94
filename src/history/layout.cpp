// SPDX-License-Identifier: GPL-3.0-or-later
#include "history/layout.hpp"

#include <charconv>
#include <string>
#include <vector>

namespace ccci::history {

namespace {

constexpr int layout = 4;  // a change of the tables below adds a step to prepare_layout()

// `ROW` is the number that the database gives to each row.
constexpr const char* first_layout[] = {
    "CREATE TABLE nights (id ROW, name TEXT NOT NULL UNIQUE, started TEXT NOT NULL, "
    "ended TEXT NOT NULL, environment TEXT NOT NULL, machine TEXT NOT NULL)",
    "CREATE TABLE plans (night TEXT NOT NULL, recipe TEXT NOT NULL, run INTEGER NOT NULL, "
    "reason TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (night, recipe))",
    "CREATE TABLE verdicts (id ROW, recipe TEXT NOT NULL, night TEXT NOT NULL, "
    "environment TEXT NOT NULL, version TEXT NOT NULL, commit_id TEXT NOT NULL, "
    "started TEXT NOT NULL, verdict TEXT NOT NULL, level INTEGER NOT NULL, "
    "milliseconds BIGINT NOT NULL, peak_memory BIGINT NOT NULL, reason TEXT NOT NULL, "
    "cause TEXT NOT NULL, decision TEXT NOT NULL, machine TEXT NOT NULL, place TEXT NOT NULL, "
    "promoted INTEGER NOT NULL, rungs TEXT NOT NULL, images TEXT NOT NULL, "
    "UNIQUE (recipe, night, environment))",
    "CREATE INDEX verdicts_by_recipe ON verdicts (recipe, id)",
    "CREATE INDEX verdicts_by_night ON verdicts (night)",
    "CREATE INDEX verdicts_with_files ON verdicts (machine, id) WHERE place <> ''",
    "CREATE TABLE canonicals (recipe TEXT PRIMARY KEY, version TEXT NOT NULL, "
    "commit_id TEXT NOT NULL, environment TEXT NOT NULL, night TEXT NOT NULL, "
    "date TEXT NOT NULL)",
};

constexpr const char* snapshots_of_canonicals =
    "ALTER TABLE canonicals ADD COLUMN snapshot TEXT NOT NULL DEFAULT ''";

constexpr const char* partial_of_nights =
    "ALTER TABLE nights ADD COLUMN partial INTEGER NOT NULL DEFAULT 0";

constexpr const char* settings_of_verdicts =
    "ALTER TABLE verdicts ADD COLUMN settings TEXT NOT NULL DEFAULT ''";

constexpr const char* dependencies_of_verdicts =
    "ALTER TABLE verdicts ADD COLUMN dependencies TEXT NOT NULL DEFAULT '{}'";

base::Result<void> make_tables(Database& database) {
  for (std::string sql : first_layout) {
    const std::size_t place = sql.find(" ROW,");
    if (place != std::string::npos) sql.replace(place + 1, 3, database.row_number());
    CCCI_CHECK(database.query(sql, {}));
  }
  return {};
}

// 0: the tables are not made yet.
base::Result<int> present_layout(Database& database) {
  CCCI_TRY(const std::vector<Row> rows, database.query("SELECT number FROM layout", {}));
  if (rows.empty()) return 0;
  const std::string text = rows[0][0].value_or(std::string());
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

base::Result<void> migrate(Database& database) {
  return database.transaction([&]() -> base::Result<void> {
    // Without it two processes would make the tables at once, and one would fail.
    CCCI_CHECK(database.lock("layout"));
    CCCI_TRY(const int now, present_layout(database));  // another process may have been faster
    if (now >= layout) return {};
    if (now == 0) CCCI_CHECK(make_tables(database));
    if (now < layout_with_snapshots) CCCI_CHECK(database.query(snapshots_of_canonicals, {}));
    if (now < layout_with_partial_nights) CCCI_CHECK(database.query(partial_of_nights, {}));
    if (now < layout_with_settings) {
      CCCI_CHECK(database.query(settings_of_verdicts, {}));
      CCCI_CHECK(database.query(dependencies_of_verdicts, {}));
    }
    CCCI_CHECK(
        database.query("INSERT INTO layout (one, number) VALUES (1, $1) "
                       "ON CONFLICT (one) DO UPDATE SET number = excluded.number",
                       {std::to_string(layout)}));
    return {};
  });
}

}  // namespace

base::Result<int> prepare_layout(Database& database, Access access) {
  CCCI_TRY(const bool foreign, database.is_foreign());
  if (foreign) return base::unexpected(base::fail("history.foreign").with("path", database.name()));
  if (access == Access::write) {
    CCCI_CHECK(database.query(
        "CREATE TABLE IF NOT EXISTS layout (one INTEGER PRIMARY KEY, number INTEGER NOT NULL)",
        {}));
  }
  CCCI_TRY(const bool made, database.has_table("layout"));
  if (!made) {
    return base::unexpected(
        base::fail("history.none", base::Condition::not_found).with("path", database.name()));
  }
  CCCI_TRY(const int before, present_layout(database));
  if (before > layout) {
    return base::unexpected(base::fail("history.newer")
                                .with("path", database.name())
                                .with("found", before)
                                .with("known", layout));
  }
  if (before == layout || access == Access::read) return before;
  CCCI_CHECK(migrate(database));
  return layout;
}

}  // namespace ccci::history
