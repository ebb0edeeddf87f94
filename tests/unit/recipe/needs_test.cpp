// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/needs.hpp"

#include <gmock/gmock.h>

#include "recipe/host_path.hpp"
#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NeedsTest : public RecipeTest {
 protected:
  App app(Variables env = {}) {
    file("compose.yml",
         "services:\n  app:\n    image: x:1\n    secrets: [smtp-password, other]\n    deploy:\n"
         "      labels:\n        - traefik.enable=true\n"
         "        - traefik.http.routers.${STACK_NAME}.rule=${ROUTER_RULE}\n"
         "secrets:\n"
         "  smtp-password: {external: true, name: '${STACK_NAME}_smtp_${SECRET_SMTP_VERSION}'}\n"
         "  other: {external: true, name: '${STACK_NAME}_other_v1'}\n");
    file(".env.sample",
         "DOMAIN={{ .Domain }}\nURL=https://{{.Domain}}/\n"
         "SECRET_SMTP_VERSION=v1 # generate=false\n");
    auto folder = Folder::open(scratch_.path());
    AppRequest request;
    request.domain = "demo.ci.test";
    request.env = std::move(env);
    auto made = make_app(*folder, *read_recipe(*folder), request);
    if (made) return std::move(*made);
    ADD_FAILURE() << described(made.error());
    return {};
  }
};

TEST_F(NeedsTest, NamesWhatNobodyCanGuess) {
  EXPECT_THAT(needs_of(app()), ElementsAre(Need{Need::Kind::secret, "SMTP_PASSWORD", "app"},
                                           Need{Need::Kind::router, "ROUTER_RULE", "app"}));
}

TEST_F(NeedsTest, AreMetByValuesOfTheRequest) {
  const App made = app({{"SMTP_PASSWORD", "given"}, {"ROUTER_RULE", "Host(`demo.ci.test`)"}});
  EXPECT_THAT(needs_of(made), IsEmpty());
  EXPECT_EQ(made.secrets[1].value, "given");
  EXPECT_FALSE(made.secrets[0].value.has_value());
  // A secret must not become a variable of every service.
  EXPECT_FALSE(made.composed.stack.services[0].environment.contains("SMTP_PASSWORD"));
}

TEST_F(NeedsTest, TheSampleMayNameTheDomain) {
  const App made = app();
  EXPECT_EQ(made.env.at("DOMAIN"), "demo.ci.test");
  EXPECT_EQ(made.env.at("URL"), "https://demo.ci.test/");
}

using HostPathTest = RecipeTest;

TEST_F(HostPathTest, FindsBindsInBothForms) {
  const std::vector<HostPath> paths = host_paths_of(
      stack("services:\n  app:\n    image: x\n    volumes:\n      - data:/data\n      - bound:/b\n"
            "      - nfs:/n\n      - /etc:/etc\n      - sock:/var/run/docker.sock\n"
            "volumes:\n  data:\n  bound: {driver: local, driver_opts: {type: none, o: 'rw,bind',"
            " device: /srv}}\n"
            "  nfs: {driver_opts: {type: nfs, o: addr=1.2.3.4, device: ':/x'}}\n"
            "  sock: {driver_opts: {o: bind, device: /run/docker.sock}}\n"));
  EXPECT_THAT(
      paths,
      ElementsAre(HostPath{"app", "/srv", "/b", false}, HostPath{"app", "/etc", "/etc", false},
                  HostPath{"app", "/run/docker.sock", "/var/run/docker.sock", true}));
}

TEST_F(HostPathTest, LeavesOutWhatShowsNothingOfTheHost) {
  const std::vector<HostPath> paths = host_paths_of(stack(
      "services:\n  app:\n    image: x\n    volumes:\n      - /etc/localtime:/etc/localtime:ro\n"
      "      - /etc/timezone:/etc/timezone\n      - /dev/null:/tmp/.dummy\n"
      "      - /dev/urandom:/dev/random\n      - /etc/localtime/:/a\n      - /dev:/b\n"
      "      - /etc/localtime/../shadow:/c\n      - /etc/timezone:/d:rshared\n"));
  EXPECT_THAT(paths, ElementsAre(HostPath{"app", "/etc/localtime/", "/a", false},
                                 HostPath{"app", "/dev", "/b", false},
                                 HostPath{"app", "/etc/localtime/../shadow", "/c", false},
                                 HostPath{"app", "/etc/timezone", "/d", false}));
}

TEST_F(HostPathTest, FindsWhatElseAVolumeCanMount) {
  const auto sources = [&](const std::string& options) {
    std::string found;
    for (const HostPath& path : host_paths_of(
             stack("services:\n  app:\n    image: x\n    volumes: ['v:/v']\nvolumes:\n  v: "
                   "{driver_opts: " +
                   options + "}\n")))
      found += path.source;
    return found;
  };
  EXPECT_EQ(sources("{type: ext4, device: /dev/sda1}"),
            "the file system 'ext4' of the device '/dev/sda1'");
  EXPECT_NE(sources("{type: overlay, device: overlay, o: 'lowerdir=/etc:/usr'}"), "");
  EXPECT_NE(sources("{type: proc, device: proc}"), "");
  EXPECT_EQ(sources("{type: tmpfs, device: /etc, o: 'size=1m,bind'}"), "/etc");
  EXPECT_EQ(sources("{type: tmpfs, device: tmpfs, o: 'size=1m,uid=33,noexec'}"), "");
}

}  // namespace
}  // namespace ccci::recipe
