// What `/curfew link` gives: an address that links the Slack account it was given to, for whoever is signed
// in to Curfew and confirms it, once.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "identity/sealed_box.hpp"

namespace curfew::notify::slack {

struct LinkOffer {
    std::string notifier;
    std::string team;     // `T024BE7LH`
    std::string account;  // `U061F7AUR`
    std::string name;     // of the account, for people to recognise
    WallInstant expires_at;

    bool operator==(const LinkOffer&) const = default;
};

inline constexpr std::chrono::minutes link_lifetime{10};

// Offers, sealed for their way through somebody's browser: nobody can read, change or make one. Whether one
// was used already is for the store to remember, by used_key.
class LinkOffers {
public:
    // `secret`: the store's installation secret.
    explicit LinkOffers(const Secret& secret) : box_{secret, "chat account link"} {}

    std::string seal(const LinkOffer& offer) const;
    // nullopt: it is none, or it has expired.
    std::optional<LinkOffer> open(std::string_view code, WallInstant now) const;

private:
    identity::SealedBox box_;
};

std::string used_key(std::string_view code);

// The page that asks to confirm it. The code is in the fragment, which browsers send to nobody.
std::string link_address(std::string_view people_address, std::string_view code);

}  // namespace curfew::notify::slack
