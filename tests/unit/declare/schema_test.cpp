// SPDX-License-Identifier: GPL-3.0-or-later
// The schema, held against what parse() accepts by a validator that is not ours.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "base/process.hpp"
#include "declare/keys.hpp"
#include "declare/runner_kind.hpp"
#include "tests/unit/declare/mistakes.hpp"

namespace ccci::declare {
namespace {

TEST(Schema, SaysWhatTheTableOfKeysSays) {
  const base::Json schema = base::Json::parse(json_schema()).value();
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["required"], base::Json({"runtime"}));
  const auto& tables = schema["properties"];
  EXPECT_EQ(tables["runtime"]["properties"]["tools"]["items"]["pattern"],
            "^[a-z0-9][a-z0-9+.-]{0,99}$");
  EXPECT_EQ(tables["runners"]["additionalProperties"]["properties"]["kind"]["enum"],
            base::Json(runner_kind_names()));
  EXPECT_EQ(tables["timers"]["additionalProperties"]["required"], base::Json({"schedule", "exec"}));
}

TEST(Schema, EveryKeyHasAMeaningAndAParent) {
  for (const Key& key : keys()) {
    EXPECT_FALSE(key.meaning.empty()) << key.path;
    EXPECT_FALSE(key.meaning.ends_with('.')) << key.path;
    EXPECT_EQ(key.name != nullptr, key.last() == "*") << key.path;
    EXPECT_EQ(key.value != nullptr, key.type != Type::table && key.type != Type::flag) << key.path;
    EXPECT_EQ(key.example.empty(), key.type == Type::table && key.last() != "*") << key.path;
    if (key.parent().empty()) continue;
    const auto parent = std::find_if(keys().begin(), keys().end(),
                                     [&](const Key& row) { return row.path == key.parent(); });
    EXPECT_NE(parent, keys().end()) << key.path;
    EXPECT_LT(&*parent, &key) << key.path << " stands before its table";
  }
}

constexpr const char* validator = R"(
import json, sys, tomllib
try:
    import jsonschema
except ImportError:
    sys.exit(77)
given = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(given["schema"])
check = jsonschema.Draft202012Validator(given["schema"])
print("".join("y" if check.is_valid(tomllib.loads(text)) else "n" for text in given["texts"]))
)";

TEST(Schema, JudgesAsParsingDoes) {
  const std::string start = "[runtime]\ntools = [\"git\"]\n";
  const std::vector<std::string> texts{
      starter(),
      start,
      start + "[packages.git]\ndebian = \"git\"\ncommands = { git = \"/usr/bin/git\" }\n",
      start + "[packages.git]\ndebian = \"git\"\ncommands = [\"git\"]\n",
      start + "[runtime.variables]\nA = \"ä 'b' $c\"\n[baselines]\nOld = [\"X\"]\n",
      start + "[runners.r]\nkind = \"unit\"\nunit = \"a@b.service\"\n",
      start + "[baselines]\nold = { from = \"a.nix@v1\" }\n[waivers]\nx = \"y\"\n",
      start + "[health]\ncommands = [[\"a\", \"\"], [\"a\"]]\n[hosts.h]\naddress = \"a@b\"\n",
      start + "[health]\ncommands = [[]]\n",
      start + "[health]\ncommands = [\"a\"]\n",
      start + "[hosts.h]\naddress = \"-oX=y\"\n",
      start + "[witness]\n",
      "",
      "[runtime]\ntools = \"git\"\n",
      "[runtime]\ntools = [\"Git\"]\n",
      "[runtime]\ntools = [\"git\", \"git\"]\n",
      start + "x = 1\n",
      start + "[packages.git]\ndebian = \"git\"\ncommands = { \"a/b\" = \"/usr/bin/git\" }\n",
      start + "[runtime.variables]\n\"A B\" = \"\"\n",
      start + "[runtime.variables]\nA = \"a\\nb\"\n",
      start + "[runners.r]\nkind = \"drone\"\n",
      start + "[hosts.\"a b\"]\n",
      start + "[timers.t]\nschedule = \"daily\"\n",
      start + "[baselines.old]\n",
      start + "[baselines.old]\nfrom = [\"a.nix@v1\"]\n",
      start + "[waivers]\n\"a b\" = \"y\"\n",
      start + "[prove.ignore]\na = 1\n",
  };
  std::string ours;
  for (const std::string& text : texts) ours += parse(text, test_file) ? 'y' : 'n';
  EXPECT_EQ(ours, "yyyyyyyynnnnnnnnnnnnnnnnnnn");

  base::Command command;
  command.argv = {"/usr/bin/python3", "-c", validator};
  command.input =
      base::Json{{"schema", base::Json::parse(json_schema()).value()}, {"texts", texts}}.dump();
  const auto outcome = base::real_processes().run(command);
  ASSERT_TRUE(outcome);
  if (outcome->status == 77) GTEST_SKIP() << "package python3-jsonschema is not installed";
  EXPECT_EQ(outcome->out, ours + "\n") << outcome->err;
}

}  // namespace
}  // namespace ccci::declare
