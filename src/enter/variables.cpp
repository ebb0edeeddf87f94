// SPDX-License-Identifier: GPL-3.0-or-later
#include "variables.hpp"

#include "failure.hpp"
#include "kernel.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

constexpr const char* who = "who runs it and where that person's files are";
constexpr const char* terminal = "what the terminal can do";
constexpr const char* place = "the time";
constexpr const char* network = "the way to the network";
constexpr const char* service = "the service manager's protocol";

constexpr VariableRule kept_by_pure[] = {
    {"HOME", who},
    {"USER", who},
    {"LOGNAME", who},
    {"TMPDIR", who},
    {"XDG_RUNTIME_DIR", who},
    {"TERM", terminal},
    {"COLORTERM", terminal},
    {"NO_COLOR", terminal},
    {"TZ", place},
    {"http_proxy", network},
    {"https_proxy", network},
    {"ftp_proxy", network},
    {"all_proxy", network},
    {"no_proxy", network},
    {"HTTP_PROXY", network},
    {"HTTPS_PROXY", network},
    {"FTP_PROXY", network},
    {"ALL_PROXY", network},
    {"NO_PROXY", network},
    {"NOTIFY_SOCKET", service},
    {"LISTEN_FDS", service},
    {"LISTEN_FDNAMES", service},
    {"LISTEN_PID", service},
    {"INVOCATION_ID", service},
    {"JOURNAL_STREAM", service},
    {"CREDENTIALS_DIRECTORY", service},
};

// `variable` is NAME=VALUE. A text without '=' matches no rule.
bool matches(const VariableRule& rule, const char* variable) {
  const char* name = rule.name;
  while (*name != '\0' && *name != '*' && *name == *variable) ++name, ++variable;
  if (*name != '*') return *name == '\0' && *variable == '=';
  const char* const rest = name + 1;
  if (*rest == '\0') return true;
  const char* end = variable;
  while (*end != '\0' && *end != '=') ++end;
  const std::size_t count = length(rest);
  if (*end != '=' || static_cast<std::size_t>(end - variable) < count) return false;
  return starts_with(end - count, rest);
}

// Finds the rules that begin with a letter without asking all the others: a caller has some 30
// variables, and there are some hundred rules.
template <std::size_t Count>
class Index {
 public:
  explicit constexpr Index(const VariableRule (&rules)[Count]) : rules_(rules) {
    for (std::size_t rule = Count; rule > 0; --rule) {
      const auto letter = static_cast<unsigned char>(*rules[rule - 1].name);
      next_[rule - 1] = first_[letter];
      first_[letter] = static_cast<std::uint16_t>(rule);
    }
  }
  bool has(const char* variable) const {
    std::uint16_t rule = first_[static_cast<unsigned char>(*variable)];
    while (rule != 0 && !matches(rules_[rule - 1], variable)) rule = next_[rule - 1];
    return rule != 0;
  }

 private:
  const VariableRule (&rules_)[Count];
  std::uint16_t first_[256] = {};  // number of the rule, from 1; 0: none
  std::uint16_t next_[Count] = {};
};

constexpr Index dropped(dropped_variables);
constexpr Index pure_keeps(kept_by_pure);

bool has_same_name(const char* left, const char* right) {
  while (*left != '\0' && *left != '=' && *left == *right) ++left, ++right;
  return *left == '=' && *right == '=';
}

bool is_given(const EntrypointView& view, const char* variable) {
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& value = view.values[at];
    if (value.directive == Directive::variable && has_same_name(value.text, variable)) return true;
  }
  return false;
}

Line<largest_entrypoint> path_variable;
Line<128> marker;

void put(const char* kind, const VariableRule& rule) {
  static Line<512> line;
  line.clear();
  line.add(kind).add(rule.name).add('\t').add(rule.reason).add('\n');
  kernel::write(1, line.text(), line.size());
}

}  // namespace

char** compose_variables(const EntrypointView& view, char** callers, bool pure) {
  std::size_t count = 0;
  while (callers[count] != nullptr) ++count;
  const std::size_t bytes = (count + view.count + 3) * sizeof(char*);
  // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS.
  const long memory = kernel::call(SYS_mmap, 0, static_cast<long>(bytes), 3, 0x22, -1);
  if (memory < 0 && memory > -4096) fail(Failure::variables, reason(memory));
  char** out = reinterpret_cast<char**>(memory);
  std::size_t to = 0;
  for (std::size_t at = 0; at < count; ++at) {
    char* variable = callers[at];
    if (pure ? !pure_keeps.has(variable) : dropped.has(variable)) continue;
    if (!is_given(view, variable)) out[to++] = variable;
  }
  path_variable.add("PATH=");
  bool first = true;
  for (std::size_t at = 0; at < view.count; ++at) {
    const Value& value = view.values[at];
    if (value.directive == Directive::variable) out[to++] = value.text;
    if (value.directive != Directive::path) continue;
    if (!first) path_variable.add(':');
    path_variable.add(value.text);
    first = false;
  }
  marker.add(marker_variable).add('=').add(view.environment);
  out[to++] = const_cast<char*>(path_variable.text());
  out[to++] = const_cast<char*>(marker.text());
  out[to] = nullptr;
  return out;
}

void list_variables() {
  for (const VariableRule& rule : dropped_variables) put("dropped\t", rule);
  for (const VariableRule& rule : kept_by_pure) put("kept-by-pure\t", rule);
}

}  // namespace ccci::enter
