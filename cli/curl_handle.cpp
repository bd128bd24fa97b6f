#include "cli/curl_handle.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

#include "base/text.hpp"

namespace curfew::cli {
namespace {

constexpr long connect_within_ms = 10'000;

// Once for the process, and only where something is transferred: it takes a millisecond or two.
void set_up_curl() {
    static const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw std::runtime_error("libcurl cannot be set up");
}

CURL* make_easy() {
    set_up_curl();
    CURL* easy = ::curl_easy_init();
    if (easy == nullptr) throw std::runtime_error("libcurl cannot be set up");
    return easy;
}

}  // namespace

CurlHandle::CurlHandle(const Server& server, const std::string& target)
    : server_{server}, easy_{make_easy()} {
    check(::curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_.data()));
    const auto url = (server.is_local() ? std::string{"http://curfew"} : server.url) + target;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, connect_within_ms);
    set(CURLOPT_USERAGENT, "curfew/" CURFEW_VERSION);
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    if (server.is_local()) {
        set(CURLOPT_UNIX_SOCKET_PATH, server.socket_path.c_str());
        set(CURLOPT_PROXY, "");
    } else if (is_loopback_host(host_of(server.url))) {
        set(CURLOPT_PROXY, "");
    }
    if (!server.ca_file.empty()) set(CURLOPT_CAINFO, server.ca_file.c_str());
    if (!server.token.empty()) {
        // For libcurl alone, which sends it to this server.
        set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
        set(CURLOPT_XOAUTH2_BEARER, std::string{server.token.reveal()}.c_str());
    }
}

CurlHandle::~CurlHandle() {
    ::curl_easy_cleanup(easy_);
    ::curl_slist_free_all(headers_);
}

void CurlHandle::check(CURLcode code) {
    if (code != CURLE_OK) throw std::runtime_error(std::string{"libcurl: "} + ::curl_easy_strerror(code));
}

void CurlHandle::append(const std::string& line) {
    auto* longer = ::curl_slist_append(headers_, line.c_str());
    if (longer == nullptr) throw std::bad_alloc{};
    headers_ = longer;
}

void CurlHandle::add_header(std::string_view name, std::string_view value) {
    append(fmt::format("{}: {}", name, value));
}

void CurlHandle::drop_header(std::string_view name) {
    append(fmt::format("{}:", name));
}

void CurlHandle::finish_headers() {
    check(::curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_));
}

long CurlHandle::status() const {
    long status = 0;
    ::curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

std::string CurlHandle::content_type() const {
    char* type = nullptr;
    ::curl_easy_getinfo(easy_, CURLINFO_CONTENT_TYPE, &type);
    return type == nullptr ? "" : type;
}

std::string CurlHandle::detail(CURLcode code) const {
    return printable(error_[0] != '\0' ? error_.data() : ::curl_easy_strerror(code), 300);
}

Failure CurlHandle::failure(CURLcode code, const std::string& timed_out) const {
    if (code == CURLE_OPERATION_TIMEDOUT) return {ExitCode::unreachable, timed_out};
    return server_.is_local() ? local_failure(code) : remote_failure(code);
}

Failure CurlHandle::local_failure(CURLcode code) const {
    const auto& path = server_.socket_path;
    long reason = 0;
    ::curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &reason);
    // Hung up on before the request was out; libcurl then does not read why.
    const bool turned_away = (code == CURLE_COULDNT_CONNECT && reason == 0) || code == CURLE_SEND_ERROR;
    if (turned_away) {
        return {ExitCode::unreachable,
                fmt::format(
                    "curfewd at {} closed the connection at once. Too many connections are open, or it is "
                    "shutting down; try again",
                    path)};
    }
    if (code != CURLE_COULDNT_CONNECT) {
        return {ExitCode::unreachable,
                fmt::format("The conversation with curfewd at {} broke off: {}", path, detail(code))};
    }
    if (reason == EACCES || reason == EPERM) {
        return {ExitCode::forbidden,
                fmt::format(
                    "You may not use {}: only root and the members of its group (curfew) may. Use sudo, or "
                    "join the group and log in again; or sign in to a server: curfew login URL",
                    path)};
    }
    const auto what = reason == ECONNREFUSED ? std::string{"nobody answers"}
                      : reason == ENOENT || reason == ENOTDIR
                          ? std::string{"no such socket"}
                          : std::error_code{static_cast<int>(reason), std::generic_category()}.message();
    return {ExitCode::unreachable,
            fmt::format(
                "Cannot reach curfewd at {}: {}. It is not running, or listens elsewhere: name its socket "
                "with --socket or CURFEW_SOCKET, or a server with --server",
                path, what)};
}

Failure CurlHandle::remote_failure(CURLcode code) const {
    const auto& url = server_.url;
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return {ExitCode::unreachable,
                    fmt::format("There is no host of the name in {}: look for a slip of the pen", url)};
        case CURLE_COULDNT_CONNECT:
            return {ExitCode::unreachable, fmt::format("Cannot reach {}: {}", url, detail(code))};
        case CURLE_PEER_FAILED_VERIFICATION:
            return {ExitCode::unreachable,
                    fmt::format("{} could not show that it is the one: {}. Nothing was sent to it. If its "
                                "certificate comes from a CA of your own, name that: --ca-file FILE",
                                url, detail(code))};
        case CURLE_SSL_CACERT_BADFILE:
            return {ExitCode::usage,
                    fmt::format("'{}' holds no certificates that can be read", server_.ca_file)};
        default:
            return {ExitCode::unreachable,
                    fmt::format("The conversation with {} broke off: {}", url, detail(code))};
    }
}

}  // namespace curfew::cli
