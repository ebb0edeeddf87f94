// SPDX-License-Identifier: GPL-3.0-or-later
// Everything in a result may come from a hostile recipe, so every text goes through escaped().
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "results/files.hpp"

namespace ccci::results {

namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.3f", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string seconds_text(std::chrono::milliseconds time) {
  return number(static_cast<double>(time.count()) / 1000);
}

struct Look {
  std::string_view text;
  std::string_view colour;
};

Look look(run::Verdict verdict) {
  switch (verdict) {
    case run::Verdict::pass:
      return {"pass", "#1a7f37"};
    case run::Verdict::fail:
      return {"fail", "#b42318"};
    case run::Verdict::skip:
      return {"skip", "#57606a"};
    case run::Verdict::unverified:
      break;
  }
  return {"unverified", "#9a6700"};
}

std::string headline(const run::Result& result) {
  std::string text = result.recipe;
  if (!result.version.empty()) text += " " + result.version;
  return text;
}

constexpr std::string_view style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1f2328;background:#fff}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;"
    "border-bottom:1px solid #d0d7de;vertical-align:top}"
    "pre{background:#f6f8fa;padding:.8rem;overflow:auto;white-space:pre-wrap}"
    ".v{color:#fff;border-radius:.3rem;padding:.1rem .5rem;font-weight:600}"
    "img{max-width:100%;border:1px solid #d0d7de}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}"
    "pre{background:#161b22}td,th{border-color:#30363d}}";

std::string pill(run::Verdict verdict) {
  const Look shown = look(verdict);
  return "<span class=\"v\" style=\"background:" + std::string(shown.colour) + "\">" +
         std::string(shown.text) + "</span>";
}

std::string list(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return {};
  std::string html = "<h2>" + title + "</h2>\n<ul>\n";
  for (const std::string& item : items) html += "<li>" + escaped(item) + "</li>\n";
  return html + "</ul>\n";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : base::printable_lines(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string to_junit(const run::Result& result) {
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
  std::string cases;
  for (const run::Rung& rung : result.rungs) {
    cases += "  <testcase classname=\"" + escaped(result.recipe) + "\" name=\"" +
             escaped(rung.name) + "\" time=\"" + seconds_text(rung.time) + "\">";
    const bool broken =
        rung.verdict == run::Verdict::unverified && result.ending == run::Ending::failed;
    if (broken) {
      ++errors;
      cases += "<error message=\"" + escaped(rung.reason) + "\"/>";
    } else if (rung.verdict == run::Verdict::fail) {
      ++failures;
      cases += "<failure message=\"" + escaped(rung.reason) + "\">" + escaped(rung.last_words) +
               "</failure>";
    } else if (rung.verdict != run::Verdict::pass) {
      ++skipped;
      const std::string_view prefix =
          rung.verdict == run::Verdict::unverified ? "unverified: " : "";
      cases += "<skipped message=\"" + std::string(prefix) + escaped(rung.reason) + "\"/>";
    }
    cases += "</testcase>\n";
  }
  std::size_t tests = result.rungs.size();
  // Whoever reads only this file must come to the same end as the exit status.
  const bool worse = failures + errors == 0 && (run::verdict(result) == run::Verdict::fail ||
                                                result.ending != run::Ending::complete);
  if (worse) {
    const bool failed = run::verdict(result) == run::Verdict::fail;
    const std::string kind = failed ? "failure" : "error";
    ++(failed ? failures : errors);
    ++tests;
    cases += "  <testcase classname=\"" + escaped(result.recipe) + "\" name=\"run\"><" + kind +
             " message=\"" + escaped(base::join(run::beside_rungs(result), "; ")) +
             "\"/></testcase>\n";
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" + escaped(result.recipe) +
         "\" tests=\"" + std::to_string(tests) + "\" failures=\"" + std::to_string(failures) +
         "\" errors=\"" + std::to_string(errors) + "\" skipped=\"" + std::to_string(skipped) +
         "\" time=\"" + seconds_text(result.time) + "\" timestamp=\"" + escaped(result.started) +
         "\">\n" + cases + "</testsuite>\n";
}

std::string to_html(const run::Result& result) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "img-src 'self'; style-src 'unsafe-inline'\">"
      "<title>" +
      escaped(headline(result)) + "</title><style>" + std::string(style) +
      "</style></head><body>\n<h1>" + escaped(headline(result)) + "</h1>\n<p>" +
      pill(run::verdict(result)) + " level " + std::to_string(run::level(result)) + ", " +
      escaped(base::human_seconds(static_cast<double>(result.time.count()) / 1000)) + ", " +
      escaped(result.started) +
      (result.commit.empty() ? "" : ", commit " + escaped(result.commit)) +
      (result.dirty ? " with changes" : "") + "</p>\n";
  std::vector<std::string> problems = run::beside_rungs(result);
  if (!result.problem.empty() && result.ending != run::Ending::failed)
    problems.push_back(result.problem);
  for (const std::string& problem : problems) html += "<pre>" + escaped(problem) + "</pre>\n";
  html += "<table>\n<tr><th>tier</th><th>verdict</th><th>time</th><th>reason</th></tr>\n";
  for (const run::Rung& rung : result.rungs) {
    html += "<tr><td>" + escaped(rung.name) + "</td><td>" + pill(rung.verdict) + "</td><td>" +
            escaped(base::human_seconds(static_cast<double>(rung.time.count()) / 1000)) +
            "</td><td>" + escaped(rung.reason);
    if (!rung.last_words.empty()) html += "<pre>" + escaped(rung.last_words) + "</pre>";
    html += "</td></tr>\n";
  }
  html += "</table>\n";
  if (result.screenshot.empty())
    html += "<h2>Front page</h2>\n<img src=\"screenshot.png\" alt=\"the front page\">\n";
  std::vector<std::string> deviations;
  for (const recipe::Deviation& deviation : result.deviations) {
    deviations.push_back((deviation.service.empty() ? "" : deviation.service + ": ") +
                         deviation.key + ": " + deviation.what);
  }
  for (const run::ReleaseNote& note : result.release_notes)
    html += "<h2>Release note " + escaped(note.version) + "</h2>\n<pre>" + escaped(note.text) +
            "</pre>\n";
  html += list("Dependencies", result.dependencies) +
          list("Deviations from the recipe", deviations) + list("Notes", result.notes) +
          list("Left after the teardown", result.left);
  html += "<p>environment " + escaped(result.environment) + "</p>\n</body></html>\n";
  return html;
}

std::string to_badge(const run::Result& result) {
  const Look shown = look(run::verdict(result));
  const std::string right = std::string(shown.text) + " L" + std::to_string(run::level(result));
  const std::string left = result.recipe.substr(0, 40);
  // DejaVu's digits are 7 units wide at this size; other letters are close to it.
  const std::size_t left_width = left.size() * 7 + 12;
  const std::size_t right_width = right.size() * 7 + 12;
  const auto text = [](std::size_t x, const std::string& word) {
    return "<text x=\"" + std::to_string(x) + "\" y=\"14\">" + escaped(word) + "</text>";
  };
  const std::string width = std::to_string(left_width + right_width);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width +
         "\" height=\"20\" role=\"img\" aria-label=\"" + escaped(left + ": " + right) +
         "\"><rect width=\"" + width + "\" height=\"20\" rx=\"3\" fill=\"#444\"/><rect x=\"" +
         std::to_string(left_width) + "\" width=\"" + std::to_string(right_width) +
         "\" height=\"20\" rx=\"3\" fill=\"" + std::string(shown.colour) +
         "\"/><g fill=\"#fff\" text-anchor=\"middle\" font-family=\"DejaVu "
         "Sans,Verdana,sans-serif\" "
         "font-size=\"11\">" +
         text(left_width / 2, left) + text(left_width + right_width / 2, right) + "</g></svg>\n";
}

}  // namespace ccci::results
