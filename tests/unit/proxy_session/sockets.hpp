// Pairs of Streams whose sockets hold as little or as much as a test wants.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "support/file_descriptor.hpp"
#include "unit/proxy_streams/loop.hpp"
#include "unit/proxy_streams/stream_pair.hpp"

namespace curfew::test {

enum class Transport { plaintext, tls };
std::string name_of(Transport transport);

// Over a Unix socket, whose kernel buffers have no secrets: what was written and taken can be read at once.
// `send_buffer`: SO_SNDBUF of both; the kernel has its own idea of the least.
StreamPair local_pair(Loop& loop, Transport transport, int send_buffer = 4096);

// Sockets of so much space make a flood: what fills them is more than anybody reads in one go. Less, where
// the system does not let us.
inline constexpr int flood_buffer = 8'000'000;
// The least that is a flood.
inline constexpr std::size_t flood = 2'000'000;

// One end a Stream over a Unix socket with a flood_buffer; the other end is none.
HalfPair flooded_half_pair(Loop& loop);
// Writes without waiting until nothing more is taken; how much was.
std::size_t stuff(const FileDescriptor& socket);
// How much of what was written to it the other end has not read.
std::size_t unread(const FileDescriptor& socket);

// Reads all that comes, appending it, until the end or until the stream is interrupted.
boost::asio::awaitable<proxy::Stream::Status> read_all(proxy::Stream& stream, std::string& into);

// What can be read from the stream at this moment, at most so much.
std::string take(proxy::Stream& stream, std::size_t most = std::string::npos);

}  // namespace curfew::test
