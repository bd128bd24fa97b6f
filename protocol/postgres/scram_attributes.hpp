// The form that all SCRAM messages share: attributes such as `c=biws,r=abc,p=def`. RFC 5802, section 7.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace curfew::postgres {

// The longest message that either side believes in. Real ones have a few hundred bytes.
inline constexpr std::size_t longest_scram_message = 4096;

// True for a message that may be read at all: not too long, and without the zero byte that RFC 5802 forbids.
inline bool is_scram_text(std::string_view message) noexcept {
    return message.size() <= longest_scram_message && message.find('\0') == std::string_view::npos;
}

// Random bytes of a nonce: 24 characters, as PostgreSQL's own.
inline constexpr std::size_t scram_nonce_size = 18;

// The iteration count that `i=` gives; nullopt for what is no number of 1 or more.
std::optional<int> parse_scram_iterations(std::string_view text) noexcept;

// True if `text` could be a nonce: printable ASCII without commas, not empty.
bool is_scram_nonce(std::string_view text) noexcept;

struct ScramAttribute {
    char name = 0;
    std::string_view value;
};

// Reads a message attribute by attribute. `message` must outlive it.
class ScramAttributes {
public:
    explicit ScramAttributes(std::string_view message) noexcept : rest_{message}, size_{message.size()} {}

    // The next attribute; nullopt at the end, and for what is not one (then at_end() stays false for ever).
    std::optional<ScramAttribute> next() noexcept;
    // The value of the next attribute, if that is `name`.
    std::optional<std::string_view> take(char name) noexcept;

    // Whether the whole message has been read, well formed.
    bool at_end() const noexcept { return at_end_; }
    // Where in the message the next attribute begins.
    std::size_t position() const noexcept { return size_ - rest_.size(); }

private:
    std::string_view rest_;
    std::size_t size_;
    bool at_end_ = false;
};

}  // namespace curfew::postgres
