// Whatever somebody hands in as a grant that was signed offline: it is read or refused, and what is read
// comes back the same from what is written of it.
#include <string>

#include "base/base64.hpp"
#include "fuzzing.hpp"
#include "policy/offline_grant.hpp"

namespace {

using namespace curfew;

void check(const policy::OfflineDocument& document) {
    fuzzing::require(policy::check_form(document.grant).has_value(), "what was read is in good form");
    const auto from_file = policy::parse_offline_document(policy::to_json(document));
    // Written at its longest it may be longer than what it was read from.
    if (policy::to_json(document).size() <= policy::longest_offline_document)
        fuzzing::require(from_file && *from_file == document, "a document comes back from its file");
    const auto from_token = policy::parse_offline_document(policy::to_token(document));
    if (policy::to_token(document).size() <= policy::longest_offline_document)
        fuzzing::require(from_token && *from_token == document, "a document comes back from its token");
    fuzzing::require(policy::signed_bytes(from_file ? from_file->grant : document.grant) ==
                         policy::signed_bytes(document.grant),
                     "the same is signed");
    (void)policy::described(document.grant);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace curfew;
    const std::string text{fuzzing::as_text(data, size)};
    if (const auto document = policy::parse_offline_document(text)) check(*document);
    if (const auto document = policy::parse_offline_document("curfew-offline-1:" + encode_base64(text)))
        check(*document);
    return 0;
}
