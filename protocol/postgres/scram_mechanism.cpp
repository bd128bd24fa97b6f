#include "protocol/postgres/scram_mechanism.hpp"

#include <algorithm>

namespace curfew::postgres {

std::string_view to_string(ScramMechanism mechanism) {
    switch (mechanism) {
        case ScramMechanism::sha_256:
            return "SCRAM-SHA-256";
        case ScramMechanism::sha_256_plus:
            return "SCRAM-SHA-256-PLUS";
    }
    return {};
}

std::optional<ScramMechanism> parse_scram_mechanism(std::string_view name) {
    for (const auto mechanism : {ScramMechanism::sha_256, ScramMechanism::sha_256_plus}) {
        if (name == to_string(mechanism)) return mechanism;
    }
    return std::nullopt;
}

std::vector<std::string_view> offered_scram_mechanisms(bool has_channel_binding) {
    if (!has_channel_binding) return {to_string(ScramMechanism::sha_256)};
    return {to_string(ScramMechanism::sha_256_plus), to_string(ScramMechanism::sha_256)};
}

std::optional<ScramMechanism> choose_scram_mechanism(const std::vector<std::string_view>& offered,
                                                     bool has_channel_binding) {
    const auto offers = [&](ScramMechanism mechanism) {
        return std::find(offered.begin(), offered.end(), to_string(mechanism)) != offered.end();
    };
    if (has_channel_binding && offers(ScramMechanism::sha_256_plus)) return ScramMechanism::sha_256_plus;
    if (offers(ScramMechanism::sha_256)) return ScramMechanism::sha_256;
    return std::nullopt;
}

}  // namespace curfew::postgres
