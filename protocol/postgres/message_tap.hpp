// Listens to one direction of a connection that is passed on: hands on the beginning of each message, as far
// as somebody wants it, and counts the others.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {

// What is wanted of one direction's messages, by their type. Made once, and shared by all taps of its kind.
class TapPlan {
public:
    struct Limits {
        // Of a Query, Parse, Bind or FunctionCall.
        std::uint32_t statement_bytes = 1U << 20U;
        // Of the DataRow messages of one statement and their headers together; 0: they are only counted.
        std::uint32_t result_bytes = 0;
    };

    // Messages of a client. CopyData is counted; Flush and whatever a login is made of are left out.
    static TapPlan from_client(const Limits& limits);
    // Messages of a server. CopyData is counted, and so are the DataRow messages beyond `result_bytes`.
    // Of a RowDescription nothing but that it came is handed on where `result_bytes` is 0.
    static TapPlan from_server(const Limits& limits);

    // Of messages of `type`: the most bytes of a body, or one of those below.
    std::uint32_t wanted(char type) const noexcept {
        const auto index = static_cast<unsigned char>(type);
        return index < wanted_.size() ? wanted_[index] : nothing;
    }
    std::uint32_t result_bytes() const noexcept { return result_bytes_; }

    static constexpr std::uint32_t nothing = 0xFFFFFFFFU;   // not even that it came
    static constexpr std::uint32_t counted = 0xFFFFFFFEU;   // how many, and how long together
    static constexpr std::uint32_t budgeted = 0xFFFFFFFDU;  // whole up to result_bytes(), then counted

private:
    TapPlan();
    void want(char type, std::uint32_t bytes) noexcept { wanted_[static_cast<unsigned char>(type)] = bytes; }

    std::array<std::uint32_t, 128> wanted_{};
    std::uint32_t result_bytes_ = 0;
};

// A part of a message's body, or a count of messages.
struct TappedPiece {
    char type = 0;
    // A part of one message, which comes in order. `offset` is 0 in its first piece alone; where nothing is
    // wanted of a body, or it is empty, that piece has no bytes.
    std::uint32_t body_length = 0;  // of the whole message
    std::uint32_t wanted = 0;       // how much of the body will have been handed on in the end
    std::uint32_t offset = 0;       // of `bytes` in the body
    std::string_view bytes;         // valid during the call
    // Not 0: no part of one message, but how many messages of `type` came and were not handed on, and how
    // many bytes of their bodies.
    std::uint64_t messages = 0;
    std::uint64_t counted_bytes = 0;

    bool counts() const noexcept { return messages > 0; }
    bool first() const noexcept { return offset == 0; }
    bool last() const noexcept { return offset + bytes.size() == wanted; }
};

// Follows one direction, fed with its bytes in pieces of any size, from a boundary on. Allocates nothing,
// throws nothing, holds nothing but a header's first bytes and its counts.
class MessageTap {
public:
    enum class Progress {
        all,      // went over all bytes
        refused,  // the sink took no more: go on later with what is left of `bytes`, even if that is nothing
        broken,   // there is a length that no message can have: nothing after it can be understood
    };

    // `plan` must outlive the tap.
    explicit MessageTap(const TapPlan& plan) noexcept : plan_{&plan}, budget_{plan.result_bytes()} {}

    // Moves over `bytes`, taking them off its front, and calls `sink(const TappedPiece&)`, which returns
    // whether it took the piece. A count is handed on before the next message that is not counted.
    template <class Sink>
    Progress advance(std::string_view& bytes, Sink&& sink) {
        while (!broken_) {
            if (due_) {
                if (bytes.empty() && message_.wanted > 0) return Progress::all;
                if (!flush(sink) || !hand_on(bytes, sink)) return Progress::refused;
            }
            if (bytes.empty()) return Progress::all;
            if (body_left_ > 0) {
                if (!due_) skip(bytes);
                continue;
            }
            read_header_of(bytes);
        }
        return Progress::broken;
    }

    // Hands on what was counted so far. False if the sink did not take it.
    template <class Sink>
    bool flush(Sink&& sink) {
        for (Count& count : counts_) {
            if (count.messages == 0) continue;
            TappedPiece piece;
            piece.type = count.type;
            piece.messages = count.messages;
            piece.counted_bytes = count.bytes;
            if (!sink(static_cast<const TappedPiece&>(piece))) return false;
            count.messages = count.bytes = 0;
        }
        return true;
    }

    bool broken() const noexcept { return broken_; }
    // Between two messages, all of which have been handed on.
    bool at_boundary() const noexcept { return !broken_ && !due_ && body_left_ == 0 && header_have_ == 0; }

private:
    struct Count {
        char type;
        std::uint64_t messages = 0;
        std::uint64_t bytes = 0;
    };

    template <class Sink>
    bool hand_on(std::string_view& bytes, Sink&& sink) {
        const std::uint32_t left = message_.wanted - message_.offset;
        message_.bytes = bytes.substr(0, left);
        if (!sink(static_cast<const TappedPiece&>(message_))) return false;
        const auto taken = static_cast<std::uint32_t>(message_.bytes.size());
        message_.offset += taken;
        body_left_ -= taken;
        due_ = taken < left;
        bytes.remove_prefix(taken);
        return true;
    }

    void skip(std::string_view& bytes) noexcept {
        const std::size_t skipped = bytes.size() < body_left_ ? bytes.size() : body_left_;
        body_left_ -= static_cast<std::uint32_t>(skipped);
        if (counting_ >= 0) counts_[static_cast<std::size_t>(counting_)].bytes += skipped;
        bytes.remove_prefix(skipped);
    }

    void read_header_of(std::string_view& bytes) noexcept {
        if (header_have_ == 0 && bytes.size() >= header_size) {
            begin(bytes.data());
            bytes.remove_prefix(header_size);
            return;
        }
        const std::size_t missing = header_size - header_have_;
        const std::size_t taken = bytes.size() < missing ? bytes.size() : missing;
        std::memcpy(header_.data() + header_have_, bytes.data(), taken);
        header_have_ += static_cast<std::uint8_t>(taken);
        bytes.remove_prefix(taken);
        if (header_have_ < header_size) return;
        header_have_ = 0;
        begin(header_.data());
    }

    // A message whose header is there.
    void begin(const char* header_bytes) noexcept {
        Header header;
        if (!read_header(header_bytes, header)) {
            broken_ = true;
            return;
        }
        body_left_ = header.body_length;
        counting_ = -1;
        const std::uint32_t wanted = plan_->wanted(header.type);
        if (wanted == TapPlan::nothing) return;
        if (wanted == TapPlan::counted || (wanted == TapPlan::budgeted && budget_ == 0)) {
            counting_ = header.type == 'D' ? 0 : 1;
            ++counts_[static_cast<std::size_t>(counting_)].messages;
            return;
        }
        due_ = true;
        message_ = {};
        message_.type = header.type;
        message_.body_length = header.body_length;
        message_.wanted = want_of(wanted, header);
    }

    std::uint32_t want_of(std::uint32_t wanted, const Header& header) noexcept {
        if (wanted != TapPlan::budgeted) {
            // A notice, a notification or a change of a parameter may come between two rows.
            const bool between_rows = header.type == 'N' || header.type == 'A' || header.type == 'S';
            if (!between_rows) budget_ = plan_->result_bytes();
            return wanted < header.body_length ? wanted : header.body_length;
        }
        constexpr auto overhead = static_cast<std::uint32_t>(header_size);
        const std::uint32_t granted = budget_ < header.body_length ? budget_ : header.body_length;
        budget_ -= granted;
        budget_ -= budget_ < overhead ? budget_ : overhead;
        return granted;
    }

    const TapPlan* plan_;
    TappedPiece message_;  // what of it was handed on last
    std::array<Count, 2> counts_{Count{'D'}, Count{'d'}};
    std::uint32_t body_left_ = 0;
    std::uint32_t budget_;  // left of result_bytes for this statement
    std::array<char, header_size> header_{};
    std::uint8_t header_have_ = 0;
    std::int8_t counting_ = -1;  // where among counts_ the message counts that is skipped
    bool due_ = false;           // message_ is not handed on as far as it is wanted
    bool broken_ = false;
};

}  // namespace curfew::postgres
