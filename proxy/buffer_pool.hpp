// Buffers that a thread's sessions share: an idle session holds none.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace curfew::proxy {

// Belongs to one thread and outlives the leases it gave.
class BufferPool {
public:
    static constexpr std::size_t buffer_size = std::size_t{64} * 1024;
    using Buffer = std::array<char, buffer_size>;

    // A buffer for as long as it lives.
    class Lease {
    public:
        explicit Lease(BufferPool& pool) : pool_{&pool}, buffer_{pool.take()} {}
        ~Lease() {
            if (buffer_) pool_->give_back(std::move(buffer_));
        }
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        std::span<char> bytes() const noexcept { return *buffer_; }

    private:
        BufferPool* pool_;
        std::unique_ptr<Buffer> buffer_;
    };

    Lease lease() { return Lease{*this}; }

private:
    // What is kept for the next one; more than that goes back to the system after a burst.
    static constexpr std::size_t most_kept = 32;

    std::unique_ptr<Buffer> take() {
        if (free_.empty()) return std::unique_ptr<Buffer>{new Buffer};  // left uninitialised
        auto buffer = std::move(free_.back());
        free_.pop_back();
        return buffer;
    }
    void give_back(std::unique_ptr<Buffer> buffer) {
        if (free_.size() < most_kept) free_.push_back(std::move(buffer));
    }

    std::vector<std::unique_ptr<Buffer>> free_;
};

}  // namespace curfew::proxy
