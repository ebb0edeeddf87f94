// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as requirements.txt and, after a form feed, as a file that it includes: what is read is
// one line each, which is read again as itself. Digests go to pip for all lines or for none, unless
// only pip can check one, and a file with a digest that its line names is allowed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "python/hashes.hpp"
#include "python/requirements.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<python::Wanted> wanted_of(const std::vector<python::Requirement>& requirements) {
  std::vector<python::Wanted> wanted;
  for (const python::Requirement& one : requirements) {
    require(!one.project.empty() && one.line.front() != '-');
    require(one.line.find_first_of("\n\r") == std::string::npos);
    const auto again = python::read_requirements(one.line + "\n", "again.txt");
    require(again && again->requirements.size() == 1);
    require(again->requirements.front().line == one.line);
    require(again->requirements.front().project == one.project);
    wanted.push_back({one.line, declare::pypi_package(one.project), "", {}, {}});
  }
  return wanted;
}

void digests(const std::vector<python::Wanted>& wanted) {
  const std::vector<std::string> lines = python::lines_for_pip(wanted);
  require(lines.size() == wanted.size());
  const auto has_digest = [](const std::string& line) {
    return line.find("--hash") != std::string::npos;
  };
  const bool as_written = std::equal(
      lines.begin(), lines.end(), wanted.begin(),
      [](const std::string& line, const python::Wanted& one) { return line == one.line; });
  require(as_written || std::none_of(lines.begin(), lines.end(), has_digest));
  constexpr std::string_view form = "--hash=sha256:";
  for (const python::Wanted& one : wanted) {
    const std::size_t at = one.line.find(form);
    if (at == std::string::npos || at + form.size() + 64 > one.line.size()) continue;
    source::Package package;
    package.name = one.package;
    package.sha256 = one.line.substr(at + form.size(), 64);
    if (package.sha256.find_first_not_of("0123456789abcdef") != std::string::npos) continue;
    const char after = (one.line + " ")[at + form.size() + 64];
    if (after == ' ' || after == '\t') require(python::check_hashes({package}, {one}).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::size_t cut = std::min(text.find('\f'), text.size());
  const std::map<std::string, std::string> files{
      {"requirements.txt", text.substr(0, cut)},
      {"more.txt", cut < text.size() ? text.substr(cut + 1) : std::string()}};
  declare::Name first;
  first.text = "requirements.txt";
  if (const auto all = python::gather_requirements(files, first)) {
    digests(wanted_of(all->requirements));
    static_cast<void>(wanted_of(all->constraints));
  }
  return 0;
}
