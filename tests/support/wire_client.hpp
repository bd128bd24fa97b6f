// A client that may send anything and sees every message that it is sent.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/byte_stream.hpp"
#include "support/wire_format.hpp"

namespace curfew::test {

// What a client saw of the end of its connection.
struct Ending {
    ByteStream::End end = ByteStream::End::none;
    Instant ended_at;                      // when the end was seen
    std::map<char, std::string> fatal;     // the fields of the last ErrorResponse; empty if there was none
    Instant fatal_at;                      // when that was whole
    std::map<char, std::size_t> messages;  // how many of each type, up to the end
    std::string last_type;                 // the type of the last whole message
    std::string torn;                      // what came of a message that never became whole
    bool garbled = false;                  // something that cannot be a message

    std::string sqlstate() const { return fatal.contains('C') ? fatal.at('C') : ""; }
    std::string message() const { return fatal.contains('M') ? fatal.at('M') : ""; }
    // When the client knew that it is over.
    Instant told_at() const { return fatal.empty() ? ended_at : fatal_at; }
};

class WireClient {
public:
    explicit WireClient(ByteStream stream) : stream_{std::move(stream)} {}
    static WireClient tcp(std::uint16_t port, ByteStream::Options options = {}) {
        return WireClient{ByteStream::connect_tcp(port, options)};
    }
    static WireClient unix_socket(const std::filesystem::path& path) {
        return WireClient{ByteStream::connect_unix(path)};
    }

    ByteStream& stream() noexcept { return stream_; }

    void send(std::string_view bytes) { stream_.write(bytes); }
    void send_startup(const wire::Parameters& parameters, std::uint32_t version = wire::protocol_3_0) {
        send(wire::startup(parameters, version));
    }
    // SSLRequest, its one-byte answer and, if that is S, the handshake. False if the answer is N.
    bool request_tls(const TlsClientOptions& options = {});
    // The one byte that answers an SSLRequest or GSSENCRequest.
    char read_answer();

    // StartupMessage for a user who is trusted, up to the first ReadyForQuery. Throws std::runtime_error with
    // the server's error if it says no.
    void log_in(const std::string& user, const std::string& database, wire::Parameters more = {});

    // The next message. Throws TimedOut; std::runtime_error if the connection ends before it is whole.
    wire::Message read_message(std::chrono::milliseconds timeout = patience);
    // All messages up to and including ReadyForQuery. Throws as read_message.
    std::vector<wire::Message> read_until_ready(std::chrono::milliseconds timeout = patience);
    // Up to and including the first message of that type. Throws as read_message.
    wire::Message read_until(char type, std::chrono::milliseconds timeout = patience);
    // Everything up to the end of the connection. Throws TimedOut if it does not end.
    Ending read_to_end(std::chrono::milliseconds timeout = patience);
    // True if a message, a part of one or the end arrives within `timeout`.
    bool hears_something(std::chrono::milliseconds timeout);

    // Runs a simple Query. The first column of the first row, if any. Throws with the server's error.
    std::string query(std::string_view sql);

    // From BackendKeyData.
    std::uint32_t process_id() const noexcept { return process_id_; }
    const std::string& cancel_key() const noexcept { return cancel_key_; }
    // Messages of all NoticeResponses read so far.
    const std::vector<std::string>& notices() const noexcept { return notices_; }
    // ParameterStatus.
    const std::map<std::string, std::string>& parameters() const noexcept { return parameters_; }

private:
    std::optional<wire::Message> take_message();
    void note(const wire::Message& message);

    ByteStream stream_;
    std::string received_;
    std::size_t taken_ = 0;
    ByteStream::End end_ = ByteStream::End::none;
    std::uint32_t process_id_ = 0;
    std::string cancel_key_;
    std::vector<std::string> notices_;
    std::map<std::string, std::string> parameters_;
};

}  // namespace curfew::test
