// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <set>

#include "base/text.hpp"
#include "prove/proofs.hpp"

namespace ccci::prove {

namespace {

constexpr std::array every_kind{ProbeKind::by_name, ProbeKind::by_path, ProbeKind::preload,
                                ProbeKind::inherited_path, ProbeKind::cleared_environment};

void look_at(const Probe& probe, Draft& draft, std::map<ProbeKind, int>& telling) {
  const std::string attempt = "'" + probe.tool + "' " + std::string(name(probe.kind));
  const std::string saw = probe.saw.empty() ? "" : " (" + probe.saw + ")";
  if (!probe.unavailable.empty()) {
    draft.notes(attempt + ": not tried: " + probe.unavailable);
  } else if (!probe.refused) {
    draft.fails(attempt + ": runs inside" + saw);
    ++telling[probe.kind];
  } else if (!probe.works_outside) {
    draft.notes(attempt + ": fails outside too, which proves nothing");
  } else {
    draft.notes(attempt + ": refused" + saw);
    ++telling[probe.kind];
  }
}

// The entry that [runtime] host_files can name: directly below these; other paths whole.
std::string place_of(const std::string& path) {
  for (const std::string_view base : {"/opt/", "/srv/", "/var/lib/", "/var/cache/", "/var/www/"}) {
    if (path.starts_with(base)) return path.substr(0, path.find('/', base.size()));
  }
  return path;
}

struct SeenAt {
  std::string file;  // the first one seen
  std::set<std::string> packages;
  std::size_t files = 0;
};

std::string of_packages(const std::set<std::string>& packages) {
  return std::string(packages.size() == 1 ? "package " : "packages ") +
         base::join(std::vector<std::string>(packages.begin(), packages.end()), ", ");
}

// One line for each place: a package has many files in one. Returns the evidence.
std::string judge_host_files(const Inside& inside, Draft& draft) {
  std::map<std::string, SeenAt> undeclared;
  std::map<std::string, SeenAt> declared;
  std::size_t count = 0;
  for (const SeenHostFile& file : inside.host_files) {
    SeenAt& place =
        file.declared.empty() ? undeclared[place_of(file.path)] : declared[file.declared];
    if (place.files++ == 0) place.file = file.path;
    place.packages.insert(file.package);
    if (!file.declared.empty()) ++count;
  }
  for (const auto& [path, place] : undeclared) {
    // The environment never has what lies in these, so declaring the package would change nothing.
    const bool always = path.starts_with("/srv/") || path.starts_with("/var/www/");
    draft.fails(place.file + ": a job sees this file of the host's " + of_packages(place.packages) +
                "; declare " +
                (always                       ? ""
                 : place.packages.size() == 1 ? "the package, or "
                                              : "them, or ") +
                path + " under [runtime] host_files");
  }
  for (const auto& [path, place] : declared) {
    draft.notes(path + ": declared under host_files; jobs see " +
                base::counted(place.files, "file") + " of the host's " +
                of_packages(place.packages));
  }
  draft.fact("host_package_files", inside.host_files_looked_for);
  draft.fact("host_package_files_declared", count);
  if (inside.host_files_looked_for == 0) return {};
  const std::string all = base::counted(inside.host_files_looked_for, "file") + " of host packages";
  return count == 0 ? "; none of " + all + " is seen"
                    : "; of " + all + ", " + std::to_string(count) + (count == 1 ? " is" : " are") +
                          " seen, as declared";
}

}  // namespace

Proof closed(const std::string& environment, const Inside& inside) {
  Draft draft("closed");
  if (!inside.unavailable.empty()) {
    draft.lacks(inside.unavailable);
    return std::move(draft).done({});
  }
  if (environment.empty()) {
    draft.lacks("the shared environment is not built");
  } else if (inside.environment != environment) {
    draft.fails("inside is environment " +
                (inside.environment.empty() ? "none" : inside.environment.substr(0, 12)) +
                ", expected " + environment.substr(0, 12));
  }
  if (inside.commands.empty()) draft.lacks("no command on PATH was looked up");
  for (const Resolved& command : inside.commands) {
    if (command.unplanned) {
      draft.fails(command.directory + "/" + command.name +
                  ": is on PATH, but the environment's record does not name it");
    }
    if (command.within) continue;
    draft.fails(command.directory + "/" + command.name +
                (command.target.empty() ? ": leads nowhere"
                                        : ": leads to " + command.target + ", outside the root"));
  }
  std::map<ProbeKind, int> telling;
  base::Json probes = base::Json::array();
  for (const Probe& probe : inside.probes) {
    look_at(probe, draft, telling);
    probes.push_back({{"kind", name(probe.kind)},
                      {"tool", probe.tool},
                      {"works_outside", probe.works_outside},
                      {"refused", probe.refused},
                      {"saw", probe.saw}});
  }
  for (const ProbeKind kind : every_kind)
    if (telling[kind] == 0)
      draft.lacks("no probe " + std::string(name(kind)) + " that works outside");
  std::uint64_t refused = 0;
  for (const auto& [kind, count] : telling) refused += static_cast<std::uint64_t>(count);
  const std::string host_files = judge_host_files(inside, draft);
  draft.fact("commands", inside.commands.size());
  draft.fact("probes", std::move(probes));
  return std::move(draft).done(base::counted(inside.commands.size(), "command") +
                               (inside.commands.size() == 1 ? " resolves" : " resolve") +
                               " within the root; " + base::counted(refused, "probe") + " refused" +
                               host_files);
}

}  // namespace ccci::prove
