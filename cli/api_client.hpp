// Talks to curfewd over its administrative socket: HTTP and JSON.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "cli/exit_code.hpp"

namespace curfew::cli {

// A successful answer: as it came, and read.
struct Answer {
    std::string text;
    boost::json::value document;
};

class ApiClient {
public:
    // `timeout` bounds one whole exchange.
    explicit ApiClient(std::string socket_path, Duration timeout = std::chrono::seconds{30});

    Outcome<Answer> get(const std::string& target) const;
    // A whole list, page after page, as one answer whose `next` is null.
    Outcome<Answer> get_all(const std::string& target) const;
    Outcome<Answer> post(const std::string& target, const boost::json::object& body) const;

    const std::string& socket_path() const noexcept { return socket_path_; }

private:
    Outcome<Answer> exchange(bool post, const std::string& target, const std::string& body) const;

    std::string socket_path_;
    Duration timeout_;
};

// What a person is told where the socket could not be opened, or the conversation on it broke off.
Failure connection_failure(const boost::system::error_code& error, const std::string& socket_path);

// What an answer with an error status means. `body`: a problem document (RFC 9457), or any text. Times in it
// are shown in the reader's zone.
Failure answer_failure(unsigned status, std::string_view body);

// `text` as one segment of a path: whatever could mean something there is percent-encoded (RFC 3986).
std::string path_segment(std::string_view text);

}  // namespace curfew::cli
