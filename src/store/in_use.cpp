// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/in_use.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include "base/directory.hpp"
#include "base/text.hpp"
#include "store/tree.hpp"

namespace ccci::store {

namespace {

constexpr std::uint64_t largest_proc_file = 8U << 20U;
constexpr std::string_view marker = "CC_CI_ENVIRONMENT=";

std::string_view marked(std::string_view variables) {
  for (const std::string_view variable : base::split(variables, '\0')) {
    if (variable.starts_with(marker)) return variable.substr(marker.size());
  }
  return {};
}

bool is_number(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char byte) { return byte >= '0' && byte <= '9'; });
}

std::string namespace_of(const std::filesystem::path& process) {
  std::error_code error;
  return std::filesystem::read_symlink(process / "ns/mnt", error).native();
}

class Search {
 public:
  explicit Search(const std::vector<Address>& candidates) : candidates_(candidates) {}

  std::vector<Root> found;
  std::optional<base::Error> failure;  // a process that could not be looked at

  void look_at(const std::filesystem::path& process) {
    const std::string variables = read_or_empty(process / "environ");
    const std::string_view hash = marked(variables);
    const std::vector<bool>& mounted = mounted_in(process);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!mounted[i] && candidates_[i].hash != hash) continue;
      const std::string command = read_or_empty(process / "comm");
      found.push_back({"process " + process.filename().native() + " (" +
                           base::printable(base::trim(command)) + ")",
                       candidates_[i]});
    }
  }

 private:
  // A process may have ended or belong to another user: then it says nothing.
  std::string read_or_empty(const std::filesystem::path& path) {
    auto text = base::read_file(path, largest_proc_file);
    if (text) return std::move(*text);
    for (const int number : {EMFILE, ENFILE, ENOMEM, EIO}) {
      if (text.error().number == number) failure = std::move(text).error();
    }
    return {};
  }

  // Most processes share one namespace, so it is read once.
  const std::vector<bool>& mounted_in(const std::filesystem::path& process) {
    const std::string name = namespace_of(process);
    const auto known = name.empty() ? by_namespace_.end() : by_namespace_.find(name);
    if (known != by_namespace_.end()) return known->second;
    const std::string mountinfo = read_or_empty(process / "mountinfo");
    std::vector<bool> mounted(candidates_.size());
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      mounted[i] = mounts(mountinfo, candidates_[i]);
    }
    return by_namespace_[name] = std::move(mounted);
  }

  const std::vector<Address>& candidates_;
  std::map<std::string, std::vector<bool>> by_namespace_;
};

// The kernel gives this number to the pid namespace in which it boots (include/linux/proc_ns.h).
constexpr std::string_view first_pid_namespace = "pid:[4026531836]";

// If another process opens a file of which we have a lease, we get SIGIO, which would end us.
class WithoutLeaseSignal {
 public:
  WithoutLeaseSignal() : before_(signal(SIGIO, SIG_IGN)) {}
  ~WithoutLeaseSignal() { signal(SIGIO, before_); }
  WithoutLeaseSignal(const WithoutLeaseSignal&) = delete;
  WithoutLeaseSignal& operator=(const WithoutLeaseSignal&) = delete;

 private:
  void (*before_)(int);
};

// The kernel gives a write lease only if nobody else has the file open. A running program keeps its
// file and its libraries open. So this also finds processes that /proc does not show.
bool is_open_elsewhere(int parent, const char* name) {
  const base::Fd file(openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return false;
  if (fcntl(file.get(), F_SETLEASE, F_WRLCK) != 0) return errno == EAGAIN;
  fcntl(file.get(), F_SETLEASE, F_UNLCK);
  return false;
}

bool any_open_elsewhere(int directory) {
  const auto enter = [](const Node& node) {
    if (!S_ISREG(node.status.st_mode)) return Step::on;
    const bool runs = (node.status.st_mode & 0111U) != 0 ||
                      std::string_view(node.name).find(".so") != std::string_view::npos;
    return runs && is_open_elsewhere(node.parent, node.name) ? Step::stop : Step::on;
  };
  const auto whole =
      walk(directory, {.enter = enter, .leave = {}, .unreadable = [](const std::string&, int) {}});
  return whole && !*whole;
}

}  // namespace

std::vector<Root> held_elsewhere(int directory, const std::vector<Address>& candidates) {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/ns/pid", error);
  if (error || own.native() == first_pid_namespace) return {};
  const WithoutLeaseSignal quiet;
  std::vector<Root> found;
  for (const Address& address : candidates) {
    const auto root = base::open_in_root(directory, address.directory() + "/root",
                                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (root && any_open_elsewhere(root->get())) {
      found.push_back({"process of another container", address});
    }
  }
  return found;
}

bool mounts(std::string_view mountinfo, const Address& object) {
  constexpr std::size_t root_field = 3;
  const std::string component = "/" + object.directory() + "/";
  for (const std::string_view line : base::split(mountinfo, '\n')) {
    const std::vector<std::string_view> fields = base::split(line, ' ');
    if (fields.size() <= root_field) continue;
    if ((std::string(fields[root_field]) + "/").find(component) != std::string::npos) return true;
  }
  return false;
}

base::Result<std::vector<Root>> in_use(const std::vector<Address>& candidates,
                                       const std::filesystem::path& proc) {
  Search search(candidates);
  CCCI_TRY(const auto processes, base::entries_of(proc));
  for (const auto& process : processes) {
    if (is_number(process.path().filename().native())) search.look_at(process.path());
  }
  if (search.failure) return base::unexpected(*std::move(search.failure));
  std::sort(search.found.begin(), search.found.end(),
            [](const Root& a, const Root& b) { return a.name < b.name; });
  return std::move(search.found);
}

base::Result<std::vector<Root>> roots_in_use(const Store& store) {
  CCCI_TRY(std::vector<Address> environments, store.list(Kind::environment));
  CCCI_TRY(std::vector<Root> found, in_use(environments));
  std::erase_if(environments, [&](const Address& address) {
    return std::any_of(found.begin(), found.end(),
                       [&](const Root& root) { return root.object == address; });
  });
  for (Root& root : held_elsewhere(store.directory(Kind::environment), environments)) {
    found.push_back(std::move(root));
  }
  return found;
}

}  // namespace ccci::store
