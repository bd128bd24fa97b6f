#include "http/url.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

namespace curfew::http {
namespace {

using Url = std::unique_ptr<CURLU, void (*)(CURLU*)>;

// With libcurl's own parser: what it takes for the host is what it connects to. Null: it is no URL.
Url parsed(const std::string& text) {
    Url url{curl_url(), curl_url_cleanup};
    if (!url || text.find('\0') != std::string::npos ||
        curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK)
        url.reset();
    return url;
}

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
    std::string result{text};
    curl_free(text);
    return result;
}

}  // namespace

bool allowed_url(std::string_view url) {
    const Url read = parsed(std::string{url});
    if (!read) return false;
    const std::string scheme = part_of(read.get(), CURLUPART_SCHEME);
    const std::string host = part_of(read.get(), CURLUPART_HOST);
    if (host.empty()) return false;
    return scheme == "https" ||
           (scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "[::1]"));
}

std::string origin_of(std::string_view url) {
    const Url read = parsed(std::string{url});
    if (!read) return {};
    const std::string port = part_of(read.get(), CURLUPART_PORT);
    return fmt::format("{}://{}{}{}", part_of(read.get(), CURLUPART_SCHEME),
                       part_of(read.get(), CURLUPART_HOST), port.empty() ? "" : ":", port);
}

std::string url_encoded(std::string_view text) {
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char byte : text) {
        if (unreserved.find(byte) != std::string_view::npos) {
            encoded += byte;
        } else {
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
        }
    }
    return encoded;
}

std::string encoded_fields(const Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields) {
        if (!text.empty()) text += '&';
        text += url_encoded(name) + '=' + url_encoded(value);
    }
    return text;
}

}  // namespace curfew::http
