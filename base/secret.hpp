// Secrets: held so that they cannot be printed by mistake and do not outlive their use.
#pragma once

#include <openssl/crypto.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace curfew {

// A password, key or other secret. Not printable, not comparable with ==, wiped when it goes.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_{std::move(text)} {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : text_{std::move(other.text_)} { other.wipe(); }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe();
            text_ = other.text_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            text_ = std::move(other.text_);
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    // The secret itself. Say why at the call; never pass it to a log, an error or a metric.
    std::string_view reveal() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }

private:
    void wipe() noexcept {
        if (!text_.empty()) OPENSSL_cleanse(text_.data(), text_.size());
        text_.clear();
    }
    std::string text_;
};

// True if both are the same bytes; takes the same time wherever they first differ. Lengths are not secret.
inline bool equal_constant_time(std::span<const unsigned char> a, std::span<const unsigned char> b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}
inline bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace curfew
