// SPDX-License-Identifier: GPL-3.0-or-later
#include "enter/entrypoint_text.hpp"

#include <memory>

#include "enter/entrypoint.hpp"

namespace ccci::enter {
namespace {

constexpr std::size_t longest_interpreter = 253;  // 253 + '#!' + newline = 256 bytes

void append_line(std::string& out, std::string_view word, std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += word;
  out += ' ';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20U && byte != 0x7fU && c != '\\') {
      out += c;
      continue;
    }
    out += "\\x";
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  out += '\n';
}

std::string launcher_problem(std::string_view launcher) {
  if (launcher.empty() || launcher.front() != '/') return "the launcher's path is not absolute";
  for (const char c : launcher) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20U || byte == 0x7fU) {
      return "the launcher's path holds a blank or a control character, which no '#!' line can "
             "name";
    }
  }
  if (launcher.size() > longest_interpreter) {
    return "the launcher's path is " + std::to_string(launcher.size()) +
           " bytes long; a '#!' line " + "can name " + std::to_string(longest_interpreter);
  }
  return {};
}

Entrypoint copy_of(const EntrypointView& view) {
  Entrypoint out;
  out.format = view.format;
  out.name = view.name;
  out.environment = view.environment;
  out.root = view.root;
  for (std::size_t at = 0; at < view.count; ++at) {
    const std::string text = view.values[at].text;
    switch (view.values[at].directive) {
      case Directive::path:
        out.paths.push_back(text);
        break;
      case Directive::etc:
        out.etc.push_back(text);
        break;
      case Directive::place:
        out.places.push_back(text);
        break;
      case Directive::exec:
        out.exec.push_back(text);
        break;
      case Directive::variable: {
        const std::size_t split = text.find('=');
        out.variables.emplace_back(text.substr(0, split), text.substr(split + 1));
      }
    }
  }
  return out;
}

}  // namespace

std::string write_entrypoint(const Entrypoint& entrypoint) {
  std::string out = "#!" + entrypoint.launcher + "\n";
  out += "# Runs a command in a closed environment; see cc-ci-run(1). Written by cc-ci build.\n";
  append_line(out, "entrypoint", std::to_string(entrypoint.format));
  append_line(out, "name", entrypoint.name);
  append_line(out, "environment", entrypoint.environment);
  append_line(out, "root", entrypoint.root);
  for (const auto& path : entrypoint.paths) append_line(out, "path", path);
  for (const auto& name : entrypoint.etc) append_line(out, "etc", name);
  for (const auto& place : entrypoint.places) append_line(out, "place", place);
  for (const auto& [name, value] : entrypoint.variables) {
    append_line(out, "variable", name + "=" + value);
  }
  for (const auto& word : entrypoint.exec) append_line(out, "exec", word);
  out += "end\n";
  return out;
}

std::string entrypoint_problem(const Entrypoint& entrypoint) {
  if (auto problem = launcher_problem(entrypoint.launcher); !problem.empty()) return problem;
  std::string problem;
  const Entrypoint back = read_entrypoint(write_entrypoint(entrypoint), problem);
  if (problem.empty() && back != entrypoint) problem = "a variable's name holds '='";
  return problem;
}

Entrypoint read_entrypoint(std::string_view bytes, std::string& problem) {
  problem.clear();
  std::string copy(bytes);
  const auto view = std::make_unique<EntrypointView>();  // 16 KiB
  const EntrypointFault fault = parse_entrypoint(copy.data(), bytes.size(), *view);
  if (fault.what != nullptr) {
    problem = "line " + std::to_string(fault.line) + ": " + fault.what;
    return {};
  }
  Entrypoint out = copy_of(*view);
  if (bytes.starts_with("#!")) out.launcher = bytes.substr(2, bytes.find('\n') - 2);
  return out;
}

}  // namespace ccci::enter
