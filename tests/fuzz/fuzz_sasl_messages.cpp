// Any bytes as the bodies of SASL messages: what is understood is rebuilt byte for byte.
#include <string>

#include "fuzzing.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/sasl_messages.hpp"

namespace {

using namespace curfew;
using fuzzing::require;

void check_mechanisms(std::string_view list) {
    const auto mechanisms = postgres::parse_sasl_mechanisms(list);
    if (!mechanisms) return;
    require(!mechanisms->empty() && mechanisms->size() <= postgres::most_sasl_mechanisms,
            "a bounded number of mechanisms");
    const std::string rebuilt = postgres::authentication_sasl(*mechanisms);
    require(std::string_view{rebuilt}.substr(postgres::header_size + 4) == list, "rebuilds the list");
}

void check_initial_response(std::string_view body) {
    const auto response = postgres::parse_sasl_initial_response(body);
    if (!response) return;
    if (!response->data) {
        require(body.substr(response->mechanism.size() + 1) == "\xFF\xFF\xFF\xFF", "no data is length -1");
        return;
    }
    const std::string rebuilt = postgres::sasl_initial_response(response->mechanism, *response->data);
    require(std::string_view{rebuilt}.substr(postgres::header_size) == body, "rebuilds the response");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = fuzzing::as_text(data, size);
    check_mechanisms(body);
    check_initial_response(body);
    return 0;
}
