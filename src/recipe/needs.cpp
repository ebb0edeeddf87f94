// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/needs.hpp"

#include <algorithm>

#include "recipe/route.hpp"

namespace ccci::recipe {

namespace {

void add_need(std::vector<Need>& needs, Need need) {
  if (std::find(needs.begin(), needs.end(), need) == needs.end()) needs.push_back(std::move(need));
}

// The variables without value in the labels of the service that are rules.
void variables_of_rules(const App& app, const Node& labels, const std::string& service,
                        std::vector<Need>& needs) {
  const auto take = [&](const std::string& text) {
    for (const std::string& variable : variables_in(text)) {
      const auto value = app.env.find(variable);
      if (value == app.env.end() || value->second.empty())
        add_need(needs, {Need::Kind::router, variable, service});
    }
  };
  for (const Node& item : labels.items)
    if (item.text.find(".rule=") != std::string::npos) take(item.text);
  for (const Member& member : labels.members)
    if (member.key.ends_with(".rule")) take(member.value.text);
}

}  // namespace

std::vector<Need> needs_of(const App& app) {
  std::vector<Need> needs;
  for (const SecretSpec& secret : app.secrets) {
    if (secret.generate || secret.value) continue;
    const std::string service = secret.services.empty() ? std::string() : secret.services[0];
    add_need(needs, {Need::Kind::secret, secret_value_key(secret.key), service});
  }
  for (const NotRouted& router : routing_of(app.composed.stack).unverified) {
    if (router.routed || !router.label.ends_with(".rule")) continue;
    for (const ComposeFile& file : app.composed.files) {
      const Node* node = file.raw.find("services");
      for (const std::string_view key : {std::string_view(router.service),
                                         std::string_view("deploy"), std::string_view("labels")})
        if (node != nullptr) node = node->find(key);
      if (node != nullptr) variables_of_rules(app, *node, router.service, needs);
    }
  }
  return needs;
}

}  // namespace ccci::recipe
