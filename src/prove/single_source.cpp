// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include "base/text.hpp"
#include "prove/consumers.hpp"
#include "prove/proofs.hpp"
#include "prove/vocabulary.hpp"

namespace ccci::prove {

namespace {

struct Judged {
  std::vector<std::string> repeats;
  std::vector<std::string> adds;
};

Judged judge(const Finding& finding, const Vocabulary& vocabulary) {
  Judged out;
  std::set<std::string_view> seen;
  for (const Mention& mention : finding.tools) {
    if (vocabulary.is_entrypoint(mention.name) || !seen.insert(mention.name).second) continue;
    (vocabulary.any(mention.name, mention.module) ? out.repeats : out.adds).push_back(mention.name);
  }
  return out;
}

std::string about_path(const Finding& finding) {
  const std::string directories = listed(finding.directories, 4);
  switch (finding.side) {
    case Side::front:
      return finding.what + " puts " + directories + " in front";
    case Side::back:
      return finding.what + " adds " + directories + " behind";
    default:
      return finding.what + " is replaced by " + directories;
  }
}

// Why the finding contradicts a single source; empty if it does not.
std::string charge(const Finding& finding, const Judged& judged) {
  if (finding.kind == Kind::path) return about_path(finding);
  if (judged.repeats.empty() && judged.adds.empty())
    return finding.tools.empty() ? finding.what + " installs a list from elsewhere" : "";
  if (!finding.certain && judged.repeats.empty()) return {};
  std::string out = finding.what;
  if (!judged.repeats.empty()) out += " repeats " + listed(judged.repeats);
  if (!judged.adds.empty())
    out += std::string(judged.repeats.empty() ? "" : ";") + " adds " + listed(judged.adds);
  return out;
}

base::Json fact(const Finding& finding, const Judged& judged) {
  base::Json out{{"file", finding.file},     {"line", finding.line},
                 {"column", finding.column}, {"kind", name(finding.kind)},
                 {"what", finding.what},     {"repeats", judged.repeats},
                 {"adds", judged.adds},      {"excerpt", finding.excerpt}};
  if (finding.kind == Kind::path) out["directories"] = finding.directories;
  return out;
}

std::string position(const Finding& finding) {
  return finding.file + ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column);
}

// The entry of `ignore` for the path: the path itself, or a directory above it.
const std::string* excuse(const Reasons& ignore, const std::string& path) {
  for (std::string_view part = path;;) {
    auto found = ignore.find(std::string(part));
    if (found == ignore.end()) found = ignore.find(std::string(part) + "/");
    if (found != ignore.end()) return &found->first;
    const std::size_t slash = part.rfind('/');
    if (slash == std::string_view::npos) return nullptr;
    part = part.substr(0, slash);
  }
}

// Whether the file is a part of the declaration: [sources.pypi] names it, or a file that it names,
// or it is the package.json of a declared lock of npm.
bool is_declared_list(const declare::Declaration& declaration, const std::string& path) {
  for (const auto* files : {&declaration.pypi.files, &declaration.npm.files}) {
    for (const auto& [name, text] : *files) {
      if (path == name || path.ends_with("/" + name)) return true;
    }
  }
  return false;
}

void search(const declare::Declaration& declaration, const std::vector<Reading>& repository,
            const Reasons& ignore, const Vocabulary& vocabulary, Draft& draft) {
  base::Json findings = base::Json::array();
  std::map<std::string, std::size_t> excused;
  for (const Reading& reading : repository) {
    if (is_declared_list(declaration, reading.file)) continue;
    const std::string* key = excuse(ignore, reading.file);
    if (!reading.unavailable.empty() && key == nullptr)
      draft.lacks(reading.file + ": not read to its end: " + reading.unavailable);
    for (const Finding& finding : reading.findings) {
      const Judged judged = judge(finding, vocabulary);
      const std::string says = charge(finding, judged);
      if (says.empty()) continue;
      if (key != nullptr) {
        ++excused[*key];
        continue;
      }
      draft.fails(position(finding) + ": " + says);
      findings.push_back(fact(finding, judged));
    }
  }
  base::Json shown = base::Json::array();
  for (const auto& [path, reason] : ignore) {
    const auto found = excused.find(path);
    const std::size_t count = found == excused.end() ? 0 : found->second;
    draft.notes(count == 0 ? "[prove.ignore] '" + path + "' is stale: it excuses nothing"
                           : "excused: " + path + ": " + reason + " (" +
                                 base::counted(count, "finding") + ")");
    shown.push_back({{"path", path}, {"reason", reason}, {"findings", count}});
  }
  draft.fact("findings", std::move(findings));
  draft.fact("ignored", std::move(shown));
}

void look_at(const std::vector<Consumer>& consumers, const std::string& environment, Draft& draft) {
  for (const Consumer& consumer : consumers) {
    const std::string who = where(consumer.host, consumer.name);
    for (const Finding& own : consumer.own) {
      std::string says = about_path(own);
      if (own.kind != Kind::path) {
        std::vector<std::string> names;
        for (const Mention& mention : own.tools) names.push_back(mention.name);
        says = own.what + " lists " + listed(names);
      }
      draft.fails(who + ": " + position(own) + ": " + says);
    }
    if (!consumer.unavailable.empty()) {
      draft.lacks(who + ": " + consumer.unavailable);
    } else if (!environment.empty() && consumer.environment != environment) {
      draft.fails(who + ": refers to environment " +
                  (consumer.environment.empty() ? "none" : consumer.environment.substr(0, 12)) +
                  ", not to the shared " + environment.substr(0, 12));
    }
  }
}

}  // namespace

Proof single_source(const declare::Declaration& declaration, const std::vector<Reading>& repository,
                    const Reasons& ignore, const std::vector<Consumer>& consumers,
                    const std::string& environment) {
  Draft draft("single-source");
  const Vocabulary vocabulary(declaration);
  for (const auto& [name, host] : declaration.hosts)
    for (const declare::Name& extra : host.extra_tools)
      if (vocabulary.shared(extra.text))
        draft.fails("host '" + name + "': extra tool '" + extra.text + "' is shared already");
  search(declaration, repository, ignore, vocabulary, draft);
  look_at(consumers, environment, draft);
  if (environment.empty()) draft.lacks("the shared environment is not built");
  const std::vector<std::string> missing = unseen(declaration, seen(consumers));
  if (!missing.empty()) draft.lacks("not looked at: " + listed(missing, 4));
  draft.fact("files", repository.size());
  draft.fact("consumers", consumers.size());
  return std::move(draft).done(base::counted(declaration.tools.size(), "tool") + " and " +
                               base::counted(declaration.python.size(), "Python module") +
                               " declared once; " + base::counted(repository.size(), "file") +
                               " and " + base::counted(consumers.size(), "consumer") +
                               " hold no other list");
}

}  // namespace ccci::prove
