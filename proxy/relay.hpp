// The data path: passes a live session's bytes both ways.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/postgres/command_gate.hpp"
#include "protocol/postgres/outcome_tracker.hpp"
#include "protocol/postgres/request_gate.hpp"
#include "proxy/buffer_pool.hpp"
#include "proxy/client_writer.hpp"
#include "proxy/command_judge.hpp"
#include "proxy/event.hpp"
#include "proxy/source.hpp"
#include "proxy/stream.hpp"
#include "proxy/tape.hpp"

namespace curfew::proxy {

enum class RelayEnd {
    client_left,       // the client ended the session, and PostgreSQL has closed after it
    server_closed,     // PostgreSQL ended it; all that it said has been delivered
    client_violation,  // the client sent a length that no message can have
    server_violation,  // PostgreSQL did, or broke TLS
    interrupted,       // Stream::interrupt on both streams
};

// Knows where messages begin and end, looks at nothing else, allocates nothing per message and holds no large
// buffer while nothing moves. When the client leaves, PostgreSQL is told by the end of its stream and may
// finish what it is doing, as without a proxy in between.
//
// Its gate can be closed, so that the client begins no new transaction; nothing else changes for either side.
//
// With a judge it holds what a client sends until that is decided. It reads on meanwhile, though no more than
// a buffer, and tells the judge when the client leaves.
class Relay {
public:
    // `tape`: hears of everything before it is passed on; nullptr: nothing is recorded.
    Relay(Stream& client, Stream& server, ClientWriter& writer, BufferPool& buffers, Tape* tape = nullptr);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    // To be called before run(). From then on PostgreSQL is given nothing to execute but what `judge` lets
    // pass; see postgres::CommandGate. `judge` must outlive the relay.
    void judge_commands(CommandJudge& judge, postgres::CommandGate gate);
    // nullptr: nobody judges.
    postgres::CommandGate* commands() noexcept;

    // Returns when the session is over on both sides, or with `interrupted`, which both streams are then;
    // what was being delivered to the client is still in the writer's hand, and valid until the relay is
    // destroyed.
    boost::asio::awaitable<RelayEnd> run();

    // From now on what would begin a transaction is answered with `refusal`, an ErrorResponse, and does not
    // reach PostgreSQL; see postgres::RequestGate. Again: the same, with other words.
    void refuse_requests(std::string refusal);
    void allow_requests();

    // The client said Terminate or closed its connection.
    bool client_left() const noexcept { return client_left_ || gate_.terminated(); }
    std::uint64_t bytes_from_client() const noexcept { return bytes_from_client_; }
    // Whatever the client asked for has been answered, as far as message types tell: PostgreSQL waits for the
    // next request. Says false where in doubt.
    bool idle() const noexcept { return gate_.idle(); }
    // Knows what was passed on, and what PostgreSQL said up to the relay's end; whoever hears it afterwards
    // goes on telling it.
    postgres::OutcomeTracker& outcome() noexcept { return outcome_; }
    const postgres::OutcomeTracker& outcome() const noexcept { return outcome_; }

private:
    boost::asio::awaitable<void> client_to_server();
    boost::asio::awaitable<RelayEnd> server_to_client();
    // How passing the client's bytes on went.
    enum class Passing { passed, client_gone, server_gone, stopped };
    boost::asio::awaitable<Passing> pass_what_may(std::string_view bytes);
    boost::asio::awaitable<Passing> pass(std::string_view part);
    boost::asio::awaitable<Passing> answer(postgres::RequestGate::Answer answer);
    boost::asio::awaitable<void> await_gate();
    void gate_moved();
    void stop_for_violation();

    // relay_commands.cpp: the same with a judge.
    struct Commands;
    boost::asio::awaitable<void> commands_to_server();
    boost::asio::awaitable<Passing> pass_commands();
    boost::asio::awaitable<Passing> take_step(postgres::CommandGate::Step step);
    boost::asio::awaitable<Passing> have_judged();
    boost::asio::awaitable<Passing> pass_command(std::string_view bytes);
    boost::asio::awaitable<Passing> say(std::string_view answer);
    boost::asio::awaitable<Passing> await_commands();
    boost::asio::awaitable<void> read_ahead();
    boost::asio::awaitable<void> await_room();
    boost::asio::awaitable<void> interrupt_judge();
    void client_leaves();
    bool hear_answers(std::string_view bytes);
    void stop_judging();

    Stream& client_;
    Stream& server_;
    ClientWriter& writer_;
    Tape* tape_;
    // Most messages are short; these are all that a session holds while it is idle.
    std::array<char, 256> client_bytes_;
    std::array<char, 512> server_bytes_;
    Source from_client_;
    Source from_server_;
    postgres::RequestGate gate_;
    postgres::OutcomeTracker outcome_;
    std::string refusal_;
    std::unique_ptr<Event> gate_moved_;  // while something is held
    std::unique_ptr<Commands> commands_;
    std::uint64_t bytes_from_client_ = 0;
    bool client_left_ = false;
    bool client_gone_ = false;  // takes no more bytes
    bool client_violation_ = false;
};

}  // namespace curfew::proxy
