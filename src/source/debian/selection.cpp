// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/selection.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include "base/text.hpp"

namespace ccci::source::debian {

namespace {

constexpr std::size_t most_shown = 8;

class Selector {
 public:
  Selector(const Offers& offers, const Query& query, const std::vector<Package>& keep,
           const Debian& debian)
      : offers_(offers), query_(query), debian_(debian) {
    for (const Package& package : keep) {
      if (!package.source.empty()) keep_.emplace(package.name, package);
    }
    const auto note = [&](const std::vector<Wanted>& wanted) {
      for (const Wanted& one : wanted) {
        because_.emplace(one.package, one);
        if (one.recommends) recommending_.insert(one.package);
      }
    };
    note(query.shared);
    for (const auto& [host, wanted] : query.hosts) note(wanted);
    for (const auto& [name, image] : query.images) note(image.wanted);
  }

  base::Result<Selection> run() {
    CCCI_CHECK(check_asked());
    // A dependency may exclude the version that was chosen for an earlier one. Then the walk starts
    // again and knows more. Each start adds a constraint, and there are finitely many.
    do {
      start();
      walk();
    } while (again_);
    if (!errors_.empty()) return base::unexpected(base::together(std::move(errors_)));
    Selection selection;
    for (const auto& [name, chosen] : chosen_) {
      selection.index += stanza(chosen);
      (asks(name) != nullptr ? selection.asked : selection.passing).insert(name);
    }
    return selection;
  }

 private:
  struct Chosen {
    const Offer* offer = nullptr;
    std::vector<Alternatives> pre_depends;
    std::vector<Alternatives> depends;
    std::vector<Alternatives> recommends;
  };

  // What the declaration asks of another archive, or null.
  const Choice* asks(const std::string& name) const {
    const auto found = query_.choices.find(name);
    return found == query_.choices.end() || found->second.source.empty() ? nullptr : &found->second;
  }

  const std::vector<Offer>& offered(const std::string& source, const std::string& name) const {
    static const std::vector<Offer> none;
    const auto packages = offers_.find(source);
    if (packages == offers_.end()) return none;
    const auto versions = packages->second.find(name);
    return versions == packages->second.end() ? none : versions->second;
  }

  base::Result<void> check_asked() {
    std::vector<base::Error> errors;
    for (const auto& [name, choice] : query_.choices) {
      if (choice.source.empty()) continue;
      if (offered(choice.source, name).empty()) {
        errors.push_back(unknown(name, choice));
      } else if (pick(choice.source, name) == nullptr) {
        errors.push_back(no_version(name, choice));
      }
    }
    if (errors.empty()) return {};
    return base::unexpected(base::together(std::move(errors)));
  }

  base::Error unknown(const std::string& name, const Choice& choice) const {
    const auto because = because_.find(name);
    base::Error error =
        base::fail("source.unknown-package")
            .with("package", name)
            .with("because", because == because_.end() ? "packages" : because->second.because)
            .with("source", choice.source);
    const auto packages = offers_.find(choice.source);
    if (packages != offers_.end()) {
      const std::string likely = base::likely(name, base::keys_of(packages->second));
      if (!likely.empty()) error = std::move(error).with("likely", likely);
    }
    if (!choice.at.file.empty()) error.where.push_back(choice.at);
    return error;
  }

  base::Error no_version(const std::string& name, const Choice& choice) const {
    std::vector<std::string> there;
    bool in_suite = choice.suite.empty();
    for (const Offer& offer : offered(choice.source, name)) {
      in_suite = in_suite || offer.suite == choice.suite;
      const std::string text =
          offer.version + (choice.suite.empty() ? "" : " (" + offer.suite + ")");
      if (std::find(there.begin(), there.end(), text) == there.end()) there.push_back(text);
    }
    if (there.size() > most_shown) {
      const std::size_t more = there.size() - most_shown;
      there.resize(most_shown);
      there.push_back("and " + std::to_string(more) + " more");
    }
    base::Error error = base::fail(in_suite ? "source.no-version" : "source.not-in-suite")
                            .with("package", name)
                            .with("version", choice.version.empty() ? "*" : choice.version)
                            .with("source", choice.source)
                            .with("found", base::join(there, ", "));
    if (!in_suite) error = std::move(error).with("suite", choice.suite);
    if (!choice.at.file.empty()) error.where.push_back(choice.at);
    return error;
  }

  bool is_allowed(const Offer& offer, bool constrained) const {
    if (const Choice* choice = asks(offer.name)) {
      if (!choice->suite.empty() && choice->suite != offer.suite) return false;
      if (!fits(choice->version, offer.version)) return false;
    }
    const auto constraints = constraints_.find(offer.name);
    return !constrained || constraints == constraints_.end() ||
           std::all_of(constraints->second.begin(), constraints->second.end(),
                       [&](const Relation& one) { return one.is_met_by(offer.version); });
  }

  // The version to use: that of the earlier lock, else the newest. With the same bytes as in the
  // lock, if the archive has them.
  const Offer* pick(const std::string& source, const std::string& name,
                    bool constrained = true) const {
    const Offer* newest = nullptr;
    const Offer* same_version = nullptr;
    const auto kept = keep_.find(name);
    for (const Offer& offer : offered(source, name)) {
      if (!is_allowed(offer, constrained)) continue;
      if (newest == nullptr) newest = &offer;
      if (kept == keep_.end() || kept->second.source != source ||
          kept->second.version != offer.version) {
        continue;
      }
      if (kept->second.sha256 == offer.sha256) return &offer;
      if (same_version == nullptr) same_version = &offer;
    }
    return same_version != nullptr ? same_version : newest;
  }

  void start() {
    again_ = false;
    errors_.clear();
    chosen_.clear();
    open_.clear();
    for (const auto& [name, choice] : query_.choices) {
      if (choice.source.empty()) continue;
      const Offer* offer = pick(choice.source, name);
      // The solver then says which dependency the declared version does not meet.
      if (offer == nullptr) offer = pick(choice.source, name, false);
      choose(*offer);
    }
  }

  void choose(const Offer& offer) {
    chosen_[offer.name].offer = &offer;
    open_.push_back(offer.name);
  }

  void walk() {
    while (!open_.empty() && !again_) {
      const std::string name = open_.front();
      open_.pop_front();
      const Offer& offer = *chosen_.at(name).offer;
      auto pre_depends = settle_all(offer, offer.pre_depends);
      auto depends = settle_all(offer, offer.depends);
      std::vector<Alternatives> recommends;
      if (recommending_.contains(name)) recommends = settle_all(offer, offer.recommends);
      Chosen& chosen = chosen_.at(name);
      chosen.pre_depends = std::move(pre_depends);
      chosen.depends = std::move(depends);
      chosen.recommends = std::move(recommends);
    }
  }

  std::vector<Alternatives> settle_all(const Offer& offer,
                                       const std::vector<Alternatives>& groups) {
    std::vector<Alternatives> settled;
    for (const Alternatives& group : groups) {
      Alternatives one = settle(offer, group);
      if (!one.empty()) settled.push_back(std::move(one));
    }
    return settled;
  }

  // The alternatives that may be used, in their order: those that Debian or an asked package
  // supplies, else the first that the same archive supplies.
  Alternatives settle(const Offer& offer, const Alternatives& group) {
    Alternatives usable;
    bool met = false;
    for (const Relation& relation : group) {
      if (asks(relation.name) != nullptr) {
        met = meets_asked(relation) || met;
        usable.push_back(relation);
      } else if (debian_.has(relation.name)) {
        met = debian_.meets(relation) || met;
        usable.push_back(relation);
      }
    }
    if (met) return usable;
    for (const Relation& relation : group) {
      if (asks(relation.name) != nullptr || debian_.has(relation.name)) continue;
      if (const auto supplied = supply(offer.source, relation)) return {*supplied};
    }
    refuse_too_old(offer, group);
    return group;
  }

  // Another version of the asked package may fit better.
  bool meets_asked(const Relation& relation) {
    const auto chosen = chosen_.find(relation.name);
    if (chosen == chosen_.end()) return false;
    if (relation.is_met_by(chosen->second.offer->version)) return true;
    constrain(relation, asks(relation.name)->source);
    return false;
  }

  // Whether a version is left that meets the relation and all earlier ones. Then the walk starts
  // again with it.
  bool constrain(const Relation& relation, const std::string& source) {
    std::vector<Relation>& constraints = constraints_[relation.name];
    if (std::find(constraints.begin(), constraints.end(), relation) != constraints.end()) {
      return false;
    }
    constraints.push_back(relation);
    if (pick(source, relation.name) != nullptr) {
      again_ = true;
      return true;
    }
    constraints.pop_back();
    return false;
  }

  // The package of this archive that supplies what Debian does not have, or nothing.
  std::optional<Relation> supply(const std::string& source, const Relation& relation) {
    if (take(source, relation.name, relation)) return relation;
    const auto packages = offers_.find(source);
    if (packages == offers_.end()) return std::nullopt;
    std::vector<std::string> providers;
    for (const auto& [name, versions] : packages->second) {
      const bool provides = std::any_of(versions.begin(), versions.end(), [&](const Offer& one) {
        return does_provide(one, relation);
      });
      if (!provides) continue;
      // What is chosen already is preferred.
      providers.insert(chosen_.contains(name) ? providers.begin() : providers.end(), name);
    }
    for (const std::string& name : providers) {
      const auto chosen = chosen_.find(name);
      if (chosen != chosen_.end()) {
        const Offer& offer = *chosen->second.offer;
        if (offer.source == source && does_provide(offer, relation)) return Relation{name, {}, 0};
        continue;
      }
      // The dependency names the provider, because the index has no Provides.
      if (asks(name) != nullptr || debian_.has(name)) continue;
      const Offer* offer = pick(source, name);
      if (offer == nullptr || !does_provide(*offer, relation)) continue;
      choose(*offer);
      return Relation{name, {}, 0};
    }
    return std::nullopt;
  }

  static bool does_provide(const Offer& offer, const Relation& relation) {
    return std::any_of(offer.provides.begin(), offer.provides.end(), [&](const auto& group) {
      const Relation& one = group.front();
      if (one.name != relation.name) return false;
      return relation.version.empty() || (!one.version.empty() && relation.is_met_by(one.version));
    });
  }

  bool take(const std::string& source, const std::string& name, const Relation& relation) {
    const auto chosen = chosen_.find(name);
    if (chosen == chosen_.end()) {
      for (const Offer& offer : offered(source, name)) {
        if (!relation.is_met_by(offer.version) || !is_allowed(offer, true)) continue;
        constraints_[name].push_back(relation);
        choose(*pick(source, name));
        return true;
      }
      return false;
    }
    const Offer& offer = *chosen->second.offer;
    if (offer.source != source) {
      if (!offered(source, name).empty()) refuse_two(name, offer.source, source);
      return relation.is_met_by(offer.version);
    }
    return relation.is_met_by(offer.version) || constrain(relation, source);
  }

  void refuse_two(const std::string& name, const std::string& one, const std::string& other) {
    errors_.push_back(base::fail("source.two-archives")
                          .with("package", name)
                          .with("source", one)
                          .with("other", other));
  }

  // Debian has the package, and the version is not good enough. The archive may not replace it.
  void refuse_too_old(const Offer& offer, const Alternatives& group) {
    for (const Relation& relation : group) {
      if (asks(relation.name) != nullptr || !debian_.has(relation.name)) continue;
      for (const Offer& other : offered(offer.source, relation.name)) {
        if (!relation.is_met_by(other.version)) continue;
        errors_.push_back(base::fail("source.debian-too-old")
                              .with("name", offer.name + " " + offer.version)
                              .with("source", offer.source)
                              .with("needs", relation.text())
                              .with("package", relation.name)
                              .with("found", debian_.version(relation.name))
                              .with("offered", other.version));
        return;
      }
    }
  }

  std::string stanza(const Chosen& chosen) const {
    const Offer& offer = *chosen.offer;
    std::string text;
    const auto line = [&](const char* field, const std::string& value) {
      if (!value.empty()) text += std::string(field) + ": " + value + "\n";
    };
    line("Package", offer.name);
    line("Version", offer.version);
    line("Architecture", offer.architecture);
    // An asked package that replaces an essential one of Debian is essential too.
    if (debian_.is_essential(offer.name)) line("Essential", "yes");
    line("Multi-Arch", offer.multi_arch);
    line("Source", offer.source_package);
    line("Pre-Depends", write_relations(chosen.pre_depends));
    line("Depends", write_relations(chosen.depends));
    line("Recommends", write_relations(chosen.recommends));
    line("Conflicts", write_relations(offer.conflicts));
    line("Breaks", write_relations(offer.breaks));
    line("Filename", offer.path);
    line("Size", offer.size);
    line("SHA256", offer.sha256);
    line(source_field, offer.source);
    line(suite_field, offer.suite);
    line(component_field, offer.component);
    line("Description", offer.name);
    return text + "\n";
  }

  const Offers& offers_;
  const Query& query_;
  const Debian& debian_;
  std::map<std::string, Package> keep_;
  std::map<std::string, Wanted> because_;
  std::set<std::string> recommending_;
  std::map<std::string, std::vector<Relation>> constraints_;
  std::map<std::string, Chosen> chosen_;
  std::deque<std::string> open_;
  std::vector<base::Error> errors_;
  bool again_ = false;
};

}  // namespace

base::Result<Selection> selection(const Offers& offers, const Query& query,
                                  const std::vector<Package>& keep, const Debian& debian) {
  return Selector(offers, query, keep, debian).run();
}

}  // namespace ccci::source::debian
