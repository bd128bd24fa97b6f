// One transfer by libcurl, set up as every conversation with curfewd is.
#pragma once

#include <curl/curl.h>

#include <array>
#include <string>
#include <string_view>

#include "cli/exit_code.hpp"
#include "cli/server.hpp"

namespace curfew::cli {

// Follows no redirect and speaks nothing but HTTP: a token goes to the server that it is for, and nowhere
// else. Certificates are verified. Stays where it is: libcurl holds its address.
class CurlHandle {
public:
    // `target`: with the path's beginning, `/api/v1/grants?all=true`.
    CurlHandle(const Server& server, const std::string& target);
    ~CurlHandle();
    CurlHandle(const CurlHandle&) = delete;
    CurlHandle& operator=(const CurlHandle&) = delete;

    void set(CURLoption option, long value) { check(::curl_easy_setopt(easy_, option, value)); }
    void set(CURLoption option, const char* value) { check(::curl_easy_setopt(easy_, option, value)); }
    void add_header(std::string_view name, std::string_view value);
    // One that libcurl would send of its own accord.
    void drop_header(std::string_view name);
    // Hands the headers over to libcurl. Once, after the last add_header.
    void finish_headers();

    CURL* get() const noexcept { return easy_; }
    long status() const;
    std::string content_type() const;

    // What a person is told of a transfer that failed. `timed_out`: what to say where it took too long.
    Failure failure(CURLcode code, const std::string& timed_out) const;

private:
    static void check(CURLcode code);
    void append(const std::string& line);
    Failure local_failure(CURLcode code) const;
    Failure remote_failure(CURLcode code) const;
    std::string detail(CURLcode code) const;

    const Server& server_;
    CURL* easy_;
    curl_slist* headers_ = nullptr;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace curfew::cli
