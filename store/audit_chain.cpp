#include "store/audit_chain.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace curfew::store {
namespace {

template <class Number>
void append_number(std::string& bytes, Number number) {
    for (int shift = 8 * (sizeof number - 1); shift >= 0; shift -= 8)
        bytes += static_cast<char>((number >> shift) & 0xffU);
}

void append_text(std::string& bytes, std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("An event too long");
    append_number(bytes, static_cast<std::uint32_t>(text.size()));
    bytes += text;
}

}  // namespace

Sha256Digest chained_hash(const Sha256Digest& previous, const Event& event) {
    std::string bytes{digest_bytes(previous)};
    append_number(bytes, event.number);
    append_number(bytes, static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
    append_text(bytes, event.kind);
    append_text(bytes, event.id);
    append_text(bytes, event.actor);
    append_text(bytes, event.summary);
    return sha256(bytes);
}

}  // namespace curfew::store
