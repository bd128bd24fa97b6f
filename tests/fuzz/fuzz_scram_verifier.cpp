// Any text as a verifier: what is read is written back so that it reads as the same.
#include "fuzzing.hpp"
#include "protocol/postgres/scram_verifier.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace curfew;
    const auto verifier = postgres::ScramVerifier::parse(fuzzing::as_text(data, size));
    if (!verifier) return 0;
    fuzzing::require(verifier->iterations > 0 && !verifier->salt.empty(), "iterations and a salt");
    fuzzing::require(postgres::ScramVerifier::parse(to_string(*verifier)) == *verifier,
                     "reads what it writes");
    return 0;
}
