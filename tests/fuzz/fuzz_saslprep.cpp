// Any bytes as a password: prepared without a crash, ASCII untouched, and never emptied.
#include <algorithm>

#include "fuzzing.hpp"
#include "protocol/postgres/saslprep.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace curfew;
    const auto password = fuzzing::as_text(data, size);
    const auto prepared = postgres::saslprep(password);
    fuzzing::require(prepared.empty() == password.empty(), "a password stays a password");
    if (std::all_of(password.begin(), password.end(), [](char c) { return c >= 0; })) {
        fuzzing::require(prepared.reveal() == password, "ASCII is its own prepared form");
    }
    return 0;
}
