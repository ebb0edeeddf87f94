// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.hpp"
#include "command/invocation.hpp"

namespace ccci::cli {

namespace {

// bash ends words at '=', so it replaces only the part after it. The script splits the line at
// spaces and does not use COMP_WORDS, because there '=' is a word of its own.
constexpr std::string_view bash_script = R"(# bash completion for cc-ci
_cc_ci() {
  local words line word cur
  COMPREPLY=()
  read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
  [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=("")
  ((${#words[@]} > 1)) || return 0
  cur=${words[-1]}
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "${cur#*=}") ;;
      :directories) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "${cur#*=}") ;;
      :programs) mapfile -t COMPREPLY < <(compgen -c -- "${cur#*=}") ;;
      *)
        word=${line%%$'\t'*}
        [[ $cur == -*=* ]] && word=${word#*=}
        COMPREPLY+=("$word")
        ;;
    esac
  done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _cc_ci cc-ci
)";

constexpr std::string_view zsh_script = R"(#compdef cc-ci
# zsh completion for cc-ci
_cc_ci() {
  local -a lines described
  local line word
  lines=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${lines[@]}"; do
    case $line in
      :files) _files; return ;;
      :directories) _files -/; return ;;
      :programs) _command_names -e; return ;;
      ?*)
        word=${line%%$'\t'*}
        described+=("${word//:/\\:}:${line#*$'\t'}")
        ;;
    esac
  done
  _describe -t words 'cc-ci' described
}
if [[ ${funcstack[1]} == _cc_ci ]]; then
  _cc_ci "$@"
else
  compdef _cc_ci cc-ci
fi
)";

constexpr std::string_view fish_script = R"(# fish completion for cc-ci
function __cc_ci_complete
    set -l before (commandline --tokenize --cut-at-cursor --current-process)
    set -l current (commandline --cut-at-cursor --current-token)
    for line in ($before[1] __complete -- $before[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$current"
            case ':directories'
                __fish_complete_directories "$current"
            case ':programs'
                __fish_complete_command
            case '*'
                printf '%s\n' $line
        end
    end
end
complete --command cc-ci --no-files --arguments '(__cc_ci_complete)'
)";

base::Result<int> run_completion(Invocation& invocation) {
  const std::string& shell = invocation.operands().front();
  invocation.out().write(report::Document(std::string(shell == "bash"  ? bash_script
                                                      : shell == "zsh" ? zsh_script
                                                                       : fish_script)));
  return 0;
}

}  // namespace

const Command& completion_command() {
  static const Command command{
      .name = "completion",
      .section = "Help",
      .purpose = "print a completion script for a shell",
      .operands = {{.name = "SHELL",
                    .completes = Completion::choices,
                    .choices = {"bash", "zsh", "fish"}}},
      .prose = R"(SHELL is bash, zsh or fish. Packages install the scripts; without one:

  bash   source <(cc-ci completion bash)    in ~/.bashrc
  zsh    source <(cc-ci completion zsh)     in ~/.zshrc, after compinit
  fish   cc-ci completion fish | source     in ~/.config/fish/config.fish

Hosts, tools and entrypoints come from the declaration in the directory at hand.)",
      .example = "cc-ci completion bash >/etc/bash_completion.d/cc-ci",
      .run = &run_completion,
  };
  return command;
}

}  // namespace ccci::cli
