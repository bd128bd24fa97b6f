// Any bytes as the bodies of messages that Curfew reads, and inside the messages that it writes.
#include <string>

#include "fuzzing.hpp"
#include "protocol/postgres/messages.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

// Exactly one whole message, as whoever reads it will see it.
std::string_view body_of(const std::string& message) {
    Header header;
    require(message.size() >= header_size && read_header(message.data(), header), "a header");
    require(header.body_length == message.size() - header_size, "a length that is right");
    return std::string_view{message}.substr(header_size);
}

void check_backend_key(std::string_view body) {
    const auto key = parse_backend_key_data(body);
    if (!key) return;
    require(key->secret.size() >= 4 && key->secret.size() <= 256, "a secret of 4 to 256 bytes");
    require(body_of(backend_key_data(key->process_id, key->secret)) == body, "rebuilds BackendKeyData");
}

void check_report(std::string_view body) {
    const auto fields = parse_report_fields(body);
    if (!fields) return;
    for (const auto& [letter, value] : *fields) {
        require(letter != '\0' && value.find('\0') == std::string::npos, "fields end at zero bytes");
    }
}

// Text from outside cannot become a field of its own.
void check_written_report(std::string_view text) {
    const Report report{"FATAL", "57P01", std::string{text}, std::string{text}, std::string{text}};
    const std::string message = error_response(report);
    const auto fields = parse_report_fields(body_of(message));
    require(fields.has_value(), "reads what it writes");
    require(fields->size() == (text.empty() ? 3U : 6U), "no field but those that were given");
    require(fields->at('C') == "57P01" && fields->at('S') == "FATAL", "its own fields are kept");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzzing::as_text(data, size);
    check_backend_key(bytes);
    check_report(bytes);
    check_written_report(bytes);
    if (const auto code = authentication_code(bytes)) {
        require(body_of(authentication(*code, bytes.substr(4))) == bytes,
                "rebuilds an AuthenticationRequest");
    }
    body_of(password_message(bytes));
    body_of(sasl_response(bytes));
    return 0;
}
