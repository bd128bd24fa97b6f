#include "proxy/message_reader.hpp"

#include <array>
#include <span>

#include "protocol/postgres/startup.hpp"

namespace curfew::proxy {
namespace {

ReadStatus from(Stream::Status status) {
    switch (status) {
        case Stream::Status::ok:
            return ReadStatus::ok;
        case Stream::Status::interrupted:
            return ReadStatus::interrupted;
        default:
            return ReadStatus::closed;
    }
}

}  // namespace

boost::asio::awaitable<ReadMessage> read_message(Stream& stream, std::string& memory, std::size_t longest) {
    ReadMessage read;
    std::array<char, postgres::header_size> bytes{};
    read.status = from(co_await stream.read_exactly(bytes));
    if (read.status != ReadStatus::ok) co_return read;
    postgres::Header header;
    if (!postgres::read_header(bytes.data(), header) || header.body_length > longest) {
        read.status = ReadStatus::too_long;
        co_return read;
    }
    memory.resize(header.body_length);
    if (!memory.empty()) {
        const std::span<char> body{memory};
        read.status = from(co_await stream.read_exactly(body));
        if (read.status != ReadStatus::ok) co_return read;
    }
    read.message = {header.type, memory};
    co_return read;
}

boost::asio::awaitable<ReadPacket> read_startup_packet(Stream& stream) {
    ReadPacket read;
    read.packet.resize(4);
    const std::span<char> length_word{read.packet};
    read.status = from(co_await stream.read_exactly(length_word));
    if (read.status != ReadStatus::ok) co_return read;
    const std::size_t length = postgres::startup_packet_length(read.packet.data());
    if (length == 0) {
        read.status = ReadStatus::too_long;
        co_return read;
    }
    read.packet.resize(length);
    const std::span<char> rest = std::span<char>{read.packet}.subspan(4);
    read.status = from(co_await stream.read_exactly(rest));
    co_return read;
}

}  // namespace curfew::proxy
