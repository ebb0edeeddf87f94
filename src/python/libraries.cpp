// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/libraries.hpp"

#include <elf.h>
#include <fcntl.h>

#include <cctype>
#include <cstring>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::python {

namespace {

constexpr std::uint64_t largest_program = 1ULL << 30U;
constexpr std::size_t most_libraries = 4096;

// Reads a structure at an offset. Nothing if it does not lie in the text.
template <typename Part>
std::optional<Part> at(std::string_view elf, std::uint64_t offset) {
  if (offset > elf.size() || elf.size() - offset < sizeof(Part)) return std::nullopt;
  Part part;
  std::memcpy(&part, elf.data() + offset, sizeof part);
  return part;
}

std::vector<Elf64_Phdr> segments(std::string_view elf, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> all;
  for (std::uint64_t i = 0; i < header.e_phnum && header.e_phentsize >= sizeof(Elf64_Phdr); ++i) {
    const auto one = at<Elf64_Phdr>(elf, header.e_phoff + i * header.e_phentsize);
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

std::string text_at(std::string_view elf, std::uint64_t offset) {
  constexpr std::size_t longest = 256;
  if (offset >= elf.size()) return {};
  const std::string_view rest = elf.substr(offset, longest);
  return std::string(rest.substr(0, rest.find('\0')));
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// These come with the driver of a machine's graphics card, not with a package.
bool is_of_a_driver(std::string_view library) {
  return library.starts_with("libcuda.so") || library.starts_with("libnvidia") ||
         library.starts_with("libnvcuvid");
}

}  // namespace

std::optional<std::vector<std::string>> needed_libraries(std::string_view elf) {
  const auto header = at<Elf64_Ehdr>(elf, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
    return std::nullopt;
  }
  const std::vector<Elf64_Phdr> all = segments(elf, *header);
  std::vector<std::uint64_t> names;
  std::uint64_t strings = 0;
  for (const Elf64_Phdr& one : all) {
    if (one.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t i = 0; i < one.p_filesz / sizeof(Elf64_Dyn); ++i) {
      const auto entry = at<Elf64_Dyn>(elf, one.p_offset + i * sizeof(Elf64_Dyn));
      if (!entry || entry->d_tag == DT_NULL || names.size() > most_libraries) break;
      if (entry->d_tag == DT_NEEDED) names.push_back(entry->d_un.d_val);
      if (entry->d_tag == DT_STRTAB) strings = entry->d_un.d_ptr;
    }
  }
  std::vector<std::string> libraries;
  const auto table = offset_of(all, strings);
  for (const std::uint64_t name : names) {
    if (!table) break;
    std::string library = text_at(elf, *table + name);
    if (!library.empty()) libraries.push_back(std::move(library));
  }
  return libraries;
}

std::string library_package(std::string_view library) {
  if (library.starts_with("libglib-2.0.so") || library.starts_with("libgthread-2.0.so") ||
      library.starts_with("libgobject-2.0.so")) {
    return "libglib2.0-0";
  }
  const std::size_t so = library.find(".so");
  if (so == std::string_view::npos) return {};
  std::string name(library.substr(0, so));
  std::string_view version = library.substr(so + 3);
  if (version.starts_with('.')) version.remove_prefix(1);
  const bool digit = !name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0;
  if (!version.empty()) name += (digit ? "-" : "") + std::string(version);
  for (char& byte : name) {
    byte = byte == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
  }
  return name;
}

base::Result<void> check_libraries(const store::Store& store,
                                   const std::vector<environment::Part>& parts) {
  std::set<std::string, std::less<>> present;
  for (const environment::Part& part : parts) {
    for (const store::Entry& entry : part.manifest.entries) {
      const std::string_view name = base_name(entry.path);
      if (name.find(".so") != std::string_view::npos) present.emplace(name);
    }
  }
  std::map<std::string, std::pair<std::string, std::string>> missing;  // library: package, file
  for (const environment::Part& part : parts) {
    if (part.package.origin != source::Origin::pypi || part.generated) continue;
    CCCI_TRY(const base::Fd root,
             base::open_path(store.path(part.object) / "root", O_PATH | O_DIRECTORY | O_NOFOLLOW));
    for (const store::Entry& entry : part.manifest.entries) {
      const bool library = entry.path.find(".so") != std::string::npos;
      if (entry.type != store::Entry::Type::file || entry.size > largest_program ||
          entry.size < sizeof(Elf64_Ehdr) || (!entry.executable && !library)) {
        continue;
      }
      CCCI_TRY(const std::string elf, base::read_within(root.get(), entry.path, largest_program));
      for (const std::string& needed : needed_libraries(elf).value_or(std::vector<std::string>{})) {
        if (present.contains(needed) || is_of_a_driver(needed)) continue;
        missing.try_emplace(needed, part.package.name, entry.path);
      }
    }
  }
  std::vector<base::Error> errors;
  for (const auto& [library, where] : missing) {
    errors.push_back(base::fail("python.missing-library")
                         .with("library", base::printable(library))
                         .with("name", where.first)
                         .with("file", "/" + where.second)
                         .with("package", base::printable(library_package(library))));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::python
