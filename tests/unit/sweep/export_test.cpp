// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/export.hpp"

#include <gmock/gmock.h>

namespace ccci::sweep {
namespace {

using testing::HasSubstr;

history::Record verdict() {
  history::Record record{.recipe = "gitea", .night = "2026-11-27", .environment = "c69ed125d05d"};
  record.started = "2026-11-27T03:00:00Z";
  record.verdict = history::Verdict::flaky;
  record.level = 1;
  record.reason = "=HYPERLINK(\"x\"), twice";
  record.rungs = {{"install", "pass", std::chrono::milliseconds(8300)}};
  return record;
}

std::string refusal(const base::Json& one) {
  const base::Json file{{"schema", 1}, {"verdicts", base::Json::array({one})}};
  const auto read = import_json(file.dump(), "all.json", {});
  return read ? std::string() : std::string(read.error().field("why"));
}

TEST(ExportTest, what_was_exported_is_imported_as_it_was) {
  const std::string text = export_json({verdict()}).dump();
  EXPECT_EQ(import_json(text, "all.json", {}).value(), std::vector{verdict()});
}

TEST(ExportTest, values_that_no_sweep_makes_are_refused_by_name) {
  for (const auto& [member, value, why] :
       {std::tuple{"recipe", base::Json("../etc"), "'recipe': "},
        std::tuple{"night", base::Json("a/b"), "'night': "},
        std::tuple{"started", base::Json("yesterday"), "'started': "},
        std::tuple{"environment", base::Json("<b>"), "'environment': "},
        std::tuple{"level", base::Json(9), "'level'"},
        std::tuple{"verdict", base::Json("maybe"), "'verdict'"},
        std::tuple{"commit", base::Json("--output=/etc/passwd"), "'commit'"},
        std::tuple{"place", base::Json(std::string(5000, 'x')), "longer than 4000 bytes"}}) {
    base::Json one = history::to_json(verdict());
    one[member] = value;
    EXPECT_THAT(refusal(one), HasSubstr(why)) << member;
  }
  for (const auto& [member, value] :
       {std::pair{"milliseconds", base::Json(std::uint64_t{1} << 50U)},
        std::pair{"peak_memory", base::Json(std::uint64_t{1} << 63U)},
        std::pair{"images", base::Json{{std::string(5000, 'x'), "sha256:1"}}}}) {
    base::Json one = history::to_json(verdict());
    one[member] = value;
    EXPECT_NE(refusal(one), "") << member;
  }
  base::Json many = history::to_json(verdict());
  for (int i = 0; i < 200; ++i)
    many["rungs"].push_back({{"name", "install"}, {"verdict", "pass"}, {"milliseconds", 1}});
  EXPECT_THAT(refusal(many), HasSubstr("'rungs': more than 100"));
  base::Json rung = history::to_json(verdict());
  rung["rungs"] =
      base::Json::array({{{"name", "install"}, {"verdict", "hm"}, {"milliseconds", 1}}});
  EXPECT_THAT(refusal(rung), HasSubstr("'rungs': "));
}

TEST(ExportTest, values_of_another_type_do_not_become_others) {
  for (const auto& [member, value] :
       {std::pair{"milliseconds", base::Json(-5)}, std::pair{"milliseconds", base::Json(1e300)},
        std::pair{"peak_memory", base::Json("much")}, std::pair{"level", base::Json(-1)},
        std::pair{"version", base::Json(1)}, std::pair{"promoted", base::Json("yes")},
        std::pair{"images", base::Json{{"app:1", 7}}},
        std::pair{"settings", base::Json::array({"env"})},
        std::pair{"rungs", base::Json{{"install", "pass"}}},
        std::pair{"rungs",
                  base::Json::array(
                      {{{"name", "install"}, {"verdict", "pass"}, {"milliseconds", -1}}})}}) {
    base::Json one = history::to_json(verdict());
    one[member] = value;
    EXPECT_EQ(refusal(one), "'" + std::string(member) + "' is missing or wrong") << value.dump();
  }
}

TEST(ExportTest, what_is_promoted_has_a_version) {
  history::Record record = verdict();
  const auto refused = [&] { return refusal(history::to_json(record)); };
  record.version = "main";  // a recipe's label
  EXPECT_EQ(refused(), "");
  record.promoted = true;
  EXPECT_EQ(refused(), "'promoted' is true, but 'verdict' is not pass");
  record.verdict = history::Verdict::pass;
  EXPECT_EQ(refused(), "'version': it does not begin with X.Y.Z");
  record.version = "1.0.0+1\n\x1b[31m";
  EXPECT_NE(refused(), "");
  record.version.clear();
  EXPECT_EQ(refused(), "'promoted' is true, but 'version' is empty");
  record.version = "1.0.0+1\n\x1b[31m";
  record.promoted = false;
  EXPECT_EQ(refused(), "'version' contains a control character");
}

// A run of this machine gets the nearest value; a file of somebody else is no result then.
TEST(ExportTest, numbers_of_a_foreign_result_are_within_bounds) {
  const auto refused = [](const std::string& member, const base::Json& value) {
    base::Json file{
        {"schema", 1},
        {"recipe", "a"},
        {"verdict", "pass"},
        {"version", "1.0.0+1"},
        {"commit", "c"},
        {"dirty", false},
        {"release", true},
        {"environment", "e"},
        {"started", "2026-11-28T12:00:00Z"},
        {"level", 5},
        {"peak_memory", nullptr},
        {"seconds", {{"all", 2.5}}},
        {"rungs",
         base::Json::array(
             {{{"name", "install"}, {"verdict", "pass"}, {"reason", ""}, {"seconds", 1.5}}})}};
    if (member == "rung") {
      file["rungs"][0]["seconds"] = value;
    } else {
      file[member] = value;
    }
    const auto read = import_json(file.dump(), "results.json", {});
    return read ? std::string() : std::string(read.error().field("why"));
  };
  EXPECT_EQ(refused("level", 0), "");
  EXPECT_EQ(refused("rung", 0), "");
  EXPECT_EQ(refused("seconds", base::Json{{"all", 0}}), "");
  for (const base::Json& level : {base::Json(99), base::Json(-1), base::Json("5")})
    EXPECT_EQ(refused("level", level), "'level' is missing or wrong");
  for (const base::Json& time : {base::Json(-5), base::Json(1e300), base::Json("1")}) {
    EXPECT_EQ(refused("seconds", base::Json{{"all", time}}), "'seconds' is missing or wrong");
    EXPECT_EQ(refused("rung", time), "'rungs' is missing or wrong");
  }
  EXPECT_EQ(refused("peak_memory", -1), "'peak_memory' is missing or wrong");
  EXPECT_EQ(refused("version", 1), "'version' is missing or wrong");
  EXPECT_EQ(refused("version", "x\n\x1b[31m<script>"), "'version': it does not begin with X.Y.Z");
  EXPECT_EQ(refused("version", "1.0.0"), "'version': it has no '+' with the version of the app");
}

TEST(ExportTest, members_that_contradict_each_other_are_refused) {
  history::Record record = verdict();
  const auto refused = [&] { return refusal(history::to_json(record)); };
  record.verdict = history::Verdict::pass;
  record.rungs.push_back({"upgrade", "fail", std::chrono::milliseconds(1)});
  EXPECT_EQ(refused(), "'verdict' is pass, but the rung upgrade is fail");
  record.verdict = history::Verdict::unverified;  // the machine failed afterwards
  EXPECT_EQ(refused(), "");
  record.rungs.pop_back();
  record.verdict = history::Verdict::fail;  // a deadline
  EXPECT_EQ(refused(), "");
}

TEST(ExportTest, another_schema_is_refused) {
  const auto read = import_json(R"({"schema": 2, "verdicts": []})", "all.json", {});
  EXPECT_EQ(read.error().field("why"), "expected schema 1, found 2");
}

TEST(ExportTest, a_cell_is_no_formula) {
  EXPECT_THAT(export_csv({verdict()}), HasSubstr("\"'=HYPERLINK(\"\"x\"\"), twice\""));
}

TEST(ExportTest, a_cell_is_no_formula_after_blanks_or_where_semicolons_separate_cells) {
  history::Record record = verdict();
  record.reason = " \n=1+1";
  record.cause = "why;@SUM(A1);\t-2";
  record.machine = "a-b=c";
  EXPECT_THAT(export_csv({record}), HasSubstr("\" \n'=1+1\",\"why;'@SUM(A1); '-2\",a-b=c\r\n"));
}

TEST(ExportTest, a_cell_moves_no_cursor) {
  history::Record record = verdict();
  record.reason = "\x1b[31mred\xe2\x80\xae";
  const std::string text = export_csv({record});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
}

TEST(ExportTest, an_imported_verdict_names_no_directory_of_this_machine) {
  history::Record record = verdict();
  record.place = "/var/lib/cc-ci/sweeps";
  EXPECT_EQ(import_json(export_json({record}).dump(), "all.json", {})->at(0).place, "");
}

TEST(ExportTest, an_older_run_does_not_replace_a_later_canonical) {
  std::vector<history::Record> records(3, verdict());
  for (history::Record& record : records) record.promoted = true;
  records[0].started = "2026-11-28T12:00:00Z";
  records[1].started = "2026-11-28T14:00:00Z";
  records[2].started = "2026-11-28T13:30:00Z";
  history::Canonical canonical{.recipe = verdict().recipe,
                               .version = {},
                               .commit = {},
                               .environment = {},
                               .night = {},
                               .date = "2026-11-28T13:00:00Z"};
  keep_later_canonicals(records, {{canonical.recipe, canonical}});
  EXPECT_FALSE(records[0].promoted);
  EXPECT_TRUE(records[1].promoted);
  EXPECT_FALSE(records[2].promoted) << "later than the canonical, older than the one before it";
}

TEST(ExportTest, a_run_of_some_tiers_makes_no_canonical) {
  const auto file = [](const std::string& reason) {
    return R"({"schema": 1, "recipe": "a", "verdict": "pass", "version": "1.0.0+1", "commit": "c",
      "dirty": false, "release": true, "environment": "e", "started": "2026-11-28T12:00:00Z",
      "rungs": [{"name": "backup", "verdict": "skip", "reason": ")" +
           reason + "\"}]}";
  };
  EXPECT_TRUE(import_json(file("no label"), "results.json", {}).value().front().promoted);
  EXPECT_FALSE(import_json(file("not asked for"), "results.json", {}).value().front().promoted);
}

}  // namespace
}  // namespace ccci::sweep
