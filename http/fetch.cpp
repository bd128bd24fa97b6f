#include "http/fetch.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sha256.hpp"
#include "base/text.hpp"

namespace curfew::http {
namespace {

constexpr std::size_t longest_headers = std::size_t{64} * 1024;

// One exchange, as libcurl's callbacks see it.
struct Exchange {
    Response response;
    std::size_t most_bytes = 0;
    std::size_t header_bytes = 0;
    bool too_long = false;
};

std::size_t take_bytes(char* bytes, std::size_t size, std::size_t count, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    const std::size_t length = size * count;
    if (exchange.response.body.size() + length > exchange.most_bytes) {
        exchange.too_long = true;
        return 0;
    }
    exchange.response.body.append(bytes, length);
    return length;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    const std::string_view line{bytes, size * count};
    exchange.header_bytes += line.size();
    if (exchange.header_bytes > longest_headers) {
        exchange.too_long = true;
        return 0;
    }
    // Those of a proxy, or of an answer that only says to go on, are followed by those that count.
    if (line.starts_with("HTTP/")) exchange.response.headers.clear();
    const auto colon = line.find(':');
    if (colon != std::string_view::npos)
        exchange.response.headers[lower_case(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
    return line.size();
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char byte) {
        return byte > ' ' && byte < 0x7f && byte != ':';
    });
}

bool is_one_line(std::string_view text) {
    return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

// Whether nothing of it could be read as another header.
bool is_sound(const Request& request) {
    const auto sound = [](const auto& header) {
        return is_token(header.first) && is_one_line(header.second);
    };
    return std::all_of(request.headers.begin(), request.headers.end(), sound) &&
           (request.method.empty() || is_token(request.method)) &&
           (!request.content || is_one_line(request.content->type)) &&
           (!request.authorization || is_one_line(request.authorization->reveal()));
}

CurlList headers_of(const Request& request) {
    CurlList list = with_line({nullptr, curl_slist_free_all}, "Accept: application/json");
    if (request.authorization) {
        const Secret line{"Authorization: " + std::string{request.authorization->reveal()}};  // to be sent
        list =
            with_line(std::move(list), line.reveal().data());  // ends with a NUL: it is a whole std::string
    }
    if (request.content) {
        const std::string line = "Content-Type: " + request.content->type;
        list = with_line(std::move(list), line.c_str());
        // No asking first whether it is welcome.
        list = with_line(std::move(list), "Expect:");
    }
    if (request.aws_signing) {
        const std::string line =
            "x-amz-content-sha256: " +
            to_hex(sha256(request.content ? request.content->bytes : std::string_view{}));
        list = with_line(std::move(list), line.c_str());
    }
    for (const auto& [name, value] : request.headers) {
        const std::string line = value.empty() ? name + ";" : name + ": " + value;
        list = with_line(std::move(list), line.c_str());
    }
    return list;
}

// By libcurl, which is told the digest: without it, it signs as if nothing were sent.
void sign(CurlHandle& handle, const AwsSigning& signing) {
    const std::string provider = fmt::format("aws:amz:{}:{}", signing.region, signing.service);
    const Secret key{std::string{signing.secret_access_key.reveal()}};  // ends with a NUL, for libcurl
    handle.set(CURLOPT_AWS_SIGV4, provider.c_str());
    handle.set(CURLOPT_USERNAME, signing.access_key_id.c_str());
    handle.set(CURLOPT_PASSWORD, key.reveal().data());
}

// `bytes` are sent from where they are.
void post(CurlHandle& handle, std::string_view bytes) {
    handle.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(bytes.size()));
    handle.set(CURLOPT_POSTFIELDS, bytes.data());
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

CurlFetch::CurlFetch(Options options) : options_{std::move(options)} {}

Error CurlFetch::no_answer(const Request& request, std::string_view why) const {
    // Its query may hold a secret.
    const std::string_view url{request.url};
    const std::string shown =
        options_.is_url_secret ? origin_of(url) : std::string{url.substr(0, url.find('?'))};
    return {ErrorCode::unavailable,
            fmt::format("{} gave no answer at {}: {}", options_.peer, printable(shown), why)};
}

Result<Response> CurlFetch::fetch(const Request& request) {
    if (!allowed_url(request.url)) return no_answer(request, "only https is spoken to it");
    if (!is_sound(request)) return no_answer(request, "a header of the request has a line break in it");
    CurlHandle handle{options_, stopped_};
    Exchange exchange;
    exchange.most_bytes = options_.most_bytes;
    const CurlList headers = headers_of(request);
    const Secret form{request.form ? encoded_fields(*request.form) : std::string{}};

    handle.set(CURLOPT_PROTOCOLS_STR, "https,http");  // http: where allowed_url lets it through
    handle.set(CURLOPT_WRITEFUNCTION, &take_bytes);
    handle.set(CURLOPT_WRITEDATA, &exchange);
    handle.set(CURLOPT_HEADERFUNCTION, &take_header);
    handle.set(CURLOPT_HEADERDATA, &exchange);
    handle.set(CURLOPT_URL, request.url.c_str());
    handle.set(CURLOPT_HTTPHEADER, headers.get());
    if (request.form) post(handle, form.reveal());
    if (request.content) post(handle, request.content->bytes);
    if (request.aws_signing) sign(handle, *request.aws_signing);
    if (!request.method.empty()) handle.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());

    const CURLcode outcome = handle.perform();
    if (outcome != CURLE_OK) {
        if (exchange.too_long)
            return no_answer(request, fmt::format("it is longer than {} bytes", options_.most_bytes));
        return no_answer(request, handle.why(outcome));
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
}

}  // namespace curfew::http
