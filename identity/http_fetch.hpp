// HTTP towards a sign-in provider: small answers, within bounds, over TLS that is verified.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace curfew::identity {

// What goes into a form (application/x-www-form-urlencoded) or a query, not yet encoded.
using Fields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string url;
    std::optional<Fields> form;           // present: POST it; absent: GET
    std::optional<Secret> authorization;  // the header's value: `Basic …`, `Bearer …`
};

struct HttpResponse {
    int status = 0;
    std::string body;
};

class HttpFetch {
public:
    virtual ~HttpFetch() = default;
    // Blocks. unavailable: no answer, or none within the bounds; the message says why. Any status is an
    // answer.
    virtual Result<HttpResponse> fetch(const HttpRequest& request) = 0;
};

// With libcurl. Thread-safe. No redirect is followed, nothing but HTTPS is spoken, except on this machine
// itself (allowed_url), and https_proxy and no_proxy of the environment count.
class CurlFetch final : public HttpFetch {
public:
    struct Options {
        std::optional<std::string> root_certificate_file = std::nullopt;  // PEM; absent: the system's
        std::chrono::milliseconds connect_timeout{5000};
        std::chrono::milliseconds timeout{10000};  // all in all
        std::size_t most_bytes = 1'048'576;        // of an answer
    };

    explicit CurlFetch(Options options);
    Result<HttpResponse> fetch(const HttpRequest& request) override;
    // Ends what is under way, within a second, and lets nothing more begin.
    void stop() noexcept { stopped_ = true; }

private:
    const Options options_;
    std::atomic<bool> stopped_{false};
};

// Whether a provider may be spoken to at `url`: https, or http on this machine (localhost, 127.0.0.1, [::1]),
// where nobody else listens in.
bool allowed_url(std::string_view url);

// `text` with everything but unreserved characters as %XX (RFC 3986).
std::string url_encoded(std::string_view text);
// `a=1&b=2`.
std::string encoded_fields(const Fields& fields);

}  // namespace curfew::identity
