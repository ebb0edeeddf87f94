// SPDX-License-Identifier: GPL-3.0-or-later
#include "variables.hpp"

#include "failure.hpp"
#include "kernel.hpp"
#include "text.hpp"

namespace ccci::enter {
namespace {

constexpr const char* loader = "the dynamic loader or libc would load or read host files";
constexpr const char* python = "python would load modules or start-up code of the host";
constexpr const char* perl = "perl would load modules or start-up code of the host";
constexpr const char* ruby = "ruby would load gems or start-up code of the host";
constexpr const char* shell = "a shell would run start-up code, functions or options of the caller";
constexpr const char* java = "java would load classes, agents or a runtime of the host";
constexpr const char* script = "an interpreter would load modules or start-up code of the host";
constexpr const char* git = "git would run helpers or copy templates and hooks of the host";
constexpr const char* crypto = "OpenSSL would load configuration, engines or providers of the host";
constexpr const char* desktop = "libraries would load modules, fonts or data of the host";
constexpr const char* build = "compilers would find headers, libraries or programs of the host";
constexpr const char* trust =
    "the same path is another file inside; declare the authorities: certificates of [runtime]";
constexpr const char* data = "names data of the host instead of the environment's";

// Kept on purpose: MAKEFLAGS (a jobserver), DOCKER_*, other GIT_* variables, TZ, GLIBC_TUNABLES.
constexpr VariableRule dropped[] = {
    {"PATH", "replaced, never extended"},
    {marker_variable, "replaced by the hash of the environment"},
    {"LD_*", loader},
    {"GCONV_PATH", loader},
    {"GETCONF_DIR", loader},
    {"LOCPATH", loader},
    {"LOCALE_ARCHIVE*", loader},
    {"NLSPATH", loader},
    {"MALLOC_TRACE", loader},
    {"MEMUSAGE*", loader},
    {"SEGFAULT_*", loader},
    {"SOTRUSS_*", loader},
    {"NIX_LD*", loader},
    {"TZDIR", data},
    {"PYTHONPATH", python},
    {"PYTHONHOME", python},
    {"PYTHONSTARTUP", python},
    {"PYTHONUSERBASE", python},
    {"PYTHONPLATLIBDIR", python},
    {"PYTHONEXECUTABLE", python},
    {"PYTHONPYCACHEPREFIX", python},
    {"PYTHONBREAKPOINT", python},
    {"PYTHONINSPECT", python},
    {"VIRTUAL_ENV*", python},
    {"CONDA_*", python},
    {"PERL5LIB", perl},
    {"PERLLIB", perl},
    {"PERL5OPT", perl},
    {"PERL5DB", perl},
    {"RUBYLIB", ruby},
    {"RUBYOPT", ruby},
    {"RUBYSHELL", ruby},
    {"GEM_*", ruby},
    {"BUNDLE_GEMFILE", ruby},
    {"BUNDLE_PATH", ruby},
    {"NODE_PATH", script},
    {"NODE_OPTIONS", script},
    {"TCLLIBPATH", script},
    {"TCL_LIBRARY", script},
    {"TK_LIBRARY", script},
    {"LUA_PATH*", script},
    {"LUA_CPATH*", script},
    {"LUA_INIT*", script},
    {"GUILE_LOAD_*", script},
    {"GUILE_SYSTEM_*", script},
    {"PHPRC", script},
    {"PHP_INI_SCAN_DIR", script},
    {"R_HOME", script},
    {"R_LIBS*", script},
    {"ERL_LIBS", script},
    {"GOROOT", script},
    {"AWKPATH", script},
    {"AWKLIBPATH", script},
    {"BASH_ENV", shell},
    {"ENV", shell},
    {"SHELLOPTS", shell},
    {"BASHOPTS", shell},
    {"BASH_FUNC_*", shell},
    {"BASH_LOADABLES_PATH", shell},
    {"PROMPT_COMMAND", shell},
    {"CDPATH", shell},
    {"FPATH", shell},
    {"IFS", shell},
    {"JAVA_HOME", java},
    {"JAVA_TOOL_OPTIONS", java},
    {"JDK_JAVA_OPTIONS", java},
    {"_JAVA_OPTIONS", java},
    {"CLASSPATH", java},
    {"GIT_EXEC_PATH", git},
    {"GIT_TEMPLATE_DIR", git},
    {"OPENSSL_CONF", crypto},
    {"OPENSSL_MODULES", crypto},
    {"OPENSSL_ENGINES", crypto},
    {"SSL_CERT_FILE", trust},
    {"SSL_CERT_DIR", trust},
    {"SYSTEM_CERTIFICATE_PATH", trust},
    {"CURL_CA_BUNDLE", trust},
    {"REQUESTS_CA_BUNDLE", trust},
    {"HTTPLIB2_CA_CERTS", trust},
    {"PIP_CERT", trust},
    {"GIT_SSL_CAINFO", trust},
    {"GIT_SSL_CAPATH", trust},
    {"NODE_EXTRA_CA_CERTS", trust},
    {"npm_config_cafile", trust},
    {"NPM_CONFIG_CAFILE", trust},
    {"DENO_CERT", trust},
    {"AWS_CA_BUNDLE", trust},
    {"CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", trust},
    {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", trust},
    {"CARGO_HTTP_CAINFO", trust},
    {"BUNDLE_SSL_CA_CERT", trust},
    {"PERL_LWP_SSL_CA_FILE", trust},
    {"PERL_LWP_SSL_CA_PATH", trust},
    {"HEX_CACERTS_PATH", trust},
    {"NIX_SSL_CERT_FILE", trust},
    {"FONTCONFIG_*", desktop},
    {"GIO_MODULE_DIR", desktop},
    {"GIO_EXTRA_MODULES", desktop},
    {"GI_TYPELIB_PATH", desktop},
    {"GSETTINGS_SCHEMA_DIR", desktop},
    {"GDK_PIXBUF_MODULE*", desktop},
    {"GTK_PATH*", desktop},
    {"QT_PLUGIN_PATH", desktop},
    {"LIBGL_DRIVERS_PATH", desktop},
    {"XDG_DATA_DIRS", desktop},
    {"XDG_CONFIG_DIRS", desktop},
    {"TERMINFO", data},
    {"TERMINFO_DIRS", data},
    {"TEXTDOMAINDIR", data},
    {"MAGIC", data},
    {"MANPATH", data},
    {"INFOPATH", data},
    {"PKG_CONFIG_PATH", build},
    {"PKG_CONFIG_LIBDIR", build},
    {"PKG_CONFIG_SYSROOT_DIR", build},
    {"CPATH", build},
    {"C_INCLUDE_PATH", build},
    {"CPLUS_INCLUDE_PATH", build},
    {"OBJC_INCLUDE_PATH", build},
    {"LIBRARY_PATH", build},
    {"COMPILER_PATH", build},
    {"GCC_EXEC_PREFIX", build},
    {"ACLOCAL_PATH", build},
    {"CMAKE_PREFIX_PATH", build},
};

constexpr const char* who = "who runs it and where that person's files are";
constexpr const char* terminal = "what the terminal can do";
constexpr const char* place = "language and time";
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
    {"LANG", place},
    {"LANGUAGE", place},
    {"LC_*", place},
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
  return *name == '*' || (*name == '\0' && *variable == '=');
}

template <std::size_t Count>
bool is_in(const VariableRule (&rules)[Count], const char* variable) {
  for (const VariableRule& rule : rules) {
    // Most names differ in the first letter. This loop runs some thousand times for each entry.
    if (*rule.name == *variable && matches(rule, variable)) return true;
  }
  return false;
}

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
    if (pure ? !is_in(kept_by_pure, variable) : is_in(dropped, variable)) continue;
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
  for (const VariableRule& rule : dropped) put("dropped\t", rule);
  for (const VariableRule& rule : kept_by_pure) put("kept-by-pure\t", rule);
}

}  // namespace ccci::enter
