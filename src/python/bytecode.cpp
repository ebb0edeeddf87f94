// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/bytecode.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "python/sealed_root.hpp"
#include "python/tags.hpp"
#include "store/budget.hpp"
#include "store/meta.hpp"
#include "store/tree_writer.hpp"
#include "store/wheel.hpp"

namespace ccci::python {

namespace {

using environment::Part;

constexpr const char* compile_place = "var/lib/cc-ci-compiler";
constexpr std::uint64_t largest_module = 256U << 20U;
constexpr std::uint64_t compiler_memory = 4ULL << 30U;

// The byte code must be the same on every machine. So the hash of the source replaces its time, and
// the code goes once through a form without references (marshal 2): otherwise the result would
// depend on which of the interpreter's own objects a constant happens to share. Two processes, each
// with a fixed half of the files, use both cores of a small machine.
constexpr std::string_view compiler = R"py(
import _imp, gc, importlib.util, marshal, os, sys

gc.disable()
sys.setrecursionlimit(4000)


def compile_one(path):
    with open(path, 'rb') as file:
        source = file.read()
    try:
        code = compile(source, path, 'exec', dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, OverflowError):
        return
    data = marshal.dumps(marshal.loads(marshal.dumps(code, 2)))
    target = importlib.util.cache_from_source(path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, 'wb') as file:
        file.write(importlib.util.MAGIC_NUMBER + (1).to_bytes(4, 'little') +
                   importlib.util.source_hash(source) + data)


with open(os.path.dirname(os.path.abspath(__file__)) + '/modules') as file:
    modules = file.read().split('\n')[:-1]
half = 0 if os.fork() else 1
for module in modules[half::2]:
    compile_one('/' + module)
if half == 0:
    status = os.wait()[1]
    if status == 0:
        open(os.path.dirname(os.path.abspath(__file__)) + '/done', 'w').close()
)py";

bool is_module(std::string_view path) {
  return path.ends_with(".py") && path.find('\n') == std::string_view::npos &&
         (path.starts_with("usr/lib/python3") || path.starts_with(store::python_modules));
}

struct Work {
  std::vector<Part> parts;           // of the root: the interpreter, and what is compiled
  std::vector<std::string> modules;  // sorted
  std::string inputs;
};

// The packages that the interpreter needs to run.
std::set<std::string> interpreter(const std::vector<Part>& parts) {
  std::map<std::string, const Part*> by_name;
  for (const Part& part : parts) by_name.emplace(part.package.name, &part);
  std::set<std::string> names;
  std::deque<std::string> open{"python3"};
  while (!open.empty()) {
    const std::string name = std::move(open.front());
    open.pop_front();
    const auto part = by_name.find(name);
    if (part == by_name.end() || !names.insert(name).second) continue;
    const auto& depends = part->second->package.depends;
    open.insert(open.end(), depends.begin(), depends.end());
  }
  return names;
}

Work plan_work(const std::vector<Part>& parts, source::Origin origin, int minor) {
  const std::set<std::string> needed = interpreter(parts);
  Work work;
  work.inputs = "bytecode 1 " + std::to_string(minor) + "\n";
  std::set<std::string> modules;
  std::set<std::string> there;
  for (const Part& part : parts) {
    if (part.generated) continue;
    bool compiled = false;
    for (const store::Entry& entry : part.manifest.entries) {
      if (entry.type != store::Entry::Type::file) continue;
      if (entry.path.ends_with(".pyc")) there.insert(entry.path);
      if (part.package.origin != origin || !is_module(entry.path)) continue;
      compiled = true;
      modules.insert(entry.path);
    }
    if (!compiled && !needed.contains(part.package.name)) continue;
    work.parts.push_back(part);
    work.inputs += store::reference(part.object) + (compiled ? " compiled\n" : "\n");
  }
  for (const std::string& module : modules) {
    if (!there.contains(bytecode_path(module, minor))) work.modules.push_back(module);
  }
  return work;
}

base::Result<seal::SealedOutcome> compile(const SealedRoot& root) {
  seal::SealedRun run;
  run.memory_limit = compiler_memory;
  run.commands = {{"/usr/bin/python3", "-S", "-s", "-W", "ignore",
                   std::string("/") + compile_place + "/compiler.py"}};
  run.variables = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC0", "PYTHONHASHSEED=0",
                   "PYTHONDONTWRITEBYTECODE=1"};
  return root.run(std::move(run));
}

// Takes only the files that were expected.
base::Result<store::WrittenTree> collect(const seal::SealedOutcome& outcome, const Work& work,
                                         int minor, int root) {
  store::Budget budget({}, largest_module);
  store::TreeWriter tree(root, store::Shape::as_is, budget, store::Times::own);
  for (const std::string& module : work.modules) {
    const std::string path = bytecode_path(module, minor);
    auto file = base::open_in_root(outcome.upper.get(), path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!file) continue;
    CCCI_TRY(const std::string code, base::read_fd(file->get(), largest_module, path));
    CCCI_CHECK(tree.begin_file(path, false, std::nullopt));
    CCCI_CHECK(tree.data(code));
    CCCI_CHECK(tree.end_file());
  }
  return tree.finish();
}

base::Result<void> fill(store::Store& store, const Work& work, int minor, store::Staging& staging) {
  std::string list;
  for (const std::string& module : work.modules) list += module + "\n";
  const std::string below = std::string(compile_place) + "/";
  CCCI_TRY(const SealedRoot root,
           SealedRoot::make(store, work.parts,
                            {{.path = compile_place, .directory = true},
                             {.path = below + "compiler.py", .content = std::string(compiler)},
                             {.path = below + "modules", .content = list}}));
  CCCI_TRY(const seal::SealedOutcome outcome, compile(root));
  if (!base::open_in_root(outcome.upper.get(), below + "done", O_PATH | O_NOFOLLOW)) {
    const std::size_t shown = std::min<std::size_t>(outcome.output.size(), 400);
    return base::unexpected(base::fail("python.bytecode")
                                .with("output", base::printable_lines(outcome.output.substr(
                                                    outcome.output.size() - shown))));
  }
  if (mkdirat(staging.directory(), "root", 0755) != 0) {
    return base::unexpected(base::fail("base.mkdir").with("path", "root").with_errno(errno));
  }
  CCCI_TRY(const base::Fd into,
           base::open_in_root(staging.directory(), "root", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  CCCI_TRY(const store::WrittenTree tree, collect(outcome, work, minor, into.get()));
  staging.root_is_normal();
  return store::write_content(staging, tree.manifest, tree.digest,
                              base::Json{{"bytecode", work.modules.size()}});
}

}  // namespace

std::string bytecode_path(const std::string& module, int minor) {
  const std::size_t slash = module.rfind('/');
  const std::size_t start = slash == std::string::npos ? 0 : slash + 1;
  return module.substr(0, start) + "__pycache__/" +
         module.substr(start, module.size() - start - std::string_view(".py").size()) +
         ".cpython-3" + std::to_string(minor) + ".pyc";
}

base::Result<std::vector<Part>> bytecode(store::Store& store, const std::vector<Part>& parts,
                                         base::Progress& progress) {
  std::vector<Part> made;
  const auto python = std::find_if(parts.begin(), parts.end(),
                                   [](const Part& part) { return part.package.name == "python3"; });
  const bool any = std::any_of(parts.begin(), parts.end(), [](const Part& part) {
    return part.package.origin == source::Origin::pypi;
  });
  const auto target =
      any && python != parts.end() ? target_of(python->package.version, "") : std::nullopt;
  if (!target) return made;
  for (const source::Origin origin : {source::Origin::debian, source::Origin::pypi}) {
    const Work work = plan_work(parts, origin, target->minor);
    if (work.modules.empty()) continue;
    const bool wheels = origin == source::Origin::pypi;
    const store::Address address =
        store::address(store::Kind::configuration,
                       wheels ? "byte-code-of-wheels" : "byte-code-of-debian", work.inputs);
    CCCI_TRY(std::optional<store::Staging> staging, store.claim(address));
    if (staging) {
      progress.advance(0, "compiling " + std::to_string(work.modules.size()) + " Python modules");
      CCCI_CHECK(fill(store, work, target->minor, *staging));
      CCCI_CHECK(store.publish(std::move(*staging)));
    }
    CCCI_TRY(Part part, environment::read_generated(store, address));
    made.push_back(std::move(part));
  }
  return made;
}

}  // namespace ccci::python
