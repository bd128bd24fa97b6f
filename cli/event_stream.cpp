#include "cli/event_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/none.hpp>
#include <chrono>
#include <utility>

#include "cli/api_client.hpp"

namespace curfew::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;
using Stream = beast::basic_stream<Local>;

// The server says something every 15 s at the latest.
constexpr std::chrono::seconds longest_silence{45};

}  // namespace

std::vector<ServerEvent> EventParser::feed(std::string_view bytes) {
    std::vector<ServerEvent> events;
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        line_ += bytes.substr(0, end);
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
        if (line_.ends_with('\r')) line_.pop_back();
        take_line(line_, events);
        line_.clear();
    }
    return events;
}

void EventParser::take_line(std::string_view line, std::vector<ServerEvent>& events) {
    if (line.empty()) {
        if (has_data_) {
            if (event_.name.empty()) event_.name = "message";
            events.push_back(std::move(event_));
        }
        event_ = {};
        has_data_ = false;
        return;
    }
    const auto colon = line.find(':');
    const auto field = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "event") {
        event_.name = value;
    } else if (field == "data") {
        if (has_data_) event_.data += '\n';
        event_.data += value;
        has_data_ = true;
    }
}

asio::awaitable<Failure> follow_events(std::string socket_path, std::string target,
                                       std::function<void()> on_connected,
                                       std::function<void(const ServerEvent&)> on_event) {
    constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
    Stream stream{co_await asio::this_coro::executor};
    stream.expires_after(longest_silence);
    const Local::endpoint endpoint{socket_path};
    auto [error] = co_await stream.async_connect(endpoint, as_result);
    if (error) co_return connection_failure(error, socket_path);

    http::request<http::empty_body> request{http::verb::get, target, 11};
    request.set(http::field::host, "curfew");
    request.set(http::field::accept, "text/event-stream");
    std::size_t length = 0;
    std::tie(error, length) = co_await http::async_write(stream, request, as_result);
    if (error) co_return connection_failure(error, socket_path);

    beast::flat_buffer buffer;
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    std::tie(error, length) = co_await http::async_read_header(stream, buffer, parser, as_result);
    if (error) co_return connection_failure(error, socket_path);
    if (parser.get().result() != http::status::ok) co_return answer_failure(parser.get().result_int(), "");
    on_connected();

    EventParser events;
    std::string piece(16'384, '\0');
    while (!parser.is_done()) {
        parser.get().body().data = piece.data();
        parser.get().body().size = piece.size();
        stream.expires_after(longest_silence);
        std::tie(error, length) = co_await http::async_read_some(stream, buffer, parser, as_result);
        if (error && error != http::error::need_buffer) co_return connection_failure(error, socket_path);
        const auto received = piece.size() - parser.get().body().size;
        for (const auto& event : events.feed(std::string_view{piece}.substr(0, received)))
            on_event(event);
    }
    co_return Failure{ExitCode::unreachable, "curfewd ended the conversation; is it shutting down?"};
}

}  // namespace curfew::cli
