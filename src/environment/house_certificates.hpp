// SPDX-License-Identifier: GPL-3.0-or-later
// The certificate authorities that the declaration adds to those of Debian's package.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/plan.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

// One certificate, as a file in the root. Hashed links need one file per certificate.
struct HouseCertificate {
  std::string path;  // "usr/share/ca-certificates/cc-ci/company.crt"
  std::string pem;

  bool operator==(const HouseCertificate&) const = default;
};

// Takes the certificates out of the declared files, and nothing else (no private key). Reports all
// files that have none, and all certificates that cannot be read. [environment.no-certificate],
// [environment.broken-certificate]
base::Result<std::vector<HouseCertificate>> house_certificates(
    const declare::Declaration& declaration);

// Adds the files to the tree, and lets the plan put them into the bundle and into Java's store. NSS
// has its own list in a library. If the root has p11-kit's library, which reads the CA bundle, it
// replaces NSS's.
void add_house_certificates(Tree& tree, Plan& plan,
                            const std::vector<HouseCertificate>& certificates);

}  // namespace ccci::environment
