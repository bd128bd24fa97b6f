#include "support/wire_client.hpp"

#include <cctype>
#include <stdexcept>

namespace curfew::test {
namespace {

constexpr std::size_t header_size = 5;

std::string describe(const wire::Message& error) {
    auto fields = wire::report_fields(error);
    return fields['S'] + " " + fields['C'] + ": " + fields['M'];
}

// Types that a server sends.
bool possible(char type) {
    return std::string_view{"RKSZTDCEINAvGHWdc123nstV"}.find(type) != std::string_view::npos;
}

}  // namespace

bool WireClient::request_tls(const TlsClientOptions& options) {
    send(wire::ssl_request());
    const char answer = read_answer();
    if (answer == 'N') return false;
    if (answer != 'S') throw std::runtime_error(std::string{"SSLRequest was answered "} + answer);
    stream_.start_tls(options);
    return true;
}

char WireClient::read_answer() {
    if (received_.size() == taken_) received_ += stream_.read_some(end_);
    if (received_.size() == taken_) throw std::runtime_error("closed instead of an answer");
    return received_[taken_++];
}

void WireClient::log_in(const std::string& user, const std::string& database, wire::Parameters more) {
    more.insert(more.begin(), {{"user", user}, {"database", database}});
    send_startup(more);
    read_until_ready();
}

std::optional<wire::Message> WireClient::take_message() {
    const std::string_view left = std::string_view{received_}.substr(taken_);
    if (left.size() < header_size) return std::nullopt;
    const std::size_t size = wire::read_int32(left.substr(1)) + std::size_t{1};
    if (!possible(left[0]) || size < header_size)
        throw std::runtime_error("this is no message of a server: " + std::string{left.substr(0, 40)});
    if (left.size() < size) return std::nullopt;
    wire::Message message{left[0], std::string{left.substr(header_size, size - header_size)}};
    taken_ += size;
    if (taken_ > (std::size_t{1} << 20U)) {
        received_.erase(0, taken_);
        taken_ = 0;
    }
    note(message);
    return message;
}

void WireClient::note(const wire::Message& message) {
    if (message.type == 'N') notices_.push_back(wire::report_fields(message)['M']);
    if (message.type == 'K') {
        process_id_ = wire::read_int32(message.body);
        cancel_key_ = message.body.substr(4);
    }
    if (message.type == 'S') {
        const std::size_t zero = message.body.find('\0');
        parameters_[message.body.substr(0, zero)] =
            message.body.substr(zero + 1, message.body.size() - zero - 2);
    }
}

wire::Message WireClient::read_message(std::chrono::milliseconds timeout) {
    const Instant deadline = now() + timeout;
    while (true) {
        if (auto message = take_message()) return *message;
        if (end_ != ByteStream::End::none)
            throw std::runtime_error("the connection ended (" + std::string{to_string(end_)} + ")");
        received_ += stream_.read_some(end_, std::chrono::milliseconds{poll_timeout(deadline)});
    }
}

std::vector<wire::Message> WireClient::read_until_ready(std::chrono::milliseconds timeout) {
    const Instant deadline = now() + timeout;
    std::vector<wire::Message> messages;
    do {
        messages.push_back(read_message(std::chrono::milliseconds{poll_timeout(deadline)}));
        const wire::Message& last = messages.back();
        if (last.type == 'E' && wire::report_fields(last)['S'] == "FATAL")
            throw std::runtime_error(describe(last));
    } while (messages.back().type != 'Z');
    return messages;
}

wire::Message WireClient::read_until(char type, std::chrono::milliseconds timeout) {
    const Instant deadline = now() + timeout;
    while (true) {
        wire::Message message = read_message(std::chrono::milliseconds{poll_timeout(deadline)});
        if (message.type == type) return message;
        if (message.type == 'E') throw std::runtime_error(describe(message));
    }
}

Ending WireClient::read_to_end(std::chrono::milliseconds timeout) {
    const Instant deadline = now() + timeout;
    Ending ending;
    while (true) {
        try {
            while (const auto message = take_message()) {
                ++ending.messages[message->type];
                ending.last_type = message->type;
                if (message->type != 'E') continue;
                ending.fatal = wire::report_fields(*message);
                ending.fatal_at = now();
            }
        } catch (const std::runtime_error&) {
            ending.garbled = true;
            taken_ = received_.size();
        }
        if (end_ != ByteStream::End::none) break;
        received_ += stream_.read_some(end_, std::chrono::milliseconds{poll_timeout(deadline)});
    }
    ending.end = end_;
    ending.ended_at = now();
    ending.torn = received_.substr(taken_);
    return ending;
}

bool WireClient::hears_something(std::chrono::milliseconds timeout) {
    return received_.size() > taken_ || stream_.wait_readable(timeout);
}

std::string WireClient::query(std::string_view sql) {
    send(wire::query(sql));
    std::string value;
    bool have_row = false;
    for (const wire::Message& message : read_until_ready()) {
        if (message.type == 'E') throw std::runtime_error(describe(message));
        if (message.type != 'D' || have_row) continue;
        have_row = true;
        const auto columns = wire::row(message);
        if (!columns.empty()) value = columns[0].value_or("");
    }
    return value;
}

}  // namespace curfew::test
