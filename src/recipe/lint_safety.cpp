// SPDX-License-Identifier: GPL-3.0-or-later
// What real recipes get wrong.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "recipe/backup.hpp"
#include "recipe/host_path.hpp"
#include "recipe/lint_checks.hpp"
#include "recipe/route.hpp"

namespace ccci::recipe::check {

namespace {

constexpr std::string_view nothing;
constexpr std::size_t most_variables = 100;

// The last word of a variable's name says what its value is: DB_PASSWORD is one,
// PASSWORD_MIN_LENGTH is about one.
constexpr std::array<std::string_view, 6> secret_ends{"PASSWORD",   "PASSWD", "PASS",
                                                      "PASSPHRASE", "SECRET", "TOKEN"};
// Words that make a key a secret one.
constexpr std::array<std::string_view, 6> key_words{"SECRET", "API",     "PRIVATE",
                                                    "ACCESS", "SIGNING", "ENCRYPTION"};
// With such a first or inner word the value is a choice: MYSQL_ALLOW_EMPTY_PASSWORD.
constexpr std::array<std::string_view, 8> choices{"ALLOW",  "DISABLE", "ENABLE", "FORCE",
                                                  "RANDOM", "REQUIRE", "USE",    "HIDE"};

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

template <std::size_t size>
bool is_one_of(std::string_view word, const std::array<std::string_view, size>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "DBPASS" ends with PASS too, but BYPASS and HTPASSWD are other words.
bool ends_as_secret(std::string_view word) {
  if (word.ends_with("BYPASS") || word.ends_with("HTPASSWD")) return false;
  return std::any_of(secret_ends.begin(), secret_ends.end(),
                     [&](std::string_view end) { return word.ends_with(end); });
}

bool names_a_secret(std::string_view key) {
  std::string name = upper(key);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  std::vector<std::string_view> words = base::split(name, '_');
  // SECRET_KEY_BASE, DB_PASSWORD_1
  const auto numbered = [](std::string_view word) {
    return word.find_first_not_of("0123456789") == std::string_view::npos;
  };
  while (words.size() > 1 && (numbered(words.back()) || words.back() == "BASE")) words.pop_back();
  const auto last = words.end() - 1;
  if (std::any_of(words.begin(), last, [](auto word) { return is_one_of(word, choices); }))
    return false;
  if (ends_as_secret(*last) || *last == "APIKEY") return true;
  return *last == "KEY" &&
         std::any_of(words.begin(), last, [](auto word) { return is_one_of(word, key_words); });
}

// Whether the value is written in the file: no variable, or a variable with a default.
bool is_written(std::string_view value) {
  if (const std::size_t dollar = value.find("${"); dollar != std::string_view::npos) {
    std::size_t at = value.find('-', dollar);
    const std::size_t end = value.find('}', dollar);
    if (at == std::string_view::npos || end == std::string_view::npos || at > end) return false;
    value = value.substr(at + 1, end - at - 1);
  }
  if (value.empty() || value[0] == '/' || value.find('$') != std::string_view::npos) return false;
  // It says where the value is: file:///run/secrets/db, {{ secret "db" }}.
  if (value.starts_with("file:") || value.find("/run/secrets/") != std::string_view::npos ||
      value.starts_with("{{"))
    return false;
  const std::string word = upper(value);
  static constexpr std::array<std::string_view, 10> no_passwords{
      "TRUE", "FALSE", "YES", "NO", "ON", "OFF", "NONE", "NULL", "0", "1"};
  return !is_one_of(word, no_passwords);
}

// "postgres://user:password@host" with the password in it.
bool has_password_in_url(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = text.substr(scheme + 3);
  const std::size_t at = rest.find('@');
  if (at == std::string_view::npos || rest.find('/') < at) return false;
  const std::size_t colon = rest.find(':');
  return colon < at && is_written(rest.substr(colon + 1, at - colon - 1));
}

class PasswordSearch {
 public:
  PasswordSearch(const std::string& file, Findings& findings) : file_(file), findings_(findings) {}

  void service(const Member& service) {
    secrets_ = service.value.find("secrets");
    if (const Node* environment = service.value.find("environment")) {
      for (const Member& entry : environment->members)
        variable(entry.key, entry.value.text, entry.at.line);
      for (const Node& item : environment->items) {
        const std::size_t equals = item.text.find('=');
        if (equals != std::string::npos)
          variable(item.text.substr(0, equals), item.text.substr(equals + 1), item.at.line);
      }
    }
    for (const std::string_view key : {"command", "entrypoint"})
      if (const Node* node = service.value.find(key)) command(*node);
  }

 private:
  void variable(const std::string& key, const std::string& value, int line) {
    if (names_a_secret(key) && is_written(value) && !is_name_of_secret(key, value))
      add(findings_, {file_, line, "the value of " + key + " is written here"});
    else if (has_password_in_url(value))
      add(findings_, {file_, line, "the address in " + key + " has a password in it"});
  }

  // DB_SECRET=db_password may name a file below /run/secrets. Other words, as in PASSWORD=password,
  // stand for the value.
  bool is_name_of_secret(const std::string& key, const std::string& value) const {
    if (secrets_ == nullptr || !(key.ends_with("SECRET") || key.ends_with("secret"))) return false;
    return std::any_of(secrets_->items.begin(), secrets_->items.end(), [&](const Node& secret) {
      const Node* source = secret.find("source");
      return (source != nullptr ? source->text : secret.text) == value;
    });
  }

  void command(const Node& node) {
    if (node.kind == Node::Kind::text) {
      words(node.text, node.at.line);
      return;
    }
    std::string all;
    for (const Node& item : node.items) all += item.text + " ";
    words(all, node.at.line);
  }

  void words(std::string_view text, int line) {
    for (const std::string_view option : {"--requirepass ", "--password ", "--password="}) {
      const std::size_t at = text.find(option);
      if (at == std::string_view::npos) continue;
      const std::string_view rest = text.substr(at + option.size());
      if (is_written(rest.substr(0, rest.find(' '))))
        add(findings_, {file_, line, "the command has a password in it"});
    }
    if (has_password_in_url(text))
      add(findings_, {file_, line, "an address in the command has a password in it"});
  }

  const std::string& file_;
  Findings& findings_;
  const Node* secrets_ = nullptr;  // of the service
};

// Where a mount is written: the element of `volumes` that has its target.
LintFinding at_mount(const Composed& composed, const HostPath& path, std::string what) {
  const base::Position whole = composed.where({"services", path.service, "volumes"});
  LintFinding finding{whole.file, whole.line, std::move(what)};
  for (const ComposeFile& file : composed.files) {
    const Node* services = file.filled.find("services");
    const Node* node = services == nullptr ? nullptr : services->find(path.service);
    const Node* volumes = node == nullptr ? nullptr : node->find("volumes");
    if (volumes == nullptr) continue;
    for (const Node& item : volumes->items) {
      const Node* target = item.find("target");
      const bool same = target != nullptr
                            ? target->text == path.target
                            : (item.text + ":").find(":" + path.target + ":") != std::string::npos;
      if (same) finding = {file.name, item.at.line, std::move(finding.what)};
    }
  }
  return finding;
}

// The first value of the tree that uses the variable.
const Node* user_of(const Node& node, const std::string& variable) {
  if (node.is_scalar())
    return node.text.find('$') != std::string::npos && variables_in(node.text).contains(variable)
               ? &node
               : nullptr;
  for (const Node& item : node.items)
    if (const Node* found = user_of(item, variable)) return found;
  for (const Member& member : node.members)
    if (const Node* found = user_of(member.value, variable)) return found;
  return nullptr;
}

// The error as code and fields: its wording is not this room's.
void add_error(Findings& findings, const base::Error& error) {
  LintFinding finding;
  if (!error.where.empty()) {
    finding.file = error.where[0].file;
    finding.line = error.where[0].line;
  }
  finding.what = error.code;
  for (const base::Field& field : error.fields)
    if (!field.value.empty()) finding.what += ", " + field.name + " '" + field.value + "'";
  add(findings, std::move(finding));
}

}  // namespace

std::string_view clear_passwords(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    for (const ComposeFile& file : composed.files) {
      const Node* services = file.raw.find("services");
      if (services == nullptr) continue;
      PasswordSearch search(file.name, findings);
      for (const Member& service : services->members) search.service(service);
    }
  }
  return nothing;
}

std::string_view engine_socket(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed)
    for (const HostPath& path : host_paths_of(composed.stack))
      if (path.engine_socket)
        add(findings,
            at_mount(composed, path, "service '" + path.service + "' mounts " + path.source));
  return nothing;
}

std::string_view privileged(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    for (const ComposeFile& file : composed.files) {
      const Node* services = file.filled.find("services");
      if (services == nullptr) continue;
      for (const Member& service : services->members) {
        const Node* value = service.value.find("privileged");
        if (value != nullptr && upper(value->text) != "FALSE")
          add(findings, {file.name, value->at.line, "service '" + service.key + "' is privileged"});
      }
    }
  }
  return nothing;
}

std::string_view host_paths(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed)
    for (const HostPath& path : host_paths_of(composed.stack))
      if (!path.engine_socket)
        add(findings,
            at_mount(composed, path,
                     "service '" + path.service + "' mounts a path of the host at " + path.target));
  return nothing;
}

std::string_view secret_directives(const LintInput& input, Findings& findings) {
  const Composed& main = input.composed.front();
  for (const SecretSpec& secret : input.secrets) {
    const EnvEntry* entry = input.sample.find(secret.env_key);
    if (entry == nullptr) {
      const EnvEntry* commented = input.sample.find_commented(secret.env_key);
      if (commented != nullptr)
        add(findings, {".env.sample", commented->at.line,
                       secret.env_key + " is commented out, but '" + secret.key + "' is used"});
      else if (!secret.env_key.empty())
        add(findings, main, {"secrets", secret.key, "name"},
            ".env.sample has no line for " + secret.env_key);
      else
        add(findings, main, {"secrets", secret.key, "name"},
            "no variable names the version of '" + secret.key + "'");
      continue;
    }
    for (const std::string& directive : secret.ignored)
      add(findings, {".env.sample", entry->at.line, "'" + directive + "' directs nothing"});
  }
  return nothing;
}

std::string_view variables(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    std::size_t told = 0;
    for (const std::string& variable : composed.unset) {
      // A line that is commented out offers the variable, and nothing is a value too.
      if (input.sample.find_commented(variable) != nullptr || ++told > most_variables) continue;
      for (const ComposeFile& file : composed.files) {
        const Node* user = user_of(file.raw, variable);
        if (user != nullptr) add(findings, {file.name, user->at.line, variable + " has no value"});
      }
    }
  }
  return nothing;
}

std::string_view deviations(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    for (const Deviation& deviation : composed.stack.deviations) {
      // A service of a profile that is off can still be deployed.
      if (deviation.key == "profiles" || deviation.key == "depends_on") continue;
      std::vector<std::string> path;
      if (!deviation.service.empty()) path = {"services", deviation.service};
      path.push_back(deviation.key);
      add(findings, composed, path, deviation.key + ": " + deviation.what);
    }
  }
  return nothing;
}

std::string_view routers(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    const Routing routing = routing_of(composed.stack);
    for (const auto& routers : {routing.unverified, input.unserved(routing)})
      for (const NotRouted& router : routers)
        if (!router.routed)
          add(findings, composed, {"services", router.service, "deploy", "labels"},
              router.label + ": " + router.why);
  }
  return nothing;
}

std::string_view backup_labels(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    for (const Backup& backup : backups_of(composed.stack)) {
      const auto find = [&](const std::string& text) {
        add(findings, composed, {"services", backup.service, "deploy", "labels"}, text);
      };
      for (const std::string& label : backup.unread) find("backupbot does not read " + label);
      for (const std::string& label : backup.leading_out) find(label + " leads out of the volume");
    }
  }
  return nothing;
}

std::string_view overlays(const LintInput& input, Findings& findings) {
  for (const base::Error& error : input.broken) {
    add_error(findings, error);
    for (const base::Error& other : error.also) add_error(findings, other);
  }
  return nothing;
}

}  // namespace ccci::recipe::check
