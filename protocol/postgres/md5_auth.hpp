// PostgreSQL's MD5 authentication, for upstream servers that still ask for it.
// PostgreSQL documentation, "Protocol Flow: Start-up", AuthenticationMD5Password.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace curfew::postgres {

// `salt` are the 4 bytes of AuthenticationMD5Password. Returns what goes into the PasswordMessage, `md5` and
// 32 hexadecimal digits; nullopt where this system's OpenSSL has no MD5 (FIPS mode).
std::optional<std::string> md5_response(std::string_view user, std::string_view password,
                                        std::string_view salt);

}  // namespace curfew::postgres
