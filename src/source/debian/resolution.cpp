// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/resolution.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace ccci::source::debian {

namespace {

std::set<std::string> names(const std::vector<Wanted>& wanted) {
  std::set<std::string> result;
  for (const Wanted& one : wanted) result.insert(one.package);
  return result;
}

void insert_sorted(std::vector<std::string>& list, const std::string& word) {
  const auto place = std::lower_bound(list.begin(), list.end(), word);
  if (place == list.end() || *place != word) list.insert(place, word);
}

class Resolution {
 public:
  Resolution(Catalogue& catalogue, Query query, base::Progress& progress)
      : catalogue_(catalogue), query_(std::move(query)), progress_(progress) {}

  base::Result<std::vector<Package>> run() {
    std::erase_if(query_.shared,
                  [&](const Wanted& one) { return one.optional && !known(one.package); });
    CCCI_CHECK(check_names());
    find_recommended();
    CCCI_CHECK(resolve_shared());
    CCCI_CHECK(resolve_hosts());
    CCCI_CHECK(resolve_images());
    std::vector<Package> packages;
    for (auto& [name, package] : packages_) packages.push_back(std::move(package));
    return packages;
  }

 private:
  // Reports all unknown names at once.
  base::Result<void> check_names() {
    std::vector<base::Error> errors;
    std::set<std::string> told;
    const auto check = [&](const std::vector<Wanted>& wanted) {
      for (const Wanted& one : wanted) {
        if (known(one.package) || !told.insert(one.package).second) continue;
        errors.push_back(catalogue_.unknown(one));
      }
    };
    check(query_.shared);
    for (const auto& [host, wanted] : query_.hosts) check(wanted);
    for (const auto& [name, image] : query_.images) check(image.wanted);
    if (errors.empty()) return {};
    return base::unexpected(base::together(std::move(errors)));
  }

  bool known(const std::string& name) {
    return catalogue_.kept().count(name) != 0 || !catalogue_.candidate(name).end();
  }

  // Of each group of alternatives, the one of the earlier lock is chosen, else the first that
  // libapt would install. What no index has is left out, as apt does.
  void find_recommended() {
    const auto add = [&](const std::vector<Wanted>& wanted) {
      for (const Wanted& one : wanted) {
        if (!one.recommends) continue;
        const auto kept = catalogue_.kept().find(one.package);
        const auto version =
            kept == catalogue_.kept().end() ? catalogue_.candidate(one.package) : kept->second;
        std::set<std::string>& chosen = recommended_[one.package];
        each_recommendation(version, [&](const Targets& targets, const auto&, const auto&) {
          auto target = satisfier(targets, catalogue_.kept());
          for (auto at = targets.begin(); target.end() && at != targets.end(); ++at) {
            const auto candidate = catalogue_.candidate(at->ParentPkg().Name());
            if (candidate == *at) target = candidate;
          }
          if (!target.end()) chosen.insert(target.ParentPkg().Name());
        });
      }
    };
    add(query_.shared);
    for (const auto& [host, wanted] : query_.hosts) add(wanted);
    for (const auto& [name, image] : query_.images) add(image.wanted);
  }

  std::set<std::string> roots_of(const std::vector<Wanted>& wanted) const {
    std::set<std::string> roots = names(wanted);
    for (const Wanted& one : wanted) {
      const auto more = recommended_.find(one.package);
      if (more != recommended_.end()) roots.insert(more->second.begin(), more->second.end());
    }
    return roots;
  }

  // For the lock, a recommended package is a dependency of the package that recommends it.
  void record_recommended(const std::vector<Wanted>& wanted) {
    for (const Wanted& one : wanted) {
      const auto more = recommended_.find(one.package);
      if (more == recommended_.end()) continue;
      for (const std::string& name : more->second) {
        insert_sorted(packages_.at(one.package).depends, name);
        insert_sorted(packages_.at(name).because, "package " + one.package);
      }
    }
  }

  base::Result<void> resolve_shared() {
    CCCI_TRY(essential_, catalogue_.essential());
    Task task{.roots = roots_of(query_.shared), .fixed = {}, .kept = catalogue_.kept()};
    task.roots.insert(essential_.begin(), essential_.end());
    Solution solution = solve_in_order(task);
    if (solution.chosen.empty() && !task.roots.empty()) {
      return base::unexpected(conflict_error(solution.conflicts, query_.shared, {}));
    }
    shared_ = solution.chosen;
    taken_ = shared_;
    CCCI_CHECK(record(shared_, {"shared"}, Covering::own));
    record_recommended(query_.shared);
    for (const Wanted& one : query_.shared) {
      insert_sorted(packages_.at(one.package).because, one.because);
    }
    for (const std::string& name : essential_) {
      insert_sorted(packages_.at(name).because, "essential");
    }
    return {};
  }

  // Hosts that want the same packages get the same result. So each set is solved only once, for the
  // first of these hosts.
  base::Result<void> resolve_hosts() {
    std::map<std::set<std::string>, std::vector<std::string>> same;
    for (const auto& [host, wanted] : query_.hosts) same[roots_of(wanted)].push_back(host);
    // A single set is too fast for a progress message.
    const bool told = same.size() > 1;
    if (told) {
      progress_.begin("solving for hosts' extra tools", same.size(), base::Progress::Unit::things);
    }
    for (const auto& [host, wanted] : query_.hosts) {
      const std::set<std::string> roots = roots_of(wanted);
      const std::vector<std::string>& hosts = same.at(roots);
      if (hosts.front() != host) continue;
      CCCI_CHECK(resolve_host(roots, wanted, hosts));
      if (told) progress_.advance(1, host);
    }
    if (told) progress_.end();
    for (const auto& [host, wanted] : query_.hosts) {
      record_recommended(wanted);
      for (const Wanted& one : wanted) {
        insert_sorted(packages_.at(one.package).because, one.because);
      }
    }
    return {};
  }

  // `hosts` is sorted. An error names only the first host.
  base::Result<void> resolve_host(const std::set<std::string>& roots,
                                  const std::vector<Wanted>& wanted,
                                  const std::vector<std::string>& hosts) {
    // Names are unique in the lock. So packages of an earlier host must keep their version here.
    Task task{.roots = roots, .fixed = taken_, .kept = catalogue_.kept()};
    for (const auto& [name, version] : shared_) task.roots.insert(name);
    Solution solution = solve_in_order(task);
    if (solution.chosen.empty() && !task.roots.empty()) {
      return base::unexpected(conflict_error(solution.conflicts, wanted, hosts.front()));
    }
    taken_.insert(solution.chosen.begin(), solution.chosen.end());
    return record(solution.chosen, hosts, Covering::beside_shared);
  }

  // An image has its own closure. It has the versions of the environment, because names are unique
  // in the lock.
  base::Result<void> resolve_images() {
    for (const auto& [name, image] : query_.images) {
      Task task{.roots = roots_of(image.wanted), .fixed = taken_, .kept = catalogue_.kept()};
      if (image.essential) task.roots.insert(essential_.begin(), essential_.end());
      Solution solution = solve_in_order(task);
      if (solution.chosen.empty() && !task.roots.empty()) {
        return base::unexpected(conflict_error(solution.conflicts, image.wanted, {}));
      }
      taken_.insert(solution.chosen.begin(), solution.chosen.end());
      CCCI_CHECK(record(solution.chosen, {image_set(name)}, Covering::own));
      record_recommended(image.wanted);
      for (const Wanted& one : image.wanted) {
        insert_sorted(packages_.at(one.package).because, one.because);
      }
    }
    return {};
  }

  // own: the closure is complete. beside_shared: packages of the shared closure are left out.
  enum class Covering { own, beside_shared };

  // Debian's packages are chosen first, as if the other archives had only what is asked of them by
  // name. These choices then stand: what else comes from another archive must get along with them.
  Solution solve_in_order(Task task) {
    if (catalogue_.others().empty()) return solve(catalogue_.file(), catalogue_.states(), task);
    Task ground = task;
    for (const std::string& name : catalogue_.others()) ground.roots.erase(name);
    for (const std::string& name : catalogue_.passing()) ground.fixed.erase(name);
    catalogue_.show_passing(false);
    const Solution first = solve(catalogue_.file(), catalogue_.states(), ground);
    catalogue_.show_passing(true);
    if (first.chosen.empty() && !ground.roots.empty()) return first;
    for (const auto& [name, version] : first.chosen) {
      task.roots.insert(name);
      task.fixed.emplace(name, version);
    }
    return solve(catalogue_.file(), catalogue_.states(), task);
  }

  // Adds the packages of the solution to the sets, and their dependencies in this solution.
  base::Result<void> record(const Versions& solution, const std::vector<std::string>& sets,
                            Covering covering) {
    const bool own = covering == Covering::own;
    for (const auto& [name, version] : solution) {
      if (!own && shared_.count(name) != 0) continue;
      auto found = packages_.find(name);
      if (found == packages_.end()) {
        CCCI_TRY(Package package, catalogue_.describe(version));
        found = packages_.emplace(name, std::move(package)).first;
      }
      for (const std::string& set : sets) insert_sorted(found->second.sets, set);
    }
    for (const auto& [name, version] : solution) {
      if (!own && shared_.count(name) != 0) continue;
      // clang 14 cannot capture a structured binding in a lambda, except under a new name.
      each_dependency(version, [&, &from = name](const Targets& targets, const auto&, const auto&) {
        const auto target = satisfier(targets, solution);
        if (target.end()) return;
        const std::string other = target.ParentPkg().Name();
        if (other == from) return;
        insert_sorted(packages_.at(from).depends, other);
        insert_sorted(packages_.at(other).because, "package " + from);
      });
    }
    return {};
  }

  base::Error conflict_error(const std::vector<Conflict>& conflicts,
                             const std::vector<Wanted>& wanted, const std::string& host) const {
    std::vector<std::string> sentences;
    std::set<std::string> roots;
    for (const Conflict& conflict : conflicts) {
      std::string sentence = conflict.sentence;
      if (conflict.chain.size() > 1) {
        sentence += " (wanted by " + base::join(conflict.chain, " -> ") + ")";
      }
      if (std::find(sentences.begin(), sentences.end(), sentence) == sentences.end()) {
        sentences.push_back(sentence);
      }
      roots.insert(conflict.root);
    }
    // The other sentences are usually similar.
    if (sentences.size() > 8) {
      const std::size_t more = sentences.size() - 8;
      sentences.resize(8);
      sentences.push_back("and " + std::to_string(more) + " more of the kind");
    }
    base::Error error = base::fail("source.conflict").with("reasons", base::join(sentences, "\n"));
    if (!host.empty()) error.fields.push_back({"host", host});
    // A kept version of such a suite fits to no other package of the same source.
    std::set<std::string> suites;
    for (const Conflict& conflict : conflicts) {
      for (const std::string& name : conflict.parties) suites.insert(catalogue_.lost_suite(name));
    }
    suites.erase("");
    if (!suites.empty()) {
      error = std::move(error).with(
          "suite", base::join(std::vector<std::string>(suites.begin(), suites.end()), ", "));
    }
    std::vector<std::string> words;
    for (const Wanted& one : wanted) {
      if (!roots.empty() && roots.count(one.package) == 0) continue;
      words.push_back("'" + one.because + "'");
      if (!one.at.file.empty()) error.where.push_back(one.at);
    }
    if (words.empty()) words.emplace_back("'essential'");
    return std::move(error).with("wanted", base::join(words, ", "));
  }

  Catalogue& catalogue_;
  Query query_;
  base::Progress& progress_;
  std::set<std::string> essential_;
  std::map<std::string, std::set<std::string>> recommended_;  // by the package that recommends them
  Versions shared_;
  Versions taken_;
  std::map<std::string, Package> packages_;
};

}  // namespace

base::Result<std::vector<Package>> resolution(Catalogue& catalogue, const Query& query,
                                              base::Progress& progress) {
  return Resolution(catalogue, query, progress).run();
}

std::vector<Package> to_keep(const Query& query) {
  std::vector<Package> result;
  if (query.update_all) return result;
  std::copy_if(query.keep.begin(), query.keep.end(), std::back_inserter(result),
               [&](const Package& package) { return query.update.count(package.name) == 0; });
  return result;
}

}  // namespace ccci::source::debian
