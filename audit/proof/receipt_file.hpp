// A receipt as people keep it: a JSON file that says what a session was allowed and how it ended, and that
// can be verified without Curfew. docs/receipts.md describes it.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace curfew::audit {

// What the member `format` of a receipt's document says.
inline constexpr std::string_view receipt_format = "curfew receipt v1";

struct ReceiptFile {
    std::string document;    // as it is signed: canonical JSON
    std::string signature;   // 64 bytes
    std::string public_key;  // 32 bytes; whose it is, the file cannot say
};

// The document stands on a line of its own, the second one.
std::string write_receipt_file(const ReceiptFile& file);

struct ReadReceipt {
    ReceiptFile file;
    boost::json::object content;  // of the document
};

// From what write_receipt_file() gave, or the same written anew by whatever reads and writes JSON. Nothing of
// it is verified. invalid: it is no receipt, or of a format that is not known; the message says what it is.
Result<ReadReceipt> read_receipt_file(std::string_view text);

// What to hold a receipt against.
struct TrustedKeys {
    std::vector<std::string> keys;          // 32 bytes each
    std::vector<std::string> fingerprints;  // `SHA256:…`
};

enum class ReceiptVerdict {
    genuine,   // signed as it is by a trusted key
    stranger,  // signed as it is, by a key that is not trusted
    altered,   // not what was signed, or not signed by the key that it names
};
ReceiptVerdict judge_receipt(const ReceiptFile& file, const TrustedKeys& trusted);

}  // namespace curfew::audit
