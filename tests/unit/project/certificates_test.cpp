// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/certificates.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/scratch.hpp"

namespace ccci::project {
namespace {

namespace fs = std::filesystem;

class Certificates : public testing::Test {
 protected:
  Certificates() {
    fs::create_directories(project_ / ".git");
    test::write_text(secret_, "secret");
  }
  // What was read, or the code of the error.
  std::string outcome() const {
    declare::Declaration declaration;
    declaration.certificates.push_back({.path = {"ca.pem", {}}, .pem = {}});
    const auto done = read_certificates(declaration, project_);
    return done ? declaration.certificates[0].pem : done.error().code;
  }

  test::Scratch scratch_;
  fs::path project_ = scratch_ / "project";
  fs::path secret_ = scratch_ / "secret";
  fs::path file_ = project_ / "ca.pem";
};

TEST_F(Certificates, AreFilesOfTheProject) {
  EXPECT_EQ(outcome(), "cli.certificate");
  test::write_text(project_ / "other.pem", "pem");
  fs::create_symlink("other.pem", file_);
  EXPECT_EQ(outcome(), "pem");
  for (const fs::path& target : {secret_, fs::path("../secret")}) {
    fs::remove(file_);
    fs::create_symlink(target, file_);
    EXPECT_EQ(outcome(), "base.outside") << target;
  }
  fs::remove(file_);
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  EXPECT_EQ(outcome(), "base.not-a-file");
}

}  // namespace
}  // namespace ccci::project
