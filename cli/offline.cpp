#include "cli/offline.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ostream>
#include <utility>

#include "base/base64.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/json_access.hpp"
#include "cli/offline_file.hpp"
#include "cli/password.hpp"
#include "protocol/postgres/random_bytes.hpp"

namespace curfew::cli {
namespace {

using std::chrono::seconds;

// Clocks differ: what is signed on one machine can be taken at once on another that is a little behind.
constexpr auto clock_difference = std::chrono::minutes{2};

std::string random_id() {
    std::array<unsigned char, policy::offline_id_length / 2> random{};
    postgres::system_random(random);
    std::string text;
    for (const unsigned char byte : random)
        text += fmt::format("{:02x}", byte);
    return text;
}

// Where the document is to be taken, asked of the node where the command line does not say.
Outcome<void> complete(const Context& context, const OfflineRequestOptions& options,
                       policy::OfflineGrant& grant) {
    grant.node = options.node;
    grant.installation = options.installation;
    if (!grant.node.empty() && !grant.installation.empty()) return {};
    const auto answer = context.client.get("/offline-grants");
    if (!answer) {
        Failure failure = answer.error();
        failure.message += "; --node and --installation say for where it is without asking the node";
        return failure;
    }
    if (!flag_of(answer->document, "enabled")) {
        return Failure{ExitCode::conflict,
                       "That node takes no grants that are signed offline: it has no offline_grants"};
    }
    if (grant.node.empty()) grant.node = text_of(answer->document, "node");
    if (grant.installation.empty()) grant.installation = text_of(answer->document, "installation");
    return {};
}

Outcome<policy::OfflineGrant> new_grant(const Context& context, const OfflineRequestOptions& options) {
    policy::OfflineGrant grant;
    grant.id = random_id();
    grant.user = options.user;
    grant.resource = options.resource;
    grant.reason = options.reason;
    const auto duration = parse_duration(options.length);
    const auto good_for = parse_duration(options.good_for);
    if (!duration) return Failure{ExitCode::usage, duration.error().message};
    if (!good_for) return Failure{ExitCode::usage, good_for.error().message};
    grant.duration = *duration;
    const auto now = std::chrono::floor<seconds>(SystemClock{}.wall_now());
    grant.not_before = now - clock_difference;
    grant.not_after = now + std::chrono::floor<seconds>(*good_for);
    if (auto completed = complete(context, options, grant); !completed) return completed.error();
    if (auto form = policy::check_form(grant); !form) return Failure{ExitCode::usage, form.error().message};
    return grant;
}

void print_document(std::ostream& out, const policy::OfflineDocument& document) {
    for (const auto& line : policy::described(document.grant))
        fmt::print(out, "  {}\n", line);
    fmt::print(out, "  signatures    {}\n", document.signatures.size());
    for (const auto& signature : document.signatures) {
        const bool good =
            ed25519_verify(signature.key, policy::signed_bytes(document.grant), signature.signature);
        fmt::print(out, "                {}{}\n", ed25519_fingerprint(signature.key),
                   good ? "" : ", NOT of this document");
    }
}

Outcome<void> confirm(const OfflineApprovalOptions& options) {
    if (options.yes) return {};
    const auto answer = ask_line("Sign it? Your name stands for it. Type yes: ");
    if (!answer) {
        return Failure{ExitCode::usage,
                       "Nobody is here to be asked; --yes signs without asking. Nothing was signed"};
    }
    if (*answer != "yes") return Failure{ExitCode::interrupted, "Nothing was signed"};
    return {};
}

// What stands against signing this now.
Outcome<void> check_signable(const policy::OfflineDocument& document, const Ed25519Key& key) {
    if (SystemClock{}.wall_now() >= document.grant.not_after) {
        return Failure{ExitCode::conflict, fmt::format("It was to be taken before {}; have another one made",
                                                       format_local(document.grant.not_after))};
    }
    const bool again = std::any_of(document.signatures.begin(), document.signatures.end(),
                                   [&](const auto& signature) { return signature.key == key.public_key(); });
    if (again) return Failure{ExitCode::conflict, "That key signed it already, and counts once"};
    return {};
}

}  // namespace

ExitCode make_offline_key(const Context& context, const std::string& path) {
    const auto key = Ed25519Key::generate();
    // To be kept: in a file that is this user's alone.
    const auto written = write_new_file(path, key.to_pem().reveal(), 0600);
    if (!written) return report(context, written.error());
    const auto public_key = key.public_key();
    fmt::print(context.out, "{}\n", encode_base64(public_key));
    fmt::print(
        context.err,
        "The private key is in '{}': keep it where you can reach it when nothing else works, and give it "
        "to nobody.\nThe line above is the public one: an administrator enrols it under "
        "offline_grants.approvers, and\ncompares {} with you.\n",
        printable(path), ed25519_fingerprint(public_key));
    return ExitCode::ok;
}

ExitCode make_offline_request(const Context& context, const OfflineRequestOptions& options) {
    const auto grant = new_grant(context, options);
    if (!grant) return report(context, grant.error());
    const policy::OfflineDocument document{*grant, {}};
    const auto text = policy::to_json(document);
    if (options.out.empty()) {
        context.out << text;
        return ExitCode::ok;
    }
    const auto written = write_new_file(options.out, text, 0644);
    if (!written) return report(context, written.error());
    fmt::print(context.out,
               "{}: to be signed by approvers, each with `curfew approve --offline {} --key KEY`\n",
               options.out, options.out);
    return ExitCode::ok;
}

ExitCode sign_offline(const Context& context, const OfflineApprovalOptions& options) {
    auto document = read_document(options.document);
    if (!document) return report(context, document.error());
    const auto key = read_private_key(options.key);
    if (!key) return report(context, key.error());
    if (auto signable = check_signable(*document, *key); !signable) return report(context, signable.error());
    context.err << "This gives access without a review, while no store answers:\n";
    print_document(context.err, *document);
    if (auto confirmed = confirm(options); !confirmed) return report(context, confirmed.error());
    const policy::OfflineDocument own{
        document->grant, {{key->public_key(), key->sign(policy::signed_bytes(document->grant))}}};
    auto both = policy::with_signatures_of(std::move(*document), own);
    if (!both) return report(context, {ExitCode::conflict, both.error().message});
    const bool is_file = options.document != "-" && !options.document.starts_with("curfew-offline-");
    if (!is_file) {
        context.out << policy::to_token(*both) << '\n';
        return ExitCode::ok;
    }
    if (auto written = replace_file(options.document, policy::to_json(*both)); !written)
        return report(context, written.error());
    fmt::print(context.out, "Signed: {} has {} signature{} now\n", options.document, both->signatures.size(),
               both->signatures.size() == 1 ? "" : "s");
    return ExitCode::ok;
}

ExitCode show_offline(const Context& context, const std::string& source, bool as_token) {
    const auto document = read_document(source);
    if (!document) return report(context, document.error());
    if (as_token) {
        context.out << policy::to_token(*document) << '\n';
    } else if (context.json) {
        context.out << policy::to_json(*document);
    } else {
        print_document(context.out, *document);
    }
    return ExitCode::ok;
}

ExitCode combine_offline(const Context& context, const std::vector<std::string>& sources,
                         const std::string& out) {
    auto all = read_document(sources.front());
    if (!all) return report(context, all.error());
    policy::OfflineDocument document = std::move(*all);
    for (std::size_t i = 1; i < sources.size(); ++i) {
        const auto next = read_document(sources[i]);
        if (!next) return report(context, next.error());
        auto both = policy::with_signatures_of(std::move(document), *next);
        if (!both) return report(context, {ExitCode::conflict, both.error().message});
        document = std::move(*both);
    }
    if (out.empty()) {
        context.out << policy::to_json(document);
        return ExitCode::ok;
    }
    if (auto written = write_new_file(out, policy::to_json(document), 0644); !written)
        return report(context, written.error());
    fmt::print(context.out, "{} has {} signatures\n", out, document.signatures.size());
    return ExitCode::ok;
}

}  // namespace curfew::cli
