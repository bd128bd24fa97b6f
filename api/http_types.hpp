// The words of HTTP that every part of the API uses.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace curfew::api {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

namespace http = boost::beast::http;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

inline std::string_view view_of(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

// Who is at the other end of a connection.
struct Peer {
    bool local = false;   // of a Unix socket
    std::string user;     // of a Unix socket, by the kernel's word
    std::string address;  // of TCP, without the port
    bool tls = false;
};

// A response that goes on: server-sent events (WHATWG HTML, section 9.2).
struct EventStream {
    // The next piece of the stream, as it goes to the client. Awaited again and again until the client leaves
    // or the server stops; a call under way is cancelled then. To throw ends the stream.
    std::function<Awaitable<std::string>()> next;
};

// A response whose length is not known when it begins: a file, lines of JSON. Whoever reads it can tell one
// that was brought to its end from one that broke off.
struct ByteStream {
    std::string content_type;
    std::string file_name;  // under which a browser is to keep it; empty: shown like any other
    // The next piece; empty: that was all. Otherwise as EventStream's.
    std::function<Awaitable<std::string>()> next;
};

using Reply = std::variant<Response, EventStream, ByteStream>;

// A response with a body. Length, date and connection headers are the server's to set.
inline Response make_response(http::status status, const std::string& content_type, std::string body) {
    Response response{status, 11};
    response.set(http::field::content_type, content_type);
    response.body() = std::move(body);
    return response;
}

// 204.
inline Response no_content() {
    return Response{http::status::no_content, 11};
}

}  // namespace curfew::api
