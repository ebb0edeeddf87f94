// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/elf.hpp"

#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace ccci::environment {

namespace {

constexpr std::size_t most_segments = 1024;
constexpr std::size_t most_entries = 65536;
constexpr std::size_t most_names = 4096;

#if defined(__x86_64__)
constexpr Elf64_Half own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half own_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr Elf64_Half own_machine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr Elf64_Half own_machine = EM_PPC64;
#else
constexpr Elf64_Half own_machine = EM_NONE;  // nothing is checked
#endif

template <typename Structure>
std::optional<Structure> structure_at(const ReadAt& read, std::uint64_t offset) {
  Structure structure;
  if (!read(offset, reinterpret_cast<char*>(&structure), sizeof structure)) return std::nullopt;
  return structure;
}

bool is_for_this_machine(const Elf64_Ehdr& header) {
  const unsigned char system = header.e_ident[EI_OSABI];
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
         (system == ELFOSABI_NONE || system == ELFOSABI_GNU) && header.e_machine == own_machine;
}

std::vector<Elf64_Phdr> segments_of(const ReadAt& read, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> all;
  if (header.e_phentsize < sizeof(Elf64_Phdr)) return all;
  for (std::size_t i = 0; i < std::min<std::size_t>(header.e_phnum, most_segments); ++i) {
    const auto one = structure_at<Elf64_Phdr>(read, header.e_phoff + i * header.e_phentsize);
    if (!one) break;
    all.push_back(*one);
  }
  return all;
}

// Where the address lies in the file.
std::optional<std::uint64_t> offset_of(const std::vector<Elf64_Phdr>& all, std::uint64_t address) {
  for (const Elf64_Phdr& one : all) {
    if (one.p_type != PT_LOAD || address < one.p_vaddr || address - one.p_vaddr >= one.p_filesz) {
      continue;
    }
    return address - one.p_vaddr + one.p_offset;
  }
  return std::nullopt;
}

// The text up to its NUL. Of a longer one, nothing.
std::string text_at(const ReadAt& read, std::uint64_t offset, std::size_t longest) {
  std::string text;
  std::array<char, 64> piece;
  while (text.size() < longest) {
    std::size_t size = piece.size();
    while (size > 0 && !read(offset + text.size(), piece.data(), size)) size /= 2;
    if (size == 0) return {};
    const std::string_view bytes(piece.data(), size);
    const std::size_t end = bytes.find('\0');
    text += bytes.substr(0, end);
    if (end != std::string_view::npos) return text;
  }
  return {};
}

// What the file's dynamic section says, as offsets into its table of texts.
struct Dynamic {
  std::vector<std::uint64_t> needed;
  std::optional<std::uint64_t> run_path;
  std::optional<std::uint64_t> old_path;
  std::uint64_t texts = 0;
};

Dynamic dynamic_of(const ReadAt& read, const std::vector<Elf64_Phdr>& segments) {
  Dynamic dynamic;
  for (const Elf64_Phdr& one : segments) {
    if (one.p_type != PT_DYNAMIC) continue;
    const std::uint64_t entries =
        std::min<std::uint64_t>(one.p_filesz / sizeof(Elf64_Dyn), most_entries);
    for (std::uint64_t i = 0; i < entries; ++i) {
      const auto entry = structure_at<Elf64_Dyn>(read, one.p_offset + i * sizeof(Elf64_Dyn));
      if (!entry || entry->d_tag == DT_NULL || dynamic.needed.size() > most_names) break;
      const std::uint64_t value = entry->d_un.d_val;
      if (entry->d_tag == DT_NEEDED) dynamic.needed.push_back(value);
      if (entry->d_tag == DT_RUNPATH) dynamic.run_path = value;
      if (entry->d_tag == DT_RPATH) dynamic.old_path = value;
      if (entry->d_tag == DT_STRTAB) dynamic.texts = value;
    }
  }
  return dynamic;
}

// musl's, Android's and the BSDs' have other names than glibc's.
bool is_another_libc(std::string_view library) {
  return library.starts_with("libc.") && library != "libc.so.6";
}

}  // namespace

std::optional<Elf> read_elf(const ReadAt& read) {
  constexpr std::size_t longest_name = 256;
  constexpr std::size_t longest_path = 16384;
  const auto header = structure_at<Elf64_Ehdr>(read, 0);
  if (!header || !is_for_this_machine(*header)) return std::nullopt;
  const std::vector<Elf64_Phdr> segments = segments_of(read, *header);
  const Dynamic dynamic = dynamic_of(read, segments);
  Elf elf;
  const auto texts = offset_of(segments, dynamic.texts);
  if (!texts) return elf;
  for (const std::uint64_t name : dynamic.needed) {
    std::string library = text_at(read, *texts + name, longest_name);
    if (is_another_libc(library)) return std::nullopt;
    if (!library.empty()) elf.needed.push_back(std::move(library));
  }
  // The linker ignores the old kind if the file has the new one.
  if (const auto path = dynamic.run_path ? dynamic.run_path : dynamic.old_path) {
    const std::string all = text_at(read, *texts + *path, longest_path);
    for (const std::string_view one : base::split(all, ':')) {
      if (!one.empty()) elf.search.emplace_back(one);
    }
  }
  return elf;
}

std::optional<Elf> read_elf(std::string_view bytes) {
  return read_elf([&](std::uint64_t offset, char* into, std::size_t size) {
    if (offset > bytes.size() || bytes.size() - offset < size) return false;
    std::memcpy(into, bytes.data() + offset, size);
    return true;
  });
}

std::optional<Elf> read_elf(int file) {
  return read_elf([&](std::uint64_t offset, char* into, std::size_t size) {
    if (offset > static_cast<std::uint64_t>(INT64_MAX) - size) return false;
    for (std::size_t done = 0; done < size;) {
      const ssize_t count =
          pread(file, into + done, size - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      done += static_cast<std::size_t>(count);
    }
    return true;
  });
}

}  // namespace ccci::environment
