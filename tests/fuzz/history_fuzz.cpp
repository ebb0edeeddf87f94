// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as the rows of a database of results, which other machines write too: a line is a row,
// tabs stand between the columns, and a column "~" is NULL. Everything is read, and what is read
// can be compared, exported and stored elsewhere.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "history/compare.hpp"
#include "history/history.hpp"
#include "sweep/bisect.hpp"
#include "sweep/export.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::size_t columns = 20;

class Rows final : public history::Database {
 public:
  explicit Rows(std::string_view text) {
    for (const std::string_view line : base::split(text, '\n')) {
      history::Row row;
      for (const std::string_view value : base::split(line, '\t'))
        row.push_back(value == "~" ? history::Value() : history::Value(value));
      row.resize(columns);
      rows_.push_back(std::move(row));
    }
  }

  base::Result<std::vector<history::Row>> query(const std::string& sql,
                                                const history::Row&) override {
    if (sql.starts_with("SELECT number")) return std::vector<history::Row>{{"4"}};
    return rows_;
  }
  base::Result<void> transaction(const std::function<base::Result<void>()>& work) override {
    return work();
  }
  base::Result<void> lock(const std::string&) override { return {}; }
  std::string row_number() const override { return {}; }
  base::Result<bool> has_table(const std::string&) override { return true; }
  base::Result<bool> is_foreign() override { return false; }
  std::string name() const override { return "rows"; }
  base::Result<std::string> damage() override { return std::string(); }

 private:
  std::vector<history::Row> rows_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  auto opened = history::History::over(std::make_unique<Rows>(text), history::Access::read);
  require(opened.has_value());
  const history::History& history = *opened;
  const auto records = history.of_recipe("gitea", 30);
  require(records.has_value());
  for (const history::Record& record : *records) {
    std::string why;
    const auto again = history::record_of(history::to_json(record), why);
    require(again ? *again == record : !why.empty());
    require(record.level >= 0 && record.time.count() >= 0);
  }
  const auto latest = history.latest();
  const auto before = history.before("2026-11-28");
  require(latest && before && history.as_of("2026-11-28"));
  for (const std::string& recipe : history::needs_noise(*before, *latest))
    require(!history.measures(recipe, 10)->empty());
  for (const history::Difference& one : history::compare(*before, *latest, {}))
    require(!history::to_json(one).dump().empty());
  require(history.nights(3) && history.plan("2026-11-28") && history.canonicals());
  static_cast<void>(sweep::find_turn(history, "gitea"));
  const std::string csv = sweep::export_csv(*records);
  require(csv.find('\x1b') == std::string::npos);
  require(!sweep::export_junit(*records).empty());
  static_cast<void>(sweep::import_json(sweep::export_json(*records).dump(), "all.json", {}));
  return 0;
}
