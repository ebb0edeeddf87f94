// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/enrolment.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"
#include "sweep/catalogue.hpp"

namespace ccci::sweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(EnrolmentTest, one_bad_entry_does_not_spoil_the_others) {
  const Enrolment read = read_catalogue(R"({"good": {"repository": "https://git.example.org/good"},
      "without": {}, "option": {"repository": "--upload-pack=x"}, "../evil": {"repository": "x"}})",
                                        "recipes.json")
                             .value();
  EXPECT_EQ(read.recipes.size(), 3U);
  EXPECT_EQ(read.recipes.at("good").source, "https://git.example.org/good");
  EXPECT_EQ(read.unusable.at("without"), "the catalogue has no 'repository' for it");
  EXPECT_THAT(read.unusable.at("option"), HasSubstr("'repository' of the catalogue: "));
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("recipe '../evil' is left out: ")));
  EXPECT_THAT(read.notes.front(), HasSubstr("; expected a name of lower-case letters, digits"));
}

TEST(EnrolmentTest, an_entry_of_another_type_is_told_as_such) {
  const Enrolment read = read_catalogue(R"({"list": [], "number": {"repository": 7},
      "branch": {"repository": "https://x/b", "default_branch": ["main"]}})",
                                        "recipes.json")
                             .value();
  EXPECT_EQ(read.unusable.at("list"), "its entry in the catalogue is no object");
  EXPECT_EQ(read.unusable.at("number"), "'repository' of the catalogue: expected a text, found 7");
  EXPECT_THAT(read.unusable.at("branch"), HasSubstr("'default_branch' of the catalogue: "));
}

TEST(EnrolmentTest, an_empty_catalogue_is_named) {
  declare::Declaration declaration;
  declaration.catalogue.place = "cat.json";
  EXPECT_EQ(enrolled(declaration, {}).error().code, "sweep.empty-catalogue");
  declaration.catalogue.place.clear();
  EXPECT_EQ(enrolled(declaration, {}).error().code, "sweep.nothing");
}

TEST(EnrolmentTest, of_what_ssh_says_one_line_tells) {
  const std::string git = "fatal: Could not read from remote repository.\n\nPlease make sure";
  EXPECT_EQ(telling_line("ssh: connect to host x port 22: Connection refused\r\n" + git),
            "ssh: connect to host x port 22: Connection refused");
  EXPECT_EQ(telling_line("Warning: Permanently added 'x' to the list.\r\n"
                         "git@x: Permission denied (publickey).\r\n" +
                         git),
            "git@x: Permission denied (publickey).");
  EXPECT_EQ(
      telling_line("remote: \nremote: =====\nremote: ERROR: no such project\nremote: \n" + git),
      "ERROR: no such project");
  EXPECT_EQ(telling_line("@@@@@@\r\n@   WARNING: IDENTIFICATION HAS CHANGED!   @\r\n@@@"),
            "WARNING: IDENTIFICATION HAS CHANGED!");
  EXPECT_EQ(telling_line("remote: Not Found\nfatal: repository 'https://x/' not found\n"),
            "fatal: repository 'https://x/' not found");
  EXPECT_EQ(telling_line(git), "fatal: Could not read from remote repository.");
  EXPECT_EQ(telling_line("it did not end in time"), "it did not end in time");
  EXPECT_EQ(telling_line(""), "");
}

TEST(EnrolmentTest, a_catalogue_of_a_url_names_nothing_of_this_machine) {
  const std::string text = R"({"web": {"repository": "https://git.example.org/web"},
      "ssh": {"repository": "git@git.example.org:ssh"}, "path": {"repository": "/srv/private"},
      "up": {"repository": "../private"}, "file": {"repository": "file:///srv/private"},
      "helper": {"repository": "ext::sh -c x"}})";
  const Enrolment read =
      read_catalogue(text, "https://x/recipes.json", Repositories::remote).value();
  EXPECT_EQ(base::keys_of(read.unusable),
            (std::vector<std::string>{"file", "helper", "path", "up"}));
  EXPECT_THAT(read.unusable.at("path"), HasSubstr("found '/srv/private'"));
  EXPECT_TRUE(read.recipes.at("file").source.empty());
  EXPECT_EQ(allowed_to("https://x/recipes.json"), Repositories::remote);
  EXPECT_EQ(allowed_to("https://localhost.example.org/127.0.0.1"), Repositories::remote);
  // One of the project or of this machine may name directories.
  for (const char* own : {"recipes.json", "http://127.0.0.1:80/r", "http://a@localhost/r"})
    EXPECT_EQ(allowed_to(own), Repositories::any) << own;
  EXPECT_FALSE(read_catalogue(text, "recipes.json")->unusable.contains("up"));
}

TEST(EnrolmentTest, a_name_that_is_there_twice_is_told) {
  const auto read = read_catalogue(
      R"({"a": {"repository": "https://h/one", "b": {"c": 1, "c": 2}}, "b": {"repository": "https://h/b\\\",{"},
          "c": {"repository": "https://h/c"}, "\u0061": {"repository": "https://h/two"}})",
      "recipes.json");
  ASSERT_TRUE(read);
  EXPECT_THAT(read->notes,
              ElementsAre("recipes.json: recipe 'a' is there more than once: the last one counts"));
  EXPECT_EQ(read->recipes.at("a").source, "https://h/two");
}

TEST(EnrolmentTest, a_broken_catalogue_is_named_with_line_and_column) {
  const auto read = read_catalogue("{\n  \"a\": {},\n}", "recipes.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().field("why"), "it is no JSON: line 3, column 1: unexpected '}'");
}

TEST(EnrolmentTest, a_recipe_without_a_source_is_red_by_name) {
  declare::Declaration declaration;
  declaration.recipes["mine"].source = "mine";
  declaration.recipes["lost"].branch = "main";
  declaration.recipes["listed"].branch = "main";
  declaration.catalogue.exclude = {"no", "gone"};
  const Enrolment catalogue =
      read_catalogue(R"({"listed": {"repository": "elsewhere"}, "no": {"repository": "no"}})",
                     "recipes.json")
          .value();
  const Enrolment all = enrolled(declaration, catalogue).value();
  EXPECT_EQ(all.recipes.size(), 3U);
  EXPECT_THAT(all.notes, ElementsAre(HasSubstr("exclude names 'gone'")));
  EXPECT_EQ(all.recipes.at("listed").source, "elsewhere");
  ASSERT_EQ(all.unusable.size(), 1U);
  EXPECT_EQ(all.unusable.at("lost"),
            "it has no source in the declaration and none in the catalogue");
}

TEST(EnrolmentTest, nothing_enrolled_is_an_error) {
  EXPECT_EQ(enrolled({}, {}).error().code, "sweep.nothing");
  EXPECT_EQ(read_catalogue("[]", "recipes.json").error().code, "sweep.catalogue");
}

}  // namespace
}  // namespace ccci::sweep
