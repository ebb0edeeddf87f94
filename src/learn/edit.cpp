// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/edit.hpp"

#include <algorithm>

#include "declare/declaration.hpp"
#include "declare/document.hpp"
#include "learn/list_text.hpp"

namespace ccci::learn {

namespace {

std::size_t offset_of(std::string_view text, const declare::Span& at) {
  std::size_t begin = 0;
  for (int line = 1; line < at.line; ++line) {
    const std::size_t newline = text.find('\n', begin);
    if (newline == std::string_view::npos) return text.size();
    begin = newline + 1;
  }
  return std::min(text.size(), begin + static_cast<std::size_t>(at.column - 1));
}

base::Error no_place(const std::string& file, std::string_view list) {
  return base::fail("learn.no-place").with("file", file).with("list", list);
}

// The offset of the line after the header "[runtime]"; npos if the header has no line of its own.
std::size_t below_header(std::string_view text, const declare::Node& runtime) {
  std::size_t at = offset_of(text, runtime.at);
  const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  at = newline == std::string_view::npos ? 0 : newline + 1;
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  std::size_t begin = at == 0 && text.starts_with(mark) ? mark.size() : at;
  begin = text.find_first_not_of(" \t", begin);
  if (begin == std::string_view::npos || text[begin] != '[') return std::string_view::npos;
  const std::size_t end = text.find('\n', begin);
  return end == std::string_view::npos ? text.size() : end + 1;
}

// Changes one list and parses the text again for each list, because an insertion moves the text
// below.
base::Result<std::string> add_names(const std::string& text, const std::string& file,
                                    std::string_view list, const std::vector<std::string>& names) {
  if (names.empty()) return text;
  const declare::Lines lines(text, file);
  CCCI_TRY(const declare::Node root, declare::read_document(text, lines));
  const declare::Node* runtime = root.find("runtime");
  if (runtime == nullptr) return base::unexpected(no_place(file, list));
  if (const declare::Node* there = runtime->find(list)) {
    const auto laid_out = read_list(text, offset_of(text, there->at));
    if (!laid_out) return base::unexpected(no_place(file, list));
    return append_to_list(text, *laid_out, names);
  }
  std::size_t at = below_header(text, *runtime);
  if (list != "tools") {
    // Put it below the tools, where a reader expects it.
    if (const declare::Node* tools = runtime->find("tools")) {
      const auto laid_out = read_list(text, offset_of(text, tools->at));
      if (laid_out) {
        const std::size_t newline = text.find('\n', laid_out->close);
        at = newline == std::string::npos ? text.size() : newline + 1;
      }
    }
  }
  if (at == std::string::npos || below_header(text, *runtime) == std::string::npos) {
    return base::unexpected(no_place(file, list));
  }
  const std::string newline = text.find("\r\n") != std::string::npos ? "\r\n" : "\n";
  std::string line = std::string(list) + " = []" + newline;
  if (at == text.size() && !text.ends_with('\n')) line = newline + line;
  std::string with_line = text;
  with_line.insert(at, line);
  const std::size_t open = with_line.find('[', at);
  return append_to_list(with_line, *read_list(with_line, open), names);
}

std::vector<std::string> not_yet(const std::vector<declare::Name>& there,
                                 const std::vector<std::string>& names) {
  std::vector<std::string> left;
  for (const std::string& name : names) {
    const bool stands = std::any_of(there.begin(), there.end(),
                                    [&](const declare::Name& one) { return one.text == name; });
    if (!stands && std::find(left.begin(), left.end(), name) == left.end()) left.push_back(name);
  }
  return left;
}

// Removes the tools from the hosts' lists: a tool of all hosts must not be listed there.
base::Result<std::string> take_from_hosts(std::string text, const std::string& file,
                                          declare::Declaration& declaration,
                                          const std::vector<std::string>& tools) {
  for (auto& [host, declared] : declaration.hosts) {
    for (const std::string& tool : tools) {
      const auto same = [&](const declare::Name& one) { return one.text == tool; };
      if (std::erase_if(declared.extra_tools, same) == 0) continue;
      const declare::Lines lines(text, file);
      CCCI_TRY(const declare::Node root, declare::read_document(text, lines));
      const declare::Node* list = root.find("hosts")->find(host)->find("extra_tools");
      text = remove_from_list(text, offset_of(text, list->at), tool);
    }
  }
  return text;
}

bool is_as_asked(const declare::PackageRule& found, const Rule& rule) {
  if (rule.kind == Rule::Kind::pypi) {
    const auto* pypi = std::get_if<declare::PypiPackage>(&found.from);
    return pypi != nullptr && pypi->name == rule.package;
  }
  const auto* npm = std::get_if<declare::NpmPackage>(&found.from);
  return npm != nullptr && npm->name == rule.package;
}

// The names of rules join the lists. Those that have a rule already need no other one.
Additions with_rules(const declare::Declaration& declaration, Additions additions) {
  bool node = false;
  for (const Rule& rule : additions.rules) {
    node = node || rule.kind != Rule::Kind::pypi;
    (rule.kind == Rule::Kind::pypi ? additions.python : additions.tools).push_back(rule.name);
  }
  if (node) additions.tools.emplace_back("nodejs");
  std::erase_if(additions.rules,
                [&](const Rule& rule) { return declaration.rule(rule.name) != nullptr; });
  return additions;
}

}  // namespace

base::Result<std::string> add_to_declaration(std::string_view text, const std::string& file,
                                             const Additions& asked) {
  CCCI_TRY(declare::Declaration expected, declare::parse(text, file));
  const Additions additions = with_rules(expected, asked);
  const std::vector<std::string> tools = not_yet(expected.tools, additions.tools);
  const std::vector<std::string> python = not_yet(expected.python, additions.python);
  CCCI_TRY(const std::string taken, take_from_hosts(std::string(text), file, expected, tools));
  CCCI_TRY(const std::string with_tools, add_names(taken, file, "tools", tools));
  CCCI_TRY(const std::string with_python, add_names(with_tools, file, "python", python));
  const std::vector<std::string> packages = not_yet(expected.library_packages, additions.packages);
  CCCI_TRY(std::string result, add_names(with_python, file, "packages", packages));
  for (const std::string& name : tools) expected.tools.push_back({name, {}});
  for (const std::string& name : python) expected.python.push_back({name, {}});
  for (const std::string& name : packages) expected.library_packages.push_back({name, {}});
  for (const Rule& rule : additions.rules) {
    result += (result.ends_with('\n') ? "\n" : "\n\n") + text_of(rule);
  }
  CCCI_TRY(const declare::Declaration found, declare::parse(result, file));
  for (const Rule& rule : additions.rules) {
    const declare::PackageRule* made = found.rule(rule.name);
    if (made != nullptr && is_as_asked(*made, rule)) expected.packages.emplace(rule.name, *made);
  }
  if (found != expected) return base::unexpected(base::fail("learn.edit").with("file", file));
  return result;
}

}  // namespace ccci::learn
