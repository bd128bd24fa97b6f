#include "base/ids.hpp"

#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace curfew {

namespace detail {
namespace {
constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t length = 8;
}  // namespace

std::string random_id_text() {
    std::array<unsigned char, length> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error("the system's random number generator gave nothing");
    }
    std::string text;
    for (unsigned char byte : bytes)
        text.push_back(alphabet[byte % alphabet.size()]);
    return text;
}

bool is_id_text(std::string_view text, char prefix) {
    if (text.size() != length + 2 || text[0] != prefix || text[1] != '-') return false;
    return text.substr(2).find_first_not_of(alphabet) == std::string_view::npos;
}

}  // namespace detail
}  // namespace curfew
