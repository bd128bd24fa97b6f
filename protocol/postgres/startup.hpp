// What a client may send first: SSLRequest, GSSENCRequest, CancelRequest or a StartupMessage.
// PostgreSQL documentation, "Message Formats" and "Protocol Flow: Start-up".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace curfew::postgres {

// The longest startup packet that PostgreSQL takes, its length word included (MAX_STARTUP_PACKET_LENGTH + 4).
inline constexpr std::size_t longest_startup_packet = 10'004;
// Names are cut at this many bytes by PostgreSQL without a word (NAMEDATALEN - 1); Curfew refuses longer
// ones.
inline constexpr std::size_t longest_name = 63;

// 16 bits major, 16 bits minor.
inline constexpr std::uint32_t protocol_3_0 = 3U << 16U;
inline constexpr std::uint32_t protocol_3_2 = (3U << 16U) | 2U;

struct SslRequest {};
struct GssEncRequest {};

struct CancelRequest {
    std::int32_t process_id = 0;
    std::string secret;  // 4 bytes in protocol 3.0, up to 256 in 3.2
};

enum class Replication { none, physical, logical };

// A StartupMessage, understood. Never passed on byte for byte: what goes upstream is built anew from this.
struct StartupMessage {
    std::uint32_t version = protocol_3_0;
    std::string user;
    std::string database;  // as sent; empty: not sent (PostgreSQL then takes the user's name)
    Replication replication = Replication::none;
    // All other parameters in their order (`options`, `application_name`, any setting), names as sent.
    std::vector<std::pair<std::string, std::string>> parameters;
    // Names of protocol options (`_pq_.…`). We know none of them.
    std::vector<std::string> protocol_options;

    std::string_view parameter(std::string_view name) const;
};

// Why a packet is refused: for the client's FATAL.
struct StartupError {
    std::string_view sqlstate;
    std::string message;
};

using StartupPacket = std::variant<StartupMessage, SslRequest, GssEncRequest, CancelRequest, StartupError>;

// How long the packet is that begins with these 4 bytes, length word included; 0 if that is no length for one
// (below 8 or above longest_startup_packet).
std::size_t startup_packet_length(const char* length_word) noexcept;

// Understands one whole packet, length word included. Refuses what PostgreSQL would take in silence and a
// proxy must not: a parameter given twice (PostgreSQL lets the last win), names over 63 bytes (it cuts them),
// a missing terminator, bytes behind the terminator.
StartupPacket parse_startup_packet(std::string_view packet);

// A StartupMessage as bytes. Protocol options are not written: they are between a client and us.
std::string build_startup_message(const StartupMessage& startup);

std::string build_ssl_request();
std::string build_cancel_request(const CancelRequest& cancel);

}  // namespace curfew::postgres
