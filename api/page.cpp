#include "api/page.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <string>

#include "api/problem.hpp"

namespace curfew::api {
namespace {

constexpr std::string_view index_file = "/index.html";
constexpr std::string_view hashed = "/assets/";  // a file there has another name with every other content

bool is_read(http::verb method) {
    return method == http::verb::get || method == http::verb::head;
}

std::string_view path_of(const Request& request) {
    const auto target = view_of(request.target());
    return target.substr(0, target.find('?'));
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t'))
        text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t'))
        text.remove_suffix(1);
    return text;
}

// Whether `matches` likes one of the parts of a list as HTTP writes them.
template <class Matches>
bool any_of_list(std::string_view list, Matches matches) {
    while (true) {
        const auto comma = list.find(',');
        if (matches(trimmed(list.substr(0, comma)))) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
}

std::string_view all_of_header(const Request& request, http::field field) {
    return view_of(request[field]);
}

// Does it take what is packed? `gzip;q=0` says that it does not.
bool takes_gzip(const Request& request) {
    return any_of_list(all_of_header(request, http::field::accept_encoding), [](std::string_view part) {
        const auto semicolon = part.find(';');
        const auto coding = trimmed(part.substr(0, semicolon));
        if (!boost::beast::iequals(coding, "gzip") && coding != "*") return false;
        if (semicolon == std::string_view::npos) return true;
        const auto quality = trimmed(part.substr(semicolon + 1));
        return quality.find_first_not_of("qQ=0. ") != std::string_view::npos;
    });
}

bool has_it_already(const Request& request, std::string_view etag) {
    const auto strong = etag.substr(2);  // without the W/
    return any_of_list(all_of_header(request, http::field::if_none_match),
                       [&](std::string_view part) { return part == "*" || part == etag || part == strong; });
}

bool wants_html(const Request& request) {
    return view_of(request[http::field::accept]).find("text/html") != std::string_view::npos;
}

std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

bool has_form_of(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = next_segment(pattern);
        const auto given = next_segment(path);
        if (wanted.starts_with('{') ? given.empty() : wanted != given) return false;
    }
    return pattern.empty() && path.empty();
}

void restrict_document(Response& response) {
    response.set("Content-Security-Policy", page_policy);
    response.set("Cross-Origin-Opener-Policy", "same-origin");
    response.set("Permissions-Policy",
                 "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()");
}

Response file_response(const Request& request, const PageFile& file, http::status status) {
    const bool packed = !file.gzip.empty() && takes_gzip(request);
    auto response =
        make_response(status, std::string{file.content_type}, std::string{packed ? file.gzip : file.content});
    if (packed) response.set(http::field::content_encoding, "gzip");
    response.set(http::field::vary, "Accept-Encoding");
    if (status == http::status::not_found) return response;
    response.set(http::field::etag, file.etag);
    response.set(http::field::cache_control,
                 file.path.starts_with(hashed) ? "public, max-age=31536000, immutable" : "no-cache");
    if (has_it_already(request, file.etag)) {
        response.result(http::status::not_modified);
        response.body().clear();
        response.erase(http::field::content_encoding);
        response.erase(http::field::content_type);
    }
    return response;
}

Response read_only(http::verb method) {
    auto response = method == http::verb::options
                        ? no_content()
                        : problem(http::status::method_not_allowed, "The page can only be read: GET, HEAD");
    response.set(http::field::allow, "GET, HEAD, OPTIONS");
    return response;
}

}  // namespace

const PageFile* Page::file_at(std::string_view path) const {
    const auto found =
        std::find_if(files_.begin(), files_.end(), [&](const PageFile& file) { return file.path == path; });
    return found == files_.end() ? nullptr : &*found;
}

bool Page::has_view(std::string_view path) const {
    // A slash at the end makes no difference.
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path.starts_with('/') && std::any_of(paths_.begin(), paths_.end(), [&](std::string_view pattern) {
               return has_form_of(pattern, path);
           });
}

std::optional<Response> Page::answer(const Request& request) const {
    const auto path = path_of(request);
    if (path == "/api" || path.starts_with("/api/")) return std::nullopt;
    const bool view = has_view(path);
    if (files_.empty() && view && is_read(request.method())) {
        return problem(
            http::status::not_found,
            "This curfewd was built without its page; the curfew command does all that the page does");
    }
    const PageFile* file = path == index_file ? nullptr : file_at(path);
    if (file == nullptr && view) file = file_at(index_file);
    if (file != nullptr) {
        if (!is_read(request.method())) return read_only(request.method());
        auto response = file_response(request, *file, http::status::ok);
        restrict_document(response);
        return response;
    }
    // A script or a style that is not there is no document to be shown instead.
    file = file_at(index_file);
    if (file == nullptr || path.starts_with(hashed) || !is_read(request.method()) || !wants_html(request)) {
        return std::nullopt;
    }
    auto response = file_response(request, *file, http::status::not_found);
    restrict_document(response);
    return response;
}

bool is_navigation(const Request& request) {
    if (!is_read(request.method())) return false;
    const auto mode = view_of(request["Sec-Fetch-Mode"]);
    return mode.empty() ? wants_html(request) : mode == "navigate";
}

}  // namespace curfew::api
