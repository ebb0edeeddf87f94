// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/tree_copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/full_disk.hpp"
#include "base/text.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 20'000;
constexpr std::uint64_t largest_copy = 256U << 20U;  // bytes
constexpr int deepest = 100;
constexpr unsigned permissions = 0777;
// O_NONBLOCK: a FIFO must not wait for its other end.
constexpr int in_place = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

class Copy {
 public:
  explicit Copy(const fs::path& from) : from_(from) {}

  base::Result<void> directory(int from, int to, const fs::path& shown, int depth) {
    CCCI_TRY(const std::vector<std::string> names, base::names_in(from));
    for (const std::string& name : names) {
      if (name == ".git") continue;
      const fs::path path = shown / name;
      if (++files_ > most_files) return base::unexpected(too_large());
      const base::Fd opened(openat(from, name.c_str(), in_place));
      if (!opened && errno == ELOOP) {
        CCCI_CHECK(link(from, to, name, path));
        continue;
      }
      if (!opened && errno == ENXIO) continue;  // a socket
      struct stat found {};
      if (!opened || fstat(opened.get(), &found) != 0) return unread(path);
      if (S_ISREG(found.st_mode)) {
        CCCI_CHECK(file(opened.get(), to, name, path, found));
      } else if (S_ISDIR(found.st_mode)) {
        if (depth == deepest) return base::unexpected(too_large());
        CCCI_TRY(const base::Fd made, make(to, name));
        CCCI_CHECK(directory(opened.get(), made.get(), path, depth + 1));
      }
    }
    return {};
  }

 private:
  base::Error too_large() const {
    return base::fail("run.large-recipe", base::Condition::too_large)
        .with("path", from_.native())
        .with("files", static_cast<long long>(most_files))
        .with("limit", base::human_bytes(largest_copy));
  }

  static tl::unexpected<base::Error> unread(const fs::path& path) {
    return base::unexpected(base::fail("base.read").with("path", path.native()).with_errno(errno));
  }

  static tl::unexpected<base::Error> unwritten(int to, const std::string& name) {
    return base::unexpected(base::at_path(base::fail("base.write").with_errno(errno), to, name));
  }

  static base::Result<base::Fd> make(int to, const std::string& name) {
    if (mkdirat(to, name.c_str(), 0755) != 0) return unwritten(to, name);
    return base::open_in_root(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  }

  static base::Result<void> link(int from, int to, const std::string& name, const fs::path& shown) {
    std::array<char, 4097> target{};
    if (readlinkat(from, name.c_str(), target.data(), target.size() - 1) < 0) return unread(shown);
    if (symlinkat(target.data(), to, name.c_str()) != 0) return unwritten(to, name);
    return {};
  }

  base::Result<void> file(int from, int to, const std::string& name, const fs::path& shown,
                          const struct stat& found) {
    const base::Fd made(
        openat(to, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!made) return unwritten(to, name);
    std::vector<char> buffer(1U << 16U);
    for (;;) {
      const ssize_t count = read(from, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return unread(shown);
      if (count == 0) break;
      bytes_ += static_cast<std::uint64_t>(count);
      if (bytes_ > largest_copy) return base::unexpected(too_large());
      CCCI_CHECK(base::write_all(made.get(), {buffer.data(), static_cast<std::size_t>(count)}));
    }
    if (fchmod(made.get(), found.st_mode & permissions) != 0) return unwritten(to, name);
    return {};
  }

  fs::path from_;
  std::uint64_t bytes_ = 0;
  std::size_t files_ = 0;
};

}  // namespace

base::Result<void> copy_tree(const fs::path& from, const fs::path& to) {
  CCCI_TRY(const base::Fd source, base::open_path(from, O_RDONLY | O_DIRECTORY));
  if (mkdir(to.c_str(), 0755) != 0)
    return base::unexpected(base::at_path(base::fail("base.mkdir").with_errno(errno), to));
  CCCI_TRY(const base::Fd target, base::open_path(to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return Copy(from).directory(source.get(), target.get(), from, 0);
}

}  // namespace ccci::run
