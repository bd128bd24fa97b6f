#include "identity/sign_in_limiter.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace curfew::identity {
namespace {

namespace ip = boost::asio::ip;

// Names come from outside: what is kept of one is bounded, and one that long is nobody's.
constexpr std::size_t longest_key = 256;

std::string user_key(std::string_view user) {
    std::string key{user.substr(0, longest_key)};
    // Case variants of a name are one person's.
    std::transform(key.begin(), key.end(), key.begin(), [](unsigned char letter) {
        return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
    });
    return key;
}

std::string pair_key(std::string_view user, std::string_view address) {
    return address_key(address) + ' ' + user_key(user);
}

std::optional<Duration> wait_of(Duration wait) {
    return wait > Duration::zero() ? std::optional{wait} : std::nullopt;
}

}  // namespace

std::string address_key(std::string_view address) {
    boost::system::error_code wrong;
    const auto parsed = ip::make_address(std::string{address.substr(0, longest_key)}, wrong);
    if (wrong) return std::string{address.substr(0, longest_key)};
    if (parsed.is_v4()) return parsed.to_string();
    const auto v6 = parsed.to_v6();
    if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
    auto bytes = v6.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return ip::address_v6{bytes}.to_string() + "/64";
}

SignInLimiter::SignInLimiter(const Clock& clock, const SignInRates& rates)
    : clock_{clock},
      rates_{rates},
      addresses_{rates.address, rates.most_keys},
      users_{rates.user, rates.most_keys},
      known_addresses_{rates.known_address, rates.most_keys},
      successes_{Rate{1, rates.known_for}, rates.most_keys} {}

bool SignInLimiter::knows(const std::string& pair, BootInstant now) const {
    return successes_.wait(pair, now) > Duration::zero();
}

std::optional<Duration> SignInLimiter::refuse(std::string_view user, std::string_view address) {
    const std::string from = address_key(address);
    const std::string pair = pair_key(user, address);
    const BootInstant now = clock_.boot_now();
    const std::lock_guard lock{mutex_};
    const bool known = knows(pair, now);
    TokenBuckets& of_user = known ? known_addresses_ : users_;
    const std::string key = known ? pair : user_key(user);
    if (const auto wait = wait_of(std::max(addresses_.wait(from, now), of_user.wait(key, now)))) return wait;
    addresses_.take(from, now);
    of_user.take(key, now);
    return std::nullopt;
}

std::optional<Duration> SignInLimiter::refuse_address(std::string_view address) {
    const std::string from = address_key(address);
    const BootInstant now = clock_.boot_now();
    const std::lock_guard lock{mutex_};
    if (const auto wait = wait_of(addresses_.wait(from, now))) return wait;
    addresses_.take(from, now);
    return std::nullopt;
}

void SignInLimiter::succeeded(std::string_view user, std::string_view address) {
    const std::string from = address_key(address);
    const std::string pair = pair_key(user, address);
    const BootInstant now = clock_.boot_now();
    const std::lock_guard lock{mutex_};
    addresses_.give_back(from, now);
    if (knows(pair, now)) {
        known_addresses_.give_back(pair, now);
    } else {
        users_.give_back(user_key(user), now);
    }
    // Known from now on, and not since the first time.
    successes_.give_back(pair, now);
    successes_.take(pair, now);
}

}  // namespace curfew::identity
