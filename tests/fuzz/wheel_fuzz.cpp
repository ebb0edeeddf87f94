// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as the texts in a wheel, as the name of one, and as requirements.txt: commands have
// names that can be files, and what is read has no line end.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "python/requirements.hpp"
#include "python/tags.hpp"
#include "store/wheel_text.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

void wheel(const std::string& text) {
  if (const auto scripts = store::console_scripts(text)) {
    for (const store::ConsoleScript& script : *scripts) {
      require(store::is_command_name(script.name));
      require(script.name.find('/') == std::string::npos);
      require(script.module.find_first_of("\n\r'\"") == std::string::npos);
      require(script.function.find_first_of("\n\r'\"") == std::string::npos);
      static_cast<void>(store::script_text(script));
    }
  }
  static_cast<void>(store::read_record_lines(text));
  static_cast<void>(store::header_field(text, "Requires-Python"));
  const std::string project = store::normal_project(text);
  require(store::normal_project(project) == project);
  if (const auto name = python::read_wheel_name(text)) {
    static_cast<void>(python::fits(*name, {11, "amd64"}));
  }
}

void requirements(const std::string& text) {
  if (const auto read = python::read_requirements(text, "requirements.txt")) {
    for (const python::Requirement& one : read->requirements) {
      require(!one.project.empty());
      // Each becomes a line of a file for pip: a line end would add an option.
      require(one.line.find_first_of("\n\r") == std::string::npos);
      require(one.line.front() != '-');
    }
  }
  if (const auto named = python::files_named_in(text, "web/requirements.txt")) {
    for (const declare::Name& file : *named) {
      require(("/" + file.text + "/").find("/../") == std::string::npos);
      require(file.text.front() != '/');
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  wheel(text);
  requirements(text);
  return 0;
}
