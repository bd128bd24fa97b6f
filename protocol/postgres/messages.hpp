// Messages that Curfew itself says or needs to understand. Names as in PostgreSQL's "Message Formats".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/postgres/framing.hpp"

namespace curfew::postgres {

// What an ErrorResponse or NoticeResponse says.
struct Report {
    std::string_view severity;  // `FATAL`, `ERROR`, `NOTICE`
    std::string_view sqlstate;  // 5 characters
    std::string message;
    std::string detail;  // empty: none
    std::string hint;    // empty: none
};

std::string error_response(const Report& report);
std::string notice_response(const Report& report);

// The fields of an ErrorResponse's or NoticeResponse's body by their letter ('M' message, 'C' SQLSTATE, …).
// nullopt if the body is malformed.
std::optional<std::map<char, std::string>> parse_report_fields(std::string_view body);

// AuthenticationRequest codes ('R' messages).
enum class AuthenticationCode : std::uint32_t {
    ok = 0,
    cleartext_password = 3,
    md5_password = 5,
    gss = 7,
    gss_continue = 8,
    sspi = 9,
    sasl = 10,
    sasl_continue = 11,
    sasl_final = 12,
};
// The code of an 'R' message; nullopt if the body is too short to hold one.
std::optional<AuthenticationCode> authentication_code(std::string_view body);

// An 'R' message: its code and what follows it.
std::string authentication(AuthenticationCode code, std::string_view rest = {});
// AuthenticationSASL with these mechanisms, in this order.
std::string authentication_sasl(const std::vector<std::string_view>& mechanisms);

std::string backend_key_data(std::int32_t process_id, std::string_view secret);
std::string ready_for_query(char status);
// `newest` is the minor version that we speak.
std::string negotiate_protocol_version(std::uint32_t newest, const std::vector<std::string>& unknown_options);

// From a client ('p'): PasswordMessage, SASLInitialResponse, SASLResponse share the letter.
std::string password_message(std::string_view password);  // appends the terminating zero
std::string sasl_initial_response(std::string_view mechanism, std::string_view data);
std::string sasl_response(std::string_view data);

std::string terminate();
std::string copy_fail(std::string_view reason);

// BackendKeyData's body, read: process id and a secret of 4 to 256 bytes.
struct BackendKey {
    std::int32_t process_id = 0;
    std::string secret;
};
std::optional<BackendKey> parse_backend_key_data(std::string_view body);

}  // namespace curfew::postgres
