// The web page as web/ was built into this program (embed_page.cpp writes the source).
#pragma once

#include <span>
#include <string_view>

namespace curfew::api {

struct PageFile {
    std::string_view path;  // `/index.html`, `/assets/index-Dy0FOBy4.js`
    std::string_view content_type;
    std::string_view etag;  // a weak one: the content is the same, however it is packed
    std::string_view content;
    std::string_view gzip;  // the same, packed; empty where that saves nothing
};

// Empty in a program that was built without its page.
std::span<const PageFile> page_files();

// Where the page has something to show: `/requests/{id}`. From web/paths.json.
std::span<const std::string_view> page_paths();

}  // namespace curfew::api
