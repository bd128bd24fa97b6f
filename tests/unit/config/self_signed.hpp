// A certificate and its key as PEM text, for files that exist only in a test.
#pragma once

#include <string>

namespace curfew::config::test {

struct SelfSigned {
    std::string certificate;
    std::string key;
    std::string encrypted_key;  // the same key, behind a passphrase
};

enum class Validity { current, expired };

SelfSigned make_self_signed(Validity validity = Validity::current);

}  // namespace curfew::config::test
