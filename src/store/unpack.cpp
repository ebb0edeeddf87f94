// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/unpack.hpp"

#include <archive.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/files.hpp"
#include "store/archive_file.hpp"
#include "store/decoder.hpp"
#include "store/env_scripts.hpp"
#include "store/full.hpp"
#include "store/input.hpp"
#include "store/members.hpp"
#include "store/npm_tarball.hpp"
#include "store/utf8_locale.hpp"
#include "store/wheel.hpp"

namespace ccci::store {

namespace {

struct TarFeed {
  Decoder& decoder;
  base::Error pending;
};

long feed_tar(archive* handle, void* data, const void** block) {
  auto& feed = *static_cast<TarFeed*>(data);
  auto piece = feed.decoder.read();
  if (!piece) {
    feed.pending = std::move(piece).error();
    archive_set_error(handle, EIO, "input");
    return ARCHIVE_FATAL;
  }
  *block = piece->data();
  return static_cast<long>(piece->size());
}

// Calls `write(handle, pending)` with the tar in the member.
template <typename Write>
base::Result<void> read_tar(DebReader& deb, const DebMember& member, std::string_view prefix,
                            Budget& budget, Write write) {
  CCCI_TRY(const Compression compression, compression_of(member.name, prefix));
  Decoder decoder(deb, member, compression, budget);
  CCCI_CHECK(decoder.open());
  TarFeed feed{decoder, {}};
  const ArchiveHandle handle(archive_read_new());
  if (archive_read_support_format_tar(handle.get()) != ARCHIVE_OK ||
      archive_read_open(handle.get(), &feed, nullptr, feed_tar, nullptr) != ARCHIVE_OK) {
    if (!feed.pending.code.empty()) return base::unexpected(feed.pending);
    return base::unexpected(archive_error(handle.get(), member.name));
  }
  CCCI_CHECK(write(handle.get(), feed.pending));
  return decoder.expect_only_zeros(
      static_cast<std::uint64_t>(archive_filter_bytes(handle.get(), -1)));
}

base::Result<base::Fd> new_directory(int parent, const char* name) {
  if (mkdirat(parent, name, 0755) != 0) {
    return base::unexpected(base::fail("base.mkdir").with("path", name).with_errno(errno));
  }
  return base::open_in_root(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

base::Result<Unpacked> unpack_deb(Input& input, std::uint64_t size, int directory,
                                  const Limits& limits, Times times) {
  // Bytes are counted twice, in the stream and in the files, because padding and headers can be
  // endless too.
  Budget stream(limits, size);
  Budget files(limits, size);
  DebReader deb(input);
  CCCI_CHECK(deb.open());
  CCCI_TRY(const std::optional<DebMember> control, deb.next());
  if (!control || !control->name.starts_with("control.tar")) {
    return base::unexpected(base::fail("store.not-a-deb"));
  }
  CCCI_TRY(const base::Fd control_directory, new_directory(directory, "control"));
  TreeWriter control_tree(control_directory.get(), Shape::as_is, files, Times::fixed);
  CCCI_CHECK(read_tar(deb, *control, "control.tar", stream,
                      [&](archive* handle, const base::Error& pending) {
                        return write_control(handle, control_tree, pending);
                      }));

  CCCI_TRY(const std::optional<DebMember> data, deb.next());
  if (!data) return base::unexpected(base::fail("store.truncated").with("member", "data.tar"));
  if (!data->name.starts_with("data.tar")) {
    return base::unexpected(base::fail("store.not-a-deb"));
  }
  CCCI_TRY(const base::Fd root, new_directory(directory, "root"));
  TreeWriter tree(root.get(), Shape::merged_usr, files, times);
  Unpacked unpacked;
  CCCI_CHECK(
      read_tar(deb, *data, "data.tar", stream, [&](archive* handle, const base::Error& pending) {
        return write_members(handle, tree, pending, unpacked.dropped);
      }));
  CCCI_TRY(const std::optional<DebMember> more, deb.next());
  if (more) return base::unexpected(base::fail("store.trailing").with("member", more->name));
  CCCI_TRY(WrittenTree written, tree.finish());
  unpacked.manifest = std::move(written.manifest);
  unpacked.digest = written.digest;
  if (times == Times::own) CCCI_CHECK(write_env_scripts(directory, written.env_scripts));
  return unpacked;
}

base::Result<Unpacked> unpack_checked(const PackageSource& source, base::Fd file,
                                      std::uint64_t size, int directory, const Limits& limits) {
  const auto corrupt = [&](const base::Digest& found) {
    return base::unexpected(base::fail("store.archive-corrupt")
                                .with("file", source.file.native())
                                .with("expected", source.sha256)
                                .with("found", found.hex()));
  };
  if (source.format != Format::deb) {
    CCCI_TRY(const base::Digest digest, base::sha256_of_fd(file.get()));
    if (digest.hex() != source.sha256) return corrupt(digest);
    CCCI_TRY(const base::Fd root, new_directory(directory, "root"));
    // Deflate packs 1 to 1000 at most, and no real package comes near.
    Limits fitting = limits;
    if (source.format != Format::archive)
      fitting.ratio = std::min<std::uint64_t>(limits.ratio, 200);
    Budget budget(fitting, size);
    if (source.format == Format::npm) return unpack_npm(file.get(), source, root.get(), budget);
    return source.format == Format::wheel ? unpack_wheel(file.get(), source, root.get(), budget)
                                          : unpack_archive(file.get(), source, root.get(), budget);
  }
  Input input(std::move(file));
  auto unpacked = unpack_deb(input, size, directory, limits, source.times);
  // A damaged file can cause any parser error. A wrong digest is the better reason, so it is
  // checked first.
  CCCI_TRY(const base::Digest digest, input.finish());
  if (digest.hex() != source.sha256) return corrupt(digest);
  return unpacked;
}

// The disk space that the package says it needs, or at least its packed size.
std::uint64_t needed_bytes(int directory, std::uint64_t packed) {
  constexpr std::uint64_t largest_control = 1U << 20U;
  constexpr std::string_view field = "\nInstalled-Size: ";  // KiB; never the first field
  const auto control = base::open_in_root(directory, "control/control", O_RDONLY | O_NOFOLLOW);
  const auto text = control ? base::read_fd(control->get(), largest_control, "control")
                            : base::unexpected(control.error());
  const std::size_t at = text ? text->find(field) : std::string::npos;
  if (at == std::string::npos) return packed;
  std::uint64_t kibibytes = 0;
  std::from_chars(text->data() + at + field.size(), text->data() + text->size(), kibibytes);
  return std::max(packed, kibibytes * 1024);
}

// Converts errors of lower layers to errors of the store.
base::Error explain(base::Error error, const PackageSource& source, int directory,
                    std::uint64_t size) {
  if (is_full(error)) return no_space(source.name, needed_bytes(directory, size), directory);
  if (!error.code.starts_with("store.")) {
    error = base::fail("store.unpack")
                .with("member", error.field("path"))
                .with("cause", error.field("cause"));
  }
  return std::move(error).with("package", source.name + " " + source.version);
}

}  // namespace

base::Result<Unpacked> unpack(const PackageSource& source, int directory, const Limits& limits) {
  const auto opened = [&]() -> base::Result<base::Fd> {
    // O_NONBLOCK: if there is a FIFO instead of the file, the build must not hang.
    CCCI_TRY(base::Fd fd, base::open_path(source.file, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    return fd;
  };
  auto file = opened();
  struct stat status {};
  if (!file || fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return base::unexpected(
        base::fail("store.archive-missing")
            .with("file", source.file.native())
            .with("cause", file ? "not a regular file" : file.error().field("cause"))
            .with("package", source.name + " " + source.version));
  }
  const Utf8Locale locale;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  auto unpacked = unpack_checked(source, std::move(*file), size, directory, limits);
  if (unpacked) return unpacked;
  return base::unexpected(explain(std::move(unpacked).error(), source, directory, size));
}

base::Json describe(const PackageSource& source, const Unpacked& unpacked) {
  base::Json meta;
  meta["name"] = source.name;
  meta["version"] = source.version;
  meta["format"] = format_name(source.format);
  meta["sha256"] = source.sha256;
  meta["dropped"] = unpacked.dropped;
  return meta;
}

}  // namespace ccci::store
