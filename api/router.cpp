#include "api/router.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "api/problem.hpp"
#include "base/percent_encoding.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

using Query = std::map<std::string, std::string, std::less<>>;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool is_placeholder(std::string_view segment) {
    return segment.starts_with('{');
}

// What stands for {…} in `path` if it has the form of `pattern`; empty text where the pattern has none.
std::optional<std::string> match(const std::vector<std::string>& pattern,
                                 const std::vector<std::string>& path) {
    if (pattern.size() != path.size()) return std::nullopt;
    std::string id;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_placeholder(pattern[i]) && !path[i].empty()) {
            auto decoded = decode_segment(path[i]);
            if (!decoded) return std::nullopt;
            id = std::move(*decoded);
        } else if (pattern[i] != path[i]) {
            return std::nullopt;
        }
    }
    return id;
}

Result<Query> parse_query(std::string_view text, const Route& route) {
    const auto& known = route.query;
    Query query;
    if (text.empty()) return query;
    for (const auto& part : split(text, '&')) {
        const auto equals = part.find('=');
        const auto name = part.substr(0, equals);
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            if (route.ignores_other_query) continue;
            return Error{ErrorCode::invalid,
                         fmt::format("Query parameter '{}' is not known here; known: {}", printable(name, 40),
                                     known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")))};
        }
        auto value = decode_query(equals == std::string::npos ? "" : part.substr(equals + 1));
        if (!value) {
            return Error{ErrorCode::invalid, fmt::format("Query parameter '{}' is not percent-encoded as it "
                                                         "has to be",
                                                         name)};
        }
        if (!query.emplace(name, std::move(*value)).second) {
            return Error{ErrorCode::invalid, fmt::format("Query parameter '{}' stands there twice", name)};
        }
    }
    return query;
}

}  // namespace

std::optional<std::string> Call::parameter(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::nullopt : std::optional{found->second};
}

Result<bool> Call::flag(std::string_view name) const {
    const auto text = parameter(name).value_or("false");
    if (text.empty() || text == "true") return true;
    if (text == "false") return false;
    return Error{ErrorCode::invalid, fmt::format("'{}' must be true or false", name)};
}

void Router::add(Route route, Handler handler) {
    auto segments = split(prefix_ + route.path, '/');
    entries_.push_back({std::move(route), std::move(segments), std::move(handler)});
}

std::vector<const Router::Entry*> Router::entries_of(const std::vector<std::string>& path,
                                                     std::string& id) const {
    std::vector<const Entry*> entries;
    bool literal = false;  // `/sessions/past` is not the session of that name
    for (const Entry& entry : entries_) {
        auto found = match(entry.segments, path);
        if (!found) continue;
        const bool exact = std::none_of(entry.segments.begin(), entry.segments.end(), is_placeholder);
        if (literal && !exact) continue;
        if (exact && !literal) entries.clear();
        literal = exact;
        entries.push_back(&entry);
        id = std::move(*found);
    }
    return entries;
}

std::variant<Router::Match, Response> Router::find(http::verb method, std::string_view target) const {
    const auto question = target.find('?');
    const auto path = split(target.substr(0, question), '/');
    std::string id;
    const auto entries = entries_of(path, id);
    if (entries.empty()) {
        return problem(http::status::not_found,
                       fmt::format("Nothing is served at '{}'", printable(target, 100)));
    }
    const auto wanted = method == http::verb::head ? http::verb::get : method;
    std::vector<std::string> allowed;
    for (const Entry* entry : entries) {
        if (entry->route.method == wanted) {
            auto query = parse_query(question == std::string_view::npos ? "" : target.substr(question + 1),
                                     entry->route);
            if (!query) return problem(query.error());
            return Match{&entry->route, &entry->handler, std::move(id), std::move(*query)};
        }
        allowed.emplace_back(http::to_string(entry->route.method));
        if (entry->route.method == http::verb::get) allowed.emplace_back("HEAD");
    }
    allowed.emplace_back("OPTIONS");
    auto response =
        method == http::verb::options
            ? no_content()
            : problem(http::status::method_not_allowed,
                      fmt::format("'{}' takes {}", printable(target, 100), fmt::join(allowed, ", ")));
    response.set(http::field::allow, fmt::format("{}", fmt::join(allowed, ", ")));
    return response;
}

std::vector<Route> Router::routes() const {
    std::vector<Route> routes;
    for (const Entry& entry : entries_)
        routes.push_back(entry.route);
    return routes;
}

}  // namespace curfew::api
