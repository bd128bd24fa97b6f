#include "cli/api_client.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/json_access.hpp"

namespace curfew::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Local = asio::local::stream_protocol;
using Stream = beast::basic_stream<Local>;
using Request = http::request<http::string_body>;
using ResponseParser = http::response_parser<http::string_body>;

constexpr std::uint64_t largest_answer = 268'435'456;

asio::awaitable<error_code> converse(Stream& stream, const std::string& socket_path, const Request& request,
                                     ResponseParser& parser) {
    constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
    const Local::endpoint endpoint{socket_path};
    const auto [connect_error] = co_await stream.async_connect(endpoint, as_result);
    if (connect_error) co_return connect_error;
    // Who is turned away may be answered before all was sent: the answer counts, not the failed write.
    const auto [write_error, written] = co_await http::async_write(stream, request, as_result);
    beast::flat_buffer buffer;
    const auto [read_error, read] = co_await http::async_read(stream, buffer, parser, as_result);
    if (!read_error) co_return error_code{};
    co_return write_error ? write_error : read_error;
}

ExitCode exit_code_of(unsigned status) {
    switch (status) {
        case 400:
            return ExitCode::usage;
        case 403:
            return ExitCode::forbidden;
        case 404:
            return ExitCode::not_found;
        case 409:
            return ExitCode::conflict;
        case 503:
            return ExitCode::unreachable;
        default:
            return ExitCode::failed;
    }
}

}  // namespace

ApiClient::ApiClient(std::string socket_path, Duration timeout)
    : socket_path_{std::move(socket_path)}, timeout_{timeout} {}

Outcome<Answer> ApiClient::get(const std::string& target) const {
    return exchange(false, target, "");
}

Outcome<Answer> ApiClient::get_all(const std::string& target) const {
    auto answer = get(target);
    if (!answer || text_of(answer->document, "next").empty()) return answer;
    boost::json::array items = list_of(answer->document, "items");
    for (auto next = text_of(answer->document, "next"); !next.empty();) {
        const auto separator = target.find('?') == std::string::npos ? '?' : '&';
        const auto page = get(fmt::format("{}{}after={}", target, separator, path_segment(next)));
        if (!page) return page;
        const auto& more = list_of(page->document, "items");
        items.insert(items.end(), more.begin(), more.end());
        next = text_of(page->document, "next");
    }
    Answer whole;
    whole.document = boost::json::object{{"items", std::move(items)}, {"next", nullptr}};
    whole.text = boost::json::serialize(whole.document) + "\n";
    return whole;
}

Outcome<Answer> ApiClient::post(const std::string& target, const boost::json::object& body) const {
    return exchange(true, target, boost::json::serialize(body));
}

Outcome<Answer> ApiClient::exchange(bool post, const std::string& target, const std::string& body) const {
    if (socket_path_.size() >= sizeof sockaddr_un::sun_path) {
        return Failure{ExitCode::usage,
                       fmt::format("'{}' is too long for the path of a socket", socket_path_)};
    }
    Request request{post ? http::verb::post : http::verb::get, target, 11};
    request.set(http::field::host, "curfew");
    request.keep_alive(false);
    if (post) {
        request.set(http::field::content_type, "application/json");
        request.body() = body;
    }
    request.prepare_payload();

    asio::io_context context{1};
    Stream stream{context};
    stream.expires_after(timeout_);
    ResponseParser parser;
    parser.body_limit(largest_answer);
    auto conversation = converse(stream, socket_path_, request, parser);
    auto result = asio::co_spawn(context, std::move(conversation), asio::use_future);
    context.run();
    if (const auto error = result.get()) {
        if (error == beast::error::timeout) {
            return Failure{ExitCode::unreachable,
                           fmt::format("curfewd did not answer within {}", format_duration(timeout_))};
        }
        return connection_failure(error, socket_path_);
    }
    auto& response = parser.get();
    if (response.result_int() >= 300) return answer_failure(response.result_int(), response.body());
    Answer answer;
    answer.text = std::move(response.body());
    error_code error;
    answer.document = boost::json::parse(answer.text, error);
    if (error) {
        return Failure{
            ExitCode::failed,
            fmt::format("What answers at {} is not curfewd: its answer is not JSON", socket_path_)};
    }
    return answer;
}

std::string path_segment(std::string_view text) {
    std::string segment;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_';
        segment += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    // An empty segment would name another path.
    return segment.empty() ? "-" : segment;
}

Failure connection_failure(const error_code& error, const std::string& socket_path) {
    using namespace boost::system::errc;
    if (error == permission_denied || error == operation_not_permitted) {
        return {ExitCode::forbidden,
                fmt::format(
                    "You may not use {}: only root and the members of its group (curfew) may. Use sudo, or "
                    "join the group and log in again",
                    socket_path)};
    }
    if (error == no_such_file_or_directory || error == connection_refused || error == not_a_directory) {
        return {
            ExitCode::unreachable,
            fmt::format("Cannot reach curfewd at {}: {}. It is not running, or listens elsewhere: name its "
                        "socket with --socket or CURFEW_SOCKET",
                        socket_path, error == connection_refused ? "nobody answers" : "no such socket")};
    }
    return {ExitCode::unreachable,
            fmt::format("The conversation with curfewd at {} broke off: {}", socket_path, error.message())};
}

Failure answer_failure(unsigned status, std::string_view body) {
    error_code error;
    const auto document = boost::json::parse(body, error);
    const auto detail = error ? std::string{} : lines_of(document, "detail");
    return {exit_code_of(status), detail.empty()
                                      ? fmt::format("curfewd answered {}: {}", status, printable(body))
                                      : with_local_times(detail)};
}

}  // namespace curfew::cli
