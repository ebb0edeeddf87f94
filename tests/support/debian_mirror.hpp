// SPDX-License-Identifier: GPL-3.0-or-later
// A small Debian mirror on disk, signed with a key of its own: real .debs by dpkg-deb, real
// signatures by gpg. Needs the Debian packages dpkg and gpg.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/process.hpp"

namespace ccci::tests {

// A directory of its own, gone at the end; others may enter it, as libapt's _apt user must.
class Directory {
 public:
  Directory() {
    std::string pattern = std::filesystem::temp_directory_path() / "ccci-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  // The gpg-agent of a Key removes its sockets while it ends: what is gone meanwhile is an error of
  // remove_all().
  ~Directory() {
    std::error_code gone;
    for (int tries = 0; tries < 10 && std::filesystem::exists(path_, gone); ++tries) {
      try {
        std::filesystem::remove_all(path_);
      } catch (const std::filesystem::filesystem_error&) {
        continue;
      }
    }
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write(const std::filesystem::path& file, const std::string& content) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

inline std::string read(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

// Turns one byte in the middle of the file into another.
inline void flip_byte(const std::filesystem::path& file, std::size_t at) {
  std::string content = read(file);
  ASSERT_LT(at, content.size()) << file;
  content[at] = static_cast<char>(content[at] ^ 1);
  write(file, content);
}

inline std::string run(const std::vector<std::string>& argv) {
  base::Command command;
  command.argv = argv;
  const auto outcome = base::real_processes().run(command);
  if (!outcome || outcome->status != 0) {
    ADD_FAILURE() << argv[0] << ": " << (outcome ? outcome->err : outcome.error().code);
    return {};
  }
  return outcome->out;
}

// A signing key and the keyring that verifies it.
class Key {
 public:
  Key(const std::filesystem::path& home, const std::string& name) : home_(home) {
    std::filesystem::create_directories(home_);
    std::filesystem::permissions(home_, std::filesystem::perms(0700));
    gpg({"--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key",
         name + " <archive@example.org>", "ed25519", "sign", "never"});
    keyring_ = home_.string() + ".gpg";
    gpg({"--output", keyring_, "--export"});
    armoured_ = gpg({"--armor", "--export"});
  }
  ~Key() { run({"gpgconf", "--homedir", home_, "--kill", "gpg-agent"}); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  const std::string& keyring() const { return keyring_; }
  const std::string& armoured() const { return armoured_; }
  std::string gpg(std::vector<std::string> arguments) const {
    std::vector<std::string> argv{"gpg", "--homedir", home_, "--batch", "--quiet", "--yes"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run(argv);
  }

 private:
  std::filesystem::path home_;
  std::string keyring_;
  std::string armoured_;
};

struct Deb {
  std::string name;
  std::string version = "1";
  std::string fields = {};   // further lines of the control file: "Depends: a, b\n"
  std::string content = {};  // of usr/share/NAME/data
  std::string architecture = "all";
};

struct Publishing {
  std::string fields = {};  // further lines of the Release file: "Valid-Until: …\n"
  bool sign = true;
  bool detached = false;  // Release and Release.gpg in the place of InRelease
  std::string hash = "SHA256";
};

class DebianMirror {
 public:
  explicit DebianMirror(const std::filesystem::path& root, std::string suite = "stable")
      : root_(root), suite_(std::move(suite)) {}

  std::string uri() const { return "file:" + root_.string() + "/"; }
  std::filesystem::path dists() const { return root_ / "dists" / suite_; }
  std::filesystem::path packages() const { return dists() / "main/binary-amd64/Packages"; }
  std::filesystem::path pool(const std::string& name, const std::string& version) const {
    return root_ / path_of(name, version);
  }

  // A package of the same name and version takes the place of the one before.
  void add(const Deb& deb) {
    const std::filesystem::path tree = root_ / "tree";
    write(tree / "usr/share" / deb.name / "data",
          deb.content.empty() ? deb.name + deb.version + "\n" : deb.content);
    const std::string control = "Package: " + deb.name + "\nVersion: " + deb.version +
                                "\nArchitecture: " + deb.architecture +
                                "\nMaintainer: A Tester <tester@example.org>\n" + deb.fields +
                                "Description: made for a test\n";
    write(tree / "DEBIAN/control", control);
    const std::string path = path_of(deb.name, deb.version);
    std::filesystem::create_directories((root_ / path).parent_path());
    run({"dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, root_ / path});
    std::filesystem::remove_all(tree);
    stanzas_[{deb.name, deb.version}] = {control, path};
  }

  // The mirror moves on: neither listed nor there.
  void drop(const std::string& name, const std::string& version) {
    stanzas_.erase({name, version});
    std::filesystem::remove(pool(name, version));
  }

  void publish(const Key& key, const Publishing& how = {}) {
    std::string index;
    for (const auto& [id, stanza] : stanzas_) {
      const std::string deb = read(root_ / stanza.path);
      index += stanza.control + "Filename: " + stanza.path +
               "\nSize: " + std::to_string(deb.size()) + "\n";
      if (how.hash == "SHA256") index += "SHA256: " + base::sha256(deb).hex() + "\n";
      if (how.hash != "SHA256") index += "MD5sum: 0123456789abcdef0123456789abcdef\n";
      index += "\n";
    }
    write(packages(), index);
    std::string release = "Origin: Test\nSuite: " + suite_ + "\nCodename: " + suite_ +
                          "\nDate: Sat, 11 Jul 2026 10:16:37 UTC\nArchitectures: amd64 all\n" +
                          "Components: main\n" + how.fields;
    const std::string sum = how.hash == "SHA256" ? base::sha256(index).hex()
                                                 : run({"md5sum", packages()}).substr(0, 32);
    release += how.hash + ":\n " + sum + " " + std::to_string(index.size()) +
               " main/binary-amd64/Packages\n";
    for (const char* name : {"Release", "InRelease", "Release.gpg"}) {
      std::filesystem::remove(dists() / name);
    }
    write(dists() / "Release", release);
    if (!how.sign) return;
    if (how.detached) {
      key.gpg(
          {"--armor", "--detach-sign", "--output", dists() / "Release.gpg", dists() / "Release"});
    } else {
      key.gpg({"--clearsign", "--output", dists() / "InRelease", dists() / "Release"});
      std::filesystem::remove(dists() / "Release");
    }
  }

 private:
  struct Stanza {
    std::string control;
    std::string path;
  };

  static std::string path_of(const std::string& name, const std::string& version) {
    return "pool/main/" + name + "_" + version.substr(version.find(':') + 1) + "_all.deb";
  }

  std::filesystem::path root_;
  std::string suite_;
  std::map<std::pair<std::string, std::string>, Stanza> stanzas_;
};

}  // namespace ccci::tests
