// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/compose.hpp"

#include "recipe/draft.hpp"
#include "recipe/env_file.hpp"
#include "recipe/resolve.hpp"

namespace ccci::recipe {

namespace {

constexpr std::size_t most_files = 64;

base::Result<void> failed_if_any(std::vector<base::Error>& errors) {
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

// The paths that `env_file` names: a text, a list, or a list of maps with `path`.
struct EnvFileEntry {
  std::string path;
  bool required = true;
  Place at;
};

std::vector<EnvFileEntry> env_files_of(Reading& reading, const Node& node, const Trail& trail) {
  std::vector<EnvFileEntry> out;
  if (node.kind == Node::Kind::text)
    out.push_back({node.text, true, node.at});
  else if (node.kind != Node::Kind::list && node.kind != Node::Kind::null)
    reading.wrong_type(node, trail, "a text or a list");
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const Trail at = trail / i;
    if (item.kind == Node::Kind::map) {
      const Node* path = item.find("path");
      const Node* required = item.find("required");
      EnvFileEntry entry;
      entry.at = item.at;
      if (path != nullptr) entry.path = reading.text(*path, at / "path").value_or("");
      if (required != nullptr)
        entry.required = reading.boolean(*required, at / "required").value_or(true);
      out.push_back(std::move(entry));
    } else if (auto path = reading.text(item, at)) {
      out.push_back({std::move(*path), true, item.at});
    }
  }
  return out;
}

class Composer {
 public:
  Composer(const Folder& folder, const ComposeRequest& request)
      : folder_(folder),
        request_(request),
        reading_(composed_.sources, composed_.stack.deviations) {}

  base::Result<Composed> run() {
    if (request_.files.empty() || request_.files.size() > most_files)
      return base::unexpected(base::fail("recipe.no-compose").with("path", folder_.name()));
    Draft draft;
    for (const std::string& name : request_.files) {
      CCCI_CHECK(read(name));
      Draft later = read_draft(reading_, composed_.files.back().filled);
      read_environments(later, composed_.files.back().filled);
      CCCI_CHECK(failed_if_any(reading_.errors()));
      merge(draft, std::move(later));
    }
    remember_raw_names();
    Stack stack = resolve(reading_, std::move(draft), composed_.files, folder_, request_);
    CCCI_CHECK(failed_if_any(reading_.errors()));
    stack.deviations = std::move(composed_.stack.deviations);
    composed_.stack = std::move(stack);
    return std::move(composed_);
  }

 private:
  base::Result<void> read(const std::string& name) {
    auto text = folder_.read(name, largest_yaml);
    if (!text && text.error().is(base::Condition::not_found))
      return base::unexpected(
          base::fail("recipe.no-compose", base::Condition::not_found).with("path", name));
    if (!text) return base::unexpected(std::move(text).error());
    const int file = composed_.sources.add(name, *text);
    CCCI_TRY(Document document, read_tree(*text, file, composed_.sources));
    if (document.more)
      reading_.deviates("", name, "only the first YAML document is read, as Docker does");
    ComposeFile& read = composed_.files.emplace_back();
    read.name = name;
    read.filled = document.root;
    read.raw = std::move(document.root);
    const Required required = request_.to_deploy ? Required::must_be_set : Required::may_be_missing;
    return interpolate(read.filled, request_.variables, composed_.sources, composed_.unset,
                       required);
  }

  // The environment of each service in this file: files first, then what the service says. A value
  // that is absent or empty comes from the variables, as in Docker.
  void read_environments(Draft& draft, const Node& root) {
    const Node* services = root.find("services");
    for (auto& [key, service] : draft.services) {
      auto own = std::move(service.service.environment);
      service.service.environment.clear();
      const Node* node = services == nullptr ? nullptr : services->find(key);
      const Node* files = node == nullptr ? nullptr : node->find("env_file");
      const Trail top;
      const Trail section = top / "services";
      const Trail at = section / key;
      if (files != nullptr)
        for (const EnvFileEntry& entry : env_files_of(reading_, *files, at / "env_file"))
          take(read_env_file(entry), service.service.environment);
      take(std::move(own), service.service.environment);
    }
  }

  OptionalValues read_env_file(const EnvFileEntry& entry) {
    auto text = folder_.read(entry.path);
    const bool absent = !text && text.error().is(base::Condition::not_found);
    if (absent && !entry.required) return {};
    if (absent) {
      reading_.report(
          base::fail("recipe.no-env-file", base::Condition::not_found).with("path", entry.path),
          entry.at);
      return {};
    }
    if (!text) {
      reading_.report(std::move(text).error(), entry.at);
      return {};
    }
    const int file = composed_.sources.add(entry.path, *text);
    auto values = read_docker_env(*text, file, composed_.sources, request_.variables);
    if (values) return std::move(*values);
    reading_.errors().push_back(std::move(values).error());
    return {};
  }

  void take(OptionalValues from, OptionalValues& to) const {
    for (auto& [key, value] : from) {
      const auto known = request_.variables.find(key);
      const bool empty = !value || value->empty();
      if (empty && known != request_.variables.end())
        to[key] = known->second;
      else
        to[key] = std::move(value);
    }
  }

  void remember_raw_names() {
    for (const ComposeFile& file : composed_.files) {
      remember(file.raw.find("secrets"), composed_.raw_secret_names);
      remember(file.raw.find("configs"), composed_.raw_config_names);
    }
  }

  static void remember(const Node* section, std::map<std::string, std::string>& names) {
    if (section == nullptr) return;
    for (const Member& entry : section->members) {
      const Node* name = entry.value.find("name");
      const Node* external = entry.value.find("external");
      if (name == nullptr && external != nullptr) name = external->find("name");
      if (name != nullptr) names[entry.key] = name->text;
    }
  }

  const Folder& folder_;
  const ComposeRequest& request_;
  Composed composed_;
  Reading reading_;
};

}  // namespace

base::Position Composed::where(const std::vector<std::string>& path) const {
  Place best;
  std::size_t length = 0;
  for (const ComposeFile& file : files) {
    const Node* node = &file.raw;
    for (std::size_t i = 0; i < path.size() && node != nullptr; ++i) {
      const Node* below = nullptr;
      for (const Member& member : node->members) {
        if (member.key != path[i]) continue;
        below = &member.value;
        // A value: the last file that has it. What is missing: the first file that has the rest.
        if (i + 1 < length || (i + 1 == length && length < path.size())) continue;
        length = i + 1;
        best = member.at;
      }
      node = below;
    }
  }
  return sources.position(best);
}

base::Result<Composed> compose(const Folder& folder, const ComposeRequest& request) {
  return Composer(folder, request).run();
}

}  // namespace ccci::recipe
