// What recording a transaction of `pgbench -S` costs, part by part: what the data path does for it (taps, the
// outcome), and what the recording thread does (the transcript). Prints nanoseconds of one core.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/outcome_tracker.hpp"
#include "recording/transcript.hpp"

namespace {

using namespace curfew;
using postgres::TappedPiece;

constexpr int transactions = 300'000;

void add(std::string& out, char type, std::string_view body) {
    postgres::append_message(out, type, [&](std::string& to) { to.append(body); });
}

// As pgbench sends it and PostgreSQL answers: by the simple protocol, and as a prepared statement.
struct Transaction {
    std::string client;
    std::string server;
};
Transaction simple() {
    using namespace std::string_view_literals;
    Transaction made;
    add(made.client, 'Q', "SELECT abalance FROM pgbench_accounts WHERE aid = 54321;\0"sv);
    add(made.server, 'T', "\0\1abalance\0\0\0\x40\1\0\3\0\0\0\x17\0\4\xff\xff\xff\xff\0\0"sv);
    add(made.server, 'D',
        "\0\1\0\0\0\1"
        "0"sv);
    add(made.server, 'C', "SELECT 1\0"sv);
    add(made.server, 'Z', "I");
    return made;
}
Transaction prepared() {
    using namespace std::string_view_literals;
    Transaction made;
    add(made.client, 'B',
        "\0P0_1\0\0\0\0\1\0\0\0\x05"
        "54321\0\0"sv);
    add(made.client, 'D', "P\0"sv);
    add(made.client, 'E', "\0\0\0\0\0"sv);
    add(made.client, 'S', {});
    add(made.server, '2', {});
    made.server += simple().server;
    return made;
}

template <class Work>
void measure(const char* what, Work&& work) {
    const std::clock_t began = std::clock();  // of this process alone, whatever else runs
    for (int i = 0; i < transactions; ++i)
        work();
    const double seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
    std::printf("  %-34s %7.0f ns\n", what, seconds * 1e9 / transactions);
}

void measure_all(const char* name, const Transaction& transaction) {
    std::printf("%s\n", name);
    const auto client_plan = postgres::TapPlan::from_client({});
    const auto server_plan = postgres::TapPlan::from_server({});
    std::size_t bytes = 0;
    const auto tap_all = [&](postgres::MessageTap& tap, std::string_view all, auto&& sink) {
        tap.advance(all, sink);
    };
    postgres::MessageTap client{client_plan};
    postgres::MessageTap server{server_plan};
    const auto count = [&](const TappedPiece& piece) {
        bytes += piece.bytes.size();
        return true;
    };
    measure("taps, both directions", [&] {
        tap_all(client, transaction.client, count);
        tap_all(server, transaction.server, count);
    });

    postgres::OutcomeTracker tracker;
    measure("outcome of the last transaction", [&] {
        tracker.from_client(transaction.client);
        tracker.from_server(transaction.server);
    });

    const auto redactor =
        std::make_shared<const recording::Redactor>(recording::Redactor::compile({}).value());
    std::size_t entries = 0;
    BootInstant now{};
    recording::Transcript transcript{redactor, now, [&](recording::Entry&&) { ++entries; }};
    const auto take = [&](recording::Transcript::From from) {
        return [&transcript, &now, from](const TappedPiece& piece) {
            transcript.take(from, piece, now);
            return true;
        };
    };
    measure("taps and transcript", [&] {
        now += std::chrono::microseconds{50};
        tap_all(client, transaction.client, take(recording::Transcript::From::client));
        tap_all(server, transaction.server, take(recording::Transcript::From::server));
    });
    std::printf("  entries a transaction: %.1f\n", static_cast<double>(entries) / transactions);
}

}  // namespace

int main() {
    measure_all("simple", simple());
    measure_all("prepared", prepared());
}
