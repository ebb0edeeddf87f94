// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/view_checkup.hpp"

#include <gmock/gmock.h>

#include "tests/support/scratch.hpp"

namespace ccci::doctor {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(NameService, ReadsModulesWithoutActions) {
  const NameServices found = read_nsswitch(
      "# comment\npasswd: files systemd sss\ngroup:files [SUCCESS=merge] systemd\n"
      "shadow:\tfiles\nhosts: files resolve [!UNAVAIL=return] mdns4_minimal[NOTFOUND=return] dns\n"
      "networks: files nis\n");
  EXPECT_THAT(found.accounts, ElementsAre("files", "sss", "systemd"));
  EXPECT_THAT(found.hosts, ElementsAre("dns", "files", "mdns4_minimal", "resolve"));
}

class ViewCheckup : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) const {
    fs::create_directories((scratch_ / path).parent_path());
    test::write_text(scratch_ / path, text);
  }
  std::vector<std::string> bad(bool dynamic_user = false) const {
    std::vector<std::string> remedies;
    for (const Symptom& one : check_view(scratch_ / "root", dynamic_user, scratch_ / "host")) {
      if (one.state == Symptom::State::bad) remedies.push_back(one.remedy);
    }
    return remedies;
  }
  test::Scratch scratch_;
};

TEST_F(ViewCheckup, NamesThePackageOfAModule) {
  put("host/etc/nsswitch.conf", "passwd: files systemd sss acme\nhosts: files myhostname dns\n");
  put("root/usr/lib/x86_64-linux-gnu/libc.so.6", "");
  EXPECT_THAT(bad(), ElementsAre(HasSubstr("libnss_acme.so.2"), HasSubstr("'libnss-sss'")));
  EXPECT_THAT(bad(true), ElementsAre(HasSubstr("acme"), HasSubstr("'libnss-sss'"),
                                     HasSubstr("'libnss-systemd'")));
  for (const char* module : {"acme", "sss", "systemd"}) {
    put("root/usr/lib/x86_64-linux-gnu/libnss_" + std::string(module) + ".so.2", "");
  }
  EXPECT_THAT(bad(true), IsEmpty());
}

TEST_F(ViewCheckup, NamesPlacesForStateThatTheHostLacks) {
  put("root/var/lib/full/file", "");
  put("host/var/lib/there/file", "");
  for (const char* path : {"var/lib/there", "var/lib/nginx", "var/cache/bind"}) {
    fs::create_directories(scratch_ / "root" / path);
  }
  EXPECT_THAT(bad(), IsEmpty());
  std::vector<std::string> remedies;
  for (const Symptom& one : check_view(scratch_ / "root", false, scratch_ / "host")) {
    if (one.what == "state") remedies.push_back(one.remedy);
  }
  EXPECT_THAT(remedies, ElementsAre(EndsWith("install -d /var/cache/bind"),
                                    EndsWith("install -d /var/lib/nginx")));
}

TEST_F(ViewCheckup, NamesAuthoritiesThatOnlyTheHostTrusts) {
  const std::string ours = "-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n";
  const std::string house = "-----BEGIN CERTIFICATE-----\nCCCC\nDDDD\n-----END CERTIFICATE-----\n";
  put("root/etc/ssl/certs/ca-certificates.crt", ours);
  put("host/usr/local/share/ca-certificates/x/ours.crt", ours);
  EXPECT_THAT(bad(), IsEmpty());
  put("host/usr/local/share/ca-certificates/house.crt", house);
  EXPECT_THAT(bad(), ElementsAre(HasSubstr("[runtime] certificates")));
  put("root/etc/ssl/certs/ca-certificates.crt", ours + house);
  EXPECT_THAT(bad(), IsEmpty());
}

TEST(DynamicUser, TheLastValueOfAUnitDecides) {
  EXPECT_TRUE(has_dynamic_user({"[Service]\nDynamicUser=yes\n"}));
  EXPECT_TRUE(has_dynamic_user({"[Service]\nUser=x\n", "[Service]\nDynamicUser=True\n"}));
  EXPECT_FALSE(has_dynamic_user({"[Service]\nDynamicUser=yes\n", "[Service]\nDynamicUser=no\n"}));
  EXPECT_FALSE(has_dynamic_user({"[Service]\nUser=x\n"}));
}

TEST(Rights, AToolThatLostItsBitIsNamed) {
  environment::Environment environment;
  environment.exposed = {{"sudo",
                          "sudo",
                          "1",
                          "/usr/lib/cc-ci/path/sudo",
                          {{"sudo", "/usr/bin/sudo", "sudo", "", "setuid"}}},
                         {"jq", "jq", "1", "/usr/lib/cc-ci/path/jq", {{"jq", "/usr/bin/jq", "jq"}}},
                         {"",
                          "",
                          "",
                          "/usr/lib/cc-ci/essential",
                          {{"su", "/usr/bin/su", "util-linux", "", "setuid"}}}};
  const auto symptoms = check_rights(environment);
  ASSERT_EQ(symptoms.size(), 1U);
  EXPECT_EQ(symptoms[0].what, "tool sudo");
  EXPECT_THAT(symptoms[0].found, HasSubstr("sudo has lost its setuid bit"));
}

TEST_F(ViewCheckup, HooksThatJobsDoNotSeeAreNamed) {
  put("host/etc/gitconfig", "[user]\n\tname = x\n[core]\n\thooksPath = /usr/local/hooks\n");
  put("host/root/.gitconfig", "[core]\n\thooksPath = \"/usr/local/hooks\"\n");
  EXPECT_THAT(bad(), IsEmpty()) << "the environment has no git";
  put("root/usr/bin/git", "");
  EXPECT_THAT(bad(), ElementsAre(HasSubstr("host_files"), HasSubstr("correct core.hooksPath")));
  put("host/etc/gitconfig", "[core]\n\tautocrlf = input\n");
  put("host/root/.gitconfig", "[core]\n\thooksPath = /srv/hooks\n");
  EXPECT_THAT(bad(), IsEmpty());
}

}  // namespace
}  // namespace ccci::doctor
