// Takes a message's body apart from its front. Whatever is not there fails the reader, and all after it.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/postgres/body_part.hpp"
#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {

// What is missing because the body was cut ends the reading (`ended()`); what is missing though the body is
// whole, or cannot be, is malformed (`failed()`). After either, everything reads as empty and zero.
class BodyReader {
public:
    explicit BodyReader(BodyPart body) noexcept
        : left_{body.bytes}, missing_{body.cut() ? body.length - body.bytes.size() : 0} {}

    bool failed() const noexcept { return failed_; }
    bool ended() const noexcept { return ended_; }
    // Nothing has gone wrong, and nothing is missing.
    bool fine() const noexcept { return !failed_ && !ended_; }
    // Whole to its end, and read to its end.
    bool done() const noexcept { return fine() && left_.empty() && missing_ == 0; }
    // Well-formed as far as it goes: read to its end, or to where it was cut.
    bool acceptable() const noexcept { return !failed_ && (ended_ || done()); }

    // How much follows, of what is there and of what was cut off.
    std::uint64_t remaining() const noexcept { return left_.size() + missing_; }

    std::uint32_t u32() noexcept { return take(4) ? read_u32(taken_.data()) : 0; }
    std::uint16_t u16() noexcept { return take(2) ? read_u16(taken_.data()) : std::uint16_t{0}; }
    char byte() noexcept { return take(1) ? taken_[0] : '\0'; }

    // Up to a zero, which is taken too. Of one that was cut: what there is of it.
    std::string_view text() noexcept {
        if (!fine()) return {};
        const auto end = left_.find('\0');
        if (end == std::string_view::npos) {
            const std::string_view beginning = left_;
            left_ = {};
            (missing_ > 0 ? ended_ : failed_) = true;
            return beginning;
        }
        const std::string_view text = left_.substr(0, end);
        left_.remove_prefix(end + 1);
        return text;
    }

    // A length of 4 bytes, or -1 for NULL, and so many bytes. Of one that was cut: what there is of it.
    // Ends without a value where not even the length is there.
    WireValue value() noexcept {
        WireValue value;
        const std::uint32_t size = u32();
        if (!fine()) return value;
        if (size == 0xFFFFFFFFU) {
            value.null = true;
            return value;
        }
        value.size = size;
        if (size > remaining()) {
            failed_ = true;
        } else if (size > left_.size()) {
            value.bytes = left_;
            left_ = {};
            ended_ = true;
        } else {
            value.bytes = left_.substr(0, size);
            left_.remove_prefix(size);
        }
        return value;
    }

private:
    bool take(std::size_t bytes) noexcept {
        if (!fine()) return false;
        if (left_.size() < bytes) {
            (remaining() >= bytes ? ended_ : failed_) = true;
            return false;
        }
        taken_ = left_.substr(0, bytes);
        left_.remove_prefix(bytes);
        return true;
    }

    std::string_view left_;
    std::string_view taken_;
    std::uint64_t missing_;
    bool failed_ = false;
    bool ended_ = false;
};

}  // namespace curfew::postgres
