// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <string>

#include "enter/entrypoint.hpp"
#include "enter/entrypoint_text.hpp"

namespace ccci::enter {
namespace {

Entrypoint sample() {
  return {2,
          "/store/launcher/cc-ci-enter",
          "cc-ci-run",
          "0123456789abcdef0123456789abcdef",
          "/var/lib/cc ci/root",
          {"/usr/lib/cc-ci/path/git", "/usr/lib/cc-ci/path/essential"},
          {},
          {"var/cache/man", "var/lib/dpkg"},
          {{"A", "1"}, {"QUOTES", "a\nb\\c\x7f\t=é "}, {"EMPTY", ""}},
          {"python3", "-c", "print(1)\n", ""}};
}

std::string body_with(const std::string& lines) {
  return "entrypoint 2\nname run\nenvironment 0123456789abcdef\nroot /r\npath /usr/bin\n" + lines +
         "end\n";
}

std::string problem_of(const std::string& bytes) {
  std::string problem;
  read_entrypoint(bytes, problem);
  return problem;
}

TEST(EntrypointText, comes_back_as_it_was_written) {
  std::string problem;
  const Entrypoint back = read_entrypoint(write_entrypoint(sample()), problem);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(back, sample());
  EXPECT_EQ(entrypoint_problem(sample()), "");
}

TEST(EntrypointText, writes_what_a_person_can_read) {
  EXPECT_EQ(write_entrypoint(sample()),
            "#!/store/launcher/cc-ci-enter\n"
            "# Runs a command in a closed environment; see cc-ci-run(1). Written by cc-ci build.\n"
            "entrypoint 2\n"
            "name cc-ci-run\n"
            "environment 0123456789abcdef0123456789abcdef\n"
            "root /var/lib/cc ci/root\n"
            "path /usr/lib/cc-ci/path/git\n"
            "path /usr/lib/cc-ci/path/essential\n"
            "place var/cache/man\n"
            "place var/lib/dpkg\n"
            "variable A=1\n"
            "variable QUOTES=a\\x0ab\\x5cc\\x7f\\x09=é \n"
            "variable EMPTY=\n"
            "exec python3\n"
            "exec -c\n"
            "exec print(1)\\x0a\n"
            "exec \n"
            "end\n");
}

TEST(EntrypointText, every_cut_is_noticed) {
  const std::string whole = write_entrypoint(sample());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(problem_of(whole.substr(0, size)), "") << "cut at " << size;
  }
}

TEST(EntrypointText, the_kernels_limits_on_the_first_line_are_known) {
  Entrypoint entrypoint = sample();
  entrypoint.launcher = "/" + std::string(252, 'a');
  EXPECT_EQ(entrypoint_problem(entrypoint), "");
  entrypoint.launcher += 'a';
  EXPECT_EQ(entrypoint_problem(entrypoint),
            "the launcher's path is 254 bytes long; a '#!' line can name 253");
  for (const char* path : {"", "relative/cc-ci-enter", "/a b/cc-ci-enter", "/a\nb", "/a\tb"}) {
    entrypoint.launcher = path;
    EXPECT_NE(entrypoint_problem(entrypoint), "") << path;
  }
}

TEST(EntrypointText, a_value_that_cannot_be_said_is_a_problem) {
  Entrypoint entrypoint = sample();
  entrypoint.variables = {{"A", std::string("a\0b", 3)}};
  EXPECT_NE(entrypoint_problem(entrypoint), "");
  entrypoint.variables = {{"A=B", "c"}};
  EXPECT_EQ(entrypoint_problem(entrypoint), "a variable's name holds '='");
}

TEST(Entrypoint, refuses_what_it_does_not_know) {
  EXPECT_EQ(problem_of(body_with("")), "");
  EXPECT_EQ(problem_of(body_with("# note\n\n")), "");
  for (const char* line : {"colour red\n",
                           "path\n",
                           "path usr/bin\n",
                           "path /usr//bin\n",
                           "path /usr/../bin\n",
                           "path /usr/./bin\n",
                           "path /usr/bin/\n",
                           "path /\n",
                           "path /a:b\n",
                           "path /usr/bin\n",
                           "etc ssl\n",
                           "place ..\n",
                           "place a\n",
                           "place \n",
                           "place a/../b\n",
                           "place a//b\n",
                           "place /a/b\n",
                           "place a/b/\n",
                           "name other\n",
                           "root /s\n",
                           "environment 0123456789abcdef\n",
                           "entrypoint 2\n",
                           "variable PATH=/bin\n",
                           "variable CC_CI_ENVIRONMENT=x\n",
                           "variable 1A=b\n",
                           "variable A\n",
                           "variable =b\n",
                           "variable A=1\nvariable A=2\n",
                           "place a/b\nplace a/b\n",
                           "exec a\tb\n",
                           "exec a\\n\n",
                           "exec \\x41\n",
                           "exec \\x5C\n",
                           "exec \\x00\n",
                           "exec \\x0\n",
                           "exec \\\n",
                           "end\nend\n",
                           "end\nexec a\n",
                           " exec a\n",
                           "exec\n"}) {
    EXPECT_NE(problem_of(body_with(line)), "") << line;
  }
}

TEST(Entrypoint, an_older_generations_file_is_still_read) {
  const std::string old =
      "#!/store/launcher/cc-ci-enter\nentrypoint 1\nname run\nenvironment 0123456789abcdef\n"
      "root /r\npath /usr/bin\netc ssl\nend\n";
  std::string problem;
  const Entrypoint read = read_entrypoint(old, problem);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(read.format, 1);
  EXPECT_EQ(read.etc, std::vector<std::string>{"ssl"});
  EXPECT_NE(problem_of("entrypoint 1\nname run\nenvironment 0123456789abcdef\nroot /r\n"
                       "path /usr/bin\nplace a/b\nend\n"),
            "");
}

TEST(Entrypoint, names_the_line) {
  EXPECT_EQ(problem_of(body_with("colour red\n")),
            "line 6: expected name, environment, root, path, place, variable, exec or end");
  EXPECT_EQ(problem_of("entrypoint 3\n"), "line 1: expected entrypoint format 2");
  EXPECT_EQ(problem_of("entrypoint 1\nend\n"), "line 2: expected one 'name' without '/'");
  EXPECT_EQ(problem_of(""), "line 1: expected 'end' as the last line");
}

TEST(Entrypoint, is_bounded) {
  std::string many;
  for (int at = 0; at < 1100; ++at) many += "exec a\n";
  EXPECT_EQ(problem_of(body_with(many)), "line 1029: expected at most 1024 values");
  EXPECT_EQ(problem_of(std::string(largest_entrypoint + 1, '\n')),
            "line 1: expected at most 262144 bytes");
}

}  // namespace
}  // namespace ccci::enter
