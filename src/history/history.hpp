// SPDX-License-Identifier: GPL-3.0-or-later
// The memory of sweeps in a database. All changes may be repeated: a second delivery of the same
// verdict changes nothing. May be used from several threads.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "history/database.hpp"
#include "history/layout.hpp"
#include "history/record.hpp"

namespace ccci::history {

struct Measure {
  std::chrono::milliseconds time{0};
  std::uint64_t peak_memory = 0;  // bytes; 0: unknown
};

class History {
 public:
  // `address` of a PostgreSQL database, or empty for the file in `state`. `write` makes what is
  // missing and brings an older layout to the present one. [history.*]
  static base::Result<History> open(const std::string& address, const std::filesystem::path& state,
                                    Access access);
  // [history.newer] if a later cc-ci made the layout.
  static base::Result<History> over(std::unique_ptr<Database> database, Access access);

  // [history.damaged]
  base::Result<void> check();
  // The path or the address of the database, for messages.
  std::string place() const { return database_->name(); }

  // Makes the night and its plan. What of them exists stays as it is.
  base::Result<void> begin(const Night& night, const std::vector<PlannedRecipe>& plan);
  base::Result<void> end(const std::string& night, const std::string& when);
  // The night that was begun last; with a name, this one.
  base::Result<std::optional<Night>> last_night() const;
  base::Result<std::optional<Night>> night(const std::string& name) const;
  // The latest first.
  base::Result<std::vector<Night>> nights(std::size_t most) const;
  base::Result<std::vector<PlannedRecipe>> plan(const std::string& night) const;

  // Stores the verdict and, if it is promoted, the canonical: both or neither. Returns false if a
  // verdict of this recipe, night and environment is stored already; then nothing changes.
  // `snapshot` is that of the canonical's data.
  base::Result<bool> add(const Record& record, const std::string& snapshot = {});
  // The same for many in one transaction. Returns how many were not stored before.
  base::Result<std::size_t> add_all(const std::vector<Record>& records);

  base::Result<std::optional<Record>> find(const std::string& recipe, const std::string& night,
                                           const std::string& environment) const;
  // By recipe.
  base::Result<std::vector<Record>> of_night(const std::string& night) const;
  // The latest first.
  base::Result<std::vector<Record>> of_recipe(const std::string& recipe, std::size_t most) const;
  // The latest verdict of each recipe.
  base::Result<std::map<std::string, Record>> latest() const;
  // The same as it was before the first verdict of the night.
  base::Result<std::map<std::string, Record>> before(const std::string& night) const;
  // The same as it was at the end of the night, of the recipes that the night ran or skipped.
  base::Result<std::map<std::string, Record>> as_of(const std::string& night) const;
  // Of green runs, the latest first.
  base::Result<std::vector<Measure>> measures(const std::string& recipe, std::size_t most) const;
  base::Result<std::map<std::string, Canonical>> canonicals() const;

  // Records that have files on `machine`. The oldest first.
  base::Result<std::vector<Record>> with_files(const std::string& machine) const;
  // Forgets where the files of the verdict were.
  base::Result<void> forget_files(const Record& record);

 private:
  History(std::unique_ptr<Database> database, int layout)
      : database_(std::move(database)), layout_(layout) {}

  base::Result<bool> insert(const Record& record, const std::string& snapshot);
  base::Result<std::vector<Record>> records(const std::string& condition, const Row& values) const;

  std::unique_ptr<Database> database_;
  int layout_;  // an older one that is only read stays as it is
};

// Where the file of the history is.
std::filesystem::path history_file(const std::filesystem::path& state);

}  // namespace ccci::history
