#include "proxy/client_settings.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "sql/allowed_statements.hpp"

namespace curfew::proxy {
namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The words of `options`, as PostgreSQL splits them (pg_split_opts).
std::vector<std::string> words_of(std::string_view options) {
    std::vector<std::string> words;
    std::size_t at = 0;
    for (;;) {
        while (at < options.size() && is_space(options[at]))
            ++at;
        if (at == options.size()) return words;
        std::string word;
        for (; at < options.size() && !is_space(options[at]); ++at) {
            if (options[at] == '\\' && at + 1 < options.size()) ++at;
            word += options[at];
        }
        words.push_back(std::move(word));
    }
}

struct Setting {
    std::string name;
    std::string value;
};

// `search-path=a` is understood by PostgreSQL as `search_path=a`.
std::optional<Setting> parse_assignment(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    Setting setting{lower_case(text.substr(0, equals)), std::string{text.substr(equals + 1)}};
    std::replace(setting.name.begin(), setting.name.end(), '-', '_');
    return setting;
}

// The settings of `-c name=value`, `-cname=value` and `--name=value`; nullopt: there is something else.
std::optional<std::vector<Setting>> parse_options(std::string_view options) {
    std::vector<Setting> settings;
    const std::vector<std::string> words = words_of(options);
    for (std::size_t at = 0; at < words.size(); ++at) {
        std::string_view word = words[at];
        if (word == "-c" && at + 1 < words.size()) {
            word = words[++at];
        } else if (word.starts_with("-c") || word.starts_with("--")) {
            word.remove_prefix(2);
        } else {
            return std::nullopt;
        }
        auto setting = parse_assignment(word);
        if (!setting) return std::nullopt;
        settings.push_back(std::move(*setting));
    }
    return settings;
}

// As PostgreSQL compares names of encodings: letters and digits only.
std::string bare(std::string_view encoding) {
    std::string name = lower_case(encoding);
    std::erase_if(name, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')); });
    return name;
}

bool is_utf8_name(std::string_view bare_name) {
    return bare_name == "utf8" || bare_name == "unicode" || bare_name == "sqlascii";
}

// Those that a server may have, too: in them no byte of a longer character is ASCII. Not BIG5, GBK, GB18030,
// SJIS, SHIFT_JIS_2004, JOHAB and UHC, nor what nobody knows.
bool keeps_ascii(std::string_view bare_name) {
    constexpr std::array beginnings{std::string_view{"latin"},  std::string_view{"iso8859"},
                                    std::string_view{"win125"}, std::string_view{"windows125"},
                                    std::string_view{"koi8"},   std::string_view{"euc"}};
    return is_utf8_name(bare_name) ||
           std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return bare_name.starts_with(beginning); });
}

bool may_be_set(const std::string& name, const std::string& value) {
    if (name == "client_encoding" || name == "standard_conforming_strings") return true;  // these it reports
    sql::Statement statement;
    statement.kind = sql::StatementKind::setting;
    statement.parameter = name;
    statement.value = value;
    return !sql::why_ask(statement, {});
}

bool calls_set_config(const sql::Statement& statement) {
    return std::any_of(statement.functions.begin(), statement.functions.end(),
                       [](const sql::ObjectReference& function) { return function.name == "set_config"; });
}

}  // namespace

ClientSettings::ClientSettings(const postgres::StartupMessage& startup) {
    const auto given = [this](const std::string& name, const std::string& value) {
        if (name == "client_encoding") reported(name, value);
        if (changed_.empty() && !may_be_set(name, value))
            changed_ = printable(name) + " was set at its start";
    };
    for (const auto& [name, value] : startup.parameters) {
        if (lower_case(name) != "options") {
            given(lower_case(name), value);
            continue;
        }
        const auto settings = parse_options(value);
        if (!settings) changed_ = "the options at its start are not understood";
        for (const Setting& setting : settings.value_or(std::vector<Setting>{}))
            given(setting.name, setting.value);
    }
}

void ClientSettings::reported(std::string_view name, std::string_view value) {
    if (name == "standard_conforming_strings") standard_strings_ = value == "on";
    if (name != "client_encoding") return;
    const std::string encoding = bare(value);
    encoding_ = printable(value, 40);
    ascii_is_ascii_ = keeps_ascii(encoding);
    utf8_ = is_utf8_name(encoding);
}

void ClientSettings::ran(const std::vector<sql::Statement>& statements, bool understood) {
    if (!changed_.empty()) return;
    if (!understood) changed_ = "a statement has run since that was not looked into";
    for (const sql::Statement& statement : statements) {
        if (statement.kind == sql::StatementKind::setting &&
            !may_be_set(statement.parameter, statement.value))
            changed_ = printable(statement.parameter) + " was set since";
        if (calls_set_config(statement)) changed_ = "set_config() was called since";
    }
}

std::string ClientSettings::doubt() const {
    if (!changed_.empty()) return changed_;
    if (!standard_strings_) return "standard_conforming_strings is off";
    if (!ascii_is_ascii_) return "client_encoding is " + encoding_;
    return {};
}

}  // namespace curfew::proxy
