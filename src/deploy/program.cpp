// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/program.hpp"

#include <gnu/libc-version.h>
#include <zlib.h>

#include "base/blake2.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "deploy/closure.hpp"
#include "host/entrypoint_object.hpp"

namespace ccci::deploy {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_file = 256U << 20U;
constexpr std::size_t hash_digits = 32;
constexpr const char* program_path = "bin/cc-ci";
constexpr const char* list_path = "list";
const std::string library_directory = "lib/cc-ci/";

std::string list_of(const ProgramForm::Files& files) {
  std::string list;
  for (const auto& [path, file] : files) list += file.digest + "  " + path + "\n";
  return list;
}

// A number in a header of tar: octal digits to the last but one byte of the field.
void put_number(std::string& header, std::size_t at, std::size_t width, std::uint64_t number) {
  for (std::size_t i = width - 1; i-- > 0; number >>= 3U) {
    header[at + i] = static_cast<char>('0' + (number & 7U));
  }
}

// Adds a file to a tar (ustar), as POSIX describes its fields. Owner and time are 0.
void add(std::string& tar, std::string_view path, std::string_view content) {
  constexpr std::size_t block = 512;
  constexpr std::size_t checksum = 148;
  std::string header(block, '\0');
  header.replace(0, path.size(), path);
  put_number(header, 100, 8, path == list_path ? 0644 : 0755);
  put_number(header, 108, 8, 0);
  put_number(header, 116, 8, 0);
  put_number(header, 124, 12, content.size());
  put_number(header, 136, 12, 0);
  header[156] = '0';
  header.replace(257, 8, std::string_view("ustar\00000", 8));
  header.replace(checksum, 8, 8, ' ');
  std::uint64_t sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  put_number(header, checksum, 7, sum);
  header[checksum + 6] = '\0';
  tar += header;
  tar += content;
  tar.append((block - content.size() % block) % block, '\0');
}

// gzip and not a better compressor: every Debian has it. Its header gets no time.
std::string compressed(std::string& tar) {
  constexpr int gzip_window = 15 + 16;
  constexpr int usual_memory = 8;
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, usual_memory,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, tar.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(tar.data());
  stream.avail_in = static_cast<uInt>(tar.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  // With room for the whole result, one call is enough.
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

ProgramForm::File::File(std::string_view bytes)
    : content(bytes), digest(base::blake2b_hex(bytes)) {}

ProgramForm::ProgramForm(std::string hash, Files files)
    : hash_(std::move(hash)),
      files_(std::move(files)),
      list_(list_of(files_)),
      list_digest_(base::sha256(list_).hex()) {}

void ProgramForm::make() const {
  std::string tar;
  add(tar, list_path, list_);
  for (const auto& [path, file] : files_) add(tar, path, file.content);
  constexpr std::size_t end_of_tar = 1024;
  tar.append(end_of_tar, '\0');
  archive_ = compressed(tar);
  archive_digest_ = base::sha256(archive_).hex();
}

const std::string& ProgramForm::archive() const {
  std::call_once(made_, [this] { make(); });
  return archive_;
}

const std::string& ProgramForm::archive_digest() const {
  static_cast<void>(archive());
  return archive_digest_;
}

base::Result<std::shared_ptr<const Program>> Program::own(const fs::path& state) {
  Parts parts;
  CCCI_TRY(std::string running, base::read_file("/proc/self/exe", largest_file));
  CCCI_TRY(parts.content[program_path], with_usual_loader(std::move(running)));
  CCCI_TRY(const fs::path launcher, host::find_launcher());
  CCCI_TRY(parts.content[library_directory + launcher.filename().native()],
           base::read_file(launcher, largest_file));
  CCCI_TRY(const std::vector<Library> libraries, needed_libraries());
  for (const Library& library : libraries) {
    const std::string path = library_directory + library.name;
    CCCI_TRY(std::string content, base::read_file(library.path, largest_file));
    if (library.loader) parts.loader = path;
    (library.libc ? parts.libc : parts.content)[path] = std::move(content);
  }
  parts.libc_version = gnu_get_libc_version();
  return of(std::move(parts), state);
}

base::Result<std::shared_ptr<const Program>> Program::of(Parts parts, const fs::path& state) {
  const std::shared_ptr<Program> program(new Program);
  program->state_ = state;
  program->parts_ = std::move(parts);
  const Parts& kept = program->parts_;
  ProgramForm::Files files;
  for (const auto& [path, content] : kept.content) files.emplace(path, content);
  std::string inputs = list_of(files);
  program->shared_ = std::make_unique<ProgramForm>(
      base::sha256("shared\n" + inputs).hex().substr(0, hash_digits), files);
  for (const auto& [path, content] : kept.libc) files.emplace(path, content);
  // The hash is that of the inputs: the program itself will contain it.
  inputs = "own\n" + state.native() + "\n" + list_of(files);
  const std::string hash = base::sha256(inputs).hex().substr(0, hash_digits);
  const fs::path loader = state / programs_directory / hash / kept.loader;
  CCCI_TRY(program->patched_, with_loader(kept.content.at(program_path), loader));
  files.insert_or_assign(program_path, ProgramForm::File(program->patched_));
  program->own_ = std::make_unique<ProgramForm>(hash, std::move(files));
  return std::shared_ptr<const Program>(program);
}

fs::path Program::command(const ProgramForm& form) const {
  return state_ / programs_directory / form.hash() / program_path;
}

}  // namespace ccci::deploy
