#include "protocol/postgres/saslprep.hpp"

#include <openssl/crypto.h>
#include <stringprep.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace curfew::postgres {
namespace {

struct WipeAndFree {
    void operator()(char* text) const noexcept {
        OPENSSL_cleanse(text, std::strlen(text));
        std::free(text);  // libidn's own allocation
    }
};

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

Secret saslprep(std::string_view password) {
    Secret as_it_is{std::string{password}};
    // ASCII is its own prepared form, and libidn would stop at a zero byte.
    if (is_ascii(password) || password.find('\0') != std::string_view::npos) return as_it_is;

    char* prepared = nullptr;
    const int outcome =
        stringprep_profile(as_it_is.reveal().data(), &prepared, "SASLprep", STRINGPREP_NO_UNASSIGNED);
    const std::unique_ptr<char, WipeAndFree> owned{outcome == STRINGPREP_OK ? prepared : nullptr};
    if (!owned || *owned == '\0') return as_it_is;
    return Secret{std::string{owned.get()}};
}

}  // namespace curfew::postgres
