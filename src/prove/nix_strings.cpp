// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/nix_strings.hpp"

#include <algorithm>

#include "prove/installers.hpp"
#include "prove/path_setting.hpp"
#include "prove/readers.hpp"

namespace ccci::prove {

namespace {

constexpr std::string_view script_attributes =
    "text script preStart postStart preStop postStop shellHook buildCommand ExecStart ExecStartPre "
    "ExecStartPost ExecStop interactiveShellInit loginShellInit shellInit extraInit";
constexpr std::size_t longest_path = 4096;        // largest part of a PATH that is read, bytes
constexpr std::size_t shown_interpolation = 200;  // bytes; a longer one is shown as "${…}"
constexpr int furthest = 16;                      // tokens back to the `=` of the string

class NixStringReader {
 public:
  NixStringReader(std::string_view path, std::string_view text, const std::vector<NixPiece>& tokens,
                  const Lines& lines, Reading& reading)
      : path_(path), text_(text), tokens_(tokens), lines_(lines), reading_(reading) {}

  void run() {
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      if (tokens_[i].token != NixToken::string_begin || tokens_[i].match <= i) continue;
      const std::string_view name = attribute(i);
      const std::string_view body = raw(i).substr(0, longest_path);
      const bool setting = body.starts_with("PATH=");
      if (is_script(i, name)) {
        read_shell_in(script(i), path_, lines_, reading_);
      } else if (name == "PATH") {
        path_string(i, body);
      } else if (setting && (name.find("nvironment") != std::string_view::npos || in_list(i))) {
        path_string(i, body.substr(5));
      }
    }
  }

 private:
  bool is(std::size_t i, std::string_view text) const {
    return tokens_[i].token == NixToken::punctuation && tokens_[i].text == text;
  }

  // The text between the delimiters.
  std::string_view raw(std::size_t i) const {
    const std::size_t from = tokens_[i].offset + tokens_[i].text.size();
    return text_.substr(from, tokens_[tokens_[i].match].offset - from);
  }

  // NAME of `NAME = "…"`, `NAME = lib.mkForce "…"`, `NAME = "…" + "…"`; empty if it is not a value.
  std::string_view attribute(std::size_t i) const {
    std::size_t before = i - 1;
    for (int hops = 0; hops < furthest && before > 0; ++hops) {
      if (is(before, "=")) return tokens_[before - 1].text;
      const bool part = tokens_[before].token == NixToken::name || is(before, ".") ||
                        is(before, "+") || is(before, "(");
      const bool string = tokens_[before].token == NixToken::string_end;
      if (!part && !string) return {};
      if (string && !is(before + 1, "+")) return {};  // "name" ''script'': an argument
      before = std::min(tokens_[before].match, before);
      if (before > 0) --before;
    }
    return {};
  }

  bool in_list(std::size_t i) const {
    return is(i - 1, "[") || tokens_[i - 1].token == NixToken::string_end;
  }

  // Whether the string is a script: the value of an attribute that holds a script, or the argument
  // of a function that writes one. Any other string is text.
  bool is_script(std::size_t i, std::string_view name) const {
    if (holds(script_attributes, name) || name.ends_with("Phase") || name.ends_with("Hook"))
      return true;
    if (tokens_[i].text != "''") return false;
    const NixPiece& before = tokens_[i - 1];
    if (before.token == NixToken::string_end || is(i - 1, "}")) return true;
    return before.token == NixToken::name && before.text.find("cript") != std::string_view::npos;
  }

  // The string's text. An interpolation is an expansion for the shell reader; it was already read
  // as Nix.
  Snippet script(std::size_t i) const {
    Snippet out;
    const std::size_t end = tokens_[i].match;
    for (std::size_t k = i + 1; k < end;) {
      const std::size_t next = std::max(tokens_[k].match, k) + 1;
      const std::size_t from = tokens_[k].offset;
      const std::size_t to = tokens_[next - 1].offset + tokens_[next - 1].text.size();
      if (tokens_[k].token == NixToken::string_text || to - from <= shown_interpolation) {
        const Snippet part = Snippet::part(text_, lines_, from, to);
        out.append(part, 0, part.text().size());
      } else {
        out.add("${…}", lines_.place(from), "");
      }
      k = next;
    }
    return out;
  }

  void path_string(std::size_t i, std::string_view value) {
    const Place at = lines_.place(tokens_[i].offset + tokens_[i].text.size());
    add_path(path_setting(value), at, "PATH", lines_, reading_);
  }

  std::string_view path_;
  std::string_view text_;
  const std::vector<NixPiece>& tokens_;
  const Lines& lines_;
  Reading& reading_;
};

}  // namespace

void read_nix_strings(std::string_view path, std::string_view text,
                      const std::vector<NixPiece>& tokens, const Lines& lines, Reading& reading) {
  NixStringReader(path, text, tokens, lines, reading).run();
}

}  // namespace ccci::prove
