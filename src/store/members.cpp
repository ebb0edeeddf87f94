// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/members.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>

#include "store/decoder.hpp"

namespace ccci::store {

namespace {

// For the file with the fields of the package.
constexpr std::uint64_t largest_fields = 1U << 20U;
// For lists of all files or symbols of a package. Our code does not read them. The largest one in
// Debian has 12 MB.
constexpr std::uint64_t largest_list = 64U << 20U;

std::string_view or_utf8(const char* text, const char* utf8) {
  if (text != nullptr) return text;
  return utf8 == nullptr ? std::string_view{} : std::string_view(utf8);
}

base::Error refuse(std::string_view code, const Member& member) {
  return base::fail(code).with("member", std::string_view(member.name).substr(0, 400));
}

// Returns nullptr at the end.
base::Result<archive_entry*> next_entry(archive* handle, const base::Error& pending) {
  archive_entry* entry = nullptr;
  int status = ARCHIVE_RETRY;
  while (status == ARCHIVE_RETRY) status = archive_read_next_header(handle, &entry);
  if (status == ARCHIVE_EOF) {
    if (!pending.code.empty()) return base::unexpected(pending);
    return nullptr;
  }
  // A warning concerns only data that is dropped anyway: an attribute, an odd time.
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
    if (!pending.code.empty()) return base::unexpected(pending);
    return base::unexpected(archive_error(handle, "its table of members"));
  }
  return entry;
}

// In a zip each member may have another compression. Of those that libarchive reads, lzma, xz and
// ppmd use as much memory as the file asks for.
base::Result<void> check_packing(archive* handle, const Member& member) {
  if (archive_format(handle) != ARCHIVE_FORMAT_ZIP || member.type != AE_IFREG) return {};
  const std::string_view name = archive_format_name(handle);  // "ZIP 2.0 (deflation)"
  if (name.find("(deflation)") != std::string_view::npos ||
      name.find("(uncompressed)") != std::string_view::npos) {
    return {};
  }
  return base::unexpected(refuse("store.archive-form", member).with("cause", name));
}

Member describe(archive* handle, archive_entry* entry) {
  // A zip has local time: the reader's time zone would count.
  const bool zip = archive_format(handle) == ARCHIVE_FORMAT_ZIP;
  Member member;
  member.name = or_utf8(archive_entry_pathname(entry), archive_entry_pathname_utf8(entry));
  member.hard_link = or_utf8(archive_entry_hardlink(entry), archive_entry_hardlink_utf8(entry));
  member.target = or_utf8(archive_entry_symlink(entry), archive_entry_symlink_utf8(entry));
  if (!zip && archive_entry_mtime_is_set(entry) != 0) member.time = archive_entry_mtime(entry);
  member.type = archive_entry_filetype(entry);
  member.mode = archive_entry_perm(entry);
  member.size_known = archive_entry_size_is_set(entry) != 0;
  const la_int64_t size = archive_entry_size(entry);
  member.size = size < 0 ? 0 : static_cast<std::uint64_t>(size);
  return member;
}

void note_dropped(archive_entry* entry, const Member& member, std::vector<std::string>& dropped) {
  constexpr unsigned setuid = 04000;
  constexpr unsigned setgid = 02000;
  std::string_view name = member.name;
  if (name.starts_with("./")) name.remove_prefix(2);
  const auto drop = [&](std::string_view what) {
    dropped.push_back(std::string(what) + " " + std::string(name));
  };
  if ((member.mode & setuid) != 0) drop("setuid");
  if ((member.mode & setgid) != 0) drop("setgid");
  if (archive_entry_acl_types(entry) != 0) drop("acl");
  if (archive_entry_xattr_count(entry) == 0) return;
  archive_entry_xattr_reset(entry);
  const char* attribute = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(entry, &attribute, &value, &size) == ARCHIVE_OK) {
    drop(std::string_view(attribute) == "security.capability" ? "capability" : "xattr");
  }
}

base::Result<void> write_data(archive* handle, const Member& member, TreeWriter& tree,
                              const base::Error& pending) {
  CCCI_CHECK(read_content(
      handle, member, pending, [&](std::string_view block) { return tree.data(block); },
      [&](std::uint64_t count) { return tree.zeros(count); }));
  return tree.end_file();
}

base::Result<void> write_member(archive* handle, const Member& member, TreeWriter& tree,
                                const base::Error& pending) {
  if (member.name.empty()) return base::unexpected(refuse("store.name-escapes", member));
  if (!member.hard_link.empty()) {
    // pax allows content here, but dpkg ignores it. Two readers would get different content, so it
    // is refused.
    if (member.size != 0) {
      return base::unexpected(
          refuse("store.size", member).with("size", static_cast<long long>(member.size)));
    }
    return tree.hard_link(member.name, member.hard_link);
  }
  switch (member.type) {
    case AE_IFDIR:
      return tree.directory(member.name);
    case AE_IFLNK:
      return tree.link(member.name, member.target, member.time);
    case AE_IFREG:
      CCCI_CHECK(tree.begin_file(member.name, (member.mode & 0111U) != 0, member.time));
      return write_data(handle, member, tree, pending);
    default:
      return base::unexpected(refuse("store.device", member));
  }
}

bool plain_control_name(std::string_view name) {
  if (name.starts_with("./")) name.remove_prefix(2);
  return !name.empty() && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char byte) {
           return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' ||
                  byte == '_' || byte == '-';
         });
}

std::uint64_t largest_control(std::string_view name) {
  if (name.starts_with("./")) name.remove_prefix(2);
  if (name == "md5sums" || name == "symbols") return largest_list;
  return name == "control" ? largest_fields : largest_control_member;
}

}  // namespace

base::Result<std::optional<Member>> next_member(archive* handle, const base::Error& pending,
                                                std::vector<std::string>& dropped) {
  CCCI_TRY(archive_entry* const entry, next_entry(handle, pending));
  if (entry == nullptr) return std::optional<Member>{};
  Member member = describe(handle, entry);
  note_dropped(entry, member, dropped);
  CCCI_CHECK(check_packing(handle, member));
  return std::optional(std::move(member));
}

base::Result<void> read_content(archive* handle, const Member& member, const base::Error& pending,
                                const std::function<base::Result<void>(std::string_view)>& write,
                                const std::function<base::Result<void>(std::uint64_t)>& zeros) {
  std::uint64_t total = 0;
  for (;;) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(handle, &block, &size, &offset);
    if (status != ARCHIVE_OK && status != ARCHIVE_EOF) {
      if (!pending.code.empty()) return base::unexpected(pending);
      return base::unexpected(archive_error(handle, member.name));
    }
    // At the end, `offset` is the end of a last hole.
    if (offset > 0 && static_cast<std::uint64_t>(offset) > total) {
      CCCI_CHECK(zeros(static_cast<std::uint64_t>(offset) - total));
      total = static_cast<std::uint64_t>(offset);
    }
    if (status == ARCHIVE_EOF) break;
    CCCI_CHECK(write({static_cast<const char*>(block), size}));
    total += size;
  }
  if (member.size_known && member.size != total) {
    return base::unexpected(
        refuse("store.size", member).with("size", static_cast<long long>(member.size)));
  }
  return {};
}

base::Result<void> write_members(archive* handle, TreeWriter& tree, const base::Error& pending,
                                 std::vector<std::string>& dropped) {
  for (;;) {
    CCCI_TRY(const std::optional<Member> member, next_member(handle, pending, dropped));
    if (!member) break;
    CCCI_CHECK(write_member(handle, *member, tree, pending));
  }
  std::sort(dropped.begin(), dropped.end());
  return {};
}

base::Result<void> write_control(archive* handle, TreeWriter& tree, const base::Error& pending) {
  for (;;) {
    CCCI_TRY(archive_entry* const entry, next_entry(handle, pending));
    if (entry == nullptr) return {};
    const Member member = describe(handle, entry);
    const bool top = member.name == "./" || member.name == ".";
    if (top && member.type == AE_IFDIR) continue;
    if (member.type != AE_IFREG || !member.hard_link.empty() || !plain_control_name(member.name) ||
        member.size > largest_control(member.name)) {
      return base::unexpected(
          refuse("store.control-member", member)
              .with("most", static_cast<long long>(largest_control(member.name) >> 20U)));
    }
    CCCI_CHECK(write_member(handle, member, tree, pending));
  }
}

}  // namespace ccci::store
