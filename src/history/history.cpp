// SPDX-License-Identifier: GPL-3.0-or-later
#include "history/history.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

namespace ccci::history {

namespace {

namespace fs = std::filesystem;

std::string record_columns(int layout_there) {
  const std::string settings =
      layout_there < layout_with_settings ? "'', '{}'" : "settings, dependencies";
  return "SELECT recipe, night, environment, version, commit_id, started, verdict, level, "
         "milliseconds, peak_memory, reason, cause, decision, machine, place, promoted, rungs, "
         "images, " +
         settings + " FROM verdicts ";
}

std::string text(const Value& value) { return value.value_or(std::string()); }

std::uint64_t number(const Value& value) {
  std::uint64_t result = 0;
  if (value) std::from_chars(value->data(), value->data() + value->size(), result);
  return result;
}

Record record_of_row(const Row& row) {
  Record record;
  std::size_t column = 0;
  const auto next = [&] { return text(row.at(column++)); };
  const auto count = [&] { return number(row.at(column++)); };
  record.recipe = next();
  record.night = next();
  record.environment = next();
  record.version = next();
  record.commit = next();
  record.started = next();
  record.verdict = verdict_named(next()).value_or(Verdict::unverified);
  // Another machine may have written the row.
  record.level = static_cast<int>(std::min<std::uint64_t>(count(), most_levels));
  record.time = at_most_longest(count());
  record.peak_memory = std::min(count(), most_memory);
  record.reason = next();
  record.cause = next();
  record.decision = next();
  record.machine = next();
  record.place = next();
  record.promoted = count() != 0;
  // [["install","pass",8300], …]: names of members would be most of a row.
  if (const auto rungs = base::Json::parse(next())) {
    for (const base::Json& rung : rungs->elements()) {
      record.rungs.push_back({rung[0].text_or_empty(), rung[1].text_or_empty(),
                              at_most_longest(rung[2].number().value_or(0))});
    }
  }
  if (const auto images = base::Json::parse(next())) {
    for (const auto& [image, digest] : images->items())
      record.images[image] = digest.text_or_empty();
  }
  if (const auto settings = base::Json::parse(next())) record.settings = settings_of(*settings);
  if (const auto dependencies = base::Json::parse(next())) {
    for (const auto& [recipe, version] : dependencies->items())
      record.dependencies[recipe] = version.text_or_empty();
  }
  return record;
}

std::string packed(const std::vector<RungRecord>& rungs) {
  base::Json list = base::Json::array();
  for (const RungRecord& rung : rungs) {
    list.push_back(base::Json::array(
        {rung.name, rung.verdict, static_cast<std::uint64_t>(rung.time.count())}));
  }
  return list.dump();
}

Night night_of_row(const Row& row) {
  return {text(row[0]), text(row[1]), text(row[2]),
          text(row[3]), text(row[4]), number(row[5]) != 0};
}

base::Result<std::map<std::string, Record>> by_recipe(base::Result<std::vector<Record>> records) {
  if (!records) return base::unexpected(std::move(records).error());
  std::map<std::string, Record> found;
  for (Record& record : *records) {
    std::string recipe = record.recipe;
    found.insert_or_assign(std::move(recipe), std::move(record));
  }
  return found;
}

// The last verdict of each recipe up to number $1. The recursive part goes from one name to the
// next by the index (recipe, id): grouping would read the whole index, a year of nights.
constexpr const char* last_of_each =
    "WHERE id IN (WITH RECURSIVE names (recipe) AS (SELECT min(recipe) FROM verdicts UNION ALL "
    "SELECT (SELECT min(next.recipe) FROM verdicts next WHERE next.recipe > names.recipe) FROM "
    "names WHERE names.recipe IS NOT NULL) SELECT (SELECT max(one.id) FROM verdicts one WHERE "
    "one.recipe = names.recipe AND one.id <= $1) FROM names WHERE names.recipe IS NOT NULL)";

std::string night_columns(int layout_there) {
  const std::string partial = layout_there < layout_with_partial_nights ? "0" : "partial";
  return "SELECT name, started, ended, environment, machine, " + partial + " FROM nights ";
}

}  // namespace

fs::path history_file(const fs::path& state) { return state / "results.sqlite"; }

base::Result<History> History::open(const std::string& address, const fs::path& state,
                                    Access access) {
  if (!address.empty()) {
    CCCI_TRY(std::unique_ptr<Database> server, open_postgres(address, access == Access::write));
    return over(std::move(server), access);
  }
  CCCI_TRY(std::unique_ptr<Database> file,
           open_sqlite(history_file(state), access == Access::write));
  return over(std::move(file), access);
}

base::Result<History> History::over(std::unique_ptr<Database> database, Access access) {
  CCCI_TRY(const int layout, prepare_layout(*database, access));
  return History(std::move(database), layout);
}

base::Result<void> History::check() {
  CCCI_TRY(const std::string problem, database_->damage());
  if (problem.empty()) return {};
  return base::unexpected(
      base::fail("history.damaged").with("path", place()).with("problem", problem));
}

base::Result<void> History::begin(const Night& night, const std::vector<PlannedRecipe>& plan) {
  return database_->transaction([&]() -> base::Result<void> {
    CCCI_CHECK(
        database_->query("INSERT INTO nights (name, started, ended, environment, machine, partial) "
                         "VALUES ($1, $2, '', $3, $4, $5) ON CONFLICT DO NOTHING",
                         {night.name, night.started, night.environment, night.machine,
                          std::string(night.partial ? "1" : "0")}));
    for (const PlannedRecipe& planned : plan) {
      CCCI_CHECK(
          database_->query("INSERT INTO plans (night, recipe, run, reason, version) "
                           "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                           {night.name, planned.recipe, std::string(planned.run ? "1" : "0"),
                            planned.reason, planned.version}));
    }
    return {};
  });
}

base::Result<void> History::end(const std::string& night, const std::string& when) {
  CCCI_CHECK(database_->query("UPDATE nights SET ended = $1 WHERE name = $2 AND ended = ''",
                              {when, night}));
  return {};
}

base::Result<std::optional<Night>> History::last_night() const {
  CCCI_TRY(const std::vector<Night> found, nights(1));
  return found.empty() ? std::nullopt : std::optional(found.front());
}

base::Result<std::optional<Night>> History::night(const std::string& name) const {
  CCCI_TRY(const auto rows, database_->query(night_columns(layout_) + "WHERE name = $1", {name}));
  return rows.empty() ? std::nullopt : std::optional(night_of_row(rows[0]));
}

base::Result<std::vector<Night>> History::nights(std::size_t most) const {
  CCCI_TRY(const auto rows,
           database_->query(
               night_columns(layout_) + "ORDER BY id DESC LIMIT " + std::to_string(most), {}));
  std::vector<Night> found;
  for (const Row& row : rows) found.push_back(night_of_row(row));
  return found;
}

base::Result<std::vector<PlannedRecipe>> History::plan(const std::string& night) const {
  CCCI_TRY(const auto rows, database_->query("SELECT recipe, run, reason, version FROM plans "
                                             "WHERE night = $1 ORDER BY recipe",
                                             {night}));
  std::vector<PlannedRecipe> plan;
  for (const Row& row : rows)
    plan.push_back({text(row[0]), number(row[1]) != 0, text(row[2]), text(row[3])});
  return plan;
}

base::Result<bool> History::insert(const Record& record, const std::string& snapshot) {
  CCCI_TRY(
      const auto made,
      database_->query(
          "INSERT INTO verdicts (recipe, night, environment, version, commit_id, started, "
          "verdict, level, milliseconds, peak_memory, reason, cause, decision, machine, place, "
          "promoted, rungs, images, settings, dependencies) VALUES ($1, $2, $3, $4, $5, $6, $7, "
          "$8, $9, $10, "
          "$11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING RETURNING "
          "recipe",
          {record.recipe,
           record.night,
           record.environment,
           record.version,
           record.commit,
           record.started,
           std::string(name(record.verdict)),
           std::to_string(record.level),
           std::to_string(record.time.count()),
           std::to_string(record.peak_memory),
           record.reason,
           record.cause,
           record.decision,
           record.machine,
           record.place,
           std::string(record.promoted ? "1" : "0"),
           packed(record.rungs),
           base::Json(record.images).dump(),
           record.settings ? base::Json(*record.settings).dump() : std::string(),
           base::Json(record.dependencies).dump()}));
  if (made.empty()) return false;
  if (!record.promoted) return true;
  CCCI_CHECK(database_->query(
      "INSERT INTO canonicals (recipe, version, commit_id, environment, night, date, snapshot) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (recipe) DO UPDATE SET "
      "version = excluded.version, commit_id = excluded.commit_id, "
      "environment = excluded.environment, night = excluded.night, date = excluded.date, "
      "snapshot = excluded.snapshot",
      {record.recipe, record.version, record.commit, record.environment, record.night,
       record.started, snapshot}));
  return true;
}

base::Result<bool> History::add(const Record& record, const std::string& snapshot) {
  bool added = false;
  const auto store = [&]() -> base::Result<void> {
    CCCI_TRY(added, insert(record, snapshot));
    return {};
  };
  CCCI_CHECK(database_->transaction(store));
  return added;
}

base::Result<std::size_t> History::add_all(const std::vector<Record>& records) {
  std::size_t added = 0;
  const auto store = [&]() -> base::Result<void> {
    added = 0;
    for (const Record& record : records) {
      CCCI_TRY(const bool is_new, insert(record, {}));
      if (is_new) ++added;
    }
    return {};
  };
  CCCI_CHECK(database_->transaction(store));
  return added;
}

base::Result<std::vector<Record>> History::records(const std::string& condition,
                                                   const Row& values) const {
  CCCI_TRY(const auto rows, database_->query(record_columns(layout_) + condition, values));
  std::vector<Record> found;
  for (const Row& row : rows) found.push_back(record_of_row(row));
  return found;
}

base::Result<std::optional<Record>> History::find(const std::string& recipe,
                                                  const std::string& night,
                                                  const std::string& environment) const {
  CCCI_TRY(std::vector<Record> found,
           records("WHERE recipe = $1 AND night = $2 AND environment = $3",
                   {recipe, night, environment}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

base::Result<std::vector<Record>> History::of_night(const std::string& night) const {
  return records("WHERE night = $1 ORDER BY recipe, id", {night});
}

base::Result<std::vector<Record>> History::of_recipe(const std::string& recipe,
                                                     std::size_t most) const {
  return records("WHERE recipe = $1 ORDER BY id DESC LIMIT " + std::to_string(most), {recipe});
}

base::Result<std::map<std::string, Record>> History::latest() const {
  return by_recipe(
      records(last_of_each, {std::to_string(std::numeric_limits<std::int64_t>::max())}));
}

base::Result<std::map<std::string, Record>> History::before(const std::string& night) const {
  CCCI_TRY(const auto first,
           database_->query("SELECT min(id) - 1 FROM verdicts WHERE night = $1", {night}));
  if (first.empty() || !first[0][0]) return latest();
  return by_recipe(records(last_of_each, {first[0][0]}));
}

base::Result<std::map<std::string, Record>> History::as_of(const std::string& night) const {
  // Verdicts are numbered as they come, so what was known at the end of a night ends with the last
  // number of this night, or of an earlier one if this one had none.
  CCCI_TRY(const auto nights,
           database_->query("SELECT name FROM nights WHERE id <= (SELECT id FROM nights WHERE name "
                            "= $1) ORDER BY id DESC",
                            {night}));
  std::map<std::string, Record> found;
  for (const Row& row : nights) {
    CCCI_TRY(const auto last,
             database_->query("SELECT max(id) FROM verdicts WHERE night = $1", {row[0]}));
    if (last.empty() || !last[0][0]) continue;
    CCCI_TRY(found, by_recipe(records(last_of_each, {last[0][0]})));
    break;
  }
  // Recipes of other nights have a last verdict too. They may not be enrolled any more.
  CCCI_TRY(const std::vector<PlannedRecipe> planned, plan(night));
  std::set<std::string> own;
  for (const PlannedRecipe& one : planned) own.insert(one.recipe);
  std::erase_if(found, [&](const auto& one) {
    return !own.contains(one.first) && one.second.night != night;
  });
  return found;
}

base::Result<std::vector<Measure>> History::measures(const std::string& recipe,
                                                     std::size_t most) const {
  CCCI_TRY(const auto rows,
           database_->query("SELECT milliseconds, peak_memory FROM verdicts WHERE recipe = $1 AND "
                            "verdict = 'pass' ORDER BY id DESC LIMIT " +
                                std::to_string(most),
                            {recipe}));
  std::vector<Measure> found;
  for (const Row& row : rows) {
    found.push_back({at_most_longest(number(row[0])), std::min(number(row[1]), most_memory)});
  }
  return found;
}

base::Result<std::map<std::string, Canonical>> History::canonicals() const {
  const std::string snapshot = layout_ < layout_with_snapshots ? "''" : "snapshot";
  CCCI_TRY(const auto rows,
           database_->query("SELECT recipe, version, commit_id, environment, night, date, " +
                                snapshot + " FROM canonicals",
                            {}));
  std::map<std::string, Canonical> found;
  for (const Row& row : rows) {
    found.emplace(text(row[0]), Canonical{text(row[0]), text(row[1]), text(row[2]), text(row[3]),
                                          text(row[4]), text(row[5]), text(row[6])});
  }
  return found;
}

base::Result<std::vector<Record>> History::with_files(const std::string& machine) const {
  return records("WHERE machine = $1 AND place <> '' ORDER BY id", {machine});
}

base::Result<void> History::forget_files(const Record& record) {
  CCCI_CHECK(database_->query(
      "UPDATE verdicts SET place = '' WHERE recipe = $1 AND night = $2 AND environment = $3",
      {record.recipe, record.night, record.environment}));
  return {};
}

}  // namespace ccci::history
