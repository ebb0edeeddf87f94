// SPDX-License-Identifier: GPL-3.0-or-later
// The CA bundle, as update-ca-certificates(8) makes it: one file with every certificate of the
// ca-certificates package, one link per certificate, and links named by the hash of the subject.
// OpenSSL uses these hash links to find certificates in a directory.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace ccci::environment {

struct Certificates {
  std::string bundle;  // PEM, in order of names
  // Links in the directory of the bundle: name and target, sorted. "ISRG_Root_X1.pem" points to
  // /usr/share/ca-certificates/…, "4042bcee.0" points to "ISRG_Root_X1.pem".
  std::vector<std::pair<std::string, std::string>> links;
};

// `files`: path below the root and content. [environment.certificate] if a file is not a
// certificate.
base::Result<Certificates> bundle(std::vector<std::pair<std::string, std::string>> files);

}  // namespace ccci::environment
