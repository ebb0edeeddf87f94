// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/closure.hpp"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

namespace ccci::deploy {

namespace {

namespace fs = std::filesystem;

// The parts of glibc. All other libraries work with any libc that is new enough.
constexpr std::array libc_parts{"libc.so.",  "libm.so.",      "libpthread.so.", "libdl.so.",
                                "librt.so.", "libresolv.so.", "libutil.so.",    "libanl.so."};

bool is_loader(const std::string& name) {
  return name.starts_with("ld-linux") || name.starts_with("ld64.so");
}

bool is_libc(const std::string& name) {
  return is_loader(name) || std::any_of(libc_parts.begin(), libc_parts.end(),
                                        [&](const char* part) { return name.starts_with(part); });
}

// The names that a loaded object needs. glibc keeps the dynamic section of each in memory.
std::vector<std::string> needs_of(const link_map& object) {
  const char* strings = nullptr;
  for (const ElfW(Dyn)* entry = object.l_ld; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag != DT_STRTAB) continue;
    // On some architectures the section is read-only, and the address stays relative.
    const ElfW(Addr) address = entry->d_un.d_ptr;
    const ElfW(Addr) whole = address < object.l_addr ? object.l_addr + address : address;
    strings = reinterpret_cast<const char*>(whole);
  }
  std::vector<std::string> names;
  if (strings == nullptr) return names;
  for (const ElfW(Dyn)* entry = object.l_ld; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_NEEDED) names.emplace_back(strings + entry->d_un.d_val);
  }
  return names;
}

// What the program's header says of its dynamic loader.
struct Headers {
  ElfW(Phdr) interpreter{};
  std::size_t at = 0;     // where that header is in the file
  std::size_t usual = 0;  // where the path is that the linker wrote
};

base::Result<Headers> headers_of(std::string_view program) {
  const auto refused = [] { return base::unexpected(base::fail("deploy.own-form")); };
  ElfW(Ehdr) header;
  if (program.size() < sizeof header) return refused();
  std::memcpy(&header, program.data(), sizeof header);
  const bool ours = std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
                    header.e_ident[EI_CLASS] == (sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32) &&
                    header.e_phentsize == sizeof(ElfW(Phdr));
  if (!ours) return refused();
  Headers headers;
  std::vector<ElfW(Phdr)> loaded;
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const std::size_t at = header.e_phoff + i * sizeof(ElfW(Phdr));
    ElfW(Phdr) part;
    if (at > program.size() || program.size() - at < sizeof part) return refused();
    std::memcpy(&part, program.data() + at, sizeof part);
    if (part.p_type == PT_LOAD) loaded.push_back(part);
    if (part.p_type != PT_INTERP) continue;
    headers.interpreter = part;
    headers.at = at;
  }
  if (headers.at == 0) return refused();
  const ElfW(Addr) address = headers.interpreter.p_vaddr;
  const auto holder = std::find_if(loaded.begin(), loaded.end(), [&](const ElfW(Phdr) & part) {
    return address >= part.p_vaddr && address - part.p_vaddr < part.p_filesz;
  });
  if (holder == loaded.end()) return refused();
  headers.usual = holder->p_offset + (address - holder->p_vaddr);
  if (headers.usual >= program.size()) return refused();
  return headers;
}

}  // namespace

base::Result<std::vector<Library>> needed_libraries() {
  void* const self = dlopen(nullptr, RTLD_LAZY);
  link_map* first = nullptr;
  if (self == nullptr || dlinfo(self, RTLD_DI_LINKMAP, &first) != 0) {
    return base::unexpected(base::fail("deploy.own-library").with("name", "cc-ci"));
  }
  std::map<std::string, const link_map*> loaded;
  for (const link_map* one = first; one != nullptr; one = one->l_next) {
    loaded.emplace(fs::path(one->l_name).filename().native(), one);
  }
  std::map<std::string, Library> found;
  std::vector<const link_map*> left{first};
  while (!left.empty()) {
    const link_map* const object = left.back();
    left.pop_back();
    for (const std::string& name : needs_of(*object)) {
      if (found.contains(name)) continue;
      const auto at = loaded.find(name);
      if (at == loaded.end()) {
        return base::unexpected(base::fail("deploy.own-library").with("name", name));
      }
      found[name] = {name, at->second->l_name, is_libc(name), is_loader(name)};
      left.push_back(at->second);
    }
  }
  dlclose(self);
  std::vector<Library> libraries;
  for (auto& [name, library] : found) libraries.push_back(std::move(library));
  return libraries;
}

base::Result<std::string> with_loader(std::string program, const fs::path& loader) {
  CCCI_TRY(const Headers headers, headers_of(program));
  ElfW(Phdr) part = headers.interpreter;
  // The address stays: the loader reads there its usual name, not its path.
  part.p_offset = program.size();
  part.p_filesz = loader.native().size() + 1;
  part.p_memsz = part.p_filesz;
  std::memcpy(program.data() + headers.at, &part, sizeof part);
  program.append(loader.native()).push_back('\0');
  return program;
}

base::Result<std::string> with_usual_loader(std::string program) {
  CCCI_TRY(const Headers headers, headers_of(program));
  ElfW(Phdr) part = headers.interpreter;
  const std::size_t added = part.p_offset;
  if (headers.usual == added) return program;
  const std::size_t end = program.find('\0', headers.usual);
  if (headers.usual >= added || end >= added || added > program.size()) {
    return base::unexpected(base::fail("deploy.own-form"));
  }
  part.p_offset = headers.usual;
  part.p_filesz = end + 1 - headers.usual;
  part.p_memsz = part.p_filesz;
  std::memcpy(program.data() + headers.at, &part, sizeof part);
  program.resize(added);
  return program;
}

}  // namespace ccci::deploy
