// HTTP towards others: small answers, within bounds, over TLS that is verified.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/curl_handle.hpp"
#include "http/url.hpp"

namespace curfew::http {

// What a request carries, as it is.
struct Content {
    std::string type;  // `application/json`
    std::string bytes;
};

// With whose key a request is signed, by AWS Signature Version 4: for Amazon S3 and what speaks as it does.
struct AwsSigning {
    std::string region;
    std::string service;  // `s3`
    std::string access_key_id;
    Secret secret_access_key;
};

struct Request {
    std::string url;
    std::optional<Fields> form = std::nullopt;           // present: POST it; absent: GET
    std::optional<Secret> authorization = std::nullopt;  // the header's value: `Basic …`, `Bearer …`
    std::optional<Content> content = std::nullopt;       // in place of a form: POST it
    std::string method = {};                             // empty: POST or GET, as above
    // Beside those that are there anyway. Each name once; a line break in one refuses the request.
    std::vector<std::pair<std::string, std::string>> headers = {};
    // In place of `authorization`. The digest of what is sent is signed with it (x-amz-content-sha256). The
    // URL is signed as it stands: encoded, and its query sorted.
    std::optional<AwsSigning> aws_signing = std::nullopt;
};

struct Response {
    int status = 0;
    std::string body;
    // By their names in small letters; of one that came twice, the last.
    std::map<std::string, std::string, std::less<>> headers = {};

    // The value of the header with this name, in small letters; empty where it did not come.
    std::string_view header(std::string_view name) const;
};

class Fetch {
public:
    virtual ~Fetch() = default;
    // Blocks. unavailable: no answer, or none within the bounds; the message says why. Any status is an
    // answer.
    virtual Result<Response> fetch(const Request& request) = 0;
};

// With libcurl. Thread-safe. No redirect is followed, nothing but HTTPS is spoken, except on this machine
// itself (allowed_url), and https_proxy and no_proxy of the environment count where destinations are not
// limited.
class CurlFetch final : public Fetch {
public:
    struct Options : TransferBounds {
        std::size_t most_bytes = 1'048'576;  // of an answer
        std::string peer = "the server";     // who is asked, for messages
        bool is_url_secret = false;          // then messages say no more of it than its origin
    };

    explicit CurlFetch(Options options);
    Result<Response> fetch(const Request& request) override;
    // Ends what is under way, within a second, and lets nothing more begin.
    void stop() noexcept { stopped_ = true; }

private:
    Error no_answer(const Request& request, std::string_view why) const;

    const Options options_;
    std::atomic<bool> stopped_{false};
};

}  // namespace curfew::http
