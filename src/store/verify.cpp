// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/directory.hpp"
#include "store/archives.hpp"
#include "store/meta.hpp"
#include "store/packed_text.hpp"
#include "store/scan.hpp"
#include "store/upkeep.hpp"

namespace ccci::store {

namespace {

// The expected content of an object, by path in the object.
struct Expected {
  std::unordered_map<std::string, Entry> entries;
  std::unordered_map<std::string, std::int64_t> times;  // of root/ and what is in it
  bool seal = false;                                    // false: only root/ can be judged
  bool root = false;                                    // false: root/ cannot be judged
};

std::string octal(unsigned mode) {
  std::string digits;
  for (; mode != 0; mode >>= 3U)
    digits.insert(digits.begin(), static_cast<char>('0' + (mode & 7U)));
  return digits.empty() ? "0" : digits;
}

std::string_view type_word(char type) {
  switch (type) {
    case 'd':
      return "a directory";
    case 'f':
      return "a file";
    case 'l':
      return "a link";
    default:
      return "a device, FIFO or socket";
  }
}

class Judge {
 public:
  Judge(const Store& store, const Inodes& inodes, const ObjectScan& object)
      : store_(store), inodes_(inodes), object_(object) {}

  std::vector<Finding> run() {
    for (const auto& [path, cause] : object_.unreadable) {
      add(Damage::unreadable, path, "", cause);
    }
    if (!object_.unreadable.empty() && object_.found.empty()) return std::move(findings_);
    expect();
    std::string alien;  // the current directory that should not exist
    for (const Found& found : object_.found) {
      if (!alien.empty() && found.path.starts_with(alien)) continue;
      alien.clear();
      if (found.path == "seal" || !judged(found.path)) continue;
      if (found.path == "manifest" && manifest_told_) continue;
      const auto entry = expected_.entries.find(found.path);
      if (entry == expected_.entries.end()) {
        add(Damage::alien, found.path, "nothing", std::string(type_word(found.type)));
        if (found.type == 'd') alien = found.path + "/";
        continue;
      }
      compare(entry->second, found);
      expected_.entries.erase(entry);
    }
    for (const auto& [path, entry] : expected_.entries) {
      if (!lies_in_unreadable(path)) {
        add(Damage::missing, path, std::string(type_word(static_cast<char>(entry.type))),
            "nothing");
      }
    }
    forget_consequences();
    return std::move(findings_);
  }

 private:
  // Adding, removing or replacing an entry changes the time of its directory. The entry's finding
  // says enough.
  void forget_consequences() {
    std::set<std::string> explained;
    for (const Finding& finding : findings_) {
      const bool entry = finding.damage == Damage::alien || finding.damage == Damage::missing ||
                         finding.damage == Damage::changed;
      const std::size_t slash = finding.path.rfind('/');
      if (entry && slash != std::string::npos) explained.insert(finding.path.substr(0, slash));
    }
    std::erase_if(findings_, [&](const Finding& finding) {
      return finding.damage == Damage::time && explained.contains(finding.path);
    });
  }

  void add(Damage damage, const std::string& path, std::string expected, std::string found) {
    findings_.push_back({damage, object_.address, path, std::move(expected), std::move(found)});
  }

  bool judged(const std::string& path) const {
    const bool in_root = path == "root" || path.starts_with("root/");
    return in_root ? expected_.root : expected_.seal;
  }

  bool lies_in_unreadable(const std::string& path) const {
    return std::any_of(object_.unreadable.begin(), object_.unreadable.end(),
                       [&](const auto& item) { return path.starts_with(item.first + "/"); });
  }

  base::Result<std::string> text_of(const char* name) const {
    CCCI_TRY(const base::Fd file,
             base::open_in_root(store_.directory(), below_state(object_.address, name),
                                O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    return base::read_fd(file.get(), largest_manifest, name);
  }

  void expect() {
    const auto text = text_of("seal");
    auto seal =
        text ? read_seal(*text, "seal") : base::Result<Manifest>(base::unexpected(text.error()));
    if (!seal) {
      add(Damage::manifest, "seal", "the digests of the files next to root/",
          text ? "a broken seal" : std::string(text.error().field("cause")));
    } else {
      expected_.seal = true;
      for (Entry& entry : seal->entries) expected_.entries.emplace(entry.path, entry);
    }
    const bool has_root = std::any_of(object_.found.begin(), object_.found.end(),
                                      [](const Found& found) { return found.path == "root"; });
    const bool wants_root = seal && seal->find("manifest") != nullptr;
    if (has_root || wants_root || !seal) expect_root(seal ? seal->find("manifest") : nullptr);
  }

  void expect_root(const Entry* sealed) {
    auto text = text_of("manifest");
    // If the manifest does not match the seal, its content is not used.
    const bool intact = text && (sealed == nullptr || base::sha256(*text) == sealed->content);
    const auto read = [&]() -> base::Result<Manifest> {
      if (!intact) return base::unexpected(base::fail("store.manifest"));
      CCCI_TRY(*text, unpack_text(std::move(*text), largest_manifest, "manifest"));
      return read_manifest(*text, "manifest");
    };
    auto manifest = read();
    if (!manifest) {
      add(Damage::manifest, "manifest", "the digests of root/",
          text ? "another text" : std::string(text.error().field("cause")));
      expected_.entries.erase("manifest");
      manifest_told_ = true;
      return;
    }
    expected_.root = true;
    Entry root;
    root.type = Entry::Type::directory;
    root.path = "root";
    expected_.entries.emplace(root.path, root);
    expect_times(*manifest);
    for (Entry& entry : manifest->entries) {
      std::string path = "root/" + entry.path;
      expected_.entries.emplace(std::move(path), std::move(entry));
    }
  }

  // Nothing depends on the times of a tree where all are the same, so they are not verified.
  void expect_times(const Manifest& manifest) {
    if (manifest.times == Times::fixed) return;
    const TreeDigests digests = manifest.digests();
    expected_.times.emplace("root", derived_time(digests.root));
    for (const auto& [path, digest] : digests.directories) {
      expected_.times.emplace("root/" + path, derived_time(digest));
    }
    for (const Entry& entry : manifest.entries) {
      if (entry.type != Entry::Type::directory) {
        expected_.times.emplace("root/" + entry.path, entry.time);
      }
    }
  }

  void compare_time(const Found& found) {
    const auto expected = expected_.times.find(found.path);
    if (expected == expected_.times.end()) return;
    if (found.time.tv_sec == expected->second && found.time.tv_nsec == 0) return;
    std::string seen = "@" + std::to_string(found.time.tv_sec);
    if (found.time.tv_nsec != 0) seen += "." + std::to_string(found.time.tv_nsec);
    add(Damage::time, found.path, "@" + std::to_string(expected->second), std::move(seen));
  }

  void compare(const Entry& entry, const Found& found) {
    const char type = static_cast<char>(entry.type);
    if (found.type != type) {
      add(Damage::changed, found.path, std::string(type_word(type)),
          std::string(type_word(found.type)));
      return;
    }
    if (type == 'l') {
      if (found.target != entry.target) {
        add(Damage::changed, found.path, entry.target, found.target);
      } else {
        compare_time(found);
      }
      return;
    }
    const unsigned mode = type == 'd' || entry.executable ? 0755 : 0644;
    if (found.mode != mode) add(Damage::mode, found.path, octal(mode), octal(found.mode));
    if (type == 'd') {
      compare_time(found);
      return;
    }
    const Inode& inode = inodes_.at(found.inode);
    if (!inode.failure.empty()) {
      add(Damage::unreadable, found.path, entry.content.hex(), inode.failure);
    } else if (inode.content != entry.content) {
      add(Damage::changed, found.path, entry.content.hex(), inode.content.hex());
    } else {
      compare_time(found);
    }
  }

  const Store& store_;
  const Inodes& inodes_;
  const ObjectScan& object_;
  Expected expected_;
  bool manifest_told_ = false;
  std::vector<Finding> findings_;
};

base::Result<std::vector<Address>> objects_of(const Store& store,
                                              const std::vector<Address>& only) {
  if (!only.empty()) return only;
  std::vector<Address> all;
  for (const Kind kind : all_kinds) {
    CCCI_TRY(std::vector<Address> of_kind, store.list(kind));
    std::move(of_kind.begin(), of_kind.end(), std::back_inserter(all));
  }
  return all;
}

base::Result<std::vector<std::string>> names_below(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  CCCI_TRY(const auto items, base::entries_of(directory));
  for (const std::filesystem::directory_entry& item : items)
    names.push_back(item.path().filename().native());
  std::sort(names.begin(), names.end());
  return names;
}

// Objects that others need and that are not there: each once.
std::vector<Finding> absent(const Store& store, const std::vector<Address>& objects) {
  std::set<Address> seen;
  std::vector<Finding> found;
  for (const Address& address : objects) {
    const auto needed = needs(store, address);
    if (!needed) continue;  // its description is damaged, which is a finding of its own
    for (const Address& one : *needed) {
      if (store.has(one) || !seen.insert(one).second) continue;
      found.push_back(
          {Damage::missing, one, "", "an object, for " + reference(address), "nothing"});
    }
  }
  return found;
}

// Finds files in the store that are not objects. lost+found of a separate file system is allowed.
base::Result<std::vector<Finding>> strays(const Store& store) {
  const std::filesystem::path top = store.state() / "store";
  std::vector<Finding> found;
  const auto add = [&](Kind kind, const std::string& path) {
    struct stat status {};
    const int number = lstat((store.state() / path).c_str(), &status);
    const char type = S_ISDIR(status.st_mode)   ? 'd'
                      : S_ISREG(status.st_mode) ? 'f'
                      : S_ISLNK(status.st_mode) ? 'l'
                                                : '?';
    if (number != 0) return;
    found.push_back({Damage::alien, {kind, "", path}, "", "nothing", std::string(type_word(type))});
  };
  CCCI_TRY(const std::vector<std::string> kinds, names_below(top));
  for (const std::string& name : kinds) {
    const bool known = std::any_of(all_kinds.begin(), all_kinds.end(),
                                   [&](Kind kind) { return kind_name(kind) == name; });
    if (!known && name != "lost+found") add(Kind::package, "store/" + name);
  }
  for (const Kind kind : all_kinds) {
    const std::string below = std::string(kind_name(kind));
    CCCI_TRY(const std::vector<std::string> names, names_below(top / below));
    for (const std::string& name : names) {
      const auto address = read_directory(kind, name);
      if (!address || !store.has(*address)) add(kind, "store/" + below + "/" + name);
    }
  }
  return found;
}

}  // namespace

base::Result<Verification> verify(const Store& store, const std::vector<Address>& only,
                                  base::Progress& progress, unsigned threads) {
  CCCI_TRY(const std::vector<Address> objects, objects_of(store, only));
  for (const Address& address : objects) {
    if (!store.has(address)) {
      return base::unexpected(base::fail("store.unknown").with("object", reference(address)));
    }
  }
  Inodes inodes;
  std::vector<ObjectScan> scans(objects.size());
  in_parallel(objects.size(), threads,
              [&](std::size_t index) { scans[index] = scan(store, objects[index], inodes); });
  // Kept archives belong to no object, so they are verified only if everything is.
  std::vector<KeptArchive> archives;
  if (only.empty()) {
    CCCI_TRY(archives, kept_archives(store));
  }
  const std::vector<Inode*> files = inodes.all();
  std::uint64_t bytes = inodes.bytes();
  for (const KeptArchive& archive : archives) bytes += archive.size;

  progress.begin("verifying the store", bytes, base::Progress::Unit::bytes);
  std::vector<Inode> archive_inodes(archives.size());
  in_parallel(files.size() + archives.size(), threads, [&](std::size_t index) {
    if (index < files.size()) {
      read_content(store, *files[index]);
      progress.advance(files[index]->size, files[index]->path);
      return;
    }
    const KeptArchive& archive = archives[index - files.size()];
    Inode& inode = archive_inodes[index - files.size()];
    inode.path = "archives/" + archive.name;
    read_content(store, inode);
    progress.advance(archive.size, archive.name);
  });
  progress.end();

  std::vector<std::vector<Finding>> found(objects.size());
  in_parallel(objects.size(), threads,
              [&](std::size_t index) { found[index] = Judge(store, inodes, scans[index]).run(); });
  Verification verification{objects.size(), files.size(), bytes, {}};
  for (std::vector<Finding>& list : found) {
    std::move(list.begin(), list.end(), std::back_inserter(verification.findings));
  }
  if (only.empty()) {
    std::vector<Finding> gone = absent(store, objects);
    std::move(gone.begin(), gone.end(), std::back_inserter(verification.findings));
    CCCI_TRY(std::vector<Finding> alien, strays(store));
    std::move(alien.begin(), alien.end(), std::back_inserter(verification.findings));
  }
  for (std::size_t i = 0; i < archives.size(); ++i) {
    const Inode& inode = archive_inodes[i];
    if (inode.failure.empty() && inode.content.hex() == archives[i].sha256) continue;
    Address label;
    label.label = archives[i].name;
    verification.findings.push_back({Damage::archive, label, "", archives[i].sha256,
                                     inode.failure.empty() ? inode.content.hex() : inode.failure});
  }
  std::sort(verification.findings.begin(), verification.findings.end(),
            [](const Finding& a, const Finding& b) {
              return std::tie(a.object, a.path, a.damage) < std::tie(b.object, b.path, b.damage);
            });
  return verification;
}

}  // namespace ccci::store
