// A client that shares no code with the server: bytes on a socket.
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curfew::test {

// A connected socket. Every wait is bounded: a server that says nothing fails the test, and does not hang it.
class RawClient {
public:
    static RawClient unix_socket(const std::string& path);
    static RawClient tcp(std::uint16_t port);
    RawClient(RawClient&& other) noexcept;
    RawClient& operator=(RawClient&&) = delete;
    ~RawClient();

    // False if the server has closed the connection.
    bool send(std::string_view bytes);
    // All that comes until the server closes.
    std::string read_to_end();
    // All that comes up to and with `marker`; less where the connection closes before.
    std::string read_until(std::string_view marker);
    void shutdown_write();

private:
    explicit RawClient(int descriptor) : descriptor_{descriptor} {}
    bool read_some();

    int descriptor_;
    std::string unread_;
};

struct HttpReply {
    int status = 0;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;

    boost::json::value json() const;
    // What a problem document says of each member, as `member: detail`.
    std::vector<std::string> problems() const;
};

// Takes apart one whole response.
HttpReply parse_reply(std::string_view text);

using Headers = std::vector<std::pair<std::string, std::string>>;

// One request, as it goes over a connection that is closed afterwards. A body is sent as application/json;
// the Host is `localhost` where `headers` names none.
std::string request_text(std::string_view method, std::string_view target, std::string_view body = "",
                         const Headers& headers = {});
// That, on a connection of its own.
HttpReply exchange(RawClient client, std::string_view method, std::string_view target,
                   std::string_view body = "", const Headers& headers = {});

}  // namespace curfew::test
