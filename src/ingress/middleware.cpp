// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/middleware.hpp"

#include <algorithm>
#include <cctype>

#include "ingress/word.hpp"

namespace ccci::ingress {

namespace {

bool is_port(std::string_view port) {
  return port.size() <= 5 && std::all_of(port.begin(), port.end(),
                                         [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Traefik does not redirect to the same place: that would never end.
std::string redirect(bool permanent) {
  const std::string get = permanent ? "301" : "302";
  const std::string other = permanent ? "308" : "307";
  std::string text;
  for (const auto& [code, condition] :
       {std::pair(get, "METH_GET"), std::pair(other, "!METH_GET")}) {
    text += "  http-request redirect location %[var(txn.target)] code ";
    text.append(code).append(" if ").append(condition);
    text += " !{ var(txn.target),strcmp(txn.url) eq 0 }\n";
  }
  return text;
}

// The first prefix that fits is removed. What is left begins with '/' in any case, so each prefix
// has two cases: with a '/' behind it and without. A later redirect sees the shorter path.
std::string rules(const recipe::StripPrefix& strip, const InRouter& names) {
  const std::string variable = "var(txn.strip" + std::to_string(names.number) + ")";
  std::string text;
  int value = 0;
  for (const std::string& prefix : strip.prefixes) {
    const std::string with = std::to_string(value++);
    const std::string without = std::to_string(value++);
    const auto choose = [&](const std::string& chosen, const std::string& begin) {
      text += "  http-request set-" + variable + " int(" + chosen + ") if !{ " + variable +
              " -m found } { path -m beg -- " + word(begin) + " }\n";
    };
    const auto when = [&](const std::string& values) {
      return " if { " + variable + " -m int " + values + " }\n";
    };
    const std::string rest = "%[path,bytes(" + std::to_string(prefix.size()) + ")]";
    choose(with, prefix + "/");
    choose(without, prefix);
    text += "  http-request set-header X-Forwarded-Prefix " + word(format(prefix)) +
            when(with + " " + without);
    text += "  http-request set-path " + rest + when(with);
    text += "  http-request set-path /" + rest + when(without);
  }
  return text +
         "  http-request set-var(txn.uri) pathq\n"
         "  http-request set-var(txn.url) var(txn.scheme),concat(://,txn.host),concat(,txn.uri)\n";
}

std::string rules(const recipe::RedirectScheme& scheme, const InRouter&) {
  const bool usual = scheme.port.empty() || scheme.port == (scheme.scheme == "http" ? "80" : "443");
  return "  http-request set-var(txn.target) str(" + scheme.scheme + "://),concat(,txn.name," +
         (usual ? "" : ":" + scheme.port) + "),concat(,txn.uri)\n" + redirect(scheme.permanent);
}

std::string rules(const recipe::RedirectRegex& regex, const InRouter&) {
  const std::string expression =
      "var(txn.url),regsub(" + argument(regex.regex) + "," +
      argument(replacement_of(regex.replacement).value_or(std::string())) + ",g)";
  return "  http-request set-var(txn.target) " + word(expression) + "\n" +
         redirect(regex.permanent);
}

std::string rules(const recipe::Headers& headers, const InRouter&) {
  std::string text;
  const auto add = [&](const char* direction, const recipe::HeaderChange& change) {
    text += std::string("  http-") + direction +
            (change.value.empty() ? " del-header " : " set-header ") + change.name;
    if (!change.value.empty()) text += " " + word(format(change.value));
    if (change.secure_only) text += " if { var(txn.scheme) -m str https }";
    text += "\n";
  };
  for (const recipe::HeaderChange& change : headers.request) add("request", change);
  for (const recipe::HeaderChange& change : headers.response) add("response", change);
  return text;
}

std::string rules(const recipe::BasicAuth& auth, const InRouter& names) {
  return rules(auth, names.userlist, names.guest);
}

bool is_header_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

std::optional<std::string> problem(const recipe::Headers& headers) {
  if (headers.request.size() + headers.response.size() > 100) return "headers: more than 100";
  for (const auto* list : {&headers.request, &headers.response})
    for (const recipe::HeaderChange& change : *list)
      if (!is_header_name(change.name) || !is_plain(change.value))
        return "headers: a name or a value is too long or has other characters";
  return std::nullopt;
}

std::optional<std::string> problem(const recipe::StripPrefix& strip) {
  for (const std::string& prefix : strip.prefixes)
    if (prefix.empty() || prefix == "/" || !is_plain(prefix))
      return "stripprefix: a prefix is empty, too long or has control characters";
  if (strip.prefixes.size() > 50) return "stripprefix: more than 50 prefixes";
  return std::nullopt;
}

std::optional<std::string> problem(const recipe::RedirectScheme& scheme) {
  if (scheme.scheme != "http" && scheme.scheme != "https")
    return "redirectscheme: the scheme is neither http nor https";
  if (!is_port(scheme.port)) return "redirectscheme: the port is no number";
  return std::nullopt;
}

std::optional<std::string> problem(const recipe::RedirectRegex& regex) {
  if (regex.regex.empty()) return "redirectregex: the regular expression is empty";
  if (!is_plain(regex.regex) || !is_plain(regex.replacement))
    return "redirectregex: a text is too long or has control characters";
  if (!replacement_of(regex.replacement))
    return "redirectregex: a group in the replacement is not a number from 0 to 9";
  return std::nullopt;
}

}  // namespace

// Go's rules: a name after '$' is as long as possible, "$$" is a '$'.
std::optional<std::string> replacement_of(std::string_view replacement) {
  std::string out;
  for (std::size_t at = 0; at < replacement.size(); ++at) {
    const char c = replacement[at];
    if (c == '\\') out += '\\';
    if (c != '$') {
      out += c;
      continue;
    }
    std::string_view rest = replacement.substr(at + 1);
    if (rest.starts_with('$')) {
      out += '$';
      ++at;
      continue;
    }
    const bool braces = rest.starts_with('{');
    if (braces) rest.remove_prefix(1);
    std::size_t size = 0;
    while (size < rest.size() &&
           (std::isalnum(static_cast<unsigned char>(rest[size])) != 0 || rest[size] == '_'))
      ++size;
    // Go leaves what is no reference as it is.
    if (size == 0 || (braces && (size == rest.size() || rest[size] != '}'))) {
      out += c;
      continue;
    }
    if (size != 1 || std::isdigit(static_cast<unsigned char>(rest[0])) == 0) return std::nullopt;
    out += '\\';
    out += rest[0];
    at += braces ? 3 : 1;
  }
  return out;
}

std::optional<std::string> why_not(const recipe::Middleware& middleware) {
  return std::visit([](const auto& kind) { return problem(kind); }, middleware);
}

std::string rules_of(const recipe::Middleware& middleware, const InRouter& names) {
  return std::visit([&](const auto& kind) { return rules(kind, names); }, middleware);
}

}  // namespace ccci::ingress
