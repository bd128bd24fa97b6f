#include "audit/proof/signature.hpp"

#include "base/ed25519.hpp"

namespace curfew::audit {

std::string signed_bytes(Purpose purpose, std::string_view document) {
    std::string bytes{purpose == Purpose::receipt ? "curfew receipt v1\n" : "curfew audit head v1\n"};
    bytes += document;
    return bytes;
}

bool is_signed_by(std::string_view public_key, Purpose purpose, std::string_view document,
                  std::string_view signature) {
    return ed25519_verify(public_key, signed_bytes(purpose, document), signature);
}

}  // namespace curfew::audit
