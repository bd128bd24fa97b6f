#include "recording/s3_client.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"
#include "http/url.hpp"

namespace curfew::recording {
namespace {

constexpr int not_found_status = 404;

Error refused(const config::S3Settings& settings, std::string_view what, int status, std::string_view body) {
    const std::string said = read_s3_problem(body);
    return {ErrorCode::unavailable,
            fmt::format("the storage at {} did not {} in bucket {}: it answered {}{}{}", settings.endpoint,
                        what, settings.bucket, status, said.empty() ? "" : ", ", said)};
}

}  // namespace

S3Client::S3Client(http::Fetch& fetch, config::S3Settings settings)
    : fetch_{fetch}, settings_{std::move(settings)} {}

http::Request S3Client::request(std::string method, std::string_view key) const {
    http::Request request;
    request.url = fmt::format("{}/{}/{}{}", settings_.endpoint, settings_.bucket, settings_.prefix, key);
    request.method = std::move(method);
    request.aws_signing =
        http::AwsSigning{settings_.region, "s3", settings_.access_key_id, settings_.secret_access_key};
    return request;
}

Result<http::Response> S3Client::send(const http::Request& request, std::string_view what) {
    auto answer = fetch_.fetch(request);
    if (!answer) return answer.error();
    if (answer->status >= 200 && answer->status < 300) return answer;
    Error error = refused(settings_, what, answer->status, answer->body);
    // Without its key, it says so; without its bucket, that is somebody's mistake.
    if (answer->status == not_found_status && read_s3_code(answer->body) != "NoSuchBucket")
        error.code = ErrorCode::not_found;
    return error;
}

Result<void> S3Client::put(std::string_view key, std::string bytes) {
    http::Request put = request("PUT", key);
    put.content = http::Content{"application/octet-stream", std::move(bytes)};
    const auto answer = send(put, "take an object");
    if (answer) return {};
    Error error = answer.error();
    error.code = ErrorCode::unavailable;
    return error;
}

Result<std::string> S3Client::get(std::string_view key, std::uint64_t offset, std::uint64_t length) {
    if (length == 0) return std::string{};
    http::Request get = request("GET", key);
    get.headers.emplace_back("Range", fmt::format("bytes={}-{}", offset, offset + length - 1));
    auto answer = send(get, "give an object");
    if (!answer) return answer.error();
    // Who does not know ranges gives all of it.
    constexpr int partial_content = 206;
    if (answer->status != partial_content && offset > 0)
        return refused(settings_, "give a part of an object", answer->status, {});
    if (answer->body.size() > length) answer->body.resize(length);
    return std::move(answer->body);
}

Result<S3Listing> S3Client::list(std::string_view beginning, const std::string& next) {
    const std::string whole = settings_.prefix + std::string{beginning};
    http::Request list = request("GET", {});
    // Sorted by name, as it is signed.
    list.url = fmt::format("{}/{}?", settings_.endpoint, settings_.bucket);
    if (!next.empty()) list.url += fmt::format("continuation-token={}&", http::url_encoded(next));
    list.url += fmt::format("list-type=2&max-keys=1000&prefix={}", http::url_encoded(whole));
    const auto answer = send(list, "list objects");
    if (!answer) {
        Error error = answer.error();
        error.code = ErrorCode::unavailable;
        return error;
    }
    auto listing = read_s3_listing(answer->body);
    if (!listing)
        return Error{ErrorCode::unavailable,
                     fmt::format("the storage at {}: {}", settings_.endpoint, listing.error().message)};
    for (S3Object& object : listing->objects) {
        if (!object.key.starts_with(whole))
            return Error{ErrorCode::unavailable,
                         fmt::format("the storage at {} lists what it was not asked for: '{}'",
                                     settings_.endpoint, printable(object.key, 100))};
        object.key.erase(0, settings_.prefix.size());
    }
    return listing;
}

Result<void> S3Client::remove(std::string_view key) {
    const auto answer = send(request("DELETE", key), "remove an object");
    if (answer || answer.error().code == ErrorCode::not_found) return {};
    return answer.error();
}

}  // namespace curfew::recording
