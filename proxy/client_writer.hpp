// What goes to the client of a live session: PostgreSQL's stream, with Curfew's own messages between its
// messages and never inside one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/postgres/boundary_tracker.hpp"
#include "protocol/postgres/request_gate.hpp"
#include "proxy/event.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

// Belongs to the stream's thread. One coroutine delivers; say() may be called at any time.
class ClientWriter {
public:
    explicit ClientWriter(Stream& client) : client_{client} {}

    // The gate hears of PostgreSQL's messages as they are written. It is used until deliver() is called no
    // more.
    void tell(postgres::RequestGate& gate) noexcept { gate_ = &gate; }

    // Writes all of `bytes`, which follow what was delivered before. Not ok: the client is gone or the stream
    // was interrupted; what could not be written stays in hand, and `bytes` must stay valid for as long as
    // finish_message() may be called. `failed` also where the stream holds what cannot be a message.
    boost::asio::awaitable<Stream::Status> deliver(std::string_view bytes);

    // A whole message of ours. Goes out at the next message boundary: at once if nothing is being delivered.
    void say(std::string_view message);
    // Returns once all that say() was given is written: for who says much to a client that may not read. Not
    // ok: as deliver(). One coroutine besides the one that delivers.
    boost::asio::awaitable<Stream::Status> say_all();
    // After the stream was interrupted, where nothing is being delivered: so that say_all() returns.
    void wake();

    // For the end: completes the message that is half written, if its rest is in hand. False if the stream
    // cannot be brought to a boundary, because the rest never arrived or the client does not take it; nothing
    // may be said then. What else is in hand, what say() still holds and
    // what it is given from now on, is dropped.
    boost::asio::awaitable<bool> finish_message();

    std::uint64_t bytes_written() const noexcept { return bytes_written_; }
    // How many ReadyForQuery messages have been written.
    std::uint64_t readies() const noexcept { return readies_; }
    // PostgreSQL's stream holds a length that no message can have; nothing from there on was written.
    bool broken() const noexcept { return received_.broken(); }

private:
    enum class Part { ours, theirs };
    struct Piece {
        Part part;
        std::string_view bytes;
    };
    std::string_view believable(std::string_view bytes);
    Piece next_piece() const;
    Stream::Outcome write(const Piece& piece);
    boost::asio::awaitable<Stream::Status> write_in_hand();
    boost::asio::awaitable<void> await_the_other();
    void end_turn();

    Stream& client_;
    postgres::RequestGate* gate_ = nullptr;
    bool writing_ = false;              // one of the two coroutines is: it writes what is the other's as well
    std::unique_ptr<Event> turn_over_;  // once the other has waited for it
    postgres::BoundaryTracker received_;  // of PostgreSQL's stream, as it was handed over
    postgres::BoundaryTracker tracker_;   // of what was written of it
    std::string_view in_hand_;            // of it, still to be written
    std::string ours_;                    // of our messages, still to be written
    bool ours_begun_ = false;             // the first of them is half written
    bool finishing_ = false;              // nothing of ours is begun any more
    std::size_t committed_ = 0;           // that OpenSSL must be given again, and no less
    std::uint64_t bytes_written_ = 0;
    std::uint64_t readies_ = 0;
};

}  // namespace curfew::proxy
