// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <map>
#include <set>

#include "activate/retention.hpp"
#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "project/root_owners.hpp"
#include "store/store.hpp"
#include "store/upkeep.hpp"

namespace ccci::cli {

namespace {

std::string_view damage_name(store::Damage damage) {
  switch (damage) {
    case store::Damage::changed:
      return "changed";
    case store::Damage::missing:
      return "missing";
    case store::Damage::alien:
      return "alien";
    case store::Damage::time:
      return "time";
    case store::Damage::mode:
      return "mode";
    case store::Damage::unreadable:
      return "unreadable";
    case store::Damage::manifest:
      return "manifest";
    case store::Damage::archive:
      return "archive";
  }
  return {};
}

std::string object_name(const store::Finding& finding) {
  if (finding.object.hash.empty()) return finding.object.label;
  return std::string(store::kind_name(finding.object.kind)) + "/" + finding.object.directory();
}

std::string shorten(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos
             ? text.substr(0, 12)
             : text;
}

void print_verification(Invocation& invocation, const store::Verification& verification) {
  if (invocation.json()) {
    base::Json json{{"schema", 1},
                    {"objects", verification.objects},
                    {"files", verification.files},
                    {"bytes", verification.bytes},
                    {"findings", base::Json::array()}};
    for (const store::Finding& finding : verification.findings) {
      json["findings"].push_back({{"damage", damage_name(finding.damage)},
                                  {"object", object_name(finding)},
                                  {"path", finding.path},
                                  {"expected", finding.expected},
                                  {"found", finding.found}});
    }
    invocation.print(json);
    return;
  }
  report::Table table({{.heading = "damage"},
                       {.heading = "object", .elastic = true},
                       {.heading = "path", .elastic = true},
                       {.heading = "expected"},
                       {.heading = "found"}});
  for (const store::Finding& finding : verification.findings) {
    table.row({std::string(damage_name(finding.damage)), object_name(finding), finding.path,
               shorten(finding.expected), shorten(finding.found)});
  }
  invocation.print(table);
  invocation.out().line(base::counted(verification.objects, "object") + ", " +
                        base::counted(verification.files, "file") + ", " +
                        base::human_bytes(verification.bytes) + ": " +
                        (verification.findings.empty()
                             ? "all good"
                             : base::counted(verification.findings.size(), "finding")));
}

base::Result<std::vector<store::Address>> named(const store::Store& store,
                                                const std::vector<std::string>& prefixes) {
  std::vector<store::Address> addresses;
  for (const std::string& prefix : prefixes) {
    CCCI_TRY(store::Address address, store.find(prefix));
    addresses.push_back(std::move(address));
  }
  return addresses;
}

base::Result<int> run_verify(Invocation& invocation) {
  CCCI_TRY(store::Store store, look_at_store(invocation));
  CCCI_TRY(const std::vector<store::Address> only, named(store, invocation.operands()));
  CCCI_TRY(const store::Verification verification,
           store::verify(store, only, invocation.progress()));
  invocation.end_progress();
  print_verification(invocation, verification);
  return verification.findings.empty() ? 0 : 1;
}

base::Result<int> run_repair(Invocation& invocation) {
  CCCI_TRY(store::Store store, open_store(invocation, invocation.has("dry-run")));
  CCCI_TRY(const std::vector<store::Address> only, named(store, invocation.operands()));
  CCCI_TRY(const store::Verification damage, store::verify(store, only, invocation.progress()));
  if (invocation.has("dry-run") || damage.findings.empty()) {
    invocation.end_progress();
    print_verification(invocation, damage);
    return damage.findings.empty() ? 0 : 1;
  }
  CCCI_TRY(const store::Verification left, store::repair(store, damage, invocation.progress()));
  // Objects that cc-ci made itself cannot be repaired from an archive. They are deleted, and the
  // next build makes them again.
  std::set<store::Address> lost;
  for (const store::Finding& finding : left.findings) {
    const bool object = !finding.object.hash.empty();
    const bool there = object && store.has(finding.object);
    if (there && finding.object.kind != store::Kind::package) lost.insert(finding.object);
  }
  for (const store::Address& object : lost) CCCI_CHECK(store::discard(store, object));
  invocation.end_progress();
  print_verification(invocation, left);
  if (left.findings.empty()) return 0;
  return base::unexpected(
      base::fail("cli.beyond-repair").with("number", static_cast<long long>(left.findings.size())));
}

// Who keeps a root: a declaration, a generation of this host, a deployment, or a process.
class Owners {
 public:
  explicit Owners(const store::Store& store)
      : declarations_(project::declarations_of_roots(store)) {
    active_ = activate::Generations(host_layout()).current().value_or(0);
  }

  std::string of(const store::Root& root) const {
    constexpr std::string_view kind = "root ";
    if (!root.name.starts_with(kind)) return "a running job";
    const std::string name = root.name.substr(kind.size());
    if (const std::uint64_t number = activate::generation_of(root); number != 0)
      return "this host's generation" + std::string(number == active_ ? ", active" : "");
    constexpr std::string_view deployed = "deploy.";
    if (name.starts_with(deployed)) return "the last deployment to " + name.substr(deployed.size());
    const auto declaration = declarations_.find(name);
    if (declaration == declarations_.end()) return "unknown";
    std::error_code error;
    const bool gone = !std::filesystem::exists(declaration->second, error) && !error;
    return declaration->second + (gone ? " (gone)" : "");
  }

 private:
  std::map<std::string, std::string> declarations_;
  std::uint64_t active_ = 0;
};

base::Result<int> run_roots(Invocation& invocation) {
  const std::optional<std::string> removed = invocation.value("remove");
  CCCI_TRY(store::Store store, open_store(invocation, !removed));
  if (removed) CCCI_CHECK(store::remove_root(store, *removed));
  CCCI_TRY(std::vector<store::Root> roots, store::roots(store));
  CCCI_TRY(const std::vector<store::Root> in_use, store::roots_in_use(store));
  roots.insert(roots.end(), in_use.begin(), in_use.end());
  const Owners owners(store);
  if (invocation.json()) {
    base::Json json{{"schema", 1}, {"roots", base::Json::array()}};
    for (const store::Root& root : roots) {
      json["roots"].push_back({{"name", root.name},
                               {"kind", store::kind_name(root.object.kind)},
                               {"object", root.object.directory()},
                               {"owner", owners.of(root)}});
    }
    invocation.print(json);
    return 0;
  }
  report::Table table({{.heading = "root"},
                       {.heading = "kind"},
                       {.heading = "object", .elastic = true},
                       {.heading = "owner"}});
  for (const store::Root& root : roots) {
    table.row({root.name, std::string(store::kind_name(root.object.kind)), root.object.directory(),
               owners.of(root)});
  }
  invocation.print(table);
  return 0;
}

command::Operand object_operand() {
  return {.name = "OBJECT", .optional = true, .repeatable = true};
}

}  // namespace

const Command& store_verify_command() {
  static const Command command{
      .name = "store verify",
      .section = "Upkeep",
      .purpose = "read all objects of the store and list damage",
      .operands = {object_operand()},
      .options = {json_option()},
      .prose =
          "Reads every file of every object and every kept archive, and continues after each "
          "finding. OBJECT is the first digits of an object's hash.",
      .statuses = {{"1", "something is damaged, missing or foreign"}},
      .example = "cc-ci store verify",
      .run = &run_verify,
  };
  return command;
}

const Command& store_repair_command() {
  static const Command command{
      .name = "store repair",
      .section = "Upkeep",
      .purpose = "make damaged files again from the kept archives",
      .operands = {object_operand()},
      .options = {dry_run_option(), json_option()},
      .prose =
          "Verifies first. Writes each damaged file again, as a new inode, in every object that "
          "shares it.",
      .statuses = {{"1", "with --dry-run: something is damaged"},
                   {"3", "not everything could be repaired"}},
      .example = "cc-ci store repair",
      .run = &run_repair,
  };
  return command;
}

const Command& store_roots_command() {
  static const Command command{
      .name = "store roots",
      .section = "Upkeep",
      .purpose = "list the roots that keep objects from being removed",
      .options = {{.name = "remove", .value = "ROOT", .help = "remove an explicit root"},
                  json_option()},
      .prose =
          "Lists explicit roots, which cc-ci build, switch and deploy make, and the environments "
          "of "
          "running processes. The owner is the declaration that was built, a generation of this "
          "host "
          "or a deployment. An owner that is unknown was built by an older cc-ci, or the root was "
          "made by hand.",
      .example = "cc-ci store roots",
      .run = &run_roots,
  };
  return command;
}

}  // namespace ccci::cli
