#include "cli/completion.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <ostream>
#include <string_view>
#include <vector>

#include "cli/invocation.hpp"

namespace curfew::cli {
namespace {

struct Word {
    std::string text;
    std::string help;
};

// One command: what may be typed behind it.
struct Node {
    std::string path;  // `admin create`; empty: the command itself
    std::vector<Word> commands;
    std::vector<Word> options;
};

// Up to the first sentence's end, without what a shell would take for its own.
std::string plain_help(const std::string& help) {
    std::string text = help.substr(0, help.find_first_of(";(["));
    std::string plain;
    for (const char c : text) {
        const bool taken = c == '\'' || c == '"' || c == '`' || c == '\\' || c == '$' || c == ':' || c == ']';
        plain += taken ? ' ' : c;
    }
    while (plain.ends_with(' '))
        plain.pop_back();
    return plain;
}

std::vector<Word> options_of(const CLI::App& app) {
    std::vector<Word> words;
    for (const CLI::Option* option : app.get_options()) {
        for (const auto& name : option->get_lnames())
            words.push_back({"--" + name, plain_help(option->get_description())});
        for (const auto& name : option->get_snames())
            words.push_back({"-" + name, plain_help(option->get_description())});
    }
    return words;
}

void collect(const CLI::App& app, const std::string& path, std::vector<Node>& nodes) {
    Node node{path, {}, options_of(app)};
    const auto children =
        app.get_subcommands([](const CLI::App* child) { return !child->get_name().empty(); });
    for (const CLI::App* child : children)
        node.commands.push_back({child->get_name(), plain_help(child->get_description())});
    nodes.push_back(std::move(node));
    for (const CLI::App* child : children)
        collect(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), nodes);
}

std::string joined_words(const std::vector<Word>& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : " ") + word.text;
    return text;
}

// Options that any command takes are the root's.
std::string bash_script(const std::vector<Node>& nodes) {
    std::string script =
        "# bash completion for curfew: source it, or put it into share/bash-completion/completions.\n"
        "_curfew() {\n"
        "    local word path='' commands options i\n"
        "    local current=${COMP_WORDS[COMP_CWORD]}\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        word=${COMP_WORDS[i]}\n"
        "        [[ $word == -- ]] && return\n"
        "        case \"$path/$word\" in\n";
    for (const auto& node : nodes) {
        for (const auto& command : node.commands)
            script += fmt::format("        '{0}/{1}') path='{2}' ;;\n", node.path, command.text,
                                  node.path.empty() ? command.text : node.path + " " + command.text);
    }
    script +=
        "        esac\n"
        "    done\n"
        "    case $path in\n";
    for (const auto& node : nodes) {
        script += fmt::format("    '{}')\n        commands='{}'\n        options='{}'\n        ;;\n",
                              node.path, joined_words(node.commands), joined_words(node.options));
    }
    script += fmt::format(
        "    esac\n"
        "    case ${{COMP_WORDS[COMP_CWORD - 1]}} in\n"
        "    --ca-file | --socket | --file | --output | -o) mapfile -t COMPREPLY < <(compgen -f -- "
        "\"$current\"); return ;;\n"
        "    --local-socket) mapfile -t COMPREPLY < <(compgen -d -- \"$current\"); return ;;\n"
        "    esac\n"
        "    if [[ $current == -* ]]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"$options {}\" -- \"$current\")\n"
        "    else\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$current\")\n"
        "        [[ $path == 'admin apply' ]] && mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
        "    fi\n"
        "    return 0\n"
        "}}\n"
        "complete -F _curfew curfew\n",
        joined_words(nodes.front().options));
    return script;
}

std::string zsh_words(const std::vector<Word>& words) {
    std::string text;
    for (const auto& word : words)
        text += fmt::format(" '{}:{}'", word.text, word.help);
    return text;
}

std::string zsh_script(const std::vector<Node>& nodes) {
    std::string script =
        "#compdef curfew\n"
        "# zsh completion for curfew: put it as _curfew into a directory of $fpath.\n"
        "_curfew() {\n"
        "    local place='' word i\n"
        "    local -a commands options\n"
        "    for ((i = 2; i < CURRENT; i++)); do\n"
        "        word=$words[i]\n"
        "        [[ $word == -- ]] && return\n"
        "        case \"$place/$word\" in\n";
    for (const auto& node : nodes) {
        for (const auto& command : node.commands)
            script += fmt::format("        '{0}/{1}') place='{2}' ;;\n", node.path, command.text,
                                  node.path.empty() ? command.text : node.path + " " + command.text);
    }
    script +=
        "        esac\n"
        "    done\n"
        "    case $place in\n";
    for (const auto& node : nodes) {
        script += fmt::format("    '{}')\n        commands=({})\n        options=({})\n        ;;\n",
                              node.path, zsh_words(node.commands), zsh_words(node.options));
    }
    script += fmt::format(
        "    esac\n"
        "    case $words[CURRENT-1] in\n"
        "    --ca-file|--socket|--file|--output|-o) _files; return ;;\n"
        "    --local-socket) _files -/; return ;;\n"
        "    esac\n"
        "    if [[ $words[CURRENT] == -* ]]; then\n"
        "        [[ -n $place ]] && options+=({})\n"
        "        _describe -o option options\n"
        "    elif [[ $place == 'admin apply' ]]; then\n"
        "        _files\n"
        "    else\n"
        "        (( $#commands )) && _describe command commands\n"
        "    fi\n"
        "}}\n"
        "if [[ $funcstack[1] == _curfew ]]; then\n"
        "    _curfew \"$@\"\n"
        "else\n"
        "    compdef _curfew curfew\n"
        "fi\n",
        zsh_words(nodes.front().options));
    return script;
}

std::string fish_option(const std::string& condition, const Word& word) {
    const bool is_long = word.text.starts_with("--");
    return fmt::format("complete -c curfew{} -{} {} -d '{}'\n", condition, is_long ? 'l' : 's',
                       word.text.substr(is_long ? 2 : 1), word.help);
}

std::string fish_script(const std::vector<Node>& nodes) {
    std::string script =
        "# fish completion for curfew: put it as curfew.fish into a directory of $fish_complete_path.\n"
        "# True if the words before the cursor, options left out, begin with these and nothing else is a "
        "command.\n"
        "function __curfew_at\n"
        "    set -l words (commandline -opc)\n"
        "    set -e words[1]\n"
        "    set -l place\n"
        "    for word in $words\n"
        "        switch \"$place/$word\"\n";
    for (const auto& node : nodes) {
        for (const auto& command : node.commands)
            script +=
                fmt::format("            case '{0}/{1}'\n                set place '{2}'\n", node.path,
                            command.text, node.path.empty() ? command.text : node.path + " " + command.text);
    }
    script +=
        "        end\n"
        "    end\n"
        "    test \"$place\" = \"$argv\"\n"
        "end\n"
        "complete -c curfew -f\n";
    for (const auto& node : nodes) {
        const auto condition =
            node.path.empty() ? std::string{} : fmt::format(" -n '__curfew_at {}'", node.path);
        for (const auto& word : node.commands)
            script += fmt::format("complete -c curfew -n '__curfew_at {}' -a {} -d '{}'\n", node.path,
                                  word.text, word.help);
        for (const auto& word : node.options)
            script += fish_option(condition, word);
    }
    return script +
           "complete -c curfew -n '__curfew_at admin apply' -F\n"
           "complete -c curfew -l ca-file -r -F\n"
           "complete -c curfew -n '__curfew_at replay' -l file -r -F\n"
           "complete -c curfew -n '__curfew_at replay' -l output -s o -r -F\n"
           "complete -c curfew -l socket -r -F\n"
           "complete -c curfew -n '__curfew_at connect' -l local-socket -x -a "
           "'(__fish_complete_directories)'\n";
}

}  // namespace

std::string completion_script(const CLI::App& app, Shell shell) {
    std::vector<Node> nodes;
    collect(app, "", nodes);
    switch (shell) {
        case Shell::bash:
            return bash_script(nodes);
        case Shell::zsh:
            return zsh_script(nodes);
        case Shell::fish:
            return fish_script(nodes);
    }
    return {};
}

void declare_completion_command(CLI::App& app, Invocation& invocation) {
    auto* completion = app.add_subcommand("completion", "Print the completion script for a shell");
    completion->require_subcommand(1);
    static constexpr std::array shells{std::pair{"bash", Shell::bash}, std::pair{"zsh", Shell::zsh},
                                       std::pair{"fish", Shell::fish}};
    for (const auto& [name, shell] : shells) {
        completion->add_subcommand(name, std::string{"For "} + name)
            ->callback([&app, &invocation, which = shell] {
                invocation.needs = Invocation::Needs::nothing;
                invocation.command = [&app, which](const Context& context) {
                    context.out << completion_script(app, which);
                    return ExitCode::ok;
                };
            });
    }
}

}  // namespace curfew::cli
