// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/complete.hpp"

#include <algorithm>

#include "command/parse.hpp"

namespace ccci::command {

namespace {

const Operand* operand_at(const Command& command, std::size_t index) {
  if (index < command.operands.size()) return &command.operands[index];
  const bool more = !command.operands.empty() && command.operands.back().repeatable;
  return more ? &command.operands.back() : nullptr;
}

class Completer {
 public:
  Completer(const Commands& table, const NamesOf& names) : table_(table), names_(names) {}

  Candidates run(const std::vector<std::string>& words) {
    if (words.empty()) return {};
    for (std::size_t i = 0; i + 1 < words.size(); ++i) pass(words[i]);
    current_ = words.back();
    offer();
    return std::move(found_);
  }

 private:
  bool rest_is_passed() const {
    return command_ != nullptr && command_->passes_rest && !operands_.empty();
  }

  void pass(const std::string& word) {
    if (awaiting_ != nullptr) {
      given_.push_back({awaiting_, word});
      awaiting_ = nullptr;
    } else if (options_end_ || rest_is_passed() || word == "-" || !word.starts_with('-')) {
      pass_plain(word);
    } else if (word == "--") {
      options_end_ = true;
    } else if (word.starts_with("--")) {
      const std::size_t equals = word.find('=');
      const Option* option = find(word.substr(2, equals - 2), 0);
      if (option == nullptr) return;
      if (equals != std::string::npos) {
        given_.push_back({option, word.substr(equals + 1)});
      } else {
        note(*option);
      }
    } else {
      pass_cluster(word);
    }
  }

  void pass_plain(const std::string& word) {
    if (command_ != nullptr) {
      operands_.push_back(word);
      return;
    }
    const std::string name = family_.empty() ? word : family_ + " " + word;
    const auto exact = std::ranges::find(table_, name, [](const Command* c) { return c->name; });
    if (exact != table_.end()) {
      command_ = *exact;
    } else {
      family_ = name;
    }
  }

  void pass_cluster(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const Option* option = find({}, word[i]);
      if (option == nullptr) return;
      if (!option->value.empty() && i + 1 < word.size()) {
        given_.push_back({option, word.substr(i + 1)});
        return;
      }
      note(*option);
    }
  }

  void note(const Option& option) {
    if (option.value.empty()) {
      given_.push_back({&option, ""});
    } else {
      awaiting_ = &option;
    }
  }

  const Option* find(std::string_view name, char letter) const {
    for (const auto* options : lists()) {
      for (const Option& option : *options) {
        if (letter != 0 ? option.letter == letter : option.name == name) return &option;
      }
    }
    return nullptr;
  }

  std::vector<const std::vector<Option>*> lists() const {
    if (command_ == nullptr) return {&global_options()};
    return {&command_->options, &global_options()};
  }

  void offer() {
    const std::size_t equals = current_.find('=');
    if (awaiting_ != nullptr) {
      offer_kind(awaiting_->completes, awaiting_->choices, "");
    } else if (options_end_ || rest_is_passed() || !current_.starts_with('-')) {
      offer_plain();
    } else if (current_.starts_with("--") && equals != std::string::npos) {
      const std::string before = current_.substr(0, equals + 1);
      const Option* option = find(std::string_view(before).substr(2, before.size() - 3), 0);
      if (option != nullptr) offer_kind(option->completes, option->choices, before);
    } else {
      offer_options();
    }
  }

  void offer_plain() {
    if (command_ == nullptr) return offer_commands(family_);
    const Operand* operand = operand_at(*command_, operands_.size());
    if (operand == nullptr) return;
    if (operand->completes == Completion::command) {
      std::string words;
      for (const std::string& word : operands_) words += (words.empty() ? "" : " ") + word;
      return offer_commands(words);
    }
    offer_kind(operand->completes, operand->choices, "");
  }

  void offer_commands(const std::string& family) {
    for (const Command* command : table_) {
      std::string_view name = command->name;
      if (command->hidden) continue;
      if (!family.empty()) {
        if (!name.starts_with(family + " ")) continue;
        name.remove_prefix(family.size() + 1);
      }
      const std::size_t space = name.find(' ');
      if (space == std::string_view::npos) {
        add(std::string(name), std::string(command->purpose));
      } else {
        add(std::string(name.substr(0, space)), "");
      }
    }
  }

  void offer_options() {
    for (const auto* options : lists()) {
      for (const Option& option : *options) {
        const bool again = option.repeatable || std::ranges::none_of(given_, [&](const Given& one) {
                             return one.option == &option;
                           });
        if (again) add("--" + std::string(option.name), std::string(option.help));
      }
    }
  }

  void offer_kind(Completion kind, const std::vector<std::string_view>& choices,
                  const std::string& before) {
    switch (kind) {
      case Completion::none:
        break;
      case Completion::choices:
        for (const std::string_view choice : choices) add(before + std::string(choice), "");
        break;
      case Completion::file:
      case Completion::directory:
      case Completion::program:
        found_.by_shell = kind;
        break;
      case Completion::command:
        offer_commands("");
        break;
      case Completion::host:
      case Completion::tool:
      case Completion::entrypoint:
      case Completion::image:
      case Completion::package:
        offer_names(kind, before);
        break;
    }
  }

  void offer_names(Completion kind, const std::string& before) {
    const auto no_variables = [](const char*) -> const char* { return nullptr; };
    const auto globals = globals_of(given_, no_variables, true);
    if (!globals) return;
    for (const std::string& name : names_(kind, *globals)) {
      // A name that is already on the command line is not offered: repeating it is nearly always a
      // mistake.
      if (std::ranges::find(operands_, name) == operands_.end()) add(before + name, "");
    }
  }

  void add(std::string word, std::string meaning) {
    if (!word.starts_with(current_)) return;
    const auto same = std::ranges::find(found_.words, word, &Candidate::word);
    if (same == found_.words.end()) found_.words.push_back({std::move(word), std::move(meaning)});
  }

  const Commands& table_;
  const NamesOf& names_;
  const Command* command_ = nullptr;
  std::string family_;
  const Option* awaiting_ = nullptr;
  bool options_end_ = false;
  std::vector<Given> given_;
  std::vector<std::string> operands_;
  std::string current_;
  Candidates found_;
};

}  // namespace

Candidates complete(const std::vector<std::string>& words, const Commands& table,
                    const NamesOf& names) {
  return Completer(table, names).run(words);
}

}  // namespace ccci::command
