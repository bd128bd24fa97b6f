#include "protocol/postgres/cancel_key.hpp"

#include <array>
#include <string_view>

#include "base/secret.hpp"
#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {
namespace {

constexpr std::uint32_t worker_mask = most_workers - 1;
// 31 bits without the worker's 8: a process id with the sign bit would be negative.
constexpr std::uint32_t number_mask = 0x7FFFFFFFU & ~worker_mask;
constexpr std::uint32_t smallest_number = most_workers;

constexpr std::size_t short_secret = 4;
constexpr std::size_t long_secret = 32;

}  // namespace

CancelKey make_cancel_key(std::uint32_t protocol_version, unsigned worker, const RandomBytes& random) {
    const std::size_t secret_size = protocol_version >= protocol_3_2 ? long_secret : short_secret;
    std::array<unsigned char, 4 + long_secret> bytes{};
    random(bytes);
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};

    std::uint32_t number = read_u32(text.data()) & number_mask;
    if (number == 0) number = smallest_number;  // 0 is nobody's process id, and worker 0 would make it one
    return {static_cast<std::int32_t>(number | (worker & worker_mask)),
            std::string{text.substr(4, secret_size)}};
}

unsigned worker_of(std::int32_t process_id) noexcept {
    return static_cast<std::uint32_t>(process_id) & worker_mask;
}

bool matches(const CancelKey& key, const CancelRequest& request) noexcept {
    return equal_constant_time(std::string_view{key.secret}, std::string_view{request.secret}) &&
           key.process_id == request.process_id;
}

}  // namespace curfew::postgres
