#include "protocol/postgres/random_bytes.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace curfew::postgres {

void system_random(std::span<unsigned char> bytes) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error("the system's random number generator gave nothing");
    }
}

}  // namespace curfew::postgres
