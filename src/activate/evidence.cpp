// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/evidence.hpp"

#include "base/date.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

std::string complaints_text(const Evidence& evidence) {
  std::string text = "generation " + std::to_string(evidence.generation.number) + " of host " +
                     evidence.generation.host + ", system " + evidence.generation.system + "\n";
  for (const Complaint& complaint : evidence.complaints) {
    text += complaint.subject + ": " + complaint.found + "\n";
    if (!complaint.output.empty()) text += complaint.output + "\n";
  }
  if (!evidence.refusals.empty()) text += "systemd refused:\n" + evidence.refusals;
  return text;
}

base::Result<void> write(const fs::path& directory, Systemd& systemd, const Evidence& evidence) {
  CCCI_CHECK(base::make_directories(directory));
  CCCI_CHECK(base::replace_file(directory / "complaints.txt", complaints_text(evidence), 0600));
  for (const Complaint& complaint : evidence.complaints) {
    const std::string& unit = complaint.subject;
    if (!is_unit_name(unit)) continue;
    const std::string text = systemd.status(unit) + "\n" + systemd.journal(unit, evidence.since);
    CCCI_CHECK(base::replace_file(directory / (unit + ".txt"), text, 0600));
  }
  return {};
}

}  // namespace

std::string last_words(std::string_view journal) {
  constexpr std::size_t shown = 3;
  constexpr std::size_t longest = 200;
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(journal, '\n')) {
    const std::string_view text = base::trim(line);
    if (text.empty()) continue;
    const bool cut = text.size() > longest;
    lines.push_back("  " + base::printable(text.substr(0, longest)) + (cut ? "…" : ""));
  }
  if (lines.size() > shown) lines.erase(lines.begin(), lines.end() - shown);
  return lines.empty() ? "" : "\n" + base::join(lines, "\n");
}

fs::path keep_evidence(Systemd& systemd, const Evidence& evidence) {
  if (evidence.generation.state.empty()) return {};
  const fs::path directory = fs::path(evidence.generation.state) / "evidence" /
                             (std::to_string(evidence.generation.number) + "-" +
                              base::rfc3339(std::chrono::system_clock::now()));
  return write(directory, systemd, evidence) ? directory : fs::path();
}

}  // namespace ccci::activate
