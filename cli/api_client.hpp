// Talks to curfewd's API, version 1: JSON over HTTP.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "cli/exit_code.hpp"
#include "cli/http_exchange.hpp"
#include "cli/server.hpp"

namespace curfew::cli {

// A successful answer: as it came, and read.
struct Answer {
    unsigned status = 0;
    std::string text;  // with its newline; empty where there is nothing to say (204)
    boost::json::value document;
    std::string etag;
};

// Targets are paths below the API's beginning: `/grants?all=true`.
class ApiClient {
public:
    // `limits.time` bounds one whole exchange.
    explicit ApiClient(Server server, HttpLimits limits = {});

    Outcome<Answer> get(const std::string& target) const;
    // A list, its pages put together to one as the API writes it: at most `at_most` items, and in `next`
    // whether there are more.
    Outcome<Answer> get_all(const std::string& target, std::size_t at_most = everything) const;
    // What may be done twice without harm, or fails the second time.
    Outcome<Answer> post(const std::string& target, const boost::json::object& body = {}) const;
    // What makes something: with an Idempotency-Key, so that a connection that breaks off makes nothing
    // twice.
    Outcome<Answer> create(const std::string& target, const boost::json::object& body) const;
    // `etag`: of what is to be changed, as get() gave it.
    Outcome<Answer> put(const std::string& target, const boost::json::object& body,
                        const std::string& etag) const;
    Outcome<Answer> remove(const std::string& target, const std::string& etag = "") const;

    const Server& server() const noexcept { return server_; }

    static constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

private:
    Outcome<Answer> send(HttpRequest request) const;

    Server server_;
    HttpLimits limits_;
};

// Where the API begins on every server.
inline constexpr const char* api_prefix = "/api/v1";

// What an answer with an error status means. `body`: a problem document (RFC 9457), or any text. Times in it
// are shown in the reader's zone.
Failure answer_failure(unsigned status, std::string_view body);

// `text` as one segment of a path, or one value of a query: whatever could mean something there is
// percent-encoded (RFC 3986).
std::string path_segment(std::string_view text);
std::string query_value(std::string_view text);

// Unguessable, and used for nothing else.
std::string new_idempotency_key();

}  // namespace curfew::cli
