// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/archives.hpp"

#include <algorithm>

#include "base/directory.hpp"
#include "store/meta.hpp"

namespace ccci::store {

namespace {

constexpr std::size_t digest_length = 64;

// All possible ways to split "NAME-VERSION".
std::vector<PackageSource> guesses(const Address& address) {
  std::vector<PackageSource> list;
  for (std::size_t dash = address.label.find('-'); dash != std::string::npos;
       dash = address.label.find('-', dash + 1)) {
    for (const Format format : {Format::deb, Format::archive, Format::wheel, Format::npm}) {
      list.push_back({address.label.substr(0, dash),
                      address.label.substr(dash + 1),
                      "",
                      {},
                      format,
                      Times::own});
    }
  }
  return list;
}

}  // namespace

base::Result<std::vector<KeptArchive>> kept_archives(const Store& store) {
  std::vector<KeptArchive> kept;
  CCCI_TRY(const auto items, base::entries_of(store.archives()));
  for (const std::filesystem::directory_entry& item : items) {
    const std::string name = item.path().filename().native();
    const std::string sha256 = name.substr(0, name.find('.'));
    if (sha256.size() != digest_length || !base::Digest::from_hex(sha256)) continue;
    std::error_code unknown;
    const std::uintmax_t size = item.file_size(unknown);
    kept.push_back({name, sha256, unknown ? 0 : static_cast<std::uint64_t>(size)});
  }
  std::sort(kept.begin(), kept.end(),
            [](const KeptArchive& a, const KeptArchive& b) { return a.name < b.name; });
  return kept;
}

std::optional<PackageSource> source_of(const Store& store, const Address& address) {
  std::vector<PackageSource> candidates;
  if (const auto meta = read_meta(store, address)) {
    const base::Json& known = *meta;
    const Format format = read_format(known["format"].text_or_empty());
    candidates.push_back({known["name"].text_or_empty(),
                          known["version"].text_or_empty(),
                          "",
                          {},
                          format,
                          Times::own});
  }
  for (PackageSource& guess : guesses(address)) candidates.push_back(std::move(guess));
  // An object that an older version made is made again as it was.
  const std::vector<PackageSource> current = candidates;
  for (PackageSource old : current) {
    old.times = Times::fixed;
    candidates.push_back(std::move(old));
  }
  const auto archives = kept_archives(store);
  if (!archives) return std::nullopt;
  for (const KeptArchive& archive : *archives) {
    for (PackageSource& candidate : candidates) {
      candidate.sha256 = archive.sha256;
      candidate.file = store.archives() / archive.name;
      // The address is a digest over all that matters, so it shows which guess is right.
      if (package_address(candidate).hash == address.hash) return candidate;
    }
  }
  return std::nullopt;
}

}  // namespace ccci::store
