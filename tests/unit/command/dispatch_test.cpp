// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/dispatch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

#include "base/json.hpp"
#include "command/invocation.hpp"

namespace ccci::command {
namespace {

using base::fail;
using base::unexpected;
using testing::HasSubstr;
using testing::StartsWith;

base::Result<int> write_then_fail(Invocation& invocation) {
  if (invocation.json()) return unexpected(fail("base.open").with("path", "/x"));
  invocation.out().line("so far");
  return unexpected(fail("base.open").with("path", "/x").with("cause", "gone"));
}

base::Result<int> throw_something(Invocation& /*invocation*/) {
  throw std::runtime_error("an odd\nthing");
}

base::Result<int> ask_for_an_option_it_lacks(Invocation& invocation) {
  return invocation.has("nonsense") ? 0 : 1;
}

base::Result<int> print_what_was_given(Invocation& invocation) {
  CCCI_TRY(const std::uint64_t jobs, invocation.number("jobs", 7, 64));
  invocation.print(base::Json{{"jobs", jobs},
                              {"with", invocation.values("with")},
                              {"state", invocation.globals().state.native()}});
  return 1;
}

const Commands& table() {
  static const Command failing{.name = "failing",
                               .section = "Run",
                               .purpose = "fail",
                               .options = {json_option()},
                               .run = &write_then_fail};
  static const Command throwing{
      .name = "throwing", .section = "Run", .purpose = "throw", .run = &throw_something};
  static const Command asking{
      .name = "asking", .section = "Run", .purpose = "ask", .run = &ask_for_an_option_it_lacks};
  static const Command printing{
      .name = "printing",
      .section = "Run",
      .purpose = "print",
      .options = {{.name = "jobs", .value = "N", .help = "jobs"},
                  {.name = "with", .value = "X", .help = "with", .repeatable = true}},
      .run = &print_what_was_given};
  static const Commands all{&failing, &throwing, &asking, &printing};
  return all;
}

struct Done {
  int status;
  std::string out;
  std::string err;
};

Done run(const std::vector<std::string>& words) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto variables = [](const char* name) -> const char* {
    return std::string_view(name) == "CC_CI_STATE" ? "/state" : nullptr;
  };
  const int status = dispatch(words, table(), variables);
  return {status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(Dispatch, KeepsResultsAndErrorsApart) {
  const Done done = run({"failing"});
  EXPECT_EQ(done.status, 3);
  EXPECT_EQ(done.out, "so far\n");
  EXPECT_EQ(done.err, "cc-ci: error: /x: cannot be opened: gone [base.open]\n");
}

TEST(Dispatch, GivesTheErrorAsJsonWhereThatWasAskedFor) {
  const Done done = run({"failing", "--json"});
  EXPECT_EQ(done.status, 3);
  const base::Json json = base::Json::parse(done.out).value();
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["error"]["code"], "base.open");
  EXPECT_THAT(done.err, StartsWith("cc-ci: error: /x:"));
}

TEST(Dispatch, TurnsWhatIsThrownIntoAnError) {
  const Done done = run({"throwing"});
  EXPECT_EQ(done.status, 3);
  EXPECT_THAT(done.err, HasSubstr("cc-ci throwing: an odd\\nthing [cli.bug]"));
}

TEST(Dispatch, HandsOverOptionsAndPassesTheStatusOn) {
  const Done done = run({"printing", "--with", "a", "--jobs=3", "--with=b"});
  EXPECT_EQ(done.status, 1);
  EXPECT_EQ(base::Json::parse(done.out).value(),
            (base::Json{{"jobs", 3}, {"with", {"a", "b"}}, {"state", "/state"}}));
  EXPECT_EQ(done.err, "");
}

TEST(Dispatch, RefusesNumbersThatAreNone) {
  for (const char* wrong : {"x", "-1", "65", "3 ", "0x3", "99999999999999999999999"}) {
    const Done done = run({"printing", std::string("--jobs=") + wrong});
    EXPECT_EQ(done.status, 2) << wrong;
    EXPECT_THAT(done.err, HasSubstr("--jobs: expected a number from 0 to 64, got '")) << wrong;
  }
  EXPECT_EQ(run({"printing", "--jobs=64"}).status, 1);
}

TEST(Dispatch, CallsAnOptionThatIsInNoTableABug) {
  EXPECT_THAT(run({"asking"}).err,
              HasSubstr("option --nonsense is not in the table of asking [cli.bug]"));
}

TEST(Dispatch, CallsHelpAResultAndTheBareCallAMistake) {
  EXPECT_EQ(run({"--help"}).status, 0);
  EXPECT_EQ(run({"--help"}).err, "");
  EXPECT_EQ(run({}).status, 2);
  EXPECT_EQ(run({}).out, "");
}

}  // namespace
}  // namespace ccci::command
