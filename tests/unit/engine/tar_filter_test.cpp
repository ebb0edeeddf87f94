// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tar_filter.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

class TarFilterTest : public testing::Test {
 protected:
  // Real tars of all forms, read in pieces of any size.
  std::string tar(const std::string& options) {
    const std::string command = "tar -C " + (scratch / "in").native() + " " + options + " -cf " +
                                (scratch / "a.tar").native() + " .";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return test::read_text(scratch / "a.tar");
  }
  std::string without(const std::string& bytes, std::size_t pieces) {
    std::size_t at = 0;
    TarFilter filter(
        [&]() -> base::Result<std::string> {
          const std::string piece = bytes.substr(std::min(at, bytes.size()), pieces);
          at += piece.size();
          return piece;
        },
        {"gone", "manifest.json"});
    std::string all;
    for (;;) {
      const auto piece = filter.next();
      if (!piece) return std::string(piece.error().code);
      if (piece->empty()) return all;
      all += *piece;
    }
  }
  std::string listed(const std::string& bytes) {
    test::write_text(scratch / "b.tar", bytes);
    const std::string out = (scratch / "list").native();
    const std::string command =
        "tar -tf " + (scratch / "b.tar").native() + " | sort > " + out + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return test::read_text(out);
  }

  test::Scratch scratch;
};

TEST_F(TarFilterTest, leaves_out_members_of_every_form) {
  std::filesystem::create_directories(scratch / "in/deep");
  const std::string long_name(180, 'n');
  for (const std::string& name :
       {std::string("gone"), std::string("manifest.json"), std::string("kept"), "deep/" + long_name,
        std::string("deep/gone")})
    test::write_text(scratch / "in" / name, std::string(700, 'x'));
  std::filesystem::create_symlink("kept", scratch / "in/link");
  const std::string expected =
      "./\n./deep/\n./deep/gone\n./deep/" + long_name + "\n./kept\n./link\n";
  for (const char* options : {"--format=gnu", "--format=ustar --exclude=nn*", "--format=pax",
                              "--format=pax --pax-option=exthdr.name=%d/x/%f,comment:=hello"}) {
    const std::string bytes = tar(options);
    for (const std::size_t pieces : {1U, 500U, 10'000U, 1'000'000U}) {
      std::string wanted = expected;
      if (std::string(options).find("exclude") != std::string::npos)
        wanted.erase(wanted.find("./deep/n"), long_name.size() + 8);
      EXPECT_EQ(listed(without(bytes, pieces)), wanted) << options << " " << pieces;
    }
  }
}

TEST_F(TarFilterTest, of_what_ends_early_says_so) {
  std::filesystem::create_directories(scratch / "in");
  test::write_text(scratch / "in/kept", std::string(5000, 'x'));
  const std::string bytes = tar("");
  EXPECT_EQ(without(bytes.substr(0, 2000), 700), "engine.archive");
  EXPECT_EQ(without("", 700), "");
}

}  // namespace
}  // namespace ccci::engine
