#include "proxy/tls_error.hpp"

#include <openssl/err.h>

#include <system_error>

namespace curfew::proxy {

std::string take_tls_error() {
    const unsigned long error = ERR_get_error();
    ERR_clear_error();
    if (error == 0) return "no reason given";
    if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
    const char* reason = ERR_reason_error_string(error);
    return reason == nullptr ? "OpenSSL error " + std::to_string(error) : std::string{reason};
}

}  // namespace curfew::proxy
