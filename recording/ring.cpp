#include "recording/ring.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace curfew::recording {

Ring::Ring(std::size_t capacity, std::function<void()> room_again)
    // Not filled with anything: what is never used takes no memory.
    : capacity_{capacity}, bytes_{new char[capacity]}, room_again_{std::move(room_again)} {
    static_assert(std::is_trivially_copyable_v<RecordHead>);
    wrapped_.reserve(free_every);
}

bool Ring::has_room(std::size_t room) noexcept {
    if (capacity_ - (pushed_ - seen_tail_) >= room) return true;
    seen_tail_ = tail_.load(std::memory_order_seq_cst);
    return capacity_ - (pushed_ - seen_tail_) >= room;
}

bool Ring::wait_for_room(std::size_t room) noexcept {
    if (has_room(room)) return true;
    // In this order: either the consumer sees that somebody waits, or it has made the room that is seen here.
    awaited_.store(true, std::memory_order_seq_cst);
    return has_room(room);
}

void Ring::put(const char* bytes, std::size_t size) noexcept {
    const std::size_t place = pushed_ % capacity_;
    const std::size_t first = std::min(size, capacity_ - place);
    std::memcpy(bytes_.get() + place, bytes, first);
    if (first < size) std::memcpy(bytes_.get(), bytes + first, size - first);
    pushed_ += size;
}

void Ring::get(char* bytes, std::size_t size) noexcept {
    const std::size_t place = consumed_ % capacity_;
    const std::size_t first = std::min(size, capacity_ - place);
    std::memcpy(bytes, bytes_.get() + place, first);
    if (first < size) std::memcpy(bytes + first, bytes_.get(), size - first);
    consumed_ += size;
}

void Ring::push(RecordHead head, std::string_view bytes) noexcept {
    head.size = static_cast<std::uint32_t>(bytes.size());
    put(reinterpret_cast<const char*>(&head), sizeof(head));
    if (!bytes.empty()) put(bytes.data(), bytes.size());
}

void Ring::commit() noexcept {
    // The strongest order: who rings the consumer's bell next must see whether it sleeps (Doorbell).
    head_.store(pushed_, std::memory_order_seq_cst);
}

Record Ring::read() {
    RecordHead head;
    get(reinterpret_cast<char*>(&head), sizeof(head));
    const std::size_t place = consumed_ % capacity_;
    if (place + head.size <= capacity_) {
        consumed_ += head.size;
        return {head, {bytes_.get() + place, head.size}};
    }
    wrapped_.resize(head.size);
    get(wrapped_.data(), head.size);
    return {head, wrapped_};
}

void Ring::free() {
    tail_.store(consumed_, std::memory_order_seq_cst);
    if (awaited_.load(std::memory_order_seq_cst) && awaited_.exchange(false)) room_again_();
}

}  // namespace curfew::recording
