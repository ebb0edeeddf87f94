// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/image_archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "engine/tar_filter.hpp"

namespace ccci::engine {

namespace {

using base::Json;

constexpr std::size_t read_size = 256U << 10U;
constexpr std::uint64_t largest_document = 4U << 20U;
constexpr std::size_t most_members = 100'000;
constexpr std::size_t most_images = 1'000;
constexpr std::size_t tar_block = 512;
constexpr std::uint64_t most_growth = 100;
constexpr const char* docker_document = "manifest.json";
constexpr const char* oci_document = "index.json";

struct Free {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using Handle = std::unique_ptr<archive, Free>;

base::Error broken(std::string_view problem) {
  return base::fail("engine.archive").with("problem", problem);
}

// `raw`: the bytes without their compression; otherwise the members of a tar.
base::Result<Handle> open_archive(int file, bool raw) {
  if (lseek(file, 0, SEEK_SET) != 0) {
    return base::unexpected(
        base::fail("base.read").with("path", "image archive").with_errno(errno));
  }
  Handle handle(archive_read_new());
  // One by one: "all" would also run programs from PATH for rare formats.
  archive_read_support_filter_gzip(handle.get());
  archive_read_support_filter_bzip2(handle.get());
  archive_read_support_filter_zstd(handle.get());
  archive_read_support_filter_lz4(handle.get());
  if (raw) archive_read_support_format_raw(handle.get());
  if (!raw) archive_read_support_format_tar(handle.get());
  if (archive_read_open_fd(handle.get(), file, read_size) != ARCHIVE_OK)
    return base::unexpected(broken("it is neither a tar nor a compressed tar"));
  return handle;
}

// A few bytes can hold any number of zeros: without a limit they fill hours and disks. Images
// hardly ever become a tenth of their size.
class Growth {
 public:
  Growth(int file, std::uint64_t usual) : most_(usual) {
    struct stat found {};
    if (fstat(file, &found) == 0) most_ += most_growth * static_cast<std::uint64_t>(found.st_size);
  }

  base::Result<void> check(std::uint64_t bytes) const {
    if (bytes <= most_) return {};
    return base::unexpected(broken("it grows to more than " + base::human_bytes(most_) +
                                   " when it is unpacked, so it is no image"));
  }

 private:
  std::uint64_t most_;
};

// libarchive skips a member in one call, however long that takes. A file that is not compressed has
// no more than it shows.
base::Result<void> skip_member(archive* handle, const Growth& growth) {
  if (archive_filter_count(handle) < 2) return {};
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  while (archive_read_data_block(handle, &block, &size, &offset) == ARCHIVE_OK)
    CCCI_CHECK(growth.check(static_cast<std::uint64_t>(archive_filter_bytes(handle, 0))));
  return {};
}

std::string plain_name(const char* name) {
  std::string_view text = name == nullptr ? "" : name;
  while (text.starts_with("./")) text.remove_prefix(2);
  return std::string(text);
}

// The contents of the wanted members, in one pass.
base::Result<std::map<std::string, std::string>> read_members(int file,
                                                              const std::set<std::string>& wanted,
                                                              std::uint64_t usual = usual_images) {
  CCCI_TRY(const Handle handle, open_archive(file, false));
  const Growth growth(file, usual);
  std::map<std::string, std::string> found;
  archive_entry* entry = nullptr;
  int status = ARCHIVE_OK;
  // What follows a manifest.json does not matter, and decompressing all of it takes time.
  for (std::size_t count = 0; found.size() < wanted.size() && !found.contains(docker_document);
       ++count) {
    status = archive_read_next_header(handle.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN) return base::unexpected(broken("it is not a whole tar"));
    if (count == most_members) return base::unexpected(broken("it has too many members"));
    const std::string name = plain_name(archive_entry_pathname(entry));
    if (!wanted.contains(name) || archive_entry_filetype(entry) != AE_IFREG) {
      CCCI_CHECK(skip_member(handle.get(), growth));
      continue;
    }
    std::string& content = found[name];
    std::array<char, 16384> block{};
    la_ssize_t size = 0;
    while ((size = archive_read_data(handle.get(), block.data(), block.size())) > 0) {
      content.append(block.data(), static_cast<std::size_t>(size));
      if (content.size() > largest_document)
        return base::unexpected(broken("member '" + name + "' is too long"));
    }
    if (size < 0) return base::unexpected(broken("member '" + name + "' cannot be read"));
  }
  return found;
}

// "sha256:HEX" -> "blobs/sha256/HEX". Empty if it is no digest: it must not become another path.
std::string blob_path(const Json& descriptor) {
  const std::string digest = descriptor["digest"].text_or_empty();
  constexpr std::string_view start = "sha256:";
  constexpr std::size_t digits = 64;
  if (!digest.starts_with(start) || digest.size() != start.size() + digits) return {};
  if (digest.find_first_not_of("0123456789abcdef", start.size()) != std::string::npos) return {};
  return "blobs/sha256/" + digest.substr(start.size());
}

// The names of architectures in images differ from the kernel's.
std::string architecture() {
  utsname machine{};
  uname(&machine);
  std::string name = machine.machine;
  if (name == "x86_64") return "amd64";
  if (name == "aarch64") return "arm64";
  return name;
}

bool fits(const Json& descriptor) {
  const Json& platform = descriptor["platform"];
  if (platform.is_null()) return true;
  return platform["os"].text_or_empty() == "linux" &&
         platform["architecture"].text_or_empty() == architecture();
}

constexpr const char* whole_name = "io.containerd.image.name";
constexpr const char* reference = "org.opencontainers.image.ref.name";

// containerd and buildx write the whole name in one place, and only the tag in the other. skopeo
// and podman write there what they are given, a name or a tag. A tag names no image.
std::vector<std::string> names_of(const Json& descriptor) {
  const Json& notes = descriptor["annotations"];
  std::string name = notes[whole_name].text_or_empty();
  if (name.empty()) name = notes[reference].text_or_empty();
  if (name.find_first_of(":/") == std::string::npos) return {};
  return {name};
}

// No recipe could use an image without a name.
base::Error nameless(const std::string& tag) {
  return base::fail("engine.archive-nameless")
      .with("found",
            tag.empty() ? "no name" : "the tag '" + base::printable(tag) + "' and no name");
}

base::Result<Json> document(int file, const std::string& path) {
  CCCI_TRY(const auto members, read_members(file, {path}));
  const auto member = members.find(path);
  if (path.empty() || member == members.end())
    return base::unexpected(broken("a manifest that its index names is missing"));
  auto json = Json::parse(member->second);
  if (!json) return base::unexpected(broken("member '" + path + "' is not JSON"));
  return std::move(*json);
}

// The manifest of a descriptor: it may lead to an index with one manifest for each architecture.
base::Result<Json> manifest_of(int file, const Json& descriptor) {
  CCCI_TRY(Json json, document(file, blob_path(descriptor)));
  if (!json.contains("manifests")) return json;
  for (const Json& inner : json["manifests"].elements()) {
    if (fits(inner)) return document(file, blob_path(inner));
  }
  return base::unexpected(broken("it has no image for linux/" + architecture()));
}

base::Result<ImageArchive> read_layout(int file, const Json& index) {
  ImageArchive archive;
  archive.format = ImageArchive::Format::oci;
  Json images = Json::array();
  std::string tag;
  for (const Json& descriptor : index["manifests"].elements()) {
    if (!fits(descriptor)) continue;
    if (images.size() == most_images) return base::unexpected(broken("it has too many images"));
    CCCI_TRY(const Json manifest, manifest_of(file, descriptor));
    Json layers = Json::array();
    for (const Json& layer : manifest["layers"].elements()) {
      if (blob_path(layer).empty()) return base::unexpected(broken("a layer has no digest"));
      layers.push_back(blob_path(layer));
    }
    const std::string config = blob_path(manifest["config"]);
    if (config.empty()) return base::unexpected(broken("an image has no configuration"));
    Json image{{"Config", config}};
    image["RepoTags"] = Json(names_of(descriptor));
    image["Layers"] = std::move(layers);
    images.push_back(std::move(image));
    for (const std::string& name : names_of(descriptor)) archive.names.push_back(name);
    if (tag.empty()) tag = descriptor["annotations"][reference].text_or_empty();
  }
  if (images.empty())
    return base::unexpected(broken("it has no image for linux/" + architecture()));
  if (archive.names.empty()) return base::unexpected(nameless(tag));
  archive.manifest = images.dump();
  return archive;
}

// A member of a tar: header, content, padding.
std::string tar_member(const std::string& name, const std::string& content) {
  std::array<char, tar_block> header{};
  const auto put = [&](std::size_t at, std::size_t size, const char* format, auto value) {
    static_cast<void>(std::snprintf(header.data() + at, size, format, value));
  };
  put(0, 100, "%s", name.c_str());
  put(100, 8, "%07o", 0644U);
  put(108, 8, "%07o", 0U);
  put(116, 8, "%07o", 0U);
  put(124, 12, "%011zo", content.size());
  put(136, 12, "%011o", 0U);
  header[156] = '0';
  put(257, 6, "%s", "ustar");
  header[263] = '0';
  header[264] = '0';
  // The sum counts its own field as blanks.
  for (std::size_t i = 148; i < 156; ++i) header.at(i) = ' ';
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, 7, "%06o", sum);
  std::string member(header.data(), header.size());
  member += content;
  member.append((tar_block - member.size() % tar_block) % tar_block, '\0');
  return member;
}

}  // namespace

base::Result<ImageArchive> read_image_archive(int file, std::uint64_t usual) {
  CCCI_TRY(const auto members, read_members(file, {docker_document, oci_document}, usual));
  // Newer engines save archives of both kinds at once: every engine reads those.
  if (const auto docker = members.find(docker_document); docker != members.end()) {
    const auto json = Json::parse(docker->second);
    if (!json) return base::unexpected(broken("member 'manifest.json' is not JSON"));
    ImageArchive archive;
    for (const Json& image : json->elements()) {
      for (const Json& name : image["RepoTags"].elements())
        archive.names.push_back(name.text_or_empty());
    }
    archive.manifest = json->dump();
    return archive;
  }
  const auto index = members.find(oci_document);
  if (index == members.end())
    return base::unexpected(broken("it has neither 'manifest.json' nor 'index.json'"));
  const auto json = Json::parse(index->second);
  if (!json) return base::unexpected(broken("member 'index.json' is not JSON"));
  return read_layout(file, *json);
}

base::Result<std::map<std::string, std::string>> image_ids(int file) {
  CCCI_TRY(const ImageArchive archive, read_image_archive(file));
  const auto json = Json::parse(archive.manifest);
  if (!json) return base::unexpected(broken("member 'manifest.json' is not JSON"));
  std::set<std::string> wanted;
  for (const Json& image : json->elements()) wanted.insert(image["Config"].text_or_empty());
  CCCI_TRY(const auto members, read_members(file, wanted));
  std::map<std::string, std::string> ids;
  for (const Json& image : json->elements()) {
    const auto member = members.find(image["Config"].text_or_empty());
    if (member == members.end())
      return base::unexpected(broken("the configuration of an image is missing"));
    const std::string id = "sha256:" + base::sha256(member->second).hex();
    for (const Json& name : image["RepoTags"].elements())
      ids[familiar_name(name.text_or_empty())] = id;
  }
  return ids;
}

base::Result<BodySource> loadable(int file, const ImageArchive& archive, std::uint64_t usual) {
  // Without compression in either case: the new member comes before the others.
  CCCI_TRY(Handle opened, open_archive(file, true));
  archive_entry* entry = nullptr;
  if (archive_read_next_header(opened.get(), &entry) < ARCHIVE_WARN)
    return base::unexpected(broken("it cannot be read"));
  std::string first;
  if (archive.format == ImageArchive::Format::oci) {
    first = tar_member(docker_document, archive.manifest);
  }
  const std::shared_ptr<::archive> handle(opened.release(), Free());
  return [handle, first, growth = Growth(file, usual),
          bytes = std::uint64_t{0}]() mutable -> base::Result<std::string> {
    if (!first.empty()) return std::exchange(first, {});
    CCCI_CHECK(growth.check(bytes));
    std::string piece(read_size, '\0');
    const la_ssize_t size = archive_read_data(handle.get(), piece.data(), piece.size());
    if (size < 0) return base::unexpected(broken("it cannot be read to its end"));
    piece.resize(static_cast<std::size_t>(size));
    bytes += piece.size();
    return piece;
  };
}

base::Result<RenamedArchive> renamed(int file, const ImageArchive& archive,
                                     const std::string& repository, const std::string& tag) {
  const auto json = Json::parse(archive.manifest);
  if (!json) return base::unexpected(broken("member 'manifest.json' is not JSON"));
  RenamedArchive result;
  Json images = Json::array();
  for (const Json& image : json->elements()) {
    const std::string name = repository + ":" + tag + std::to_string(result.names.size());
    std::vector<std::string> old;
    for (const Json& one : image["RepoTags"].elements()) old.push_back(one.text_or_empty());
    if (old.empty()) continue;
    Json other = image;
    other["RepoTags"] = Json(std::vector<std::string>{name});
    images.push_back(std::move(other));
    result.names[name] = std::move(old);
  }
  if (result.names.empty()) return base::unexpected(broken("no image in it has a name"));
  ImageArchive plain;  // which loadable() changes nothing in
  CCCI_TRY(BodySource source, loadable(file, plain));
  const auto filter = std::make_shared<TarFilter>(
      std::move(source),
      std::set<std::string>{docker_document, oci_document, "oci-layout", "repositories"});
  result.body = [filter, first = tar_member(docker_document,
                                            images.dump())]() mutable -> base::Result<std::string> {
    if (!first.empty()) return std::exchange(first, {});
    return filter->next();
  };
  return result;
}

base::Result<std::vector<std::string>> load_archive(const Api& api, int file, const Guard& guard,
                                                    std::chrono::milliseconds deadline) {
  CCCI_TRY(const ImageArchive archive, read_image_archive(file));
  CCCI_TRY(BodySource source, loadable(file, archive));
  return load_images(api, std::move(source), guard, deadline);
}

}  // namespace ccci::engine
