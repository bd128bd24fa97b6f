// What there is to know about a sign-in provider and about us as its client.
#pragma once

#include <optional>
#include <string>

#include "config/config.hpp"

namespace curfew::identity {

struct OpenIdSettings {
    config::OidcProvider provider;
    // Where the provider sends people back to: the API's public URL and our own path. The provider has to
    // know it, letter by letter.
    std::string redirect_uri;
    // PEM, for a provider whose certificate a CA of one's own signed; absent: the system's.
    std::optional<std::string> root_certificate_file = std::nullopt;
};

}  // namespace curfew::identity
