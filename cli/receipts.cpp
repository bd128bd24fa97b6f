#include "cli/receipts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <ostream>
#include <system_error>
#include <utility>

#include "audit/proof/receipt_file.hpp"
#include "base/ed25519.hpp"
#include "base/text.hpp"
#include "cli/file_descriptor.hpp"
#include "cli/offline_file.hpp"
#include "cli/receipt_text.hpp"

namespace curfew::cli {
namespace {

using audit::ReceiptVerdict;

constexpr std::size_t largest_receipt_file = 1024UL * 1024;
constexpr std::size_t largest_public_key_file = 16UL * 1024;
constexpr std::string_view fingerprint_begin = "SHA256:";

Outcome<std::string> read_some_file(const std::string& source, std::size_t most) {
    const int descriptor = source == "-" ? ::dup(STDIN_FILENO) : ::open(source.c_str(), O_RDONLY | O_CLOEXEC);
    const FileDescriptor file{descriptor};
    errno = 0;
    auto text = file.is_open() ? read_all(file, most) : std::nullopt;
    if (text) return std::move(*text);
    const std::string why = errno != 0 || !file.is_open()
                                ? std::error_code{errno, std::generic_category()}.message()
                                : fmt::format("it is larger than {} bytes", most);
    return Failure{ExitCode::usage, fmt::format("Cannot read '{}': {}", printable(source), why)};
}

Outcome<audit::TrustedKeys> read_trusted(const std::vector<std::string>& keys) {
    audit::TrustedKeys trusted;
    for (const std::string& key : keys) {
        if (key.starts_with(fingerprint_begin)) {
            trusted.fingerprints.push_back(key);
            continue;
        }
        if (auto typed = parse_ed25519_public_key(key)) {
            trusted.keys.push_back(std::move(*typed));
            continue;
        }
        const auto text = read_some_file(key, largest_public_key_file);
        if (!text) return text.error();
        auto read = parse_ed25519_public_key(*text);
        if (!read) {
            return Failure{ExitCode::usage, fmt::format("'{}': {}", printable(key), read.error().message)};
        }
        trusted.keys.push_back(std::move(*read));
    }
    return trusted;
}

Outcome<audit::ReadReceipt> read_receipt(const std::string& source) {
    const auto text = read_some_file(source, largest_receipt_file);
    if (!text) return text.error();
    auto read = audit::read_receipt_file(*text);
    if (!read)
        return Failure{ExitCode::usage, fmt::format("'{}': {}", printable(source), read.error().message)};
    return std::move(*read);
}

void print_receipt(const Context& context, const audit::ReadReceipt& receipt) {
    for (const auto& [name, value] : receipt_facts(receipt.content))
        print_fact(context, name, value);
}

std::string_view word_of(ReceiptVerdict verdict) {
    switch (verdict) {
        case ReceiptVerdict::genuine:
            return "genuine";
        case ReceiptVerdict::stranger:
            return "key_not_trusted";
        case ReceiptVerdict::altered:
            break;
    }
    return "altered";
}

std::string sentence_on(ReceiptVerdict verdict, const std::string& fingerprint, bool has_keys) {
    if (verdict == ReceiptVerdict::genuine)
        return fmt::format("Genuine: it is as it was signed, by the trusted key {}", fingerprint);
    if (verdict == ReceiptVerdict::altered) {
        return "ALTERED: this is not what was signed, or not by the key that it names. Nothing in it proves "
               "anything; get it again from where it was issued";
    }
    if (has_keys)
        return fmt::format("NOT TRUSTED: it is signed, but by {}, which none of the given keys is",
                           fingerprint);
    return fmt::format(
        "Whole, but by whom? It is as it was signed by {}; whose key that is, a receipt cannot say. Hold it "
        "against what your administrator gave you, and give it with --key",
        fingerprint);
}

}  // namespace

ExitCode show_receipt(const Context& context, const std::string& session, const std::string& file) {
    const auto answer = context.client.get(fmt::format("/sessions/{}/receipt", path_segment(session)));
    if (!answer) return report(context, answer.error());
    const auto receipt = audit::read_receipt_file(answer->text);
    if (!receipt) return report(context, Failure{ExitCode::failed, receipt.error().message});
    if (!file.empty()) {
        const auto written = write_new_file(file, answer->text, 0644);
        if (!written) return report(context, written.error());
        fmt::print(context.err, "The receipt of session {} is in '{}'; `curfew receipt verify` verifies it\n",
                   printable(session), printable(file));
        return ExitCode::ok;
    }
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    print_receipt(context, *receipt);
    print_fact(context, "key", ed25519_fingerprint(receipt->file.public_key));
    return ExitCode::ok;
}

ExitCode verify_receipt(const Context& context, const std::string& file,
                        const std::vector<std::string>& keys) {
    const auto trusted = read_trusted(keys);
    if (!trusted) return report(context, trusted.error());
    const auto receipt = read_receipt(file);
    if (!receipt) return report(context, receipt.error());
    const ReceiptVerdict verdict = audit::judge_receipt(receipt->file, *trusted);
    const auto code = verdict == ReceiptVerdict::genuine ? ExitCode::ok : ExitCode::findings;
    const std::string fingerprint = ed25519_fingerprint(receipt->file.public_key);
    if (context.json) {
        const boost::json::object shown{
            {"verdict", word_of(verdict)}, {"key", fingerprint}, {"receipt", receipt->content}};
        context.out << boost::json::serialize(shown) << '\n';
        return code;
    }
    // What was altered is not told as if it were so.
    if (verdict != ReceiptVerdict::altered) print_receipt(context, *receipt);
    fmt::print(context.out, "{}\n", sentence_on(verdict, fingerprint, !keys.empty()));
    return code;
}

}  // namespace curfew::cli
