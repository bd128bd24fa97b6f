// Reading whole messages, for the conversation before a session is relayed.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>

#include "protocol/postgres/framing.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

enum class ReadStatus {
    ok,
    closed,       // the other side left, or the connection broke
    interrupted,  // Stream::interrupt
    too_long,     // longer than allowed, or a length that no message can have: nothing of it was believed
};

struct ReadMessage {
    ReadStatus status = ReadStatus::closed;
    postgres::Message message;  // its body is valid until `memory` is used again
};

// Reads exactly one message and not a byte more, into `memory`. `longest`: the longest body that is taken.
boost::asio::awaitable<ReadMessage> read_message(Stream& stream, std::string& memory, std::size_t longest);

struct ReadPacket {
    ReadStatus status = ReadStatus::closed;
    std::string packet;  // with its length word
};

// Reads exactly one packet of the start-up kind (no type byte), at most postgres::longest_startup_packet
// long.
boost::asio::awaitable<ReadPacket> read_startup_packet(Stream& stream);

}  // namespace curfew::proxy
