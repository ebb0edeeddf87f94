// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/npm_tarball.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"
#include "store/decoder.hpp"
#include "store/members.hpp"
#include "store/wheel_text.hpp"

namespace ccci::store {

namespace {

constexpr std::size_t tarball_block = 1U << 18U;
constexpr std::uint64_t largest_description = 16U << 20U;

base::Error npm_form(std::string_view member, std::string_view cause) {
  return base::fail("store.npm-form")
      .with("member", base::printable(member.substr(0, 400)))
      .with("cause", cause);
}

class TarballReader {
 public:
  explicit TarballReader(int file) : handle_(archive_read_new()) {
    archive_read_support_format_tar(handle_.get());
    archive_read_support_filter_gzip(handle_.get());
    status_ = lseek(file, 0, SEEK_SET) == 0
                  ? archive_read_open_fd(handle_.get(), file, tarball_block)
                  : ARCHIVE_FATAL;
  }

  // Calls `visit` with every file and its path without the directory above all files.
  base::Result<void> each(
      const std::function<base::Result<void>(const Member&, std::string_view)>& visit) {
    if (status_ != ARCHIVE_OK) return base::unexpected(npm_form("the file", "it is no tar"));
    const base::Error pending;
    std::vector<std::string> dropped;
    for (;;) {
      CCCI_TRY(const std::optional<Member> member, next_member(handle_.get(), pending, dropped));
      if (!member) return {};
      if (member->type == AE_IFDIR) continue;
      if (member->type != AE_IFREG || !member->hard_link.empty()) {
        return base::unexpected(npm_form(member->name, "a package of npm has files only"));
      }
      // The name as written must not climb before it gets its place.
      CCCI_TRY(const std::string plain, place(member->name, Shape::as_is, Limits{}));
      const std::size_t slash = plain.find('/');
      if (slash == std::string::npos) {
        return base::unexpected(npm_form(member->name, "it is not below a directory"));
      }
      CCCI_CHECK(visit(*member, std::string_view(plain).substr(slash + 1)));
    }
  }

  base::Result<void> content(const Member& member,
                             const std::function<base::Result<void>(std::string_view)>& write) {
    return read_content(handle_.get(), member, {}, write, [&](std::uint64_t) -> base::Result<void> {
      return base::unexpected(npm_form(member.name, "it has holes"));
    });
  }

 private:
  ArchiveHandle handle_;
  int status_ = ARCHIVE_FATAL;
};

// Reads package.json, and spends the budget for everything before it.
base::Result<std::string> read_description(int file, Budget& budget) {
  TarballReader reader(file);
  std::string text;
  const auto visit = [&](const Member& member, std::string_view path) -> base::Result<void> {
    const bool wanted = path == "package.json";
    if (wanted) text.clear();
    return reader.content(member, [&](std::string_view piece) -> base::Result<void> {
      CCCI_CHECK(budget.spend_bytes(piece.size()));
      if (!wanted) return {};
      if (text.size() + piece.size() > largest_description) {
        return base::unexpected(npm_form(member.name, "it is larger than 16 MiB"));
      }
      text += piece;
      return {};
    });
  };
  CCCI_CHECK(reader.each(visit));
  if (text.empty()) return base::unexpected(npm_form("package.json", "it is missing"));
  return text;
}

// The path as npm reads it: "./bin/x" and "/bin/x" are "bin/x". Empty if it leads outside.
std::string path_of_command(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string_view part : base::split(text, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return {};
    parts.emplace_back(part);
  }
  return base::join(parts, "/");
}

}  // namespace

std::map<std::string, std::string> npm_commands(std::string_view package_json) {
  std::map<std::string, std::string> commands;
  const auto parsed = base::Json::parse(package_json);
  if (!parsed) return commands;
  const base::Json& json = *parsed;
  const auto add = [&](std::string name, const base::Json& target) {
    name = name.substr(name.rfind('/') + 1);  // "@scope/name" as a command is "name"
    const std::string path = path_of_command(target.text_or_empty());
    if (is_command_name(name) && !path.empty()) commands.emplace(std::move(name), path);
  };
  const base::Json& bin = json["bin"];
  if (bin.is_string()) add(json["name"].text_or_empty(), bin);
  for (const auto& [name, target] : bin.items()) add(name, target);
  return commands;
}

base::Result<Unpacked> unpack_npm(int file, const PackageSource& source, int root, Budget& budget) {
  Budget reading = budget;
  CCCI_TRY(const std::string text, read_description(file, reading));
  const auto json = base::Json::parse(text);
  if (!json) return base::unexpected(npm_form("package.json", "it is no JSON"));
  std::string_view version = source.version;
  const std::string own = (*json)["version"].text_or_empty();
  const std::string_view found = own.starts_with('v') ? std::string_view(own).substr(1) : own;
  if (found != version) {
    return base::unexpected(npm_form("package.json", "it is of version " + base::printable(own)));
  }
  std::set<std::string, std::less<>> programs;
  for (const auto& [name, path] : npm_commands(text)) programs.insert(path);
  TreeWriter tree(root, Shape::as_is, budget, Times::own);
  TarballReader reader(file);
  const auto visit = [&](const Member& member, std::string_view path) -> base::Result<void> {
    const bool executable = (member.mode & 0111U) != 0 || programs.contains(path);
    CCCI_CHECK(tree.begin_file(std::string(path), executable, std::nullopt));
    CCCI_CHECK(reader.content(member, [&](std::string_view data) { return tree.data(data); }));
    return tree.end_file();
  };
  CCCI_CHECK(reader.each(visit));
  CCCI_TRY(WrittenTree written, tree.finish());
  return Unpacked{std::move(written.manifest), written.digest, {}};
}

}  // namespace ccci::store
