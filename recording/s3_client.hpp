// Objects in a bucket of Amazon S3, or of what speaks as it does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/recordings.hpp"
#include "http/fetch.hpp"
#include "recording/s3_answers.hpp"

namespace curfew::recording {

// Each call is one request, which blocks. Keys are below the prefix of the settings and consist of what needs
// no encoding: A-Z a-z 0-9 - . _ /. Errors: unavailable, with the storage's own words; whoever calls may try
// again. Thread-safe where `fetch` is.
class S3Client {
public:
    // `fetch` outlives it.
    S3Client(http::Fetch& fetch, config::S3Settings settings);

    // The object is there as a whole, or not at all; one that had the key is gone. The storage refuses bytes
    // that do not have the digest that was signed.
    Result<void> put(std::string_view key, std::string bytes);
    // `length` bytes from `offset` on, or fewer, where the object ends. not_found: there is none.
    Result<std::string> get(std::string_view key, std::uint64_t offset, std::uint64_t length);
    // Objects whose keys begin with this, at most 1000 of them; their keys come without the settings' prefix.
    // `next`: of the listing before; empty: from the beginning.
    Result<S3Listing> list(std::string_view beginning, const std::string& next = {});
    // Of one that is not there, it is done as well.
    Result<void> remove(std::string_view key);

private:
    http::Request request(std::string method, std::string_view key) const;
    // The answer, where its status is one of success.
    Result<http::Response> send(const http::Request& request, std::string_view what);

    http::Fetch& fetch_;
    const config::S3Settings settings_;
};

}  // namespace curfew::recording
