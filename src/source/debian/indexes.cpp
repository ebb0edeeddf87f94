// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/indexes.hpp"

#include <apt-pkg/acquire-item.h>
#include <apt-pkg/acquire.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/fileutl.h>
#include <apt-pkg/indexfile.h>
#include <apt-pkg/metaindex.h>
#include <apt-pkg/sourcelist.h>
#include <apt-pkg/strutl.h>

#include <algorithm>
#include <memory>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "source/debian/download.hpp"
#include "source/debian/failure.hpp"
#include "source/debian/local_mirror.hpp"
#include "source/debian/setup.hpp"
#include "source/debian/signature.hpp"

namespace ccci::source::debian {

namespace {

base::Result<std::unique_ptr<pkgSourceList>> source_list() {
  auto list = std::make_unique<pkgSourceList>();
  if (!list->ReadMainList()) return base::unexpected(apt_failure("reading the sources"));
  return list;
}

// The errors of all failed items of a finished download.
std::vector<base::Error> failures(const pkgAcquire& fetcher) {
  std::vector<base::Error> errors;
  for (const std::string& text : pending_errors()) errors.push_back(classify(text, {}));
  for (auto item = fetcher.ItemsBegin(); item != fetcher.ItemsEnd(); ++item) {
    if ((*item)->Status == pkgAcquire::Item::StatDone) continue;
    // The item did not start because an earlier item failed. It has no error text.
    if ((*item)->ErrorText.empty()) continue;
    errors.push_back(classify((*item)->ErrorText, (*item)->DescURI()));
  }
  return errors;
}

// The place of the source's release file: InRelease, or Release with its detached signature.
std::string dists(const metaIndex& meta) {
  const std::string dist = meta.GetDist();
  if (dist == "/") return meta.GetURI();
  return !dist.empty() && dist.back() == '/' ? meta.GetURI() + dist
                                             : meta.GetURI() + "dists/" + dist + "/";
}

std::string listed(const std::string& uri) {
  return _config->FindDir("Dir::State::lists") + URItoFileName(uri);
}

base::Error no_index(const metaIndex& meta) {
  return base::fail("source.no-index")
      .with("uri", without_password(meta.GetURI()))
      .with("suite", meta.GetDist());
}

// False if there is no such file. A file that this user cannot see may be there. [source.denied]
base::Result<bool> is_there(const std::string& file) {
  std::error_code error;
  const bool there = std::filesystem::exists(file, error);
  if (!error) return there;
  return base::unexpected(base::fail("source.denied").with("cause", file + ": " + error.message()));
}

base::Result<Release> verify_release(const metaIndex& meta, std::string& file) {
  file = listed(dists(meta) + "InRelease");
  std::string signature = file;
  CCCI_TRY(const bool inline_signed, is_there(file));
  if (!inline_signed) {
    file = listed(dists(meta) + "Release");
    signature = file + ".gpg";
    CCCI_TRY(const bool there, is_there(file));
    if (!there) return base::unexpected(no_index(meta));
  }
  Release release{.uri = without_password(meta.GetURI()),
                  .suite = meta.GetDist(),
                  .date = {},
                  .sha256 = {},
                  .signed_by = {}};
  // Read before the signature is checked: what cannot be read is not what somebody changed.
  CCCI_TRY(const std::string content, base::read_file(file, largest_release));
  if (signature != file) CCCI_CHECK(base::read_file(signature, largest_release));
  CCCI_TRY(const std::vector<std::string> keys,
           verify_signature(file, signature, meta.GetSignedBy(), dists(meta)));
  release.signed_by = base::join(keys, ",");
  release.sha256 = base::sha256(content).hex();
  for (const std::string_view line : base::split(content, '\n')) {
    if (line.substr(0, 5) == "Date:") {
      release.date = std::string(base::trim(line.substr(5)));
      break;
    }
  }
  return release;
}

// Verifies the index, as libapt will read it, against its digest in the verified release file.
base::Result<void> verify_index(const metaIndex& loaded, const IndexTarget& target) {
  const std::string file = target.Option(IndexTarget::EXISTING_FILENAME);
  if (file.empty()) {
    // There is no file if the suite lists a component that is empty for this architecture.
    if (target.IsOptional || !loaded.Exists(target.MetaKey)) return {};
    const auto* known = loaded.Lookup(target.MetaKey);
    if (known != nullptr && known->Size == 0) return {};
    return base::unexpected(no_index(loaded));
  }
  const auto* expected = loaded.Lookup(target.MetaKey);
  const HashString* hash = expected != nullptr ? expected->Hashes.find("SHA256") : nullptr;
  // Some archives list only compressed indexes. libapt checked these after the download.
  if (hash == nullptr) return {};
  FileFd content;
  if (!content.Open(file, FileFd::ReadOnly, FileFd::Extension)) {
    return base::unexpected(apt_failure("reading an index"));
  }
  base::Sha256 hasher;
  std::vector<char> buffer(1U << 18U);
  for (;;) {
    unsigned long long count = 0;
    if (!content.Read(buffer.data(), buffer.size(), &count)) {
      return base::unexpected(apt_failure("reading an index"));
    }
    if (count == 0) break;
    hasher.update(std::string_view(buffer.data(), count));
  }
  const std::string found = hasher.finish().hex();
  if (found == hash->HashValue()) return {};
  return base::unexpected(base::fail("source.tampered")
                              .with("uri", without_password(target.URI))
                              .with("cause", "its sha256 is " + found + ", the release file says " +
                                                 hash->HashValue()));
}

base::Result<Release> verify_source(const metaIndex& meta) {
  std::string file;
  CCCI_TRY(Release release, verify_release(meta, file));
  // Use a copy, so that data read here does not stay in the object that the cache is built from.
  const std::unique_ptr<metaIndex> loaded(meta.UnloadedClone());
  std::string error;
  if (!loaded->Load(file, &error)) {
    pending_errors();
    return base::unexpected(
        base::fail("source.tampered").with("uri", dists(meta)).with("cause", one_line(error)));
  }
  for (const IndexTarget& target : meta.GetIndexTargets()) {
    CCCI_CHECK(verify_index(*loaded, target));
  }
  return release;
}

}  // namespace

base::Result<void> ask(const std::filesystem::path& root, const std::vector<Entry>& entries) {
  CCCI_TRY(const std::string text,
           render(entries, root / "etc/keys", _config->Find("APT::Architecture")));
  // Only we may read the file: a uri may contain a password.
  CCCI_CHECK(base::replace_file(root / "etc/sources.list.d/cc-ci.sources", text, 0600));
  std::vector<std::filesystem::path> needed{root};
  for (const Entry& entry : entries) {
    if (entry.uri.compare(0, 6, "file:/") == 0) needed.emplace_back(entry.uri.substr(5));
    for (const std::string_view key : base::split(entry.signed_by, ',')) {
      if (!key.empty() && key.front() == '/') needed.emplace_back(key);
    }
  }
  choose_sandbox(needed);
  return {};
}

base::Result<void> refresh(base::Progress& progress, std::chrono::milliseconds patience) {
  CCCI_TRY(const auto list, source_list());
  for (const metaIndex* meta : *list) CCCI_CHECK(check_local_mirror(*meta, dists(*meta)));
  Status status(progress, {.largest = largest_release, .patience = patience});
  pkgAcquire fetcher(&status);
  if (!fetcher.GetLock(_config->FindDir("Dir::State::lists")) || !list->GetIndexes(&fetcher)) {
    return base::unexpected(apt_failure("preparing the indexes"));
  }
  progress.begin("reading the archive's indexes", 0, base::Progress::Unit::bytes);
  const pkgAcquire::RunResult result = fetcher.Run();
  progress.end();
  std::vector<base::Error> errors = failures(fetcher);
  if (status.stopped()) errors = {*status.stopped()};
  if (result != pkgAcquire::Continue && errors.empty()) {
    errors.push_back(base::fail("source.apt").with("cause", "the download was cut short"));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(distinct(std::move(errors))));
}

base::Result<std::vector<Release>> verify_indexes() {
  CCCI_TRY(const auto list, source_list());
  std::vector<Release> releases;
  std::vector<base::Error> errors;
  for (const metaIndex* meta : *list) {
    auto release = verify_source(*meta);
    if (release) {
      releases.push_back(std::move(release).value());
    } else {
      errors.push_back(std::move(release).error());
    }
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  std::sort(releases.begin(), releases.end());
  return releases;
}

}  // namespace ccci::source::debian
