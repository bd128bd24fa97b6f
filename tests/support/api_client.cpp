#include "support/api_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <system_error>

#include "support/byte_stream.hpp"

namespace curfew::test {

namespace json = boost::json;

namespace {

// `more`: further headers, each with its end, and a blank line; then the body.
ApiAnswer ask(std::uint16_t port, const std::string& request_line, const std::string& token,
              const std::string& more, std::chrono::milliseconds timeout) {
    std::string answer;
    try {
        ByteStream stream = ByteStream::connect_tcp(port);
        // 1.0: the body goes up to the end of the connection, in one piece.
        stream.write(request_line + " HTTP/1.0\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n" +
                     (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + more);
        ByteStream::End end = ByteStream::End::none;
        while (end == ByteStream::End::none)
            answer += stream.read_some(end, timeout);
        if (end != ByteStream::End::eof) return {};
    } catch (const TimedOut&) {
        return {};
    } catch (const std::system_error&) {
        return {};
    }
    const std::size_t begin = answer.find("\r\n\r\n");
    if (begin == std::string::npos || !answer.starts_with("HTTP/1.")) return {};
    boost::system::error_code error;
    json::value content = json::parse(answer.substr(begin + 4), error);
    if (error) return {};  // cut short
    return {std::stoi(answer.substr(9, 3)), std::move(content)};
}

}  // namespace

ApiAnswer api_post(std::uint16_t port, const std::string& path, const std::string& token,
                   const json::value& body, std::chrono::milliseconds timeout) {
    const std::string text = json::serialize(body);
    return ask(port, "POST /api/v1" + path, token,
               "Content-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) +
                   "\r\n\r\n" + text,
               timeout);
}

ApiAnswer api_get(std::uint16_t port, const std::string& path, const std::string& token,
                  std::chrono::milliseconds timeout) {
    return ask(port, "GET /api/v1" + path, token, "\r\n", timeout);
}

}  // namespace curfew::test
