// What the records are that the data path hands to the recording thread (Ring).
#pragma once

#include <cstdint>

namespace curfew::recording {

// RecordHead::kind.
enum class RecordKind : std::uint8_t {
    piece,   // of a message, as a MessageTap handed it on
    count,   // of messages that were only counted; the bytes are a Count
    said,    // the body of an ErrorResponse or NoticeResponse of Curfew's own
    cancel,  // a CancelRequest was passed on
    gap,     // something is in no record; the bytes are a Count
};

struct Count {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;  // of their bodies
};

}  // namespace curfew::recording
