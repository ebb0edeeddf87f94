// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/wheel_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"

namespace ccci::store {

namespace {

char lower(char byte) { return static_cast<char>(std::tolower(static_cast<unsigned char>(byte))); }

// The fields of one line of CSV. Nothing if a quote is not closed.
std::optional<std::vector<std::string>> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  if (quoted) return std::nullopt;
  return fields;
}

// base64 with '-' and '_', without padding: 43 digits are 32 bytes.
std::optional<base::Digest> digest_of_base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::string_view hex = "0123456789abcdef";
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() != 43) return std::nullopt;
  std::string result;
  unsigned bits = 0;
  unsigned value = 0;
  for (const char digit : text) {
    const std::size_t at = digits.find(digit);
    if (at == std::string_view::npos) return std::nullopt;
    value = (value << 6U) | static_cast<unsigned>(at);
    bits += 6;
    while (bits >= 4 && result.size() < 64) {
      bits -= 4;
      result += hex[(value >> bits) & 15U];
    }
    value &= 0xffU;
  }
  const auto digest = base::Digest::from_hex(result);
  return digest ? std::optional(*digest) : std::nullopt;
}

bool is_dotted_name(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         std::all_of(text.begin(), text.end(), [](char byte) {
           const auto value = static_cast<unsigned char>(byte);
           return std::isalnum(value) != 0 || byte == '_' || byte == '.' || value >= 0x80;
         });
}

base::Error bad_script(std::string_view line) {
  return base::fail("store.wheel-script")
      .with("member", "entry_points.txt")
      .with("name", base::printable(line.substr(0, 200)));
}

}  // namespace

std::string normal_project(std::string_view name) {
  std::string normal;
  for (const char byte : name) {
    const bool separator = byte == '-' || byte == '_' || byte == '.';
    if (!separator) normal += lower(byte);
    if (separator && !normal.ends_with('-')) normal += '-';
  }
  return normal;
}

std::string normal_version(std::string_view version) {
  std::string normal;
  for (const char byte : version) {
    const bool separator = byte == '-' || byte == '_' || byte == '+';
    normal += separator ? '.' : lower(byte);
  }
  return normal;
}

std::string_view header_field(std::string_view text, std::string_view name) {
  for (const std::string_view line : base::split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && line.substr(0, colon) == name) {
      return base::trim(line.substr(colon + 1));
    }
  }
  return {};
}

base::Result<std::vector<RecordLine>> read_record_lines(std::string_view text) {
  constexpr std::string_view sha256 = "sha256=";
  std::vector<RecordLine> lines;
  for (std::string_view line : base::split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto fields = csv_fields(line);
    if (!fields || fields->size() != 3) {
      return base::unexpected(base::fail("store.wheel-record")
                                  .with("member", "RECORD")
                                  .with("cause", "a line is not PATH,DIGEST,SIZE"));
    }
    RecordLine one{(*fields)[0], std::nullopt};
    const std::string& digest = (*fields)[1];
    if (digest.starts_with(sha256)) one.digest = digest_of_base64(digest.substr(sha256.size()));
    lines.push_back(std::move(one));
  }
  return lines;
}

bool is_command_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '.' && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char byte) {
           return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '.' ||
                  byte == '_' || byte == '+' || byte == '-' || byte == '@';
         });
}

base::Result<std::vector<ConsoleScript>> console_scripts(std::string_view text) {
  std::vector<ConsoleScript> scripts;
  bool inside = false;
  for (std::string_view line : base::split(text, '\n')) {
    line = base::trim(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      inside = line == "[console_scripts]" || line == "[gui_scripts]";
      continue;
    }
    if (!inside) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return base::unexpected(bad_script(line));
    const std::string_view name = base::trim(line.substr(0, equals));
    std::string_view target = line.substr(equals + 1);
    target = base::trim(target.substr(0, target.find('[')));  // without extras
    const std::size_t colon = target.find(':');
    const std::string_view module = base::trim(target.substr(0, colon));
    const std::string_view function =
        colon == std::string_view::npos ? "" : base::trim(target.substr(colon + 1));
    if (!is_command_name(name) || !is_dotted_name(module) || !is_dotted_name(function)) {
      return base::unexpected(bad_script(line));
    }
    const bool known = std::any_of(scripts.begin(), scripts.end(),
                                   [&](const ConsoleScript& one) { return one.name == name; });
    if (!known) {
      scripts.push_back({std::string(name), std::string(module), std::string(function)});
    }
  }
  return scripts;
}

std::string script_text(const ConsoleScript& script) {
  const std::string imported = script.function.substr(0, script.function.find('.'));
  return "#!/usr/bin/python3\n"
         "# -*- coding: utf-8 -*-\n"
         "import re\n"
         "import sys\n"
         "from " +
         script.module + " import " + imported +
         "\n"
         "if __name__ == '__main__':\n"
         "    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n"
         "    sys.exit(" +
         script.function + "())\n";
}

}  // namespace ccci::store
