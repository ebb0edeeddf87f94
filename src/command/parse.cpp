// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/parse.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace ccci::command {

namespace {

using base::fail;
using base::Result;
using base::unexpected;

const Option* by_name(const std::vector<Option>& options, std::string_view name) {
  const auto found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? nullptr : &*found;
}

const Option* by_letter(const std::vector<Option>& options, char letter) {
  const auto found = std::ranges::find(options, letter, &Option::letter);
  return found == options.end() ? nullptr : &*found;
}

class Parser {
 public:
  Parser(const std::vector<std::string>& words, const Commands& table)
      : words_(words), table_(table) {}

  Result<Call> parse() {
    auto read = read_words();
    if (call_.wish != Call::Wish::run) {
      if (call_.command == nullptr) call_.family = family_;
      return std::move(call_);
    }
    if (!read) return unexpected(std::move(read).error());
    if (call_.command == nullptr && !family_.empty()) return unexpected(incomplete());
    if (call_.command != nullptr) CCCI_CHECK(check_operands());
    return std::move(call_);
  }

 private:
  Result<void> read_words() {
    bool options_end = false;
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (options_end || word == "-" || !word.starts_with('-')) {
        CCCI_CHECK(read_plain(word));
        if (call_.command != nullptr && call_.command->passes_rest && !call_.operands.empty()) {
          take_rest();
        }
      } else if (word == "--") {
        options_end = true;
      } else if (word.starts_with("--")) {
        CCCI_CHECK(read_long(word));
      } else {
        CCCI_CHECK(read_cluster(word));
      }
    }
    return {};
  }

  void take_rest() {
    while (next_ < words_.size()) call_.operands.push_back(words_[next_++]);
  }

  Result<void> read_plain(const std::string& word) {
    if (call_.command != nullptr) {
      call_.operands.push_back(word);
      return {};
    }
    const std::string name = family_.empty() ? word : family_ + " " + word;
    for (const Command* command : table_) {
      if (command->name == name) {
        call_.command = command;
        return {};
      }
    }
    const bool several = std::ranges::any_of(
        table_, [&](const Command* command) { return command->name.starts_with(name + " "); });
    if (!several) return unexpected(unknown_command(name));
    family_ = name;
    return {};
  }

  Result<void> read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const Option* option = find([&](const auto& options) { return by_name(options, name); });
    if (option == nullptr) return unexpected(unknown_option("--" + name));
    if (equals == std::string::npos) return take(*option, word, std::nullopt);
    return take(*option, "--" + name, word.substr(equals + 1));
  }

  Result<void> read_cluster(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string spelled{'-', word[i]};
      const Option* option = find([&](const auto& options) { return by_letter(options, word[i]); });
      if (option == nullptr) return unexpected(unknown_option(spelled));
      const bool attached = !option->value.empty() && i + 1 < word.size();
      if (attached) return take(*option, spelled, word.substr(i + 1));
      CCCI_CHECK(take(*option, spelled, std::nullopt));
    }
    return {};
  }

  template <typename Finder>
  const Option* find(const Finder& finder) const {
    const Option* option = finder(global_options());
    if (option == nullptr && call_.command != nullptr) option = finder(call_.command->options);
    return option;
  }

  Result<void> take(const Option& option, const std::string& spelled,
                    std::optional<std::string> value) {
    if (option.value.empty() && value) {
      return unexpected(about(fail("cli.unexpected-value").with("option", spelled)));
    }
    if (!option.value.empty() && !value) {
      if (next_ == words_.size()) {
        return unexpected(
            about(fail("cli.missing-value").with("option", spelled).with("value", option.value)));
      }
      value = words_[next_++];
    }
    // From a script with an unset variable; as a path it would be the current directory or none.
    if (value && value->empty()) {
      return unexpected(
          about(fail("cli.missing-value").with("option", spelled).with("value", option.value)));
    }
    if (option.name == "help") {
      call_.wish = spelled == "-h" ? Call::Wish::short_help : Call::Wish::full_help;
      return {};
    }
    if (option.name == "version") {
      call_.wish = Call::Wish::version;
      return {};
    }
    if (!option.choices.empty()) CCCI_CHECK(check_choice(spelled, option.choices, *value));
    call_.given.push_back({&option, value.value_or("")});
    return {};
  }

  Result<void> check_choice(const std::string& what, const std::vector<std::string_view>& choices,
                            const std::string& value) const {
    if (std::ranges::find(choices, value) != choices.end()) return {};
    const std::vector<std::string> words(choices.begin(), choices.end());
    return unexpected(about(fail("cli.choice")
                                .with("what", what)
                                .with("value", value)
                                .with("choices", base::join(words, ", "))
                                .with("likely", base::likely(value, words))));
  }

  Result<void> check_operands() const {
    const std::vector<Operand>& expected = call_.command->operands;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (i >= call_.operands.size() && !expected[i].optional) {
        return unexpected(about(fail("cli.missing-operand").with("operand", expected[i].name)));
      }
    }
    const bool any_number = !expected.empty() && expected.back().repeatable;
    if (!any_number && call_.operands.size() > expected.size()) {
      return unexpected(
          about(fail("cli.extra-operand").with("operand", call_.operands[expected.size()])));
    }
    for (std::size_t i = 0; i < call_.operands.size() && !expected.empty(); ++i) {
      const Operand& operand = expected[std::min(i, expected.size() - 1)];
      // A script whose variable is unset. Words for another program are not ours to judge.
      if (call_.operands[i].empty() && !call_.command->passes_rest)
        return unexpected(about(fail("cli.empty-operand").with("operand", operand.name)));
      if (operand.choices.empty()) continue;
      CCCI_CHECK(check_choice(std::string(operand.name), operand.choices, call_.operands[i]));
    }
    return {};
  }

  base::Error about(base::Error error) const {
    const std::string program = "cc-ci";
    std::string command = program;
    if (call_.command != nullptr) command += " " + std::string(call_.command->name);
    return std::move(error).with("command", command);
  }

  base::Error unknown_option(const std::string& spelled) const {
    std::vector<std::string> candidates;
    const auto add = [&](const std::vector<Option>& options) {
      for (const Option& option : options) candidates.push_back("--" + std::string(option.name));
    };
    add(global_options());
    if (call_.command != nullptr) add(call_.command->options);
    const bool worded = spelled.starts_with("--");
    return about(fail("cli.unknown-option")
                     .with("option", spelled)
                     .with("likely", worded ? base::likely(spelled, candidates) : std::string()));
  }

  base::Error unknown_command(const std::string& name) const {
    std::vector<std::string> candidates;
    for (const Command* command : table_) {
      if (command->hidden) continue;
      candidates.emplace_back(command->name);
      const std::size_t space = command->name.find(' ');
      if (space != std::string_view::npos) candidates.emplace_back(command->name.substr(0, space));
    }
    return fail("cli.unknown-command")
        .with("name", name)
        .with("likely", base::likely(name, candidates));
  }

  base::Error incomplete() const {
    std::vector<std::string> words;
    for (const Command* command : table_) {
      if (!command->name.starts_with(family_ + " ") || command->hidden) continue;
      words.push_back("'" + std::string(command->name.substr(family_.size() + 1)) + "'");
    }
    return fail("cli.incomplete-command")
        .with("name", family_)
        .with("choices", base::join(words, ", "));
  }

  const std::vector<std::string>& words_;
  const Commands& table_;
  std::size_t next_ = 0;
  std::string family_;
  Call call_;
};

std::string variable(const report::Variables& variables, const char* name) {
  const char* value = variables(name);
  return value == nullptr ? "" : value;
}

}  // namespace

base::Result<Call> parse(const std::vector<std::string>& words, const Commands& table) {
  return Parser(words, table).parse();
}

base::Result<Globals> globals_of(const std::vector<Given>& given,
                                 const report::Variables& variables, bool root) {
  Globals globals;
  globals.state = variable(variables, "CC_CI_STATE");
  for (const auto& [option, value] : given) {
    if (option->name == "directory") globals.directory = value;
    if (option->name == "file") globals.file = value;
    if (option->name == "state") globals.state = value;
    if (option->name == "offline") globals.offline = true;
    if (option->name == "quiet") globals.verbosity = -1;
    if (option->name == "verbose") globals.verbosity = 1;
    if (option->name == "color" && value != "auto") {
      globals.color = value == "always" ? report::ColorChoice::always : report::ColorChoice::never;
    }
  }
  if (!globals.state.empty()) return globals;
  if (root) {
    globals.state = system_state;
    return globals;
  }
  globals.home_state = true;
  const std::string state_home = variable(variables, "XDG_STATE_HOME");
  const std::string home = variable(variables, "HOME");
  // The specification tells programs to ignore a relative XDG_STATE_HOME.
  if (state_home.starts_with('/')) {
    globals.state = std::filesystem::path(state_home) / "cc-ci";
  } else if (!home.empty()) {
    globals.state = std::filesystem::path(home) / ".local/state/cc-ci";
  } else {
    return unexpected(fail("cli.no-home"));
  }
  return globals;
}

}  // namespace ccci::command
