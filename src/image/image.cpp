// SPDX-License-Identifier: GPL-3.0-or-later
#include "image/image.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "environment/build.hpp"
#include "environment/plan.hpp"
#include "host/build.hpp"
#include "image/accounts.hpp"
#include "image/tar.hpp"
#include "image/tree.hpp"
#include "project/resolve.hpp"

namespace ccci::image {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_account_file = 1U << 20U;
constexpr std::int64_t day = 24L * 60 * 60;
constexpr unsigned shadow_group = 42;

// The file of the composed root; empty if it has none.
std::string text_of(int root, const std::string& path) {
  const auto file = base::open_in_root(root, path, O_RDONLY | O_NONBLOCK);
  if (!file) return {};
  return base::read_fd(file->get(), largest_account_file, path).value_or(std::string());
}

std::string first_of(int root, const std::string& path, const std::string& otherwise) {
  std::string text = text_of(root, path);
  return text.empty() ? text_of(root, otherwise) : text;
}

class Maker {
 public:
  Maker(const project::Project& project, const declare::Image& image, const lock::Lock& lock,
        store::Staging& scratch)
      : project_(project), image_(image), lock_(lock), scratch_(scratch) {}

  base::Result<Made> run(const store::Store& store, const std::vector<environment::Part>& parts,
                         int output) {
    if (mkdirat(scratch_.directory(), "root", 0755) != 0)
      return base::unexpected(base::fail("base.mkdir").with("path", "root").with_errno(errno));
    CCCI_TRY(root_, base::open_in_root(scratch_.directory(), "root", O_RDONLY | O_DIRECTORY));
    CCCI_TRY(const environment::Plan plan, environment::plan_root(parts, {}, {}));
    CCCI_TRY(const store::WrittenTree written,
             environment::compose_root(store, plan, parts, root_.get(), scratch_.path() / "root"));
    epoch_ = plan.epoch;
    CCCI_TRY(const Tree tree, full_tree(written.manifest));
    CCCI_TRY(const base::Fd layer,
             base::open_path(scratch_.path() / "layer.tar", O_RDWR | O_CREAT | O_EXCL, 0600));
    CCCI_TRY(const Blob blob, write_layer(tree, layer.get()));
    if (lseek(layer.get(), 0, SEEK_SET) != 0)
      return base::unexpected(base::fail("base.read").with("path", "layer.tar").with_errno(errno));
    return write_archive(blob, layer.get(), output);
  }

 private:
  base::Result<Tree> full_tree(const store::Manifest& manifest) const {
    Tree tree(manifest, epoch_);
    CCCI_TRY(
        const Accounts accounts,
        make_accounts(first_of(root_.get(), "etc/passwd", "usr/share/base-passwd/passwd.master"),
                      first_of(root_.get(), "etc/group", "usr/share/base-passwd/group.master"),
                      epoch_ / day, image_.users));
    CCCI_CHECK(tree.add_text("/etc/passwd", accounts.passwd, 0644));
    CCCI_CHECK(tree.add_text("/etc/group", accounts.group, 0644));
    CCCI_CHECK(tree.add_text("/etc/shadow", accounts.shadow, 0640, {0, shadow_group}));
    const std::string lookup = text_of(root_.get(), "usr/share/base-files/nsswitch.conf");
    if (!lookup.empty() && !tree.has("etc/nsswitch.conf"))
      CCCI_CHECK(tree.add_text("/etc/nsswitch.conf", lookup, 0644));
    CCCI_CHECK(tree.add(image_, accounts));
    CCCI_CHECK(owner_of(accounts, image_.user));
    return tree;
  }

  base::Result<Blob> write_layer(const Tree& tree, int output) {
    TarWriter writer(output);
    for (const auto& [path, item] : tree.items()) {
      if (item.from == Item::From::nothing) {
        CCCI_CHECK(writer.add(item.about));
      } else if (item.from == Item::From::text) {
        CCCI_CHECK(writer.add(item.about, item.content));
      } else if (item.from == Item::From::root) {
        CCCI_TRY(const base::Fd file, base::open_in_root(root_.get(), path, O_RDONLY | O_NOFOLLOW));
        CCCI_CHECK(writer.add_file(item.about, file.get()));
      } else {
        CCCI_CHECK(add_of_project(writer, item));
      }
    }
    CCCI_CHECK(writer.finish());
    return Blob{writer.digest().hex(), writer.size()};
  }

  base::Result<void> add_of_project(TarWriter& writer, const Item& item) {
    CCCI_TRY(const base::Fd file, base::open_of_project(project_.directory(), item.content));
    struct stat status {};
    if (fstat(file.get(), &status) != 0)
      return base::unexpected(base::fail("base.read").with("path", item.content).with_errno(errno));
    TarMember about = item.about;
    about.size = static_cast<std::uint64_t>(status.st_size);
    base::Sha256 content;
    CCCI_CHECK(writer.add_file(about, file.get(), &content));
    files_[item.content] = content.finish().hex();
    return {};
  }

  base::Result<Made> write_archive(const Blob& layer, int content, int output) const {
    const auto blob = [](const std::string& text) {
      return Blob{base::sha256(text).hex(), text.size()};
    };
    const std::string config = config_document(image_, lock_.architecture, layer, epoch_).dump();
    const Blob config_blob = blob(config);
    const std::string manifest = manifest_document(config_blob, layer).dump();
    const Blob manifest_blob = blob(manifest);
    TarWriter writer(output);
    const auto member = [&](const std::string& path, std::uint64_t size) {
      return TarMember{TarMember::Type::file, path, 0644, 0, 0, epoch_, size, {}};
    };
    for (const char* directory : {"blobs", "blobs/sha256"})
      CCCI_CHECK(writer.add({TarMember::Type::directory, directory, 0755, 0, 0, epoch_, 0, {}}));
    CCCI_CHECK(writer.add_file(member(layer.path(), layer.size), content));
    for (const auto& [path, text] :
         {std::pair(config_blob.path(), config), std::pair(manifest_blob.path(), manifest),
          std::pair(std::string("index.json"), index_document(image_, manifest_blob).dump()),
          std::pair(std::string("manifest.json"),
                    docker_document(image_, config_blob, layer).dump()),
          std::pair(std::string("oci-layout"), std::string(R"({"imageLayoutVersion":"1.0.0"})"))})
      CCCI_CHECK(writer.add(member(path, text.size()), text));
    CCCI_CHECK(writer.finish());
    return Made{image_.name.text,
                {},
                image_.tags,
                "sha256:" + manifest_blob.digest,
                "sha256:" + config_blob.digest,
                writer.size(),
                files_};
  }

  const project::Project& project_;
  const declare::Image& image_;
  const lock::Lock& lock_;
  store::Staging& scratch_;
  base::Fd root_;
  std::int64_t epoch_ = 0;
  std::map<std::string, std::string> files_;  // of the project, with their digests
};

}  // namespace

base::Result<std::vector<std::string>> names(const project::Project& project,
                                             const std::vector<std::string>& wanted) {
  const std::vector<std::string> known = base::keys_of(project.declaration.images);
  if (known.empty())
    return base::unexpected(base::fail("image.none").with("path", project.file.native()));
  if (wanted.empty()) return known;
  std::set<std::string> chosen;
  for (const std::string& name : wanted) {
    if (!project.declaration.images.contains(name)) {
      base::Error error = base::fail("image.unknown").with("name", name);
      const std::string likely = base::likely(name, known);
      if (!likely.empty()) error = std::move(error).with("likely", likely);
      return base::unexpected(std::move(error).with("known", base::join(known, ", ")));
    }
    chosen.insert(name);
  }
  return std::vector<std::string>(chosen.begin(), chosen.end());
}

base::Result<Made> make(const project::Project& project, const project::Context& context,
                        store::Store& store, const lock::Lock& lock, const std::string& name,
                        const fs::path& file) {
  CCCI_TRY(const store::Hold hold, store.hold());
  host::Builder builder(store, project.declaration, lock,
                        project::fetcher(project, context, store, lock.releases), context.progress);
  CCCI_TRY(const std::vector<environment::Part> parts, builder.parts_of_image(name));
  CCCI_TRY(store::Staging scratch, store.scratch("image-" + name));
  const std::string target = file.filename().native();
  const std::string unfinished = target + ".part-" + std::to_string(getpid());
  // The directory may be a user's, who may put another thing in its place or into it.
  const fs::path parent = file.has_parent_path() ? file.parent_path() : ".";
  CCCI_TRY(const base::Fd directory, base::open_path(parent, O_RDONLY | O_DIRECTORY));
  CCCI_CHECK(base::remove_tree(directory.get(), unfinished));
  CCCI_TRY(base::Fd output,
           base::open_in_root(directory.get(), unfinished, O_WRONLY | O_CREAT | O_EXCL, 0644));
  Maker maker(project, project.declaration.images.at(name), lock, scratch);
  auto made = maker.run(store, parts, output.get());
  if (made && renameat(directory.get(), unfinished.c_str(), directory.get(), target.c_str()) != 0)
    made = base::unexpected(base::fail("base.write").with("path", file.native()).with_errno(errno));
  if (!made) {
    unlinkat(directory.get(), unfinished.c_str(), 0);
    return made;
  }
  made->file = file;
  return made;
}

}  // namespace ccci::image
