// Certificates and keys, looked at as TLS will look at them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace curfew::config {

// nullopt if `pem` holds one certificate or more, and nothing broken; else what is wrong. Dates are not
// looked at: a certificate may be renewed in place after this.
std::optional<std::string> wrong_certificates(std::string_view pem);
// nullopt if `pem` holds a private key that can be used without a passphrase; else what is wrong.
std::optional<std::string> wrong_key(std::string_view pem);
// True if the key is that of the first certificate. False if either does not parse.
bool key_matches(std::string_view certificates_pem, std::string_view key_pem);

}  // namespace curfew::config
