// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <gmock/gmock.h>

#include "base/files.hpp"
#include "base/process.hpp"
#include "image/accounts.hpp"
#include "image/documents.hpp"
#include "image/kept.hpp"
#include "image/tar.hpp"
#include "image/tree.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::image {
namespace {

TEST(Tar, IsReadByOthers) {
  const test::Scratch scratch;
  const auto file = base::open_path(scratch / "x.tar", O_RDWR | O_CREAT, 0600);
  ASSERT_TRUE(file);
  TarWriter writer(file->get());
  const std::string deep = std::string(90, 'd') + "/" + std::string(90, 'f');
  ASSERT_TRUE(
      writer.add({TarMember::Type::directory, std::string(90, 'd'), 0750, 7, 8, 99, 0, {}}));
  ASSERT_TRUE(writer.add({TarMember::Type::file, deep, 0640, 7, 8, 1'700'000'000, 5, {}}, "hello"));
  ASSERT_TRUE(
      writer.add({TarMember::Type::link, "link", 0777, 0, 0, 1, 0, "/" + std::string(120, 't')}));
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(writer.size() % 512, 0U);
  EXPECT_EQ(writer.digest(), base::sha256(test::read_text(scratch / "x.tar")));
  base::Command list;
  list.argv = {"tar", "--numeric-owner", "--utc", "-tvf", (scratch / "x.tar").native()};
  const auto outcome = base::real_processes().run(list);
  ASSERT_TRUE(outcome && outcome->status == 0) << outcome->err;
  EXPECT_EQ(outcome->out, "drwxr-x--- 7/8               0 1970-01-01 00:01 " +
                              std::string(90, 'd') + "/\n-rw-r----- 7/8               5 " +
                              "2023-11-14 22:13 " + deep +
                              "\nlrwxrwxrwx 0/0               0 1970-01-01 00:00 link -> /" +
                              std::string(120, 't') + "\n");
}

// An image is kept under a key of its files' digests: the archive must have just these.
TEST(Tar, SaysWhatTheFileWas) {
  const test::Scratch scratch;
  test::write_text(scratch / "a", "four");
  const auto out = base::open_path(scratch / "x.tar", O_RDWR | O_CREAT, 0600);
  const auto in = base::open_path(scratch / "a", O_RDONLY);
  TarWriter writer(out->get());
  base::Sha256 content;
  ASSERT_TRUE(
      writer.add_file({TarMember::Type::file, "a", 0644, 0, 0, 0, 4, {}}, in->get(), &content));
  EXPECT_EQ(content.finish(), base::sha256("four"));
}

TEST(Tar, RefusesAFileThatChanges) {
  const test::Scratch scratch;
  test::write_text(scratch / "a", "four");
  const auto out = base::open_path(scratch / "x.tar", O_RDWR | O_CREAT, 0600);
  for (const std::uint64_t size : {3U, 5U}) {
    const auto in = base::open_path(scratch / "a", O_RDONLY);
    TarWriter writer(out->get());
    const auto added =
        writer.add_file({TarMember::Type::file, "a", 0644, 0, 0, 0, size, {}}, in->get());
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, "image.changed");
  }
}

constexpr const char* passwd = "root:*:0:0:root:/root:/bin/bash\nmail:*:8:8:mail:/var/mail:/x\n";
constexpr const char* group = "root:*:0:\nshadow:*:42:\n";

TEST(Accounts, HaveTheDeclaredUsers) {
  const auto accounts = make_accounts(passwd, group, 19'000, {{"web", {1000, "/srv", "/bin/sh"}}});
  ASSERT_TRUE(accounts);
  EXPECT_EQ(accounts->passwd,
            "root:x:0:0:root:/root:/bin/bash\nmail:x:8:8:mail:/var/mail:/x\n"
            "web:x:1000:1000::/srv:/bin/sh\n");
  EXPECT_EQ(accounts->group, std::string(group) + "web:x:1000:\n");
  EXPECT_EQ(accounts->shadow,
            "root:*:19000:0:99999:7:::\nmail:*:19000:0:99999:7:::\nweb:*:19000:0:99999:7:::\n");
  EXPECT_EQ(owner_of(*accounts, "web"), (Owner{1000, 1000}));
  EXPECT_EQ(owner_of(*accounts, "mail"), (Owner{8, 8}));
  EXPECT_EQ(owner_of(*accounts, "77"), (Owner{77, 77}));
  EXPECT_EQ(owner_of(*accounts, ""), Owner{});
  EXPECT_EQ(owner_of(*accounts, "nobody").error().code, "image.no-user");
}

TEST(Accounts, RefuseNamesAndNumbersThatAreTaken) {
  using Users = std::map<std::string, declare::ImageUser>;
  for (const Users& users :
       {Users{{"mail", {1000, "/", "/"}}}, Users{{"web", {8, "/", "/"}}},
        Users{{"web", {42, "/", "/"}}}, Users{{"a", {5, "/", "/"}}, {"b", {5, "/", "/"}}}}) {
    const auto accounts = make_accounts(passwd, group, 1, users);
    ASSERT_FALSE(accounts);
    EXPECT_EQ(accounts.error().code, "image.user");
  }
}

TEST(Accounts, WithoutPackagesThereIsRoot) {
  const auto accounts = make_accounts("", "", 1, {});
  ASSERT_TRUE(accounts);
  EXPECT_EQ(accounts->passwd, "root:x:0:0:root:/root:/bin/sh\n");
}

store::Entry entry(store::Entry::Type type, const std::string& path, std::string target = {}) {
  store::Entry made;
  made.type = type;
  made.path = path;
  made.target = std::move(target);
  return made;
}

class TreeTest : public testing::Test {
 protected:
  TreeTest() {
    using Type = store::Entry::Type;
    manifest_.entries = {entry(Type::link, "bin", "usr/bin"), entry(Type::directory, "usr"),
                         entry(Type::directory, "usr/bin"), entry(Type::file, "usr/bin/busybox"),
                         entry(Type::link, "usr/loop", "../usr/loop")};
    accounts_ = *make_accounts("", "", 1, {{"web", {1000, "/", "/"}}});
  }
  base::Result<void> add() { return tree_.add(image_, accounts_); }
  const TarMember& member(const std::string& path) { return tree_.items().at(path).about; }

  store::Manifest manifest_;
  Accounts accounts_;
  declare::Image image_;
  Tree tree_{store::Manifest{}, 5};
};

TEST_F(TreeTest, HasWhatEverySystemHas) {
  Tree tree(manifest_, 5);
  EXPECT_EQ(tree.items().at("tmp").about.mode, 01777U);
  EXPECT_EQ(tree.items().at("var/run").about.target, "/run");
  EXPECT_TRUE(tree.has("usr/bin/busybox"));
}

TEST_F(TreeTest, FollowsLinksOnTheWay) {
  tree_ = Tree(manifest_, 5);
  image_.links = {{"/bin/sh", "busybox"}};
  image_.directories = {{"/var/run/web", {{}, "web", 02775}}, {"/data/deep", {{}, "7", 0700}}};
  image_.files = {{"/bin/start", {{"start.sh", {}}, "", 0755}}};
  ASSERT_TRUE(add());
  EXPECT_EQ(member("usr/bin/sh").target, "busybox");
  EXPECT_FALSE(tree_.has("bin/sh"));
  EXPECT_EQ(member("run/web").uid, 1000U);
  EXPECT_EQ(member("run/web").mode, 02775U);
  EXPECT_EQ(member("data").mode, 0755U);
  EXPECT_EQ(member("data/deep").gid, 7U);
  EXPECT_EQ(tree_.items().at("usr/bin/start").content, "start.sh");
  EXPECT_EQ(member("usr/bin/start").time, 5);
}

TEST_F(TreeTest, RefusesPathsThatLeadNowhere) {
  tree_ = Tree(manifest_, 5);
  for (const char* path : {"/usr/bin/busybox/x", "/usr/loop/x", "/usr/bin"}) {
    image_.files = {{path, {{"a", {}}, "", 0644}}};
    const auto added = add();
    ASSERT_FALSE(added) << path;
    EXPECT_EQ(added.error().code, "image.path") << path;
  }
  image_.files.clear();
  image_.directories = {{"/usr/bin/busybox", {{}, "", 0755}}};
  EXPECT_EQ(add().error().code, "image.path");
  image_.directories = {{"/data", {{}, "absent", 0755}}};
  EXPECT_EQ(add().error().code, "image.no-user");
}

TEST(Kept, TheKeyNamesEverythingInTheImage) {
  declare::Image image;
  image.name.text = "web";
  image.tags = {"web:1"};
  image.files = {{"/a", {{"a", {}}, "", 0644}}};
  lock::Lock lock;
  lock.architecture = "amd64";
  source::Package package;
  package.name = "x";
  package.sha256 = std::string(64, '1');
  package.sets = {"image:web"};
  lock.packages = {package};
  const std::string key = key_of(image, lock, {{"a", "1"}});
  EXPECT_EQ(key.size(), 32U);
  EXPECT_EQ(key_of(image, lock, {{"a", "1"}}), key);
  EXPECT_NE(key_of(image, lock, {{"a", "2"}}), key);
  const auto differs = [&](const auto& change) {
    declare::Image other = image;
    change(other);
    return key_of(other, lock, {{"a", "1"}}) != key;
  };
  EXPECT_TRUE(differs([](auto& i) { i.tags.emplace_back("web:2"); }));
  EXPECT_TRUE(differs([](auto& i) { i.essential = false; }));
  EXPECT_TRUE(differs([](auto& i) { i.users["u"] = {1, "/", "/"}; }));
  EXPECT_TRUE(differs([](auto& i) { i.directories["/d"] = {}; }));
  EXPECT_TRUE(differs([](auto& i) { i.files["/a"].mode = 0600; }));
  EXPECT_TRUE(differs([](auto& i) { i.links["/l"] = "x"; }));
  EXPECT_TRUE(differs([](auto& i) { i.command = {"x"}; }));
  lock.packages[0].sha256 = std::string(64, '2');
  EXPECT_NE(key_of(image, lock, {{"a", "1"}}), key);
}

TEST(Documents, SayWhatIsDeclared) {
  declare::Image image;
  image.tags = {"example.org/web:1", "web:latest"};
  image.entrypoint = {"python3"};
  image.command = {"-m", "x"};
  image.ports = {"80", "53/udp"};
  image.variables = {{"A", "b"}};
  image.labels = {{"l", "m"}};
  image.workdir = "/srv";
  image.user = "web";
  const Blob layer{std::string(64, 'a'), 10};
  const base::Json config = config_document(image, "amd64", layer, 0);
  EXPECT_EQ(
      config.dump(),
      R"({"created":"1970-01-01T00:00:00Z","architecture":"amd64","os":"linux","config":)"
      R"({"User":"web","ExposedPorts":{"80/tcp":{},"53/udp":{}},"Env":[)"
      R"("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","A=b"],)"
      R"("Entrypoint":["python3"],"Cmd":["-m","x"],"WorkingDir":"/srv","Labels":{"l":"m"}},)"
      R"("rootfs":{"type":"layers","diff_ids":["sha256:)" +
          layer.digest +
          R"("]},"history":[{"created":"1970-01-01T00:00:00Z","created_by":"cc-ci image"}]})");
  EXPECT_EQ(config_document(image, "armhf", layer, 0)["architecture"], "arm");
  const Blob blob{std::string(64, 'b'), 20};
  const base::Json index = index_document(image, blob);
  EXPECT_EQ(index["manifests"].size(), 2U);
  EXPECT_EQ(index["manifests"][1]["annotations"]["org.opencontainers.image.ref.name"],
            "web:latest");
  const base::Json docker = docker_document(image, blob, layer);
  EXPECT_EQ(docker[0]["RepoTags"], base::Json({"example.org/web:1", "web:latest"}));
  EXPECT_EQ(docker[0]["Layers"][0], "blobs/sha256/" + layer.digest);
}

}  // namespace
}  // namespace ccci::image
