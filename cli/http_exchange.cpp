#include "cli/http_exchange.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/duration.hpp"
#include "cli/curl_handle.hpp"

namespace curfew::cli {
namespace {

// What libcurl hands over, piece by piece.
struct Receiver {
    const HttpLimits& limits;
    HttpResponse response;
    std::size_t header_bytes = 0;
    bool too_large = false;
};

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' '))
        text.remove_suffix(1);
    return text;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) {
    auto& receiver = *static_cast<Receiver*>(to);
    const std::string_view line{data, size * count};
    receiver.header_bytes += line.size();
    if (receiver.header_bytes > receiver.limits.header) {
        receiver.too_large = true;
        return 0;
    }
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && equals_ignoring_case(line.substr(0, colon), "etag")) {
        receiver.response.etag = trimmed(line.substr(colon + 1));
    }
    return line.size();
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
    auto& receiver = *static_cast<Receiver*>(to);
    const std::size_t length = size * count;
    if (receiver.response.body.size() + length > receiver.limits.body) {
        receiver.too_large = true;
        return 0;
    }
    receiver.response.body.append(data, length);
    return length;
}

void set_up(CurlHandle& handle, const HttpRequest& request, const HttpLimits& limits, Receiver& receiver) {
    handle.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    handle.set(CURLOPT_TIMEOUT_MS,
               static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(limits.time).count()));
    handle.add_header("Accept", "application/json");
    if (request.method != "GET") {
        // Also where it is empty, so that its length is said.
        const bool has_body = request.body.has_value();
        handle.set(CURLOPT_POSTFIELDSIZE, has_body ? static_cast<long>(request.body->size()) : 0L);
        handle.set(CURLOPT_POSTFIELDS, has_body ? request.body->c_str() : "");
        if (has_body) {
            handle.add_header("Content-Type", "application/json");
        } else {
            handle.drop_header("Content-Type");
        }
        handle.drop_header("Expect");  // no waiting for a `100 Continue` that does not come
    }
    if (!request.idempotency_key.empty()) handle.add_header("Idempotency-Key", request.idempotency_key);
    if (!request.if_match.empty()) handle.add_header("If-Match", request.if_match);
    handle.finish_headers();
    ::curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, take_header);
    ::curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, &receiver);
    ::curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, take_body);
    ::curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &receiver);
}

// Whether the server may or may not have done it, and nothing more is to be learnt from this connection.
bool broke_off(CURLcode code) {
    return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
           code == CURLE_PARTIAL_FILE;
}

Outcome<HttpResponse> attempt(const Server& server, const HttpRequest& request, const HttpLimits& limits,
                              bool& broken) {
    CurlHandle handle{server, request.target};
    Receiver receiver{limits, {}, 0, false};
    set_up(handle, request, limits, receiver);
    const auto code = ::curl_easy_perform(handle.get());
    if (receiver.too_large) {
        return Failure{ExitCode::failed,
                       fmt::format("The answer of {} is larger than is believed of curfewd; nothing was read",
                                   server.name())};
    }
    if (code != CURLE_OK) {
        broken = broke_off(code);
        return handle.failure(
            code, fmt::format("{} did not answer within {}", server.is_local() ? "curfewd" : server.url,
                              format_duration(limits.time)));
    }
    receiver.response.status = static_cast<unsigned>(handle.status());
    return std::move(receiver.response);
}

}  // namespace

Outcome<HttpResponse> exchange(const Server& server, const HttpRequest& request, const HttpLimits& limits) {
    if (server.socket_path.size() >= sizeof sockaddr_un::sun_path) {
        return Failure{ExitCode::usage,
                       fmt::format("'{}' is too long for the path of a socket", server.socket_path)};
    }
    bool broken = false;
    auto response = attempt(server, request, limits, broken);
    if (!response && broken && request.may_be_repeated()) response = attempt(server, request, limits, broken);
    return response;
}

}  // namespace curfew::cli
