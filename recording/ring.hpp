// What one thread of the data path hands to the recording thread: records of bytes, in their order, through
// memory that both share.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace curfew::recording {

// What a record says beside its bytes. The ring looks at nothing of it but `size`.
struct RecordHead {
    BootInstant at{};
    std::uint32_t slot = 0;         // of the session that it is about
    std::uint32_t body_length = 0;  // of the message; the bytes may be a part of its body
    std::uint32_t wanted = 0;       // how much of the body will have been handed on in the end
    std::uint32_t offset = 0;       // of the bytes in the body
    std::uint32_t size = 0;         // of the bytes; push() says it
    std::uint8_t kind = 0;
    std::uint8_t direction = 0;
    char type = 0;
};

struct Record {
    RecordHead head;
    std::string_view bytes;  // valid until whoever got it returns
};

// A bounded byte ring with one producing and one consuming thread. Takes no lock, and allocates nothing after
// its construction. Nothing is dropped: who finds too little room waits until it is told that there is more.
class Ring {
public:
    // `capacity` in bytes. `room_again` is called on the consuming thread when there is room again for a
    // producer that wait_for_room() said no to; it must do no more than wake it.
    Ring(std::size_t capacity, std::function<void()> room_again);
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    // How much room a record with so many bytes takes.
    static constexpr std::size_t room_for(std::size_t bytes) { return overhead + bytes; }
    std::size_t capacity() const noexcept { return capacity_; }

    // --- The producing thread

    // Whether records may be pushed that take so much room in all.
    bool has_room(std::size_t room) noexcept;
    // The same; where it says false, `room_again` will be called. It may then say false again.
    bool wait_for_room(std::size_t room) noexcept;
    // There is room for it: has_room() said so. The consumer sees it after commit().
    void push(RecordHead head, std::string_view bytes) noexcept;
    void commit() noexcept;

    // --- The consuming thread

    // Calls `take(const Record&)` for each committed record, until `at_most` bytes of them are taken. How
    // many bytes that were; 0: there was none.
    template <class Take>
    std::size_t drain(std::size_t at_most, Take&& take) {
        const std::uint64_t end = head_.load(std::memory_order_acquire);
        const std::uint64_t begin = consumed_;
        std::uint64_t freed = begin;
        while (consumed_ != end && consumed_ - begin < at_most) {
            const Record record = read();
            take(record);
            if (consumed_ - freed >= free_every) {
                free();
                freed = consumed_;
            }
        }
        if (consumed_ != freed) free();
        return static_cast<std::size_t>(consumed_ - begin);
    }
    bool empty() const noexcept { return head_.load(std::memory_order_seq_cst) == consumed_; }

private:
    static constexpr std::size_t overhead = sizeof(RecordHead);
    static constexpr std::size_t free_every = std::size_t{64} * 1024;
    static constexpr std::size_t cache_line = 64;

    void put(const char* bytes, std::size_t size) noexcept;
    void get(char* bytes, std::size_t size) noexcept;
    Record read();
    void free();

    const std::size_t capacity_;
    const std::unique_ptr<char[]> bytes_;
    const std::function<void()> room_again_;

    // Positions in the endless stream of bytes; modulo capacity_ they are places in bytes_.
    alignas(cache_line) std::uint64_t pushed_ = 0;  // the producer's
    std::uint64_t seen_tail_ = 0;
    alignas(cache_line) std::atomic<std::uint64_t> head_{0};  // committed up to here
    alignas(cache_line) std::uint64_t consumed_ = 0;          // the consumer's
    std::string wrapped_;                                     // a record that goes over the end
    alignas(cache_line) std::atomic<std::uint64_t> tail_{0};  // taken up to here
    std::atomic<bool> awaited_{false};                        // the producer wants room
};

}  // namespace curfew::recording
