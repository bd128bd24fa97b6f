// Where messages begin and end in a stream that is passed on without being looked into.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {

// Follows one direction of a connection, fed with its bytes in pieces of any size. Holds no data but a
// header's first bytes; a message of two gigabytes costs what one of ten bytes does.
class BoundaryTracker {
public:
    // Moves over `bytes`. For each message whose type and length have become known it calls
    // `on_message(Header)`; for the first byte of each non-empty body of type ReadyForQuery ('Z')
    // `on_ready(char status)`. False once the stream has shown a length that no message can have: nothing
    // after that can be understood, and the connection must end.
    template <class OnMessage, class OnReady>
    bool advance(std::string_view bytes, OnMessage&& on_message, OnReady&& on_ready) {
        while (!bytes.empty() && !broken_) {
            if (body_left_ > 0) {
                if (awaiting_status_) {
                    awaiting_status_ = false;
                    on_ready(bytes[0]);
                }
                const std::size_t skipped = bytes.size() < body_left_ ? bytes.size() : body_left_;
                body_left_ -= skipped;
                bytes.remove_prefix(skipped);
                continue;
            }
            const char* header_bytes = bytes.data();
            if (header_have_ == 0 && bytes.size() >= header_size) {
                bytes.remove_prefix(header_size);
            } else {
                const std::size_t wanted = header_size - header_have_;
                const std::size_t taken = bytes.size() < wanted ? bytes.size() : wanted;
                std::memcpy(header_.data() + header_have_, bytes.data(), taken);
                header_have_ += taken;
                bytes.remove_prefix(taken);
                if (header_have_ < header_size) break;
                header_bytes = header_.data();
                header_have_ = 0;
            }
            Header header;
            if (!read_header(header_bytes, header)) {
                broken_ = true;
                break;
            }
            body_left_ = header.body_length;
            awaiting_status_ = header.type == 'Z' && header.body_length > 0;
            on_message(header);
        }
        return !broken_;
    }

    // The same, for who wants to know nothing but the boundaries.
    bool advance(std::string_view bytes) {
        return advance(
            bytes, [](const Header&) {}, [](char) {});
    }

    // True between two messages: the only place where another may be put.
    bool at_boundary() const noexcept { return !broken_ && body_left_ == 0 && header_have_ == 0; }
    bool broken() const noexcept { return broken_; }

    // How many of `bytes`, which follow what was fed so far, it takes to the next boundary; 0 if there is one
    // right here, npos if `bytes` hold none.
    std::size_t to_boundary(std::string_view bytes) const;

    static constexpr std::size_t npos = std::string_view::npos;

private:
    std::uint64_t body_left_ = 0;
    std::array<char, header_size> header_{};
    std::size_t header_have_ = 0;
    bool awaiting_status_ = false;
    bool broken_ = false;
};

}  // namespace curfew::postgres
