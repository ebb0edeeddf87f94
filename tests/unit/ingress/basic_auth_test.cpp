// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/basic_auth.hpp"

#include <gmock/gmock.h>

namespace ccci::ingress {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string bcrypt = "$2y$05$abcdefghijklmnopqrstuuJzdoUb09YcRpNUkPBbSDqkDvFg1m2mG";

recipe::BasicAuth with(const std::string& name, const std::string& hash) {
  return {{{name, hash}}, "traefik", "", false};
}

TEST(BasicAuth, HashesThatCryptKnowsAreChecked) {
  EXPECT_EQ(problem(with("ann", bcrypt)), std::nullopt);
  EXPECT_EQ(problem(with("ann", "$2b$12" + bcrypt.substr(6))), std::nullopt);
  EXPECT_EQ(problem(with("ann", "$1$salt$qJH7.N4xYta3aEG/dfqo/0")), std::nullopt);
}

TEST(BasicAuth, OtherHashesAreNamed) {
  for (const std::string& hash :
       {std::string(), std::string("plain"), std::string("$apr1$salt$xtXa6fU9D2vfMGVEsvmGS/"),
        std::string("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="), "$2y$31" + bcrypt.substr(6),
        "$2x$05" + bcrypt.substr(6), bcrypt + "x", std::string("$6$rounds=999999999$a$b"),
        std::string("$1$waytoolongsalt$qJH7.N4xYta3aEG/dfqo/0"), bcrypt.substr(0, 59) + "\n"}) {
    const auto why = problem(with("ann", hash));
    ASSERT_TRUE(why) << hash;
    EXPECT_THAT(*why, HasSubstr("the hash of user 'ann'"));
  }
}

TEST(BasicAuth, HostileValuesAreNamed) {
  EXPECT_TRUE(problem({}));
  EXPECT_TRUE(problem(with("a\nb", bcrypt)));
  EXPECT_TRUE(problem(with("", bcrypt)));
  recipe::BasicAuth auth = with("ann", bcrypt);
  auth.realm = "a\"b";
  EXPECT_TRUE(problem(auth));
  auth.realm = "it's %[env(HOME)]";
  EXPECT_FALSE(problem(auth));
  EXPECT_THAT(rules(auth, "l", {}), HasSubstr("%%[env(HOME)]"));
  auth.user_header = "X-User: %[env(HOME)]";
  EXPECT_TRUE(problem(auth));
}

TEST(BasicAuth, GuestPassesAndTheAppDoesNotSeeIt) {
  const Guest guest{"cc-ci-1", "secret"};
  EXPECT_EQ(guest.authorization(), "Basic Y2MtY2ktMTpzZWNyZXQ=");
  const recipe::BasicAuth auth = with("ann", bcrypt);
  EXPECT_THAT(userlist(auth, "l", guest), "\nuserlist l\n  user 'ann' password '" + bcrypt +
                                              "'\n  user 'cc-ci-1' insecure-password 'secret'\n");
  EXPECT_THAT(userlist(auth, "l", {}), Not(HasSubstr("insecure")));
  EXPECT_THAT(rules(auth, "l", guest), HasSubstr("unless { http_auth(l) }"));
  EXPECT_THAT(rules(auth, "l", guest),
              HasSubstr("del-header Authorization if { http_auth_user -m str 'cc-ci-1' }"));
}

}  // namespace
}  // namespace ccci::ingress
