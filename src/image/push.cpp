// SPDX-License-Identifier: GPL-3.0-or-later
#include "image/push.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/skopeo.hpp"
#include "base/text.hpp"

namespace ccci::image {

namespace {

namespace fs = std::filesystem;

constexpr const char* skopeo = "usr/bin/skopeo";
constexpr std::chrono::hours patience{2};

}  // namespace

std::string registry_of(const std::string& tag) {
  const std::size_t slash = tag.find('/');
  if (slash == std::string::npos) return {};
  const std::string first = tag.substr(0, slash);
  const bool is_host = first.find_first_of(".:") != std::string::npos || first == "localhost";
  return is_host ? first : std::string();
}

base::Result<void> check_tags(const std::string& image, const std::vector<std::string>& tags) {
  std::string bad = tags.empty() ? image + ":latest" : "";
  for (const std::string& tag : tags)
    if (registry_of(tag).empty()) bad = tag;
  if (bad.empty()) return {};
  return base::unexpected(base::fail("image.no-registry").with("image", image).with("tag", bad));
}

base::Result<void> check_credentials(const std::string& file) {
  if (file.empty() || access(file.c_str(), R_OK) == 0) return {};
  return base::unexpected(base::fail("image.no-credentials").with("path", file).with_errno(errno));
}

std::vector<std::string> push_command(const std::string& entry, const Made& made,
                                      const std::string& tag) {
  // --insecure-policy: the source is our own file, so no signature of it is asked for.
  std::vector<std::string> argv{
      entry,     std::string("/") + skopeo, "--insecure-policy", "copy",
      "--quiet", "--preserve-digests",      "--digestfile",      "/dev/stdout"};
  if (base::is_local_registry(registry_of(tag))) argv.emplace_back("--dest-tls-verify=false");
  argv.push_back("oci-archive:" + fs::absolute(made.file).native() + ":" + tag);
  argv.push_back("docker://" + tag);
  return argv;
}

base::Result<std::vector<Pushed>> push(const Made& made, const host::Build& built,
                                       base::ProcessRunner& processes) {
  std::error_code error;
  if (!fs::exists(fs::path(built.environment.root) / skopeo, error))
    return base::unexpected(base::fail("image.no-skopeo"));
  if (made.file.native().find(':') != std::string::npos)
    return base::unexpected(base::fail("image.colon").with("file", made.file.native()));
  std::vector<Pushed> all;
  for (const std::string& tag : made.tags) {
    base::Command command;
    command.argv = push_command(built.inside.path, made, tag);
    command.time_limit = patience;
    CCCI_TRY(const base::Outcome outcome, processes.run(command));
    if (outcome.status != 0) {
      return base::unexpected(
          base::fail("image.push")
              .with("tag", tag)
              .with("problem", base::skopeo_problem(outcome, "it took longer than two hours")));
    }
    const std::string digest(base::trim(outcome.out));
    if (digest != made.digest) {
      return base::unexpected(base::fail("image.other-digest", base::Condition::mismatch)
                                  .with("tag", tag)
                                  .with("expected", made.digest)
                                  .with("found", digest));
    }
    all.push_back({tag, digest});
  }
  return all;
}

}  // namespace ccci::image
