// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/house_certificates.hpp"

#include <map>
#include <set>

#include "environment/certificate.hpp"
#include "environment/finishing.hpp"
#include "environment/java_store.hpp"

namespace ccci::environment {

namespace {

// The certificates of the text. The last one may have no end: it is a broken one then.
std::vector<std::string> blocks(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view end = "-----END CERTIFICATE-----";
  std::vector<std::string> found;
  for (std::size_t at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at)) {
    const std::size_t last = text.find(end, at);
    const bool cut = last == std::string_view::npos;
    std::string block(text.substr(at, cut ? last : last + end.size() - at));
    std::erase(block, '\r');
    found.push_back(block + "\n");
    if (cut) break;
    at = last;
  }
  return found;
}

// "certs/My CA.pem" -> "My-CA"
std::string stem(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.find('.', 1));
  for (char& byte : name) {
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
    if (!plain) byte = '-';
  }
  return name;
}

}  // namespace

base::Result<std::vector<HouseCertificate>> house_certificates(
    const declare::Declaration& declaration) {
  std::vector<HouseCertificate> certificates;
  std::vector<base::Error> errors;
  std::map<std::string, int> taken;
  std::set<std::string> seen;
  for (const declare::CertificateFile& file : declaration.certificates) {
    const std::vector<std::string> found = blocks(file.pem);
    if (found.empty()) {
      errors.push_back(
          base::fail("environment.no-certificate").with("path", file.path.text).at(file.path.at));
    }
    int count = 0;
    for (const std::string& pem : found) {
      ++count;
      if (!Certificate::read({}, pem)) {
        errors.push_back(base::fail("environment.broken-certificate")
                             .with("path", file.path.text)
                             .with("number", count)
                             .with("count", static_cast<long long>(found.size()))
                             .at(file.path.at));
      }
      if (!seen.insert(pem).second) continue;
      const std::string name = stem(file.path.text);
      const int number = ++taken[name];
      certificates.push_back({std::string(certificate_source) + "cc-ci/" + name +
                                  (number == 1 ? "" : "-" + std::to_string(number)) + ".crt",
                              pem});
    }
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return certificates;
}

void add_house_certificates(Tree& tree, Plan& plan,
                            const std::vector<HouseCertificate>& certificates) {
  constexpr std::string_view list = "/libnssckbi.so";
  if (certificates.empty()) return;
  for (const HouseCertificate& one : certificates) {
    tree.add_file(one.path, one.pem);
    plan.certificates.push_back(one.path);
  }
  tree.remove(java_store_file);
  plan.java_store = tree.find(java_store_directory) != nullptr;
  std::vector<std::string> lists;
  std::string bundle_reader;
  for (const auto& [path, node] : tree.nodes()) {
    if (path.ends_with(list)) lists.push_back(path);
    if (path.ends_with("/pkcs11/p11-kit-trust.so")) bundle_reader = path;
  }
  if (bundle_reader.empty()) return;
  for (const std::string& path : lists) tree.add_link(path, "/" + bundle_reader);
}

}  // namespace ccci::environment
