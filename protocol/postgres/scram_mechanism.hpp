// SASL mechanisms that Curfew speaks, on both sides.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace curfew::postgres {

enum class ScramMechanism {
    sha_256,
    sha_256_plus,  // bound to the TLS connection that it runs in
};
std::string_view to_string(ScramMechanism mechanism);  // `SCRAM-SHA-256-PLUS`
std::optional<ScramMechanism> parse_scram_mechanism(std::string_view name);

// What a server offers, best first: with a channel binding, and so over TLS, PLUS as well.
std::vector<std::string_view> offered_scram_mechanisms(bool has_channel_binding);

// What a client takes of what a server offers: PLUS where both sides can, else plain; nullopt if it cannot do
// any of them.
std::optional<ScramMechanism> choose_scram_mechanism(const std::vector<std::string_view>& offered,
                                                     bool has_channel_binding);

}  // namespace curfew::postgres
