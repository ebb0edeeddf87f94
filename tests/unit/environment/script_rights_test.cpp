// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/script_rights.hpp"

#include <gmock/gmock.h>

namespace ccci::environment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

store::Manifest programs(const std::vector<std::string>& paths) {
  store::Manifest manifest;
  for (const std::string& path : paths) {
    store::Entry entry;
    entry.path = path;
    manifest.entries.push_back(entry);
  }
  return manifest;
}

TEST(ScriptRights, ACapabilityOrElseTheBit) {
  const char* ping =
      "PROGRAM=$(dpkg-divert --truename /bin/ping)\n"
      "if command -v setcap > /dev/null; then\n"
      "    if setcap cap_net_raw+ep $PROGRAM; then\n"
      "        chmod u-s $PROGRAM\n"
      "    else\n"
      "        chmod u+s $PROGRAM\n"
      "    fi\nfi\n";
  EXPECT_THAT(rights_of_script(ping, programs({"usr/bin/ping"})),
              ElementsAre("capability usr/bin/ping"));
}

TEST(ScriptRights, ModesAndOverrides) {
  const store::Manifest manifest = programs({"usr/bin/a", "usr/lib/b", "usr/sbin/c"});
  EXPECT_THAT(rights_of_script("chmod 4755 /usr/bin/a\n# chmod 4755 /usr/lib/b\n", manifest),
              ElementsAre("setuid usr/bin/a"));
  EXPECT_THAT(rights_of_script("dpkg-statoverride --update --add root mail 2755 \"/sbin/c\"\n"
                               "chmod 0755 /usr/bin/a\n",
                               manifest),
              ElementsAre("setgid usr/sbin/c"));
  EXPECT_THAT(rights_of_script("chmod 1777 /usr/bin/a; setcap x /usr/bin/absent\n", manifest),
              IsEmpty());
  // By default the answer is no.
  EXPECT_THAT(rights_of_script("db_get x/setuid\nchmod 4755 /usr/bin/a\n", manifest), IsEmpty());
}

}  // namespace
}  // namespace ccci::environment
