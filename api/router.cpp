#include "api/router.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api/problem.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

constexpr std::string_view id_segment = "{id}";

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// The {id} of `path` if it has the form of `pattern`; empty text where the pattern has no {id}.
std::optional<std::string> match(const std::vector<std::string>& pattern,
                                 const std::vector<std::string>& path) {
    if (pattern.size() != path.size()) return std::nullopt;
    std::string id;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == id_segment && !path[i].empty()) {
            id = path[i];
        } else if (pattern[i] != path[i]) {
            return std::nullopt;
        }
    }
    return id;
}

Result<std::map<std::string, std::string>> parse_query(std::string_view text,
                                                       const std::vector<std::string>& known) {
    std::map<std::string, std::string> query;
    if (text.empty()) return query;
    for (const auto& part : split(text, '&')) {
        const auto equals = part.find('=');
        const auto name = part.substr(0, equals);
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return Error{ErrorCode::invalid,
                         fmt::format("Query parameter '{}' is not known here; known: {}", printable(name, 40),
                                     known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")))};
        }
        query[name] = equals == std::string::npos ? "" : part.substr(equals + 1);
    }
    return query;
}

}  // namespace

void Router::add(http::verb method, std::string_view path, std::vector<std::string> query, Handler handler) {
    routes_.push_back({method, split(path, '/'), std::move(query), std::move(handler)});
}

std::variant<Router::Match, Response> Router::find(Request request, std::string actor) const {
    const std::string target{request.target()};
    const auto question = target.find('?');
    const auto path = split(std::string_view{target}.substr(0, question), '/');
    std::vector<std::string> allowed;
    for (const Route& route : routes_) {
        const auto id = match(route.segments, path);
        if (!id) continue;
        if (route.method != request.method()) {
            allowed.emplace_back(http::to_string(route.method));
            continue;
        }
        auto query =
            parse_query(question == std::string::npos ? "" : target.substr(question + 1), route.query);
        if (!query) return problem(query.error());
        return Match{&route.handler, Call{std::move(request), std::move(actor), *id, std::move(*query)}};
    }
    if (allowed.empty()) {
        return problem(http::status::not_found,
                       fmt::format("Nothing is served at '{}'", printable(target, 100)));
    }
    auto response = problem(http::status::method_not_allowed,
                            fmt::format("'{}' takes {}", printable(target, 100), fmt::join(allowed, ", ")));
    response.set(http::field::allow, fmt::format("{}", fmt::join(allowed, ", ")));
    return response;
}

}  // namespace curfew::api
