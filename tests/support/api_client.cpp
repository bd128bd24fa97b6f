#include "support/api_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <system_error>

#include "support/byte_stream.hpp"

namespace curfew::test {

namespace json = boost::json;

ApiAnswer api_post(std::uint16_t port, const std::string& path, const std::string& token,
                   const json::value& body, std::chrono::milliseconds timeout) {
    const std::string text = json::serialize(body);
    std::string answer;
    try {
        ByteStream stream = ByteStream::connect_tcp(port);
        // 1.0: the body goes up to the end of the connection, in one piece.
        stream.write("POST /api/v1" + path + " HTTP/1.0\r\nHost: 127.0.0.1:" + std::to_string(port) +
                     "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) +
                     "\r\n" + (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n" +
                     text);
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

}  // namespace curfew::test
