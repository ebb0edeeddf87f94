// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/pool.hpp"

#include <apt-pkg/acquire-item.h>
#include <apt-pkg/acquire.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/strutl.h>
#include <fcntl.h>

#include <optional>

#include "base/files.hpp"
#include "source/debian/download.hpp"
#include "source/debian/entries.hpp"
#include "source/debian/failure.hpp"
#include "source/debian/local_mirror.hpp"
#include "store/full.hpp"

namespace ccci::source::debian {

namespace {

// The word after the algorithm in libapt's list of "expected" and "received" hashes.
std::string received(const std::string& message) {
  const std::string hash = LookupTag(message, "SHA256-Hash");
  if (!hash.empty()) return "sha256 " + hash;
  return {};
}

// Of "File has unexpected size (1234 != 5678). Mirror sync in progress?" the number that is not
// `expected`.
std::string unexpected_size(const std::string& text, std::uint64_t expected) {
  const std::size_t at = text.find("unexpected size (");
  if (at == std::string::npos) return {};
  const std::size_t open = text.find('(', at) + 1;
  const std::string_view inside = std::string_view(text).substr(open, text.find(')', open) - open);
  const std::size_t middle = inside.find(" != ");
  if (middle == std::string_view::npos) return {};
  const std::string first(inside.substr(0, middle));
  return first == std::to_string(expected) ? std::string(inside.substr(middle + 4)) : first;
}

class Item : public pkgAcqFile {
 public:
  Item(pkgAcquire* owner, const Order& order, const std::string& uri, const std::string& directory,
       const std::filesystem::path& kept)
      : pkgAcqFile(owner, uri, hashes(order.arrival), order.arrival.size, order.arrival.name,
                   order.arrival.name, "", directory + order.arrival.sha256),
        order_(order),
        uri_(without_password(uri)),
        kept_(kept) {}

  void Done(std::string const& message, HashStringList const& found,
            pkgAcquire::MethodConfig const* const method) override {
    pkgAcqFile::Done(message, found, method);
    // Not complete yet: libapt has queued a copy of a local file, and will call Done() again.
    if (Status != StatDone || !Complete) return;
    Arrival arrival = order_.arrival;
    arrival.file = DestFile;
    if (auto arrived = keep(kept_, arrival); !arrived) {
      error_ = std::move(arrived.error()).with("uri", uri_);
    } else {
      arrived_ = true;
    }
    unlink(DestFile.c_str());
  }

  void Failed(std::string const& message, pkgAcquire::MethodConfig const* const method) override {
    pkgAcqFile::Failed(message, method);
    if (Status == StatIdle) return;  // libapt will try again
    const bool wrong = Status == StatAuthError ||
                       LookupTag(message, "FailReason") == "MaximumSizeExceeded" ||
                       ErrorText.find("unexpected size") != std::string::npos;
    if (wrong) {
      error_ = mismatch(message);
    } else {
      error_ = classify(ErrorText, uri_).with("name", order_.arrival.name);
      if (error_->is(base::Condition::no_space)) error_ = no_space();
    }
    // Delete the partial file. Otherwise the next try would resume it and fail in the same way.
    if (wrong) unlink(DestFile.c_str());
  }

  base::Error mismatch(const std::string& message) const {
    const std::string& name = order_.arrival.name;
    std::string expected = "sha256 " + order_.arrival.sha256;
    std::string found = received(message);
    const std::string other = unexpected_size(ErrorText, order_.arrival.size);
    if (found.empty() && order_.arrival.size != 0 && !other.empty()) {
      expected = std::to_string(order_.arrival.size) + " bytes";
      found = other + " bytes";
    }
    if (found.empty()) found = one_line(ErrorText);
    // The digest can be right although the size in the lock is wrong.
    if (found == expected) {
      const std::string size = LookupTag(message, "Size");
      expected = std::to_string(order_.arrival.size) + " bytes";
      found = size.empty() ? "another size with the same sha256" : size + " bytes";
    }
    return base::fail("source.mismatch", base::Condition::mismatch)
        .with("name", name)
        .with("expected", expected)
        .with("found", found)
        .with("uri", uri_)
        .with("package", name.substr(0, name.find(' ')));
  }

  // FileSize is the size from the mirror. It is used if the lock has no size.
  base::Error no_space() const {
    const std::uint64_t needed =
        order_.arrival.size != 0 ? order_.arrival.size : static_cast<std::uint64_t>(FileSize);
    const auto directory = base::open_path(kept_, O_RDONLY | O_DIRECTORY);
    return store::no_space(order_.arrival.name, needed, directory ? directory->get() : -1);
  }

  bool arrived() const { return arrived_; }
  const std::optional<base::Error>& error() const { return error_; }

 private:
  static HashStringList hashes(const Arrival& arrival) {
    HashStringList list;
    list.push_back(HashString("SHA256", arrival.sha256));
    if (arrival.size != 0) list.FileSize(arrival.size);
    return list;
  }

  Order order_;
  std::string uri_;
  std::filesystem::path kept_;
  bool arrived_ = false;
  std::optional<base::Error> error_;
};

struct Try {
  Order order;
  std::optional<base::Error> error;  // of the last uri
  std::vector<std::string> asked;
};

// Tries one uri for each order. Returns the failed orders with their remaining uris.
base::Result<std::vector<Try>> round(const std::vector<Try>& tries,
                                     const std::filesystem::path& kept, Status& status,
                                     const Bounds& bounds) {
  pkgAcquire fetcher(&status);
  const std::string archives = _config->FindDir("Dir::Cache::Archives");
  if (!fetcher.GetLock(archives)) return base::unexpected(apt_failure("preparing the download"));
  std::vector<const Item*> items;  // the fetcher deletes them
  std::vector<std::optional<base::Error>> refused;
  for (const Try& one : tries) {
    auto checked = check_local_file(one.order.uris.front());
    refused.emplace_back(checked ? std::nullopt : std::optional(std::move(checked).error()));
    if (!checked) {
      items.push_back(nullptr);
      continue;
    }
    items.push_back(
        new Item(&fetcher, one.order, one.order.uris.front(), archives + "partial/", kept));
  }
  fetcher.Run();
  _error->Discard();  // every item has its own error
  std::vector<Try> failed;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i] != nullptr && items[i]->arrived()) continue;
    Try again{.order = tries[i].order,
              .error = items[i] != nullptr ? items[i]->error() : std::move(refused[i]),
              .asked = tries[i].asked};
    again.asked.push_back(without_password(again.order.uris.front()));
    again.order.uris.erase(again.order.uris.begin());
    if (status.too_large()) {
      again.order.uris.clear();
      again.error = base::fail("source.too-large", base::Condition::too_large)
                        .with("name", again.order.arrival.name)
                        .with("limit", static_cast<long long>(bounds.limit));
    }
    if (status.stopped() && items[i] != nullptr) again.error = *status.stopped();
    if (!again.error) {
      again.error = base::fail("source.apt")
                        .with("name", again.order.arrival.name)
                        .with("cause", "the download was cut short");
    }
    failed.push_back(std::move(again));
  }
  return failed;
}

}  // namespace

base::Result<std::vector<Failure>> fetch_all(const std::vector<Order>& orders,
                                             const std::filesystem::path& kept,
                                             std::string_view doing, base::Progress& progress,
                                             const Bounds& bounds) {
  std::uint64_t total = 0;
  std::vector<Try> open;
  std::vector<Failure> failures;
  for (const Order& order : orders) {
    total += order.arrival.size;
    open.push_back({.order = order, .error = std::nullopt, .asked = {}});
  }
  if (open.empty()) return failures;
  progress.begin(doing, total, base::Progress::Unit::bytes);
  while (!open.empty()) {
    Status status(progress, bounds);
    auto failed = round(open, kept, status, bounds);
    if (!failed) {
      progress.end();
      return base::unexpected(std::move(failed).error());
    }
    open.clear();
    for (Try& one : *failed) {
      if (one.order.uris.empty()) {
        failures.push_back({.order = std::move(one.order),
                            .error = std::move(*one.error),
                            .asked = std::move(one.asked)});
      } else {
        open.push_back(std::move(one));
      }
    }
  }
  progress.end();
  return failures;
}

}  // namespace ccci::source::debian
