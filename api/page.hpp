// Serves the web page: the document at every path that it has something to show at, and the files that it
// names. Nobody needs to be signed in for it; what it shows it asks the API for.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "api/http_types.hpp"
#include "api/page_files.hpp"

namespace curfew::api {

// What the document may do: run and load what this server has, talk to it, and nothing else.
inline constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

class Page {
public:
    // Both live as long as this.
    explicit Page(std::span<const PageFile> files = page_files(),
                  std::span<const std::string_view> paths = page_paths())
        : files_{files}, paths_{paths} {}

    // The answer to a request for the page. nullopt: it is for somebody else, as everything below /api is.
    // Where nothing is, a browser that wants to show something gets the page as well, with 404: it says what
    // there is.
    std::optional<Response> answer(const Request& request) const;

private:
    const PageFile* file_at(std::string_view path) const;
    bool has_view(std::string_view path) const;

    std::span<const PageFile> files_;
    std::span<const std::string_view> paths_;
};

// Would a person see the answer, in a browser's window? Then it has to be something to read.
bool is_navigation(const Request& request);

}  // namespace curfew::api
