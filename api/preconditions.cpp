#include "api/preconditions.hpp"

#include <charconv>
#include <string_view>

#include "api/problem.hpp"

namespace curfew::api {
namespace {

using Expected = std::variant<std::optional<std::uint64_t>, Response>;

std::optional<std::uint64_t> version_of(std::string_view tag) {
    if (tag.size() < 3 || !tag.starts_with('"') || !tag.ends_with('"')) return std::nullopt;
    tag = tag.substr(1, tag.size() - 2);
    if (tag.size() > 1 && tag.starts_with('0')) return std::nullopt;
    std::uint64_t version = 0;
    const auto* const last = tag.data() + tag.size();
    const auto [end, error] = std::from_chars(tag.data(), last, version);
    return error == std::errc{} && end == last ? std::optional{version} : std::nullopt;
}

}  // namespace

std::string etag_of(std::uint64_t version) {
    return '"' + std::to_string(version) + '"';
}

Expected expected_version(const Request& request) {
    const auto [first, last] = request.equal_range(http::field::if_match);
    if (first == last) {
        return problem(http::status::precondition_required,
                       "This needs If-Match, with the ETag of what you have seen, or * to change it whatever "
                       "it is");
    }
    const std::string_view tag{first->value().data(), first->value().size()};
    if (std::next(first) != last || tag.find(',') != std::string_view::npos) {
        return problem(http::status::bad_request, "If-Match takes one ETag here");
    }
    if (tag == "*") return std::optional<std::uint64_t>{};
    if (const auto version = version_of(tag)) return version;
    return problem(http::status::precondition_failed,
                   "It is not, or not any more, what this If-Match says; look at it again");
}

}  // namespace curfew::api
