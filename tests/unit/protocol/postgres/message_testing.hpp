// What the tests of logins share: messages as they are read off a connection.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/postgres/framing.hpp"

namespace curfew::postgres::testing {

// The messages that `bytes` consist of, as views into them; fails the test whose bytes do not end with a
// whole one.
inline std::vector<Message> messages_in(std::string_view bytes) {
    std::vector<Message> messages;
    while (!bytes.empty()) {
        Header header;
        if (bytes.size() < header_size || !read_header(bytes.data(), header) ||
            bytes.size() - header_size < header.body_length) {
            throw std::logic_error("these bytes do not end with a whole message");
        }
        messages.push_back({header.type, bytes.substr(header_size, header.body_length)});
        bytes.remove_prefix(header_size + header.body_length);
    }
    return messages;
}

// The one message that `bytes` are.
inline Message message_in(std::string_view bytes) {
    const auto messages = messages_in(bytes);
    if (messages.size() != 1) throw std::logic_error("these bytes are not one message");
    return messages[0];
}

// Every type that a message can have, save those in `except`.
inline std::vector<char> types_other_than(std::string_view except) {
    std::vector<char> types;
    for (int type = 0; type < 256; ++type) {
        if (except.find(static_cast<char>(type)) == std::string_view::npos) {
            types.push_back(static_cast<char>(type));
        }
    }
    return types;
}

// One line that moves no terminal and forges no entry of a log.
inline bool is_harmless_line(std::string_view text) {
    return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F;
    });
}

}  // namespace curfew::postgres::testing
