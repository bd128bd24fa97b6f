#include "proxy/address_lookup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <string>

#include "base/text.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

using Endpoints = std::vector<Stream::Endpoint>;

struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : resolver{executor}, answered{executor} {}

    asio::ip::tcp::resolver resolver;
    asio::steady_timer answered;  // cancelled then
    bool over = false;
    boost::system::error_code error;
    Endpoints endpoints;
};

void start(const std::shared_ptr<Lookup>& lookup, const config::Endpoint& endpoint) {
    lookup->resolver.async_resolve(endpoint.host, std::to_string(endpoint.port),
                                   asio::ip::resolver_base::numeric_service,
                                   [lookup](const boost::system::error_code& error,
                                            const asio::ip::tcp::resolver::results_type& results) {
                                       lookup->over = true;
                                       lookup->error = error;
                                       for (const auto& result : results)
                                           lookup->endpoints.emplace_back(result.endpoint());
                                       lookup->answered.cancel();
                                   });
}

Result<Endpoints> unix_socket(const std::string& path) {
    try {
        return Endpoints{Stream::Endpoint{asio::local::stream_protocol::endpoint{path}}};
    } catch (const boost::system::system_error& error) {
        return Error{ErrorCode::invalid, printable(path) + ": " + error.code().message()};
    }
}

}  // namespace

asio::awaitable<Result<Endpoints>> look_up(asio::any_io_executor executor, config::Endpoint endpoint,
                                           SteadyInstant deadline) {
    if (endpoint.is_unix()) co_return unix_socket(endpoint.host);
    boost::system::error_code no_address;
    const auto address = asio::ip::make_address(endpoint.host, no_address);
    if (!no_address) co_return Endpoints{Stream::Endpoint{asio::ip::tcp::endpoint{address, endpoint.port}}};

    const auto lookup = std::make_shared<Lookup>(executor);
    start(lookup, endpoint);
    lookup->answered.expires_at(deadline);
    co_await lookup->answered.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!lookup->over) {
        lookup->resolver.cancel();
        if (asio::steady_timer::clock_type::now() >= deadline)
            co_return Error{ErrorCode::unavailable, "the look-up of this name took too long"};
        co_return Error{ErrorCode::conflict, "the look-up was called off"};
    }
    if (lookup->error || lookup->endpoints.empty())
        co_return Error{ErrorCode::unavailable, "this name has no address: " + lookup->error.message()};
    co_return std::move(lookup->endpoints);
}

}  // namespace curfew::proxy
