// SPDX-License-Identifier: GPL-3.0-or-later
#include "results/files.hpp"

#include <gmock/gmock.h>

#include "tests/support/no_descriptors.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::results {
namespace {

using testing::HasSubstr;
using testing::Not;

run::Result hostile() {
  run::Result result;
  result.recipe = "<script>alert(1)</script>";
  result.version = "1.0.0+\x1b[31m\"'&";
  result.clean_teardown = true;
  result.screenshot = "the app has no page";
  run::Rung& rung = result.rung("install");
  rung.verdict = run::Verdict::fail;
  rung.reason = "]]><img src=x onerror=alert(1)>";
  rung.last_words = "line one\n</pre><b>\x01 two";
  rung.time = std::chrono::milliseconds(1500);
  result.deviations = {{"app", "restart", "<i>"}};
  result.notes = {"<u>"};
  return result;
}

TEST(ResultsTest, json_has_what_programs_rely_on) {
  run::Result result = hostile();
  result.rung("lint").verdict = run::Verdict::pass;
  const base::Json json = to_json(result);
  EXPECT_EQ(json["verdict"].text_or_empty(), "fail");
  EXPECT_EQ(json["level"].number(), 0U);
  EXPECT_EQ(json["rungs"][0]["name"].text_or_empty(), "install");
  EXPECT_EQ(json["rungs"][0]["verdict"].text_or_empty(), "fail");
  EXPECT_TRUE(json["rungs"][0].contains("seconds"));
  EXPECT_EQ(json["flags"]["clean_teardown"].boolean(), true);
  EXPECT_EQ(json["flags"]["no_secret_leak"].boolean(), true);
  EXPECT_EQ(json["deviations"].size(), 1U);
  for (const char* member : {"recipe", "version", "commit", "environment"})
    EXPECT_TRUE(json.contains(member)) << member;
}

TEST(ResultsTest, markup_of_a_recipe_stays_text) {
  for (const std::string& text : {to_html(hostile()), to_junit(hostile()), to_badge(hostile())}) {
    EXPECT_THAT(text, Not(HasSubstr("<script>")));
    EXPECT_THAT(text, Not(HasSubstr("<img src=x")));
    EXPECT_THAT(text, Not(HasSubstr("<b>")));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\x01")));
  }
}

TEST(ResultsTest, junit_tells_failures_from_what_was_not_tested) {
  run::Result result = hostile();
  result.rung("upgrade").reason = "base broken";
  run::Rung& skipped = result.rung("backup");
  skipped.verdict = run::Verdict::skip;
  const std::string xml = to_junit(result);
  EXPECT_THAT(xml, HasSubstr("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"2\""));
  EXPECT_THAT(xml, HasSubstr("<skipped message=\"unverified: base broken\"/>"));
  EXPECT_THAT(xml, HasSubstr("time=\"1.500\""));
}

TEST(ResultsTest, junit_has_an_error_if_the_engine_was_lost) {
  run::Result result;
  result.ending = run::Ending::failed;
  result.rung("install").verdict = run::Verdict::pass;
  EXPECT_THAT(to_junit(result), HasSubstr("tests=\"2\" failures=\"0\" errors=\"1\""));
  result.rung("upgrade").reason = "the engine ended";
  const std::string xml = to_junit(result);
  EXPECT_THAT(xml, HasSubstr("tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"0\""));
  EXPECT_THAT(xml, HasSubstr("<error message=\"the engine ended\"/>"));
}

TEST(ResultsTest, what_ends_badly_beside_the_rungs_is_in_every_file) {
  const auto green = [] {
    run::Result result;
    result.recipe = "demo";
    result.clean_teardown = true;
    result.rung("install").verdict = run::Verdict::pass;
    return result;
  };
  EXPECT_THAT(to_junit(green()), HasSubstr("tests=\"1\" failures=\"0\" errors=\"0\""));
  run::Result left = green();
  left.clean_teardown = false;
  left.left = {"mount /x"};
  run::Result leaked = green();
  leaked.no_secret_leak = false;
  run::Result late = green();
  late.ending = run::Ending::deadline;
  const auto expect = [](const run::Result& result, const char* kind, const char* why) {
    EXPECT_THAT(to_junit(result), HasSubstr(std::string("<") + kind + " message=\"" + why));
    EXPECT_THAT(to_html(result), HasSubstr(why));
  };
  expect(left, "failure", "the teardown left something: mount /x");
  expect(leaked, "failure", "a secret is in the files of the result");
  expect(late, "error", "the deadline of the run was over");
}

TEST(ResultsTest, result_is_read_as_it_was_written) {
  run::Result result = hostile();
  result.problem = "it broke";
  result.ending = run::Ending::stopped;
  result.left = {"a"};
  result.dependencies = {"other 1"};
  result.images = {{"demo/app:1", "sha256:1"}};
  result.release_notes = {{"1.0.0", "read"}};
  result.peak_memory = 7;
  result.time = std::chrono::milliseconds(1250);
  result.dirty = true;
  const base::Json json = to_json(result);
  ASSERT_TRUE(read_result(json));
  EXPECT_EQ(to_json(*read_result(json)), json);
  EXPECT_FALSE(read_result(base::Json(nullptr)));
}

TEST(ResultsTest, failed_promotion_is_in_every_file) {
  const test::Scratch scratch;
  run::Result result;
  result.recipe = "demo";
  result.clean_teardown = true;
  result.rung("install").verdict = run::Verdict::pass;
  ASSERT_TRUE(write_files(result, scratch.path(), {}));
  ASSERT_TRUE(fail_promotion(scratch.path(), "green, but promotion failed: no space"));
  for (const char* file : {"results.json", "junit.xml", "summary.html"})
    EXPECT_THAT(test::read_text(scratch / file), HasSubstr("promotion failed: no space")) << file;
  EXPECT_THAT(test::read_text(scratch / "junit.xml"), HasSubstr("failures=\"1\""));
  EXPECT_THAT(test::read_text(scratch / "badge.svg"), HasSubstr("fail L"));
  EXPECT_THAT(test::read_text(scratch / "results.json"), HasSubstr("\"verdict\": \"fail\""));
  ASSERT_TRUE(fail_promotion(scratch / "none", "x"));
}

TEST(ResultsTest, a_secret_is_masked_and_one_that_is_there_is_told) {
  const test::Scratch scratch;
  run::Mask mask;
  mask.add("hunter2-hunter2");
  run::Result result = hostile();
  result.rung("install").reason = "password hunter2-hunter2 is wrong";
  result.logs["app"] = "hunter2-hunter2";
  ASSERT_TRUE(write_files(result, scratch.path(), mask));
  EXPECT_TRUE(result.no_secret_leak);
  for (const char* file :
       {"results.json", "junit.xml", "summary.html", "badge.svg", "logs/app.txt"})
    EXPECT_THAT(test::read_text(scratch / file), Not(HasSubstr("hunter2"))) << file;
  test::write_text(scratch / "log.txt", "aHVudGVyMi1odW50ZXIy");
  ASSERT_TRUE(write_files(result, scratch.path(), mask));
  EXPECT_FALSE(result.no_secret_leak);
  EXPECT_THAT(test::read_text(scratch / "results.json"), HasSubstr("\"no_secret_leak\": false"));
}

// The directory of --out may be a user's.
TEST(ResultsTest, no_file_is_written_through_a_link) {
  const test::Scratch scratch;
  for (const char* directory : {"out", "precious"})
    std::filesystem::create_directory(scratch / directory);
  test::write_text(scratch / "precious/app.txt", "mine");
  std::filesystem::create_directory_symlink(scratch / "precious", scratch / "out/logs");
  run::Result result = hostile();
  result.logs["app"] = "words";
  EXPECT_FALSE(write_files(result, scratch / "out", {}));
  EXPECT_EQ(test::read_text(scratch / "precious/app.txt"), "mine");
  std::filesystem::remove(scratch / "out/logs");
  std::filesystem::create_symlink(scratch / "precious/app.txt", scratch / "out/results.json");
  ASSERT_TRUE(write_files(result, scratch / "out", {}));
  EXPECT_EQ(test::read_text(scratch / "precious/app.txt"), "mine");
}

TEST(ResultsTest, files_that_nobody_could_search_are_not_clean) {
  const test::Scratch scratch;
  run::Mask mask;
  mask.add("hunter2-hunter2");
  EXPECT_FALSE(leaks(scratch.path(), mask).value());
  std::filesystem::create_directory(scratch / "below");
  test::write_text(scratch / "below/file", "hunter2-hunter2");
  EXPECT_TRUE(leaks(scratch.path(), mask).value());
  std::filesystem::create_symlink("loop", scratch / "loop");
  std::filesystem::remove_all(scratch / "below");
  EXPECT_FALSE(leaks(scratch.path(), mask).value()) << "links are not followed";
  EXPECT_FALSE(leaks(scratch / "loop", mask));
  const test::NoDescriptors none;
  EXPECT_FALSE(leaks(scratch.path(), mask));
}

}  // namespace
}  // namespace ccci::results
