// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "gate/form.hpp"
#include "gate/pattern.hpp"
#include "gate/phase.hpp"
#include "gate/vacuous.hpp"

namespace ccci::gate {

using declare::Kind;
using declare::Node;

namespace {

constexpr std::size_t longest_text = 16U << 10U;
constexpr std::size_t longest_script = 64U << 10U;
constexpr std::size_t most_items = 200;  // for gates, checks, files and words, each

class PhaseReader {
 public:
  PhaseReader(std::string_view text, std::string file)
      : text_(text), form_(text, std::move(file)) {}

  base::Result<Phase> read(std::string name) {
    CCCI_TRY(const Node document, declare::read_document(text_, form_.lines()));
    form_.check("phase", document);
    Phase phase;
    phase.name = std::move(name);
    if (const Node* title = form_.get("phase", document, "title")) {
      form_.plain(*title, "title", 200);
      phase.title = title->text;
    }
    if (const Node* fresh = form_.get("phase", document, "fresh_for")) {
      phase.fresh_for =
          span(*fresh, "fresh_for", std::chrono::minutes(1), std::chrono::hours(24 * 365));
    }
    if (const Node* gates = form_.get("phase", document, "gate")) {
      bounded(*gates, "gates");
      std::set<std::string> names;
      for (const Node& node : gates->items) {
        phase.gates.push_back(gate(node));
        unique(names, node, phase.gates.back().name, "gate");
      }
    }
    if (!form_.good()) return base::unexpected(form_.error());
    return phase;
  }

 private:
  Gate gate(const Node& node) {
    form_.check("gate", node);
    Gate gate;
    gate.name = name(node, "gate");
    if (const Node* what = form_.get("gate", node, "what")) {
      form_.plain(*what, "what", longest_text);
      gate.what = base::trim(what->text);
    }
    if (const Node* where = form_.get("gate", node, "where")) {
      bounded(*where, "files");
      for (const Node& item : where->items) gate.where.push_back(path(item));
    }
    if (const Node* live = form_.get("gate", node, "live")) {
      gate.live = form_.literal(*live) == "true";
    }
    if (const Node* checks = form_.get("gate", node, "check")) {
      bounded(*checks, "checks");
      std::set<std::string> names;
      for (const Node& item : checks->items) {
        gate.checks.push_back(check(item));
        unique(names, item, gate.checks.back().name, "check");
      }
    }
    return gate;
  }

  Check check(const Node& node) {
    form_.check("check", node);
    Check check;
    check.name = name(node, "check");
    const Node* command = form_.get("check", node, "how");
    if (command != nullptr) check.how = how(*command, "how");
    if (const Node* limit = form_.get("check", node, "time_limit")) {
      check.time_limit =
          span(*limit, "time_limit", std::chrono::seconds(1), std::chrono::hours(24));
    }
    const Node* expected = form_.get("check", node, "expect");
    if (expected == nullptr) return check;
    const bool clean_before = form_.good();
    check.expect = expect(*expected);
    if (expected->entries.empty()) {
      form_.fault(base::fail("gate.no-expectation").with("check", check.name), expected->at);
    } else if (command != nullptr && clean_before && form_.good()) {
      if (const std::string why = vacuous(check); !why.empty()) {
        form_.fault(base::fail("gate.vacuous").with("check", check.name).with("cause", why),
                    expected->at);
      }
    }
    return check;
  }

  Expectation expect(const Node& node) {
    form_.check("expect", node);
    Expectation expect;
    if (const Node* status = form_.get("expect", node, "status")) {
      expect.status = static_cast<int>(form_.integer(*status, "status", 0, 255).value_or(0));
    }
    if (const Node* output = form_.get("expect", node, "output")) {
      if (!output->text.empty()) form_.plain(*output, "output", longest_text);
      expect.output = output->text;
    }
    if (const Node* matches = form_.get("expect", node, "matches")) {
      for (const Node* item : each(*matches)) pattern(*item, expect);
    }
    if (const Node* lines = form_.get("expect", node, "lines")) expect.lines = count(*lines);
    if (const Node* other = form_.get("expect", node, "same_as")) {
      expect.same_as = how(*other, "same_as");
    }
    if (const Node* values = form_.get("expect", node, "json")) {
      for (const Node* item : each(*values)) json(*item, expect);
    }
    return expect;
  }

  static std::vector<const Node*> each(const Node& node) {
    if (node.kind != Kind::list) return {&node};
    std::vector<const Node*> items;
    for (const Node& item : node.items) items.push_back(&item);
    return items;
  }

  void pattern(const Node& node, Expectation& expect) {
    auto compiled = Pattern::compile(node.text);
    if (!compiled) {
      form_.fault(std::move(compiled).error(), node.at);
    } else if (compiled->always()) {
      form_.fault(base::fail("gate.pattern")
                      .with("pattern", node.text.substr(0, 80))
                      .with("cause", "it matches every line"),
                  node.at);
    } else {
      expect.patterns.push_back(node.text);
    }
  }

  LineCount count(const Node& node) {
    constexpr std::int64_t most_lines = 1'000'000;
    LineCount lines;
    if (node.kind == Kind::integer) {
      lines.least =
          static_cast<std::uint64_t>(form_.integer(node, "lines", 0, most_lines).value_or(0));
      lines.most = lines.least;
      return lines;
    }
    form_.check("lines", node);
    if (const Node* least = form_.get("lines", node, "least")) {
      lines.least =
          static_cast<std::uint64_t>(form_.integer(*least, "least", 0, most_lines).value_or(0));
    }
    if (const Node* most = form_.get("lines", node, "most")) {
      lines.most = static_cast<std::uint64_t>(
          form_.integer(*most, "most", static_cast<std::int64_t>(lines.least), most_lines)
              .value_or(most_lines));
    }
    return lines;
  }

  void json(const Node& node, Expectation& expect) {
    form_.check("json", node);
    const Node* pointer = form_.get("json", node, "pointer");
    const Node* equals = form_.get("json", node, "equals");
    if (pointer == nullptr || equals == nullptr) return;
    if (!base::Json::is_pointer(pointer->text)) {
      form_.fault(base::fail("gate.value")
                      .with("what", "pointer")
                      .with("expected", "a JSON pointer such as '/hosts/a/digest'")
                      .with("found", pointer->text.substr(0, 60)),
                  pointer->at);
      return;
    }
    JsonValue value{pointer->text, equals->text};
    if (equals->kind == Kind::boolean) value.equals = form_.literal(*equals) == "true";
    if (equals->kind == Kind::integer) {
      value.equals = form_.integer(*equals, "equals", INT64_MIN, INT64_MAX).value_or(0);
    }
    expect.json.push_back(std::move(value));
  }

  How how(const Node& node, std::string_view what) {
    How how;
    if (node.kind == Kind::text) {
      form_.plain(node, what, longest_script);
      how.script = node.text;
      return how;
    }
    bounded(node, "words");
    if (!node.items.empty()) form_.plain(node.items.front(), what, longest_script);
    for (const Node& item : node.items) {
      if (!item.text.empty()) form_.plain(item, what, longest_script);
      how.argv.push_back(item.text);
    }
    return how;
  }

  // A path in the repository: relative, and without parts that lead out of it.
  std::string path(const Node& node) {
    if (!form_.plain(node, "where", 1024)) return {};
    const auto parts = base::split(node.text, '/');
    const bool escapes = std::find(parts.begin(), parts.end(), "..") != parts.end();
    if (node.text.front() == '/' || node.text.front() == '-' || node.text.front() == ':' ||
        escapes || node.text.find('\n') != std::string::npos) {
      form_.fault(base::fail("gate.value")
                      .with("what", "where")
                      .with("expected", "a path within the repository")
                      .with("found", node.text.substr(0, 60)),
                  node.at);
    }
    return node.text;
  }

  std::chrono::seconds span(const Node& node, std::string_view what, std::chrono::seconds least,
                            std::chrono::seconds most) {
    const auto span = parse_span(node.text);
    if (span && *span >= least && *span <= most) return *span;
    form_.fault(base::fail("gate.value")
                    .with("what", what)
                    .with("expected", "a time such as '90s', '10m' or '24h', from " +
                                          format_span(least) + " to " + format_span(most))
                    .with("found", node.text.substr(0, 60)),
                node.at);
    return least;
  }

  std::string name(const Node& node, std::string_view table) {
    const Node* value = form_.get(table, node, "name");
    if (value == nullptr) return {};
    form_.name(value->text, value->at, "name");
    return value->text;
  }

  void unique(std::set<std::string>& names, const Node& node, const std::string& name,
              std::string_view kind) {
    if (name.empty() || names.insert(name).second) return;
    form_.fault(base::fail("gate.twice").with("kind", kind).with("name", name),
                node.find("name")->at);
  }

  void bounded(const Node& list, std::string_view what) {
    if (!list.items.empty() && list.items.size() <= most_items) return;
    form_.fault(base::fail("gate.value")
                    .with("what", what)
                    .with("expected", "1 to " + std::to_string(most_items))
                    .with("found", std::to_string(list.items.size())),
                list.at);
  }

  std::string_view text_;
  Form form_;
};

}  // namespace

base::Result<Phase> read_phase(std::string_view text, std::string name, std::string file) {
  return PhaseReader(text, std::move(file)).read(std::move(name));
}

}  // namespace ccci::gate
