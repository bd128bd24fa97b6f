// One transfer by libcurl, within bounds: what HTTP and mail have in common.
#pragma once

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/destinations.hpp"

namespace curfew::http {

using CurlList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;
// `list` with another line at its end. Throws std::runtime_error where libcurl has no room for it.
CurlList with_line(CurlList list, const char* line);

// How long a transfer may take, whom it may connect to, and what it trusts.
struct TransferBounds {
    std::optional<std::string> root_certificate_file = std::nullopt;  // PEM; absent: the system's
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds timeout{10000};  // all in all
    // Where they are limited no proxy of the environment is used: it could not be told where it goes.
    Destinations destinations{};
};

// Not thread-safe; for one transfer. Its bounds and `stopped` outlive it.
class CurlHandle {
public:
    // TLS 1.2 and above, verified; nothing is followed; ended soon after `stopped` becomes true.
    CurlHandle(const TransferBounds& bounds, const std::atomic<bool>& stopped);
    CurlHandle(const CurlHandle&) = delete;
    CurlHandle& operator=(const CurlHandle&) = delete;

    CURL* get() const noexcept { return handle_.get(); }
    // Throws std::runtime_error where libcurl does not take it.
    template <class T>
    void set(CURLoption option, T value) {
        if (curl_easy_setopt(handle_.get(), option, value) != CURLE_OK) refuse(option);
    }

    CURLcode perform();
    // Why perform() failed with `outcome`, for people.
    std::string why(CURLcode outcome) const;

private:
    [[noreturn]] static void refuse(CURLoption option);
    static int look_around(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
    static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

    const TransferBounds& bounds_;
    const std::atomic<bool>& stopped_;
    std::unique_ptr<CURL, void (*)(CURL*)> handle_;
    std::array<char, CURL_ERROR_SIZE> details_{};
    bool refused_ = false;  // an address
};

}  // namespace curfew::http
