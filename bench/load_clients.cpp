// Thousands of clients that log in, do nothing (or wait for one query) and note when they are thrown out.
//
// Prints one JSON object a line: `{"event":"ready",…}` once all are in; after the line `deadline NANOSECONDS`
// (CLOCK_BOOTTIME) on standard input, and once all have been thrown out, `{"event":"ended",…}` with how long
// past that instant they heard of it and were closed. With `--each`, `{"event":"closed",…}` as each of them
// is. The end of standard input ends it.
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/startup.hpp"

namespace asio = boost::asio;
namespace json = boost::json;
namespace postgres = curfew::postgres;
using asio::ip::tcp;
using curfew::BootInstant;
using curfew::Duration;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t longest_message = 1'048'576;

struct Options {
    std::vector<std::uint16_t> ports;
    std::size_t clients = 100;
    std::size_t at_a_time = 64;
    std::string user = "bench";
    std::size_t users = 0;
    bool each = false;
    std::string database = "bench";
    std::string query;
    bool tls = false;
};

// Where a client goes, and as whom.
struct Client {
    std::uint16_t port = 0;
    std::string user;
};

// What one client saw.
struct Ending {
    std::optional<BootInstant> told;  // the ErrorResponse with 57P01 was there
    BootInstant closed;               // the connection's end was
    bool in_order = false;            // it was no RST
};

class Load {
public:
    explicit Load(Options options) : options_{std::move(options)} {}

    // Until standard input ends.
    void run();

private:
    asio::awaitable<void> take_orders();
    asio::awaitable<void> log_in_and_stay(Client client);
    template <class Stream>
    asio::awaitable<void> stay(Stream& stream, const Client& client);
    template <class Stream>
    asio::awaitable<Ending> await_end(Stream& stream);
    void begin_next();
    void came_in();
    void went(const Client& client, const Ending& ending);
    Client client(std::size_t number) const;
    void print_if_over();
    BootInstant now() const { return clock_.boot_now(); }

    const Options options_;
    const curfew::SystemClock clock_;
    const BootInstant begun_ = clock_.boot_now();
    asio::io_context context_{1};
    asio::ssl::context tls_{asio::ssl::context::tls_client};
    asio::posix::stream_descriptor orders_{context_, ::dup(STDIN_FILENO)};
    std::size_t connecting_ = 0;
    std::size_t inside_ = 0;
    std::vector<Ending> endings_;
    std::optional<BootInstant> deadline_;
};

void print(const json::object& object) {
    std::cout << json::serialize(object) << std::endl;
}

// One message. Anything but that is an error here: clients that are logging in, or wait for their end, expect
// one.
template <class Stream>
asio::awaitable<postgres::Header> read_message(Stream& stream, std::string& body) {
    std::array<char, postgres::header_size> bytes{};
    co_await asio::async_read(stream, asio::buffer(bytes), asio::use_awaitable);
    postgres::Header header;
    if (!postgres::read_header(bytes.data(), header) || header.body_length > longest_message)
        throw std::runtime_error("what was received is no message");
    body.resize(header.body_length);
    co_await asio::async_read(stream, asio::buffer(body), asio::use_awaitable);
    co_return header;
}

std::string error_field(const std::string& body, char field) {
    const auto fields = postgres::parse_report_fields(body);
    if (!fields) return {};
    const auto found = fields->find(field);
    return found == fields->end() ? std::string{} : found->second;
}

template <class Stream>
asio::awaitable<void> log_in(Stream& stream, const std::string& user, const std::string& database) {
    postgres::StartupMessage startup;
    startup.user = user;
    startup.database = database;
    const std::string packet = postgres::build_startup_message(startup);
    co_await asio::async_write(stream, asio::buffer(packet), asio::use_awaitable);
    for (std::string body;;) {
        const postgres::Header header = co_await read_message(stream, body);
        if (header.type == 'E') throw std::runtime_error("refused: " + error_field(body, 'M'));
        if (header.type == 'R' && postgres::authentication_code(body) != postgres::AuthenticationCode::ok)
            throw std::runtime_error("asked to authenticate, which these clients cannot");
        if (header.type == 'Z') co_return;
    }
}

template <class Stream>
asio::awaitable<Ending> Load::await_end(Stream& stream) {
    Ending ending;
    std::string body;
    try {
        for (;;) {
            const postgres::Header header = co_await read_message(stream, body);
            if (header.type == 'E' && error_field(body, 'C') == "57P01") ending.told = now();
        }
    } catch (const boost::system::system_error& end) {
        ending.closed = now();
        ending.in_order = end.code() == asio::error::eof || end.code() == asio::ssl::error::stream_truncated;
    }
    co_return ending;
}

template <class Stream>
asio::awaitable<void> Load::stay(Stream& stream, const Client& client) {
    co_await log_in(stream, client.user, options_.database);
    if (!options_.query.empty()) {
        std::string query;
        postgres::append_message(query, 'Q', [this](std::string& out) {
            out += options_.query;
            out.push_back('\0');
        });
        co_await asio::async_write(stream, asio::buffer(query), asio::use_awaitable);
    }
    came_in();
    const Ending ending = co_await await_end(stream);
    went(client, ending);
}

asio::awaitable<void> Load::log_in_and_stay(Client client) {
    tcp::socket socket{context_};
    const tcp::endpoint address{asio::ip::address_v4::loopback(), client.port};
    co_await socket.async_connect(address, asio::use_awaitable);
    socket.set_option(tcp::no_delay{true});
    if (!options_.tls) {
        co_await stay(socket, client);
        co_return;
    }
    const std::string request = postgres::build_ssl_request();
    co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
    char answer = 0;
    co_await asio::async_read(socket, asio::buffer(&answer, 1), asio::use_awaitable);
    if (answer != 'S') throw std::runtime_error("TLS is refused");
    asio::ssl::stream<tcp::socket> stream{std::move(socket), tls_};
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_await stay(stream, client);
}

// Each port has clients of all users, as evenly as it goes.
Client Load::client(std::size_t number) const {
    const std::size_t ports = options_.ports.size();
    Client client{options_.ports[number % ports], options_.user};
    if (options_.users > 0) client.user += std::to_string(number / ports % options_.users);
    return client;
}

void Load::begin_next() {
    const std::size_t begun = connecting_ + inside_ + endings_.size();
    if (begun == options_.clients) return;
    ++connecting_;
    asio::co_spawn(context_, log_in_and_stay(client(begun)), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
}

void Load::came_in() {
    --connecting_;
    ++inside_;
    begin_next();
    if (connecting_ > 0 || inside_ < options_.clients) return;
    print({{"event", "ready"},
           {"clients", inside_},
           {"seconds", std::chrono::duration<double>{now() - begun_}.count()}});
}

void Load::went(const Client& client, const Ending& ending) {
    if (connecting_ > 0) throw std::runtime_error("a client was thrown out before all were in");
    --inside_;
    endings_.push_back(ending);
    if (options_.each) {
        print({{"event", "closed"},
               {"user", client.user},
               {"port", client.port},
               {"told", ending.told.has_value()},
               {"at_boot_ns", std::chrono::nanoseconds{ending.closed.time_since_epoch()}.count()}});
    }
    print_if_over();
}

// Of durations, in milliseconds: the smallest that so many parts of a hundred do not exceed.
double percentile(const std::vector<Duration>& sorted, std::size_t percent) {
    const std::size_t rank = (sorted.size() * percent + 99) / 100;
    return std::chrono::duration<double, std::milli>{sorted[std::max<std::size_t>(rank, 1) - 1]}.count();
}

json::value summary(std::vector<Duration> times) {
    if (times.empty()) return nullptr;
    std::sort(times.begin(), times.end());
    return json::object{{"min", percentile(times, 0)},
                        {"p50", percentile(times, 50)},
                        {"p99", percentile(times, 99)},
                        {"max", percentile(times, 100)}};
}

void Load::print_if_over() {
    if (!deadline_ || endings_.size() < options_.clients) return;
    std::vector<Duration> told;
    std::vector<Duration> closed;
    std::size_t in_order = 0;
    for (const Ending& ending : endings_) {
        if (ending.told) told.push_back(*ending.told - *deadline_);
        closed.push_back(ending.closed - *deadline_);
        if (ending.in_order) ++in_order;
    }
    print({{"event", "ended"},
           {"clients", endings_.size()},
           {"told", told.size()},
           {"closed_in_order", in_order},
           {"told_ms", summary(std::move(told))},
           {"closed_ms", summary(std::move(closed))}});
}

asio::awaitable<void> Load::take_orders() {
    std::string text;
    for (;;) {
        const auto [error, n] =
            co_await asio::async_read_until(orders_, asio::dynamic_buffer(text), '\n', as_tuple);
        if (error) break;
        const std::string line = text.substr(0, n - 1);
        text.erase(0, n);
        constexpr std::string_view order = "deadline ";
        if (!line.starts_with(order)) throw std::runtime_error("not understood: " + line);
        deadline_ = BootInstant{std::chrono::nanoseconds{std::stoll(line.substr(order.size()))}};
        print_if_over();
    }
    context_.stop();
}

void Load::run() {
    tls_.set_verify_mode(asio::ssl::verify_none);
    endings_.reserve(options_.clients);
    asio::co_spawn(context_, take_orders(), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
    for (std::size_t i = 0; i < std::min(options_.at_a_time, options_.clients); ++i)
        begin_next();
    context_.run();
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Opens many PostgreSQL connections to 127.0.0.1 and notes when they are ended"};
    app.add_option("--port", options.ports, "Where to; of several, each has as many of them")
        ->required()
        ->expected(1, -1);
    app.add_option("--clients", options.clients, "How many")->capture_default_str();
    app.add_option("--at-a-time", options.at_a_time, "How many may be logging in")->capture_default_str();
    app.add_option("--user", options.user)->capture_default_str();
    app.add_option("--users", options.users,
                   "So many users take turns: `--user` with a number from 0 behind it");
    app.add_flag("--each", options.each, "Prints the end of each connection when it comes");
    app.add_option("--database", options.database)->capture_default_str();
    app.add_option("--query", options.query, "Sent by each once it is in; its answer is not waited for");
    app.add_flag("--tls", options.tls, "In TLS; the certificate is not verified");
    CLI11_PARSE(app, argc, argv);
    try {
        Load{std::move(options)}.run();
    } catch (const std::exception& failure) {
        std::cerr << "load_clients: " << failure.what() << '\n';
        return 1;
    }
    return 0;
}
