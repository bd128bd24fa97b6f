#include "proxy/prepared_rollback.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "pq/connection.hpp"
#include "pq/sqlstate.hpp"
#include "proxy/address_lookup.hpp"
#include "proxy/pq_parameters.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Transaction = BackendAdmin::PreparedTransaction;

namespace {

constexpr Duration statement_timeout = 2s;
constexpr Duration longest_connecting = 2s;
constexpr std::string_view undefined_object = "42704";

// For text without NUL, whatever standard_conforming_strings says.
std::string literal(std::string_view text) {
    std::string quoted = "E'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += c;
        quoted += c;
    }
    return quoted + '\'';
}

std::string identifier(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted += c;
        quoted += c;
    }
    return quoted + '"';
}

// Who may roll it back: its owner, or a superuser.
config::Resource logging_in_for(config::Resource resource, const Transaction& transaction) {
    if (resource.role && resource.role->user == transaction.owner) {
        resource.admin_login->user = resource.role->user;
        resource.admin_login->password = resource.role->password;
        resource.admin_login->password_file.reset();
    }
    resource.admin_login->database = transaction.database;
    return resource;
}

std::string text_of(const Stream::Endpoint& endpoint) {
    asio::ip::tcp::endpoint address;
    if (endpoint.size() > address.capacity()) return {};
    std::memcpy(address.data(), endpoint.data(), endpoint.size());
    address.resize(endpoint.size());
    return address.address().to_string();
}

// As libpq is told; one, empty, for a Unix socket.
asio::awaitable<Result<std::vector<std::string>>> addresses_of(asio::any_io_executor executor,
                                                               config::Endpoint upstream, Duration at_most) {
    if (upstream.is_unix()) co_return std::vector<std::string>{std::string{}};
    const auto found =
        co_await look_up(executor, std::move(upstream), std::chrono::steady_clock::now() + at_most);
    if (!found) co_return found.error();
    std::vector<std::string> addresses;
    for (const Stream::Endpoint& endpoint : *found)
        addresses.push_back(text_of(endpoint));
    co_return addresses;
}

asio::awaitable<Result<void>> run(pq::Connection& connection, std::string sql,
                                  const Transaction& transaction) {
    std::vector<std::string> none;
    const Result<pq::Answer> answer =
        co_await connection.query(std::move(sql), std::move(none), statement_timeout);
    if (!answer) co_return answer.error();
    const std::string state = answer->sqlstate();
    if (state.empty()) co_return Result<void>{};
    const auto code = state == undefined_object             ? ErrorCode::not_found
                      : state == pq::insufficient_privilege ? ErrorCode::forbidden
                                                            : ErrorCode::unavailable;
    co_return Error{code, "PostgreSQL did not roll back the prepared transaction '" +
                              printable(transaction.identifier) + "': " + answer->error()};
}

asio::awaitable<Result<void>> roll_back_on(pq::Connection& connection, const Transaction& transaction) {
    const std::string sql = "ROLLBACK PREPARED " + literal(transaction.identifier);
    Result<void> done = co_await run(connection, sql, transaction);
    if (done || done.error().code != ErrorCode::forbidden) co_return done;
    // A member of the owner may be the owner.
    std::string become = "SET ROLE " + identifier(transaction.owner);
    const Result<void> is_owner = co_await run(connection, std::move(become), transaction);
    if (!is_owner) co_return done;
    co_return co_await run(connection, sql, transaction);
}

}  // namespace

asio::awaitable<Result<void>> roll_back_prepared(asio::any_io_executor executor, config::Resource resource,
                                                 Transaction transaction, Duration connect_timeout) {
    resource = logging_in_for(std::move(resource), transaction);
    connect_timeout = std::min(connect_timeout, longest_connecting);
    const auto addresses = co_await addresses_of(executor, resource.upstream, connect_timeout);
    if (!addresses) co_return addresses.error();
    Result<void> connected = Error{ErrorCode::unavailable, "its name has no address"};
    for (const std::string& address : *addresses) {
        pq::Connection connection{executor};
        pq::Parameters parameters = admin_parameters(resource, address);
        connected = co_await connection.connect(std::move(parameters), resource.admin_login->password,
                                                connect_timeout);
        if (connected) co_return co_await roll_back_on(connection, transaction);
    }
    co_return connected;
}

}  // namespace curfew::proxy
