// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/requirements.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <set>

#include "base/text.hpp"

namespace ccci::python {

namespace {

bool is_name_byte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '-' || byte == '_' ||
         byte == '.';
}

// A '#' begins a comment at the start of a line or after a blank.
std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
  }
  return line;
}

// Where pip ends a line, as Python's str.splitlines() does, and this reader does not: what follows
// would be a line of its own there, perhaps an option.
bool has_other_line_end(std::string_view line) {
  const bool control = std::any_of(line.begin(), line.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7F;
  });
  constexpr std::array<std::string_view, 3> separators{"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
  return control || std::any_of(separators.begin(), separators.end(), [&](std::string_view one) {
           return line.find(one) != std::string_view::npos;
         });
}

class LineReader {
 public:
  LineReader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  base::Result<RequirementsFile> read() {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    std::string whole;
    int number = 0;
    for (std::string_view line : base::split(text_, '\n')) {
      ++number;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (whole.empty()) {
        at_ = {.file = file_,
               .line = number,
               .column = 1,
               .length = static_cast<int>(std::clamp<std::size_t>(line.size(), 1, 200)),
               .excerpt = std::string(line.substr(0, 200))};
      }
      const bool continued = line.ends_with('\\');
      whole += without_comment(continued ? line.substr(0, line.size() - 1) : line);
      if (continued) {
        whole += ' ';
        continue;
      }
      one(base::trim(whole));
      whole.clear();
    }
    one(base::trim(whole));
    if (!errors_.empty()) return base::unexpected(base::together(std::move(errors_)));
    return std::move(result_);
  }

 private:
  void one(std::string_view line) {
    if (line.empty()) return;
    // In the file for pip, a backslash at the end would join the next line.
    if (has_other_line_end(line) || line.ends_with('\\')) return refuse("python.requirement", line);
    if (line.front() == '-') return option(line);
    const bool path = line.front() == '.' || line.front() == '/' || line.starts_with("file:");
    if (path || line.find("://") != std::string_view::npos)
      return refuse("python.not-on-index", line);
    std::size_t end = 0;
    while (end < line.size() && is_name_byte(line[end])) ++end;
    const std::string_view rest = base::trim(line.substr(end));
    constexpr std::string_view follows = "[(<>=!~;-";
    const bool known = end > 0 && std::isalnum(static_cast<unsigned char>(line.front())) != 0 &&
                       (rest.empty() || follows.find(rest.front()) != std::string_view::npos);
    if (!known || line.find_first_of("\n\"'`$") == 0) return refuse("python.requirement", line);
    result_.requirements.push_back({std::string(line.substr(0, end)), std::string(line), at_});
  }

  void option(std::string_view line) {
    std::size_t end = line.find_first_of(" =\t");
    // "-rfile" is allowed too.
    if (!line.starts_with("--") && line.size() > 2) end = 2;
    const std::string_view name = line.substr(0, end);
    std::string_view value = end == std::string_view::npos ? "" : base::trim(line.substr(end));
    if (value.starts_with('=')) value = base::trim(value.substr(1));
    if (name == "-r" || name == "--requirement") {
      result_.included.push_back({std::string(value), at_});
    } else if (name == "-c" || name == "--constraint") {
      result_.constraints.push_back({std::string(value), at_});
    } else if (name == "-e" || name == "--editable") {
      refuse("python.not-on-index", line);
    } else if (name != "--only-binary" && name != "--prefer-binary" && name != "--require-hashes") {
      refuse("python.option", line);
    }
  }

  void refuse(std::string_view code, std::string_view line) {
    std::string text = base::printable(line.substr(0, 200));
    // An address may have a password.
    const std::size_t host = text.find("://");
    const std::size_t end = host == std::string::npos ? host : text.find('@', host);
    if (end != std::string::npos && end < text.find('/', host + 3)) {
      text.replace(host + 3, end - host - 3, "…");
      at_.excerpt.clear();
    }
    errors_.push_back(base::fail(code).with("line", text).at(at_));
  }

  std::string_view text_;
  const std::string& file_;
  declare::Position at_;
  RequirementsFile result_;
  std::vector<base::Error> errors_;
};

// Relative to the declaration. Empty if the path leads out of the project.
std::string beside(const std::string& file, const std::string& name) {
  if (name.empty() || name.front() == '/' || name.find("://") != std::string::npos) return {};
  const std::string path =
      (std::filesystem::path(file).parent_path() / name).lexically_normal().native();
  return path.starts_with("..") ? std::string() : path;
}

base::Error missing(const declare::Name& name) {
  return base::fail("python.missing-file").with("path", base::printable(name.text)).at(name.at);
}

class Gatherer {
 public:
  explicit Gatherer(const std::map<std::string, std::string>& files) : files_(files) {}

  base::Result<void> add(const declare::Name& name, bool constraint) {
    if (!seen_.insert(name.text + (constraint ? "\nc" : "")).second) return {};
    const auto file = files_.find(name.text);
    if (file == files_.end()) return base::unexpected(missing(name));
    CCCI_TRY(const RequirementsFile read, read_requirements(file->second, name.text));
    auto& lines = constraint ? result.constraints : result.requirements;
    lines.insert(lines.end(), read.requirements.begin(), read.requirements.end());
    for (const declare::Name& next : read.included) {
      CCCI_CHECK(add({beside(name.text, next.text), next.at}, constraint));
    }
    for (const declare::Name& next : read.constraints) {
      CCCI_CHECK(add({beside(name.text, next.text), next.at}, true));
    }
    return {};
  }

  Requirements result;

 private:
  const std::map<std::string, std::string>& files_;
  std::set<std::string> seen_;
};

}  // namespace

base::Result<RequirementsFile> read_requirements(std::string_view text, const std::string& file) {
  return LineReader(text, file).read();
}

base::Result<Requirements> gather_requirements(const std::map<std::string, std::string>& files,
                                               const declare::Name& first) {
  Gatherer gatherer(files);
  CCCI_CHECK(gatherer.add(first, false));
  return std::move(gatherer.result);
}

base::Result<std::vector<declare::Name>> files_named_in(std::string_view text,
                                                        const std::string& file) {
  CCCI_TRY(RequirementsFile read, read_requirements(text, file));
  std::vector<declare::Name> names;
  for (const auto* list : {&read.included, &read.constraints}) {
    for (const declare::Name& name : *list) {
      const std::string path = beside(file, name.text);
      if (path.empty()) return base::unexpected(missing(name));
      names.push_back({path, name.at});
    }
  }
  return names;
}

}  // namespace ccci::python
