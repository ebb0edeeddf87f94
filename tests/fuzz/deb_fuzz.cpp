// SPDX-License-Identifier: GPL-3.0-or-later
// Arbitrary bytes as a .deb and as a pinned archive: whatever comes out lies below the directory,
// and is what the manifest says.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "store/tree.hpp"
#include "store/unpack.hpp"

using namespace ccci;

namespace {

int scratch_parent() {
  static const int parent = [] {
    std::string name = "/dev/shm/deb-fuzz-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    return open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }();
  return parent;
}

void check(const std::string& bytes, const std::string& file, store::Format format) {
  store::Limits limits;
  limits.entries = 500;
  limits.bytes = 4U << 20U;
  const int parent = scratch_parent();
  if (mkdirat(parent, "d", 0700) != 0) std::abort();
  {
    const base::Fd directory(openat(parent, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const store::PackageSource source{"fuzz", "1", base::sha256(bytes).hex(), file, format};
    const auto unpacked = store::unpack(source, directory.get(), limits);
    if (unpacked) {
      const auto root = base::open_in_root(directory.get(), "root", O_RDONLY | O_DIRECTORY);
      const auto measured = store::measure(root->get());
      if (!measured || !(*measured == unpacked->manifest)) std::abort();
      const auto again = store::read_manifest(store::write(unpacked->manifest), "m");
      if (!again || !(*again == unpacked->manifest)) std::abort();
    } else if (unpacked.error().code.rfind("store.", 0) != 0) {
      std::abort();
    }
  }
  if (!base::remove_tree(parent, "d")) std::abort();
  struct stat status {};
  if (fstat(parent, &status) != 0 || status.st_nlink != 2) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const base::Fd memory(memfd_create("input", MFD_CLOEXEC));
  if (!base::write_all(memory.get(), bytes)) return 0;
  const std::string file = "/proc/self/fd/" + std::to_string(memory.get());
  check(bytes, file, store::Format::deb);
  check(bytes, file, store::Format::archive);
  return 0;
}
