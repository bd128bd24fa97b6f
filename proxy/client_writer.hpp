// What goes to the client of a live session: PostgreSQL's stream, with Curfew's own messages between its
// messages and never inside one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/postgres/boundary_tracker.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

// Belongs to the stream's thread. One coroutine delivers; say() may be called at any time.
class ClientWriter {
public:
    explicit ClientWriter(Stream& client) : client_{client} {}

    // Writes all of `bytes`, which follow what was delivered before. Not ok: the client is gone or the stream
    // was interrupted; what could not be written stays in hand, and `bytes` must stay valid for as long as
    // finish_message() may be called. `failed` also where the stream holds what cannot be a message.
    boost::asio::awaitable<Stream::Status> deliver(std::string_view bytes);

    // A whole message of ours. Goes out at the next message boundary: at once if nothing is being delivered.
    void say(std::string_view message);

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

    Stream& client_;
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
