// SPDX-License-Identifier: GPL-3.0-or-later
#include "launch.hpp"

#include "cache.hpp"
#include "command.hpp"
#include "entrypoint.hpp"
#include "failure.hpp"
#include "kernel.hpp"
#include "place.hpp"
#include "text.hpp"
#include "variables.hpp"
#include "workdir.hpp"

namespace ccci::enter {
namespace {

constexpr const char* help =
    "usage: ENTRYPOINT [ARGUMENT…]\n"
    "       cc-ci-enter [OPTIONS] ENTRYPOINT [ARGUMENT…]\n"
    "       cc-ci-enter --probe ENTRYPOINT | --probe-host | --list-variables\n"
    "       cc-ci-enter --release HASH | --release-all\n"
    "Run a command in the closed environment of the file ENTRYPOINT, in the same process.\n"
    "\n"
    "A link to the entrypoint under another name runs the command of that name. Otherwise the "
    "words\n"
    "of 'exec' run with the arguments; without 'exec', the arguments are the command.\n"
    "\n"
    "  --command        run ARGUMENT… as the command; ignore the name and 'exec'\n"
    "  --pure           keep only the short list of the caller's variables\n"
    "  --no-cache       make a new namespace for this call (also CC_CI_NO_CACHE=1)\n"
    "  --probe          enter, run no command, print the result as one line of JSON\n"
    "  --probe-host     print what this host allows as one line of JSON; no entrypoint\n"
    "  --release HASH   as root: release the kept namespace of that environment\n"
    "  --release-all    as root: release all kept namespaces\n"
    "  --list-variables print which variables are dropped and which --pure keeps, with reasons\n"
    "  --help, --version\n"
    "\n"
    "Exit status: the command's; 125 cc-ci-enter failed; 126 not executable; 127 not found\n"
    "Example: cc-ci-enter --command ./cc-ci-run git lfs version\n";

struct Request {
  const char* entrypoint = nullptr;
  char** arguments = nullptr;  // those after the entrypoint
  bool command = false;
  bool pure = false;
  bool cache = true;
  bool probe = false;
};

char file[largest_entrypoint + 2];
EntrypointView view;
char** own_arguments;
char** own_environment;
char* words[most_values + 1];

[[noreturn]] void end(int status) {
  for (;;) kernel::call(SYS_exit_group, status);
}

[[noreturn]] void print(const char* text) {
  kernel::write(1, text, length(text));
  end(0);
}

bool is_hash(const char* text) {
  std::size_t size = 0;
  for (; text[size] != '\0'; ++size) {
    const char c = text[size];
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
  }
  return size >= 16;
}

[[noreturn]] void release(const char* hash) {
  if (hash == nullptr || !is_hash(hash)) {
    fail(Failure::usage, "--release: expected the hash of an environment");
  }
  release_kept(hash);
  end(0);
}

[[noreturn]] void report_host() {
  report_failures_as_json("");
  const bool root = probe_host() == Privilege::root;
  print(root ? "{\"schema\":1,\"works\":true,\"how\":\"root\"}\n"
             : "{\"schema\":1,\"works\":true,\"how\":\"user\"}\n");
}

// The entrypoint's path ends the options. When the kernel starts the launcher, it is argument 1.
Request read_request(char** arguments) {
  Request request;
  char** at = arguments + 1;
  for (; *at != nullptr && (*at)[0] == '-' && (*at)[1] == '-'; ++at) {
    const char* option = *at;
    if (same(option, "--command")) {
      request.command = true;
    } else if (same(option, "--pure")) {
      request.pure = true;
    } else if (same(option, "--no-cache")) {
      request.cache = false;
    } else if (same(option, "--probe")) {
      request.probe = true;
    } else if (same(option, "--probe-host")) {
      report_host();
    } else if (same(option, "--release")) {
      release(at[1]);
    } else if (same(option, "--release-all")) {
      release_kept(nullptr);
      end(0);
    } else if (same(option, "--list-variables")) {
      list_variables();
      end(0);
    } else if (same(option, "--help")) {
      print(help);
    } else if (same(option, "--version")) {
      print("cc-ci-enter " CCCI_VERSION "\n");
    } else {
      Line<512> what;
      what.add("unknown option '").add(option).add('\'');
      fail(Failure::usage, what.text());
    }
  }
  if (*at == nullptr) fail(Failure::usage, "expected an entrypoint file");
  request.entrypoint = *at;
  request.arguments = at + 1;
  return request;
}

// An older generation's entrypoint needs the launcher that was made for it. Its '#!' line names it.
[[noreturn]] void start_its_launcher(const char* path) {
  static char line[4096];
  const int fd = kernel::open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const long size = fd < 0 ? fd : kernel::read(fd, line, sizeof line - 1);
  if (size < 3 || line[0] != '#' || line[1] != '!') {
    fail(Failure::entrypoint_damaged, path, "1", "expected '#!' and a launcher");
  }
  char* end = line + 2;
  while (*end != '\0' && *end != '\n') ++end;
  *end = '\0';
  struct statx own = {};
  struct statx named = {};
  if (kernel::stat(AT_FDCWD, "/proc/self/exe", own) == 0 &&
      kernel::stat(AT_FDCWD, line + 2, named) == 0 && kernel::is_same_file(own, named)) {
    fail(Failure::entrypoint_damaged, path, "1", "expected the launcher of an older cc-ci");
  }
  const long result = kernel::call(SYS_execve, kernel::word(line + 2), kernel::word(own_arguments),
                                   kernel::word(own_environment));
  fail(Failure::entrypoint_open, line + 2, reason(result));
}

void load(const char* path) {
  const int fd = kernel::open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) fail(Failure::entrypoint_open, path, reason(fd));
  std::size_t size = 0;
  long got = 0;
  while ((got = kernel::read(fd, file + size, sizeof file - 1 - size)) > 0) {
    size += static_cast<std::size_t>(got);
  }
  kernel::close(fd);
  if (got < 0) fail(Failure::entrypoint_open, path, reason(got));
  const EntrypointFault fault = parse_entrypoint(file, size, view);
  if (fault.what == nullptr && view.format != entrypoint_format) start_its_launcher(path);
  if (fault.what == nullptr) return;
  Line<24> line;
  line.decimal(fault.line);
  fail(fault.newer ? Failure::entrypoint_newer : Failure::entrypoint_damaged, path, line.text(),
       fault.what);
}

// A link `git -> cc-ci-run` runs git. A file executed by descriptor has no name of its own.
bool is_called_as_itself(const char* path) {
  return same(base_name(path), view.name) || starts_with(path, "/dev/fd/");
}

char** plan_words(const Request& request) {
  const char* name = base_name(request.entrypoint);
  if (request.command) {
    if (*request.arguments == nullptr) fail(Failure::usage, "--command: expected a command");
    return request.arguments;
  }
  if (!is_called_as_itself(request.entrypoint)) {
    // The slot before the arguments holds the entrypoint's path, which is no longer needed.
    request.arguments[-1] = const_cast<char*>(name);
    return request.arguments - 1;
  }
  std::size_t count = 0;
  for (std::size_t at = 0; at < view.count; ++at) {
    if (view.values[at].directive == Directive::exec) words[count++] = view.values[at].text;
  }
  if (count == 0) {
    if (*request.arguments == nullptr) fail(Failure::nothing_to_run, request.entrypoint);
    return request.arguments;
  }
  std::size_t more = 0;
  while (request.arguments[more] != nullptr) ++more;
  const std::size_t bytes = (count + more + 1) * sizeof(char*);
  const long memory = kernel::call(SYS_mmap, 0, static_cast<long>(bytes), 3, 0x22, -1);
  if (memory < 0 && memory > -4096) fail(Failure::command_failed, name, reason(memory));
  char** out = reinterpret_cast<char**>(memory);
  for (std::size_t at = 0; at < count; ++at) out[at] = words[at];
  for (std::size_t at = 0; at <= more; ++at) out[count + at] = request.arguments[at];
  return out;
}

struct Entry {
  const char* how = "inside";
  const char* state = "inside";
};

bool is_inside_already(const Entry& entry) { return same(entry.how, "inside"); }

Entry enter(const Request& request) {
  if (is_inside(view)) return {};
  static Workdir workdir;
  workdir.note();
  const Kept kept = request.cache ? enter_kept(view, workdir) : Kept::no;
  if (kept == Kept::joined) return {"joined", "kept"};
  if (kept == Kept::alone) return {"root", "unknown"};
  const Place place = make_place(view);
  workdir.settle();
  return {place.privilege == Privilege::root ? "root" : "user",
          place.composed ? "composed" : "bound"};
}

[[noreturn]] void report(const Request& request, const Entry& entry) {
  static Line<32768> line;
  line.add(R"({"schema":1,"entrypoint":")").json(request.entrypoint);
  line.add(R"(","works":true,"environment":")").add(view.environment);
  line.add(R"(","root":")").json(view.root).add(R"(","how":")").add(entry.how);
  line.add(R"(","state":")").add(entry.state).add("\"}\n");
  kernel::write(1, line.text(), line.size());
  end(0);
}

bool is_set(char** variables, const char* assignment) {
  for (; *variables != nullptr; ++variables) {
    if (same(*variables, assignment)) return true;
  }
  return false;
}

// The kernel sets AT_SECURE if the file's setuid or setgid bits or capabilities took effect.
bool is_elevated(const unsigned long* auxiliary) {
  constexpr unsigned long at_secure = 23;
  for (; auxiliary[0] != 0UL; auxiliary += 2) {
    if (auxiliary[0] == at_secure) return auxiliary[1] != 0UL;
  }
  return false;
}

}  // namespace

int launch(int /*count*/, char** arguments, char** environment, const unsigned long* auxiliary) {
  if (is_elevated(auxiliary)) fail(Failure::setuid);
  own_arguments = arguments;
  own_environment = environment;
  if (arguments[0] == nullptr) fail(Failure::usage, "expected an entrypoint file");
  Request request = read_request(arguments);
  if (request.probe) report_failures_as_json(request.entrypoint);
  if (is_set(environment, "CC_CI_NO_CACHE=1")) request.cache = false;

  load(request.entrypoint);
  char** command = request.probe ? nullptr : plan_words(request);
  const Entry entry = enter(request);
  // As in a service (host/job_view.hpp). A job that starts another one keeps its own umask.
  if (!is_inside_already(entry)) kernel::call(SYS_umask, 0022);
  // From here on the process is inside the environment.
  if (request.probe) report(request, entry);
  execute(view, command, compose_variables(view, environment, request.pure));
}

}  // namespace ccci::enter
