// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/evidence.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdio>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::gate {

namespace fs = std::filesystem;

namespace {

base::Json stream_json(const Stream& stream) {
  return {{"bytes", stream.total}, {"kept", stream.kept.size()}, {"digest", stream.digest().hex()}};
}

base::Json seen_json(const Observation& seen) {
  base::Json json{{"status", seen.status},
                  {"milliseconds", seen.took.count()},
                  {"out", stream_json(seen.out)},
                  {"err", stream_json(seen.err)}};
  if (!seen.cause.empty()) json["cause"] = seen.cause;
  if (seen.timed_out) json["timed_out"] = true;
  if (seen.left_running > 0) json["left_running"] = seen.left_running;
  if (seen.escaped) json["escaped"] = true;
  return json;
}

// A URL may contain a password, and everybody can read the ledger.
std::string without_credentials(const std::string& url) {
  const std::size_t start = url.find("://");
  if (start == std::string::npos) return url;
  const std::size_t end = std::min(url.find('/', start + 3), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at == std::string::npos || at < start) return url;
  return url.substr(0, start + 3) + url.substr(at + 1);
}

std::string reproduction(const Verification& verification, const Claimed& claimed, const Gate* gate,
                         const std::string& url) {
  std::string text = "git clone --no-checkout " + base::printable(without_credentials(url)) +
                     " cold && cd cold && git checkout --detach " + claimed.commit.id +
                     " && git submodule update --init --recursive\n";
  for (const CheckResult& result : verification.checks) {
    if (result.held() || gate == nullptr) continue;
    const auto check = std::find_if(gate->checks.begin(), gate->checks.end(),
                                    [&](const Check& one) { return one.name == result.name; });
    if (check == gate->checks.end()) continue;
    text += "# " + result.name + "\n" + check->how.text() + "\n";
    for (const std::string& line : describe(check->expect)) {
      text += "# expected: " + base::printable(line) + "\n";
    }
    for (const std::string& reason : result.reasons) text += "# " + reason + "\n";
  }
  return text;
}

base::Result<void> write_streams(const base::Fd& directory, const std::string& stem,
                                 const Observation& seen) {
  const auto write = [&](const char* ending, const Stream& stream) {
    return base::replace_file(directory.get(), stem + ending, stream.kept);
  };
  CCCI_CHECK(write(".out", seen.out));
  return write(".err", seen.err);
}

}  // namespace

std::string evidence_stem(std::size_t number, const std::string& check) {
  char prefix[24];
  std::snprintf(prefix, sizeof prefix, "%02zu-", number);
  return prefix + check;
}

base::Result<void> write_evidence(const fs::path& root, const fs::path& directory,
                                  const Verification& verification) {
  CCCI_TRY(const base::Fd top, base::open_path(root, O_RDONLY | O_DIRECTORY));
  CCCI_TRY(const base::Fd parent,
           base::make_directories_within(top.get(), directory.parent_path().native()));
  CCCI_TRY(const base::Fd place,
           base::make_directories_within(parent.get(), directory.filename().native()));
  std::size_t number = 0;
  for (const CheckResult& check : verification.checks) {
    const std::string stem = evidence_stem(++number, check.name);
    CCCI_CHECK(write_streams(place, stem, check.seen));
    for (const Observation& seen : check.other) {
      CCCI_CHECK(write_streams(place, stem + ".same", seen));
    }
  }
  return base::real_disk().sync(parent.get());
}

base::Json findings(const Verification& verification, const Claimed& claimed, const Gate* gate,
                    const std::string& url) {
  base::Json json{{"verdict", verification.passed() ? "pass" : "fail"}};
  if (!verification.refusal.empty()) json["refusal"] = base::printable(verification.refusal);
  if (!verification.state.is_null()) json["state"] = verification.state;
  base::Json checks = base::Json::array();
  for (const CheckResult& check : verification.checks) {
    base::Json one{{"name", check.name}, {"held", check.held()}};
    if (!check.held()) one["reasons"] = check.reasons;
    one["seen"] = seen_json(check.seen);
    for (const Observation& other : check.other) one["same_as"] = seen_json(other);
    checks.push_back(std::move(one));
  }
  json["checks"] = std::move(checks);
  if (!verification.passed()) {
    json["reproduction"] = reproduction(verification, claimed, gate, url);
  }
  return json;
}

}  // namespace ccci::gate
