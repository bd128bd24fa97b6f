#include "identity/scope.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace curfew::identity {

std::string_view to_string(Scope scope) {
    switch (scope) {
        case Scope::read:
            return "read";
        case Scope::request:
            return "request";
        case Scope::review:
            return "review";
        case Scope::admin:
            return "admin";
    }
    return "unknown";
}

std::optional<Scope> parse_scope(std::string_view text) {
    const auto found = std::find_if(all_scopes.begin(), all_scopes.end(),
                                    [&](Scope scope) { return to_string(scope) == text; });
    return found == all_scopes.end() ? std::nullopt : std::optional{*found};
}

Scopes Scopes::all() {
    Scopes scopes;
    for (const Scope scope : all_scopes)
        scopes.add(scope);
    return scopes;
}

std::vector<Scope> Scopes::list() const {
    std::vector<Scope> result;
    for (const Scope scope : all_scopes) {
        if (has(scope)) result.push_back(scope);
    }
    return result;
}

std::string to_string(const Scopes& scopes) {
    std::string text;
    for (const Scope scope : scopes.list()) {
        if (!text.empty()) text += ' ';
        text += to_string(scope);
    }
    return text;
}

Result<Scopes> parse_scopes(std::string_view text) {
    Scopes scopes;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (word.empty()) continue;
        const auto scope = parse_scope(word);
        if (!scope)
            return Error{ErrorCode::invalid, fmt::format("there is no scope '{}'; the scopes are: {}",
                                                         printable(word), to_string(Scopes::all()))};
        scopes.add(*scope);
    }
    if (scopes.empty())
        return Error{ErrorCode::invalid, "no scope is named; the scopes are: " + to_string(Scopes::all())};
    return scopes;
}

}  // namespace curfew::identity
