// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/image_archive.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "base/files.hpp"
#include "tests/engine/image.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* busybox = "not really a program";

class ImageArchiveTest : public testing::Test {
 protected:
  base::Fd file(const std::string& bytes) {
    test::write_text(scratch / "archive.tar", bytes);
    return base::Fd(open((scratch / "archive.tar").c_str(), O_RDONLY | O_CLOEXEC));
  }
  base::Result<ImageArchive> read(const std::string& bytes) {
    return read_image_archive(file(bytes).get());
  }
  std::string problem(const std::string& bytes) {
    const auto result = read(bytes);
    if (result) return "no problem";
    EXPECT_EQ(result.error().code, "engine.archive");
    return std::string(result.error().field("problem"));
  }
  std::string content(int fd, const ImageArchive& archive) {
    const auto source = loadable(fd, archive);
    EXPECT_TRUE(source);
    std::string all;
    for (;;) {
      const auto piece = (*source)();
      EXPECT_TRUE(piece);
      if (!piece || piece->empty()) return all;
      all += *piece;
    }
  }

  const TestImage image{{"app:1", "host:5000/app:2"}, busybox, {"true"}};
  test::Scratch scratch;
};

TEST_F(ImageArchiveTest, of_docker_is_loaded_as_it_is) {
  const std::string bytes = image.docker_archive();
  const base::Fd fd = file(bytes);
  const auto archive = read_image_archive(fd.get());
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->format, ImageArchive::Format::docker);
  EXPECT_THAT(archive->names, ElementsAre("app:1", "host:5000/app:2"));
  EXPECT_EQ(content(fd.get(), *archive), bytes);
}

TEST_F(ImageArchiveTest, of_oci_gets_the_manifest_of_docker) {
  const std::string bytes = image.oci_archive();
  const base::Fd fd = file(bytes);
  const auto archive = read_image_archive(fd.get());
  ASSERT_TRUE(archive) << archive.error().field("problem");
  EXPECT_EQ(archive->format, ImageArchive::Format::oci);
  EXPECT_THAT(archive->names, ElementsAre("app:1", "host:5000/app:2"));
  const std::string loaded = content(fd.get(), *archive);
  EXPECT_THAT(loaded, testing::EndsWith(bytes));
  // Read again, it is an archive of docker.
  const auto again = read(loaded);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->format, ImageArchive::Format::docker);
  EXPECT_EQ(again->names, archive->names);
  EXPECT_THAT(archive->manifest, HasSubstr("blobs/sha256/" + base::sha256(image.layer).hex()));
}

TEST_F(ImageArchiveTest, has_the_ids_that_an_engine_gives) {
  for (const std::string& bytes : {image.docker_archive(), image.oci_archive()}) {
    const auto ids = image_ids(file(bytes).get());
    ASSERT_TRUE(ids) << ids.error().field("problem");
    ASSERT_EQ(ids->size(), 2U);
    EXPECT_EQ(ids->at("app:1"), ids->at("host:5000/app:2"));
    EXPECT_EQ(ids->at("app:1"), "sha256:" + base::sha256(image.config).hex());
  }
}

TEST_F(ImageArchiveTest, gets_other_names_and_keeps_the_rest) {
  for (const std::string& bytes : {image.docker_archive(), image.oci_archive()}) {
    const base::Fd fd = file(bytes);
    const auto archive = read_image_archive(fd.get());
    ASSERT_TRUE(archive);
    const auto other = renamed(fd.get(), *archive, "mine/run", "0.");
    ASSERT_TRUE(other) << other.error().field("problem");
    std::vector<std::string> old;
    std::vector<std::string> made;
    for (const auto& [name, names] : other->names) {
      EXPECT_THAT(name, testing::StartsWith("mine/run:0."));
      made.push_back(name);
      old.insert(old.end(), names.begin(), names.end());
    }
    EXPECT_THAT(old, ElementsAre("app:1", "host:5000/app:2"));
    std::string written;
    for (auto piece = other->body(); piece && !piece->empty(); piece = other->body())
      written += *piece;
    EXPECT_THAT(written, HasSubstr(image.layer));
    const auto again = read(written);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->format, ImageArchive::Format::docker);
    EXPECT_EQ(again->names, made);
    for (const char* document : {"index.json", "oci-layout", "repositories"})
      EXPECT_THAT(written, testing::Not(HasSubstr(document)));
  }
}

TEST_F(ImageArchiveTest, without_a_name_cannot_get_another) {
  const TestImage nameless{{}, busybox, {"true"}};
  const base::Fd fd = file(nameless.docker_archive());
  const auto archive = read_image_archive(fd.get());
  ASSERT_TRUE(archive);
  EXPECT_FALSE(renamed(fd.get(), *archive, "mine/run", "0."));
}

TEST_F(ImageArchiveTest, of_oci_has_its_name_where_containerd_looks) {
  const TestImage tagged{{"v2"}, busybox, {"true"}};
  const auto archive = read(tagged.oci_archive("amd64", "docker.io/library/app:v2"));
  ASSERT_TRUE(archive) << archive.error().field("problem");
  EXPECT_THAT(archive->names, ElementsAre("docker.io/library/app:v2"));
}

TEST_F(ImageArchiveTest, of_oci_with_a_tag_alone_has_no_name) {
  const auto tagged = read(TestImage{{"v2"}, busybox, {"true"}}.oci_archive());
  ASSERT_FALSE(tagged);
  EXPECT_EQ(tagged.error().code, "engine.archive-nameless");
  EXPECT_EQ(tagged.error().field("found"), "the tag 'v2' and no name");
  const auto nameless = read(TestImage{{""}, busybox, {"true"}}.oci_archive());
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().field("found"), "no name");
  // One of two is enough: the other image may be there for somebody else.
  const auto mixed = read(TestImage{{"v2", "app:1"}, busybox, {"true"}}.oci_archive());
  ASSERT_TRUE(mixed);
  EXPECT_THAT(mixed->names, ElementsAre("app:1"));
}

TEST_F(ImageArchiveTest, may_be_compressed) {
  test::write_text(scratch / "plain.tar", image.oci_archive());
  const std::string command = "gzip -k " + (scratch / "plain.tar").native();
  ASSERT_EQ(std::system(command.c_str()), 0);
  const base::Fd fd(open((scratch / "plain.tar.gz").c_str(), O_RDONLY | O_CLOEXEC));
  const auto archive = read_image_archive(fd.get());
  ASSERT_TRUE(archive) << archive.error().field("problem");
  EXPECT_THAT(content(fd.get(), *archive), testing::EndsWith(image.oci_archive()));
}

TEST_F(ImageArchiveTest, that_grows_too_much_is_refused) {
  // Zeros before what is looked for.
  const std::string bytes =
      tar({{"zeros", std::string(4U << 20U, '\0'), 0644, ""}}).substr(0, 512 + (4U << 20U)) +
      image.docker_archive();
  const base::Fd plain = file(bytes);
  EXPECT_TRUE(read_image_archive(plain.get(), 0));
  const std::string command = "gzip -k " + (scratch / "archive.tar").native();
  ASSERT_EQ(std::system(command.c_str()), 0);
  const base::Fd fd(open((scratch / "archive.tar.gz").c_str(), O_RDONLY | O_CLOEXEC));
  const auto refused = read_image_archive(fd.get(), 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(std::string(refused.error().field("problem")), HasSubstr("grows to more than"));
  // Of what is usual nobody asks how much it grows.
  const auto archive = read_image_archive(fd.get());
  ASSERT_TRUE(archive) << archive.error().field("problem");
  EXPECT_EQ(content(fd.get(), *archive), bytes);
  const auto source = loadable(fd.get(), *archive, 0);
  ASSERT_TRUE(source);
  base::Result<std::string> piece = std::string("-");
  while (piece && !piece->empty()) piece = (*source)();
  ASSERT_FALSE(piece);
  EXPECT_EQ(piece.error().code, "engine.archive");
}

TEST_F(ImageArchiveTest, has_the_image_of_this_machine) {
  EXPECT_TRUE(read(image.oci_archive("amd64")) || read(image.oci_archive("arm64")));
  EXPECT_THAT(problem(image.oci_archive("s390x-other")), HasSubstr("no image for linux/"));
}

TEST_F(ImageArchiveTest, that_is_none_is_refused) {
  EXPECT_THAT(problem(""), HasSubstr("neither"));
  EXPECT_NE(problem("text"), "no problem");
  EXPECT_THAT(problem(tar({{"file", "x", 0644, ""}})), HasSubstr("neither"));
  EXPECT_THAT(problem(tar({{"index.json", "{", 0644, ""}})), HasSubstr("not JSON"));
  EXPECT_THAT(problem(tar({{"index.json", "{}", 0644, ""}})), HasSubstr("no image"));
  EXPECT_NE(problem(image.docker_archive().substr(0, 700)), "no problem");
}

TEST_F(ImageArchiveTest, leads_nowhere_else) {
  for (const char* digest : {"sha256:../../etc/passwd", "../../x", "sha512:00", ""}) {
    const std::string index =
        base::Json{{"manifests", base::Json::array({base::Json{{"digest", digest}}})}}.dump();
    EXPECT_THAT(problem(tar({{"index.json", index, 0644, ""}})), HasSubstr("missing")) << digest;
  }
}

TEST_F(ImageArchiveTest, has_documents_of_bounded_size) {
  EXPECT_THAT(problem(tar({{"index.json", std::string(5 << 20, ' '), 0644, ""}})),
              HasSubstr("too long"));
}

}  // namespace
}  // namespace ccci::engine
