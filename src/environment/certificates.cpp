// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/certificates.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "environment/certificate.hpp"

namespace ccci::environment {

namespace {

std::string link_name(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  if (name.ends_with(".crt")) name.resize(name.size() - 4);
  for (char& c : name) {
    if (c == ' ') c = '_';
    if (c == '(') c = '=';
    if (c == ')') c = '=';
    if (c == ',') c = '_';
  }
  return name + ".pem";
}

}  // namespace

base::Result<Certificates> bundle(std::vector<std::pair<std::string, std::string>> files) {
  std::sort(files.begin(), files.end());
  Certificates certificates;
  std::map<unsigned long, int> taken;  // subjects may collide: NAME.0, NAME.1, …
  for (const auto& [path, pem] : files) {
    CCCI_TRY(const Certificate certificate, Certificate::read(path, pem));
    const unsigned long hash = certificate.subject_hash();
    certificates.bundle += pem;
    if (!pem.ends_with('\n')) certificates.bundle += '\n';
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "%08lx.%d", hash, taken[hash]++);
    const std::string link = link_name(path);
    certificates.links.emplace_back(link, "/" + path);
    certificates.links.emplace_back(name.data(), link);
  }
  std::sort(certificates.links.begin(), certificates.links.end());
  return certificates;
}

}  // namespace ccci::environment
