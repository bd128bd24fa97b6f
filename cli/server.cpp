#include "cli/server.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "base/text.hpp"

namespace curfew::cli {
namespace {

struct FreeUrl {
    void operator()(CURLU* url) const noexcept { ::curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (::curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    std::string copy{text};
    ::curl_free(text);
    return copy;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

Failure no_url(std::string_view text, std::string_view why) {
    return {ExitCode::usage, fmt::format("'{}' is no server: {}; write it as https://curfew.example.org",
                                         printable(text), why)};
}

}  // namespace

bool is_loopback_host(std::string_view host) {
    return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "::1";
}

std::string host_of(const std::string& url) {
    const Url parsed{::curl_url()};
    if (::curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
    auto host = part_of(parsed.get(), CURLUPART_HOST);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return host;
}

Outcome<std::string> normal_server_url(std::string_view text) {
    const Url parsed{::curl_url()};
    std::string given{text};
    if (given.find("://") == std::string::npos) given.insert(0, "https://");
    if (::curl_url_set(parsed.get(), CURLUPART_URL, given.c_str(), 0) != CURLUE_OK) {
        return no_url(text, "it cannot be read");
    }
    const auto scheme = lower(part_of(parsed.get(), CURLUPART_SCHEME));
    const auto host = lower(part_of(parsed.get(), CURLUPART_HOST));
    const auto bare = host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
    if (scheme != "https" && scheme != "http") return no_url(text, "Curfew is reached by https");
    if (!part_of(parsed.get(), CURLUPART_USER).empty() ||
        !part_of(parsed.get(), CURLUPART_PASSWORD).empty()) {
        return no_url(text, "who you are does not belong there");
    }
    const auto path = part_of(parsed.get(), CURLUPART_PATH);
    if ((!path.empty() && path != "/") || !part_of(parsed.get(), CURLUPART_QUERY).empty() ||
        !part_of(parsed.get(), CURLUPART_FRAGMENT).empty()) {
        return no_url(text, "there is something behind the host");
    }
    if (scheme == "http" && !is_loopback_host(bare)) {
        return no_url(text, "http would show your token to whoever listens on the way");
    }
    // Empty where it is the scheme's own.
    const auto port = part_of(parsed.get(), CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
    return scheme + "://" + host + (port.empty() ? "" : ":" + port);
}

}  // namespace curfew::cli
