// The password that a grant comes with, where Curfew itself asks for one.
#pragma once

#include "base/secret.hpp"

namespace curfew::postgres {

struct GrantPassword {
    Secret password;  // 160 random bits, in characters that can be read out
    Secret verifier;  // what is kept of it: a ScramVerifier as text
};

// Throws std::runtime_error where there are no random bytes.
GrantPassword make_grant_password();

}  // namespace curfew::postgres
