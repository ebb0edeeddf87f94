// SPDX-License-Identifier: GPL-3.0-or-later
// cc-ci-start: the interpreter of a command on PATH whose program needs more than PATH has
// (environment/needs.hpp). The kernel starts it with these words:
//   /usr/lib/cc-ci/start "PACKAGE PROGRAM [LANGUAGE]" COMMAND ARGUMENT…
// LANGUAGE is for perl and ruby, which read the line themselves if they get the file's path.
// It appends /usr/lib/cc-ci/needs/PACKAGE to PATH and executes PROGRAM with the arguments. Only the
// program and its children see this PATH. A shell script could do the same, but starting a shell
// takes ten times as long. A script of a package whose first line cc-ci changed has a '+' there,
// and perhaps one option of its interpreter:
//   /usr/lib/cc-ci/start "+PACKAGE INTERPRETER OPTION" SCRIPT ARGUMENT…
#include "kernel.hpp"
#include "launch.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

constexpr const char* needs_directory = "/usr/lib/cc-ci/needs/";
constexpr int own_failure = 125;
constexpr int not_executable = 126;
constexpr int not_found = 127;

int refuse(const char* what, const char* detail, int status) {
  static Line<8192> line;
  line.add("cc-ci-start: error: ").printable(what).add(": ").printable(detail).add('\n');
  kernel::write(2, line.text(), line.size());
  return status;
}

// Whether one of the directories of PATH is `directory`.
bool has_directory(const char* path, const char* directory) {
  for (;;) {
    const char* at = path;
    const char* wanted = directory;
    while (*wanted != '\0' && *at == *wanted) ++at, ++wanted;
    if (*wanted == '\0' && (*at == '\0' || *at == ':')) return true;
    while (*path != '\0' && *path != ':') ++path;
    if (*path++ == '\0') return false;
  }
}

char* copy(char* to, const char* from) {
  while (*from != '\0') *to++ = *from++;
  return to;
}

// "OLD:DIRECTORY". Nothing if there is no memory.
char* longer(const char* old, const char* directory) {
  const std::size_t size = length(old) + length(directory) + 2;
  // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS.
  const long memory = kernel::call(SYS_mmap, 0, static_cast<long>(size), 3, 0x22, -1);
  if (memory < 0 && memory > -4096) return nullptr;
  char* const text = reinterpret_cast<char*>(memory);
  char* end = copy(text, old);
  *end++ = ':';
  *copy(end, directory) = '\0';
  return text;
}

// The kernel's words for the script without us: INTERPRETER [OPTION] SCRIPT ARGUMENT…
char** script_words(char** words, char* interpreter) {
  char* option = interpreter;
  while (*option != '\0' && *option != ' ') ++option;
  if (*option == '\0') return words + 1;
  *option++ = '\0';
  words[1] = option;
  return words;
}

// The last part of the path.
char* name_of(char* path) {
  char* name = path;
  for (char* at = path; *at != '\0'; ++at) {
    if (*at == '/') name = at + 1;
  }
  return name;
}

// "PROGRAM LANGUAGE" becomes PROGRAM. A program under another name is told that name: distcc is
// every compiler whose name a link to it has. The directory stays the program's: gcc looks there
// for its parts.
char** program_words(char** words, char* program) {
  char* end = program;
  while (*end != '\0' && *end != ' ') ++end;
  *end = '\0';
  char** const first = words + 2;
  const char* const name = name_of(*first);
  char* const own = name_of(program);
  *first = program;
  if (same(name, own)) return first;
  static PathLine other;
  const char kept = *own;
  *own = '\0';
  other.add(program).add(name);
  *own = kept;
  *first = const_cast<char*>(other.text());
  return first;
}

}  // namespace

int launch(int count, char** words, char** variables, const unsigned long*) {
  if (count < 3 || !contains(words[1], ' ')) {
    return refuse("usage", "the kernel starts this program for commands of an environment",
                  own_failure);
  }
  const bool is_script = *words[1] == '+';
  const char* const package = words[1] + (is_script ? 1 : 0);
  char* program = words[1];
  while (*program != ' ') ++program;
  *program++ = '\0';
  static PathLine directory;
  directory.add(needs_directory).add(package);
  for (char** variable = variables; *variable != nullptr; ++variable) {
    // Without PATH, programs search /usr/bin, where everything is. So there is nothing to append.
    if (!starts_with(*variable, "PATH=") || has_directory(*variable + 5, directory.text()))
      continue;
    char* const path = longer(*variable, directory.text());
    if (path == nullptr) return refuse(program, "cannot get memory for PATH", own_failure);
    *variable = path;
  }
  char** first = nullptr;
  if (is_script) {
    first = script_words(words, program);
    *first = program;
  } else {
    first = program_words(words, program);
  }
  const long error =
      kernel::call(SYS_execve, kernel::word(program), kernel::word(first), kernel::word(variables));
  return error == -ENOENT ? refuse(program, "no such file", not_found)
                          : refuse(program, "cannot be executed", not_executable);
}

}  // namespace ccci::enter
