// Any text as base64: what is taken is written back as it was.
#include "fuzzing.hpp"
#include "protocol/postgres/base64.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace curfew;
    const auto text = fuzzing::as_text(data, size);
    if (const auto bytes = postgres::decode_base64(text)) {
        fuzzing::require(postgres::encode_base64(*bytes) == text, "one text for each value");
    }
    fuzzing::require(postgres::decode_base64(postgres::encode_base64(text)) == text, "reads what it writes");
    return 0;
}
