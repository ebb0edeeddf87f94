// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/wheel.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <map>
#include <optional>

#include "base/text.hpp"
#include "store/decoder.hpp"
#include "store/members.hpp"
#include "store/wheel_text.hpp"

namespace ccci::store {

namespace {

constexpr std::size_t wheel_block = 1U << 18U;
constexpr std::uint64_t largest_text = 16U << 20U;

base::Error wheel_form(std::string_view member, std::string_view cause) {
  return base::fail("store.wheel-form")
      .with("member", base::printable(member.substr(0, 400)))
      .with("cause", cause);
}

base::Error wheel_record(std::string_view member, std::string_view cause) {
  return base::fail("store.wheel-record")
      .with("member", base::printable(member.substr(0, 400)))
      .with("cause", cause);
}

// Both passes read the central directory, so they see the same members.
class WheelReader {
 public:
  explicit WheelReader(int file) : handle_(archive_read_new()) {
    archive_read_support_format_zip_seekable(handle_.get());
    status_ = lseek(file, 0, SEEK_SET) == 0 ? archive_read_open_fd(handle_.get(), file, wheel_block)
                                            : ARCHIVE_FATAL;
  }
  archive* get() const { return handle_.get(); }

  // Calls `visit` for every member.
  template <typename Visit>
  base::Result<void> each(Visit visit) {
    if (status_ != ARCHIVE_OK) return base::unexpected(wheel_form("the file", "it is no zip"));
    const base::Error pending;
    std::vector<std::string> dropped;
    for (;;) {
      CCCI_TRY(const std::optional<Member> member, next_member(handle_.get(), pending, dropped));
      if (!member) return {};
      CCCI_CHECK(visit(*member));
    }
  }

  base::Result<void> content(const Member& member,
                             const std::function<base::Result<void>(std::string_view)>& write) {
    return read_content(get(), member, {}, write, [&](std::uint64_t) -> base::Result<void> {
      return base::unexpected(wheel_form(member.name, "a zip has no holes"));
    });
  }

 private:
  ArchiveHandle handle_;
  int status_ = ARCHIVE_FATAL;
};

// What the wheel says of itself.
struct About {
  std::string info;  // "requests-2.31.0.dist-info/"
  std::string data;  // "requests-2.31.0.data/"
  std::string record;
  std::string wheel;
  std::string entry_points;
};

bool is_about(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view file = name.substr(slash + 1);
  return name.substr(0, slash).ends_with(".dist-info") &&
         (file == "RECORD" || file == "WHEEL" || file == "entry_points.txt");
}

base::Result<About> read_about(int file, Budget& budget) {
  About about;
  WheelReader reader(file);
  const auto visit = [&](const Member& member) -> base::Result<void> {
    CCCI_CHECK(budget.spend_entry());
    if (!is_about(member.name) || member.type != AE_IFREG) return {};
    const std::string info = member.name.substr(0, member.name.find('/') + 1);
    if (!about.info.empty() && about.info != info) {
      return base::unexpected(wheel_form(member.name, "it has a second directory .dist-info"));
    }
    about.info = info;
    const std::string which = member.name.substr(info.size());
    std::string& text = which == "RECORD"  ? about.record
                        : which == "WHEEL" ? about.wheel
                                           : about.entry_points;
    return reader.content(member, [&](std::string_view piece) -> base::Result<void> {
      if (text.size() + piece.size() > largest_text) {
        return base::unexpected(wheel_form(member.name, "it is larger than 16 MiB"));
      }
      text += piece;
      return {};
    });
  };
  CCCI_CHECK(reader.each(visit));
  if (about.info.empty()) return base::unexpected(wheel_form("the file", "it has no .dist-info"));
  if (about.record.empty()) {
    return base::unexpected(wheel_record(about.info + "RECORD", "it is missing"));
  }
  about.data = about.info.substr(0, about.info.size() - std::string_view("dist-info/").size());
  about.data += "data/";
  return about;
}

// "requests-2.31.0.dist-info/" must be the project and version that the lock names.
base::Result<void> check_identity(const About& about, const PackageSource& source) {
  constexpr std::string_view ending = ".dist-info/";
  const std::string_view stem =
      std::string_view(about.info).substr(0, about.info.size() - ending.size());
  const std::size_t dash = stem.find('-');
  const std::string name = normal_project(stem.substr(0, dash));
  const std::string wanted = normal_project(source.name.substr(source.name.find(':') + 1));
  if (dash == std::string_view::npos || name != wanted) {
    return base::unexpected(wheel_form(about.info, "it is a wheel of another project"));
  }
  if (normal_version(stem.substr(dash + 1)) != normal_version(source.version)) {
    return base::unexpected(wheel_form(about.info, "it is a wheel of another version"));
  }
  const std::string_view major = header_field(about.wheel, "Wheel-Version");
  if (major.substr(0, major.find('.')) != "1") {
    return base::unexpected(wheel_form(about.info + "WHEEL", "its Wheel-Version is not 1"));
  }
  return {};
}

struct Placed {
  std::string path;  // empty: left out
  bool script = false;
};

// The second part of "X.data/PLACE/REST" decides.
base::Result<Placed> place_member(std::string_view name, const About& about) {
  const std::string modules = std::string(python_modules) + "/";
  if (!name.starts_with(about.data)) return Placed{modules + std::string(name), false};
  const std::string_view rest = name.substr(about.data.size());
  const std::size_t slash = rest.find('/');
  const std::string_view kind = rest.substr(0, slash);
  const std::string_view below = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (kind == "purelib" || kind == "platlib") return Placed{modules + std::string(below), false};
  if (kind == "scripts") {
    if (!is_command_name(below)) {
      return base::unexpected(base::fail("store.wheel-script")
                                  .with("member", base::printable(name.substr(0, 400)))
                                  .with("name", base::printable(below.substr(0, 100))));
    }
    return Placed{std::string(python_programs) + "/" + std::string(below), true};
  }
  if (kind == "data" && below.starts_with("share/") && below.size() > 6) {
    return Placed{"usr/" + std::string(below), false};
  }
  return Placed{};
}

class WheelUnpacker {
 public:
  WheelUnpacker(int file, const About& about, int root, Budget& budget)
      : reader_(file),
        about_(about),
        budget_(budget),
        tree_(root, Shape::as_is, budget, Times::own) {}

  base::Result<Unpacked> run() {
    CCCI_CHECK(reader_.each([&](const Member& member) { return member_of(member); }));
    CCCI_CHECK(commands());
    CCCI_CHECK(
        file(std::string(python_modules) + "/" + about_.info + "INSTALLER", "cc-ci\n", false));
    CCCI_TRY(WrittenTree written, tree_.finish());
    for (const auto& [member, path] : places_) {
      if (digests_.contains(member)) continue;
      const Entry* entry = written.manifest.find(path);
      if (entry != nullptr) digests_.emplace(member, Known{entry->content, entry->size});
    }
    CCCI_CHECK(check_record());
    return Unpacked{std::move(written.manifest), written.digest, {}};
  }

 private:
  struct Known {
    base::Digest digest;
    std::uint64_t size = 0;
  };

  base::Result<void> member_of(const Member& member) {
    if (member.type == AE_IFDIR) return {};
    if (member.type != AE_IFREG || !member.hard_link.empty()) {
      return base::unexpected(wheel_form(member.name, "a wheel has files only"));
    }
    // The name as written must not climb before it gets its place.
    CCCI_TRY(const std::string plain, place(member.name, Shape::as_is, Limits{}));
    if (plain != member.name) {
      return base::unexpected(wheel_form(member.name, "its name is not a plain path"));
    }
    CCCI_TRY(const Placed placed, place_member(member.name, about_));
    if (placed.path.empty()) return skip(member);
    if (placed.script) return script(member, placed.path);
    CCCI_CHECK(tree_.begin_file(placed.path, (member.mode & 0111U) != 0, std::nullopt));
    CCCI_CHECK(reader_.content(member, [&](std::string_view data) { return tree_.data(data); }));
    CCCI_CHECK(tree_.end_file());
    places_.emplace_back(member.name, placed.path);
    return {};
  }

  // Read all the same, because RECORD names it.
  base::Result<void> skip(const Member& member) {
    base::Sha256 hasher;
    std::uint64_t size = 0;
    CCCI_CHECK(reader_.content(member, [&](std::string_view data) -> base::Result<void> {
      hasher.update(data);
      size += data.size();
      return budget_.spend_bytes(data.size());
    }));
    digests_.emplace(member.name, Known{hasher.finish(), size});
    return {};
  }

  // A script whose first line is "#!python" gets the environment's interpreter.
  base::Result<void> script(const Member& member, const std::string& path) {
    constexpr std::string_view generic = "#!python";
    base::Sha256 hasher;
    std::uint64_t size = 0;
    std::string head;
    bool begun = false;
    CCCI_CHECK(tree_.begin_file(path, true, std::nullopt));
    const auto begin = [&]() -> base::Result<void> {
      begun = true;
      const bool gui = head.starts_with("#!pythonw");
      if (head.starts_with(generic)) {
        head = "#!/usr/bin/python3" + head.substr(generic.size() + (gui ? 1 : 0));
      }
      return tree_.data(head);
    };
    CCCI_CHECK(reader_.content(member, [&](std::string_view data) -> base::Result<void> {
      hasher.update(data);
      size += data.size();
      if (begun) return tree_.data(data);
      head += data;
      return head.size() > generic.size() ? begin() : base::Result<void>{};
    }));
    if (!begun) CCCI_CHECK(begin());
    digests_.emplace(member.name, Known{hasher.finish(), size});
    return tree_.end_file();
  }

  base::Result<void> file(const std::string& path, std::string_view text, bool executable) {
    CCCI_CHECK(tree_.begin_file(path, executable, std::nullopt));
    CCCI_CHECK(tree_.data(text));
    return tree_.end_file();
  }

  base::Result<void> commands() {
    CCCI_TRY(const std::vector<ConsoleScript> scripts, console_scripts(about_.entry_points));
    for (const ConsoleScript& one : scripts) {
      CCCI_CHECK(file(std::string(python_programs) + "/" + one.name, script_text(one), true));
    }
    return {};
  }

  // Every file must be listed with its own digest, and everything listed must be there.
  base::Result<void> check_record() {
    CCCI_TRY(const std::vector<RecordLine> lines, read_record_lines(about_.record));
    std::map<std::string, const RecordLine*> listed;
    for (const RecordLine& line : lines) listed.emplace(line.path, &line);
    for (const auto& [member, known] : digests_) {
      const std::string_view name = std::string_view(member).starts_with(about_.info)
                                        ? std::string_view(member).substr(about_.info.size())
                                        : "";
      if (name == "RECORD" || name == "RECORD.jws" || name == "RECORD.p7s") continue;
      const auto found = listed.find(member);
      if (found == listed.end()) {
        return base::unexpected(wheel_record(member, "RECORD does not list it"));
      }
      if (found->second->digest != known.digest) {
        return base::unexpected(wheel_record(member, "its digest is not the one in RECORD"));
      }
    }
    for (const auto& [path, line] : listed) {
      if (digests_.contains(path) || path.ends_with("/RECORD")) continue;
      return base::unexpected(
          wheel_record(path, "RECORD lists it, and the wheel does not have it"));
    }
    return {};
  }

  WheelReader reader_;
  const About& about_;
  Budget& budget_;
  TreeWriter tree_;
  std::vector<std::pair<std::string, std::string>> places_;  // member, path
  std::map<std::string, Known> digests_;                     // by member
};

}  // namespace

base::Result<Unpacked> unpack_wheel(int file, const PackageSource& source, int root,
                                    Budget& budget) {
  CCCI_TRY(const About about, read_about(file, budget));
  CCCI_CHECK(check_identity(about, source));
  return WheelUnpacker(file, about, root, budget).run();
}

}  // namespace ccci::store
