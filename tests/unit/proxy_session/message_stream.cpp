#include "message_stream.hpp"

#include <array>

namespace curfew::test {
namespace {

constexpr std::size_t header_size = 5;

// Zero if the header's length is none.
std::size_t length_of(std::string_view header) {
    const std::uint32_t length = wire::read_int32(header.substr(1));
    return length < 4 || length > 0x7fffffffU ? 0 : std::size_t{length} + 1;
}

std::size_t random_length(std::mt19937& random) {
    switch (between(random, 0, 19)) {
        case 0:
            return between(random, 16'000, 17'000);
        case 1:
            return between(random, 60'000, 140'000);
        case 2:
        case 3:
        case 4:
            return between(random, 200, 3'000);
        default:
            return between(random, 0, 60);
    }
}

}  // namespace

std::string Parsed::types() const {
    std::string types;
    for (const wire::Message& message : messages)
        types += message.type;
    return types;
}

std::string Parsed::bytes(std::string_view but_not_types) const {
    std::string bytes;
    for (const wire::Message& message : messages) {
        if (but_not_types.find(message.type) == std::string_view::npos)
            bytes += wire::message(message.type, message.body);
    }
    return bytes;
}

Parsed parse(std::string_view bytes) {
    Parsed parsed;
    while (bytes.size() >= header_size) {
        const std::size_t length = length_of(bytes);
        if (length == 0) {
            parsed.garbled = true;
            return parsed;
        }
        if (length > bytes.size()) break;
        parsed.messages.push_back({bytes[0], std::string{bytes.substr(header_size, length - header_size)}});
        bytes.remove_prefix(length);
    }
    parsed.torn = bytes;
    return parsed;
}

std::string random_messages(std::mt19937& random, std::size_t size) {
    constexpr std::string_view types = "DDDDDTCZS1nd";
    std::string stream;
    while (stream.size() < size) {
        const char type = types[between(random, 0, types.size() - 1)];
        std::string body(type == 'Z' ? 1 : random_length(random), '\0');
        for (char& byte : body)
            byte = static_cast<char>(random());
        stream += wire::message(type, body);
    }
    return stream;
}

std::size_t boundary_from(std::string_view stream, std::size_t position) {
    std::size_t boundary = 0;
    while (boundary < position) {
        if (boundary + header_size > stream.size()) return std::string_view::npos;
        boundary += length_of(stream.substr(boundary));
    }
    return boundary <= stream.size() ? boundary : std::string_view::npos;
}

std::size_t between(std::mt19937& random, std::size_t least, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{least, most}(random);
}

}  // namespace curfew::test
