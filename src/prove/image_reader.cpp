// SPDX-License-Identifier: GPL-3.0-or-later
// Reads Dockerfile and Containerfile: RUN in shell form, in JSON form and with here-documents, and
// ENV PATH.
#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "prove/installers.hpp"
#include "prove/path_setting.hpp"
#include "prove/readers.hpp"
#include "prove/shell_lexer.hpp"

namespace ccci::prove {

namespace {

bool is_comment(std::string_view line) {
  const std::string_view shown = base::trim(line);
  return !shown.empty() && shown.front() == '#';
}

std::string upper(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

class ImageReader {
 public:
  ImageReader(std::string_view path, std::string_view text, Reading& reading)
      : path_(path), lines_(text), reading_(reading) {}

  void run() {
    directive();
    const int last = static_cast<int>(lines_.count());
    for (line_ = 1; line_ <= last;) {
      if (base::trim(lines_.line(line_)).empty() || is_comment(lines_.line(line_))) {
        ++line_;
      } else {
        instruction();
      }
    }
    // All instructions form one script, because later RUNs see the variables that ARG or ENV sets.
    read_shell_in(script_, path_, lines_, reading_);
  }

 private:
  // Reads "# escape=`" in the first lines.
  void directive() {
    for (int n = 1; is_comment(lines_.line(n)); ++n) {
      std::string_view text = base::trim(base::trim(lines_.line(n)).substr(1));
      if (text.starts_with("escape") && text.ends_with('`')) escape_ = '`';
    }
  }

  // Reads one instruction. Lines that end in the escape character are joined, and comments between
  // them are left out. Moves `line_` past the instruction.
  void instruction() {
    Snippet whole;
    const int last = static_cast<int>(lines_.count());
    bool more = true;
    while (more && line_ <= last) {
      std::string_view line = lines_.line(line_);
      if (whole.text().empty() || !(is_comment(line) || base::trim(line).empty())) {
        const std::size_t end = line.find_last_not_of(" \t\r");
        more = end != std::string_view::npos && line[end] == escape_;
        line = line.substr(0, more ? end : line.size());
        whole.add(line, {line_, 1}, more ? " " : "\n");
      }
      ++line_;
    }
    const std::size_t from = whole.text().find_first_not_of(" \t");
    if (from == std::string_view::npos) return;
    const std::size_t end = whole.text().find_first_of(" \t\r\n", from);
    const std::string verb = upper(whole.text().substr(from, end - from));
    const std::size_t rest =
        std::min(whole.text().find_first_not_of(" \t", end), whole.text().size());
    const auto documents = here_documents(whole, rest);
    if (verb == "RUN") {
      run_instruction(whole, rest, documents);
    } else if (verb == "ENV" || verb == "ARG") {
      variables(whole, rest);
    }
  }

  struct Document {
    int first;  // line numbers; `end` is not included
    int end;
  };

  // Reads the here-documents of the instruction and moves `line_` past their delimiters.
  std::vector<Document> here_documents(const Snippet& whole, std::size_t rest) {
    std::vector<Document> out;
    const std::string_view text = whole.text();
    for (std::size_t at = text.find("<<", rest); at != std::string_view::npos;
         at = text.find("<<", at + 2)) {
      std::size_t i = at + 2;
      if (i < text.size() && text[i] == '-') ++i;
      std::string delimiter;
      for (; i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) != 0 ||
                                 text[i] == '_' || text[i] == '"' || text[i] == '\'');
           ++i)
        if (text[i] != '"' && text[i] != '\'') delimiter += text[i];
      if (delimiter.empty()) continue;
      Document document{line_, line_};
      const int last = static_cast<int>(lines_.count());
      while (line_ <= last && base::trim(lines_.line(line_)) != delimiter) ++line_;
      document.end = line_;
      ++line_;
      out.push_back(document);
    }
    return out;
  }

  void run_instruction(const Snippet& whole, std::size_t rest,
                       const std::vector<Document>& documents) {
    const std::string_view text = whole.text();
    while (text.substr(rest).starts_with("--")) {  // --mount=…, --network=…
      rest = std::min(text.find_first_of(" \t\n", rest), text.size());
      rest = std::min(text.find_first_not_of(" \t", rest), text.size());
    }
    if (rest < text.size() && text[rest] == '[') return json_form(whole, rest);
    // In "RUN <<END" the document is the script. In "RUN python3 <<END" it is not.
    const bool script = text.substr(rest).starts_with("<<") ||
                        std::any_of(documents.begin(), documents.end(), [&](const Document&) {
                          const auto word =
                              text.substr(rest, text.find_first_of(" \t<", rest) - rest);
                          return holds("sh bash dash ash", last_part(word));
                        });
    if (!documents.empty() && script) {
      for (const Document& document : documents)
        for (int n = document.first; n < document.end; ++n) script_.add(lines_.line(n), {n, 1});
      return;
    }
    // The document is input, not script. Its "<<" is removed, so that the rest of the file is not
    // read as the document.
    Snippet plain = whole;
    for (std::size_t at = rest; !documents.empty() && at < plain.text().size(); ++at)
      if (plain.text()[at] == '<') plain.put(at, ' ');
    take(plain, rest);
  }

  // Adds the rest of the instruction to the script.
  void take(const Snippet& whole, std::size_t from) {
    script_.append(whole, from, whole.text().size());
    script_.add("", whole.place(whole.text().size()));
  }

  // ["apt-get", "install", "git"]: JSON strings are read as double-quoted words of the shell. This
  // is good enough for names. A script after "-c" keeps its escapes.
  void json_form(const Snippet& whole, std::size_t from) {
    Snippet plain = whole;
    bool quoted = false;
    for (std::size_t i = from; i < plain.text().size(); ++i) {
      const char c = plain.text()[i];
      if (c == '"' && plain.text()[i - 1] != '\\') quoted = !quoted;
      if (!quoted && (c == '[' || c == ']' || c == ',')) plain.put(i, ' ');
    }
    take(plain, from);
  }

  // ENV NAME=VALUE …, ENV NAME VALUE
  void variables(const Snippet& whole, std::size_t rest) {
    const std::string_view text = whole.text();
    const std::size_t name_end = text.find_first_of("= \t\n", rest);
    if (name_end == std::string_view::npos) return;
    if (text[name_end] == '=') return take(whole, rest);
    const std::string_view value = base::trim(text.substr(name_end));
    if (value.empty()) return;
    script_.add(std::string(text.substr(rest, name_end - rest)) + "=\"" + std::string(value) + "\"",
                whole.place(rest));
  }

  std::string_view path_;
  Lines lines_;
  Reading& reading_;
  Snippet script_;
  int line_ = 1;
  char escape_ = '\\';
};

}  // namespace

Reading read_image(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  ImageReader(path, text, reading).run();
  return reading;
}

}  // namespace ccci::prove
