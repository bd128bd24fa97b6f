#include "proxy/relay.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "protocol/postgres/messages.hpp"
#include "proxy/let_others_run.hpp"
#include "proxy/task_group.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

void Relay::refuse_requests(std::string refusal) {
    if (auto* gate = commands()) return gate->refuse_transactions(std::move(refusal));
    refusal_ = std::move(refusal);
    gate_.close();
}

void Relay::allow_requests() {
    if (auto* gate = commands()) return gate->allow_transactions();
    gate_.open();
    gate_moved();
}

void Relay::gate_moved() {
    if (gate_moved_) gate_moved_->notify();
}

// The other direction may wait for either: for this client to read what it was sent.
void Relay::stop_for_violation() {
    client_violation_ = true;
    client_.interrupt();
    server_.interrupt();
}

asio::awaitable<void> Relay::client_to_server() {
    int chunks = 0;
    for (;;) {
        const Source::Chunk chunk = co_await from_client_.next();
        if (chunk.status == Stream::Status::interrupted) co_return;
        if (chunk.status != Stream::Status::ok) break;
        if (gate_.passes_all()) {
            // Nothing of a chunk with a length that no message can have may reach PostgreSQL.
            if (!gate_.pass(chunk.bytes)) co_return stop_for_violation();
            bytes_from_client_ += chunk.bytes.size();
            outcome_.from_client(chunk.bytes);
            if (tape_ != nullptr && !tape_->take_from_client(chunk.bytes)) {
                const bool taken = co_await tape_->all_from_client();
                if (!taken) co_return;
            }
            // Where PostgreSQL takes no more, its last words are still to be read: by the other direction.
            if (co_await server_.write_all(chunk.bytes) != Stream::Status::ok) co_return;
        } else {
            const Passing passing = co_await pass_what_may(chunk.bytes);
            if (passing == Passing::client_gone) break;
            if (passing != Passing::passed) co_return;
        }
        chunks = from_client_.more_expected() ? chunks + 1 : 0;
        if (chunks == chunks_per_turn) {
            chunks = 0;
            co_await let_others_run();
        }
    }
    client_left_ = true;
    server_.shutdown_write();
}

asio::awaitable<Relay::Passing> Relay::pass_what_may(std::string_view bytes) {
    using Verdict = postgres::RequestGate::Verdict;
    while (!bytes.empty()) {
        const postgres::RequestGate::Step step = gate_.next(bytes);
        if (step.verdict == Verdict::hold) {
            co_await await_gate();
            if (client_.interrupted() || server_.interrupted()) co_return Passing::stopped;
            if (client_gone_) co_return Passing::client_gone;
            continue;
        }
        const std::string_view part = bytes.substr(0, step.bytes);
        bytes.remove_prefix(step.bytes);
        bytes_from_client_ += part.size();
        auto passing = Passing::passed;
        if (step.verdict == Verdict::pass && !part.empty()) passing = co_await pass(part);
        if (passing != Passing::passed) co_return passing;
        if (gate_.broken()) {
            stop_for_violation();
            co_return Passing::stopped;
        }
        if (step.verdict == Verdict::drop) passing = co_await answer(step.answer);
        if (passing != Passing::passed) co_return passing;
    }
    co_return Passing::passed;
}

asio::awaitable<Relay::Passing> Relay::pass(std::string_view part) {
    outcome_.from_client(part);
    if (tape_ != nullptr && !tape_->take_from_client(part)) {
        const bool taken = co_await tape_->all_from_client();
        if (!taken) co_return Passing::stopped;
    }
    const Stream::Status written = co_await server_.write_all(part);
    co_return written == Stream::Status::ok ? Passing::passed : Passing::server_gone;
}

// In PostgreSQL's place: everything that was asked before has been answered, so that no answer comes before
// its turn.
asio::awaitable<Relay::Passing> Relay::answer(postgres::RequestGate::Answer answer) {
    using Answer = postgres::RequestGate::Answer;
    if (answer == Answer::none) co_return Passing::passed;
    if (answer != Answer::ready) {
        writer_.say(refusal_);
        if (tape_ != nullptr) tape_->said(refusal_);
    }
    if (answer != Answer::error) writer_.say(postgres::ready_for_query('I'));
    const Stream::Status said = co_await writer_.say_all();
    if (said == Stream::Status::interrupted) co_return Passing::stopped;
    co_return said == Stream::Status::ok ? Passing::passed : Passing::client_gone;
}

// Until the verdict on what is held may be another one.
asio::awaitable<void> Relay::await_gate() {
    if (client_gone_) co_return;
    const auto executor = co_await asio::this_coro::executor;
    gate_moved_ = std::make_unique<Event>(executor);
    co_await gate_moved_->wait();
    gate_moved_.reset();
}

asio::awaitable<RelayEnd> Relay::server_to_client() {
    int chunks = 0;
    for (;;) {
        const Source::Chunk chunk = co_await from_server_.next();
        if (chunk.status == Stream::Status::interrupted) co_return RelayEnd::interrupted;
        if (chunk.status != Stream::Status::ok)
            co_return client_left() ? RelayEnd::client_left : RelayEnd::server_closed;
        outcome_.from_server(chunk.bytes);
        if (tape_ != nullptr && !tape_->take_from_server(chunk.bytes)) {
            const bool taken = co_await tape_->all_from_server();
            if (!taken) co_return RelayEnd::interrupted;
        }
        if (!client_gone_) {
            const Stream::Status delivered = co_await writer_.deliver(chunk.bytes);
            if (delivered == Stream::Status::interrupted) co_return RelayEnd::interrupted;
            if (writer_.broken()) co_return RelayEnd::server_violation;
            // A client that is gone does not stop the statement that it sent; its results go nowhere.
            client_gone_ = delivered != Stream::Status::ok;
            gate_moved();
        }
        if (commands_ && !hear_answers(chunk.bytes)) co_return RelayEnd::server_violation;
        chunks = from_server_.more_expected() ? chunks + 1 : 0;
        if (chunks == chunks_per_turn) {
            chunks = 0;
            co_await let_others_run();
        }
    }
}

asio::awaitable<RelayEnd> Relay::run() {
    const auto executor = co_await asio::this_coro::executor;
    TaskGroup other_direction{executor};
    other_direction.spawn(commands_ ? commands_to_server() : client_to_server());
    RelayEnd end = co_await server_to_client();
    if (end == RelayEnd::interrupted && client_violation_) end = RelayEnd::client_violation;
    client_.interrupt();
    server_.interrupt();
    gate_moved();
    writer_.wake();
    if (commands_) stop_judging();
    co_await other_direction.join();
    if (end != RelayEnd::interrupted) {
        client_.resume();
        server_.resume();
    }
    co_return end;
}

}  // namespace curfew::proxy
