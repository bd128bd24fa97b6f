#include "policy/offline_judgement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "base/duration.hpp"
#include "base/ed25519.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "policy/wording.hpp"

namespace curfew::policy {
namespace {

std::string shown_key(std::string_view key) {
    return ed25519_fingerprint(key);
}

// Whose signature it is, or why it does not count.
std::variant<std::string, std::string> signer_or_remark(const OfflineSignature& signature,
                                                        const std::string& message,
                                                        const OfflineDocument& document,
                                                        const OfflineTerms& terms, const Directory& directory,
                                                        const VerifySignature& verify) {
    using Either = std::variant<std::string, std::string>;
    const auto remark = [](std::string text) { return Either{std::in_place_index<1>, std::move(text)}; };
    const auto approver = std::find_if(terms.approvers.begin(), terms.approvers.end(),
                                       [&](const OfflineApprover& one) { return one.key == signature.key; });
    if (approver == terms.approvers.end())
        return remark(fmt::format("the key {} is no approver's here", shown_key(signature.key)));
    const auto user = directory.canonical(approver->user);
    if (!user) {
        return remark(fmt::format("{}, whose key {} is, is no user here",
                                  printable(approver->user, longest_shown), shown_key(signature.key)));
    }
    if (!verify(signature.key, message, signature.signature)) {
        return remark(fmt::format("what is said to be {}'s signature is not, or not of this document",
                                  printable(*user, longest_shown)));
    }
    if (directory.are_same_person(*user, document.grant.user)) {
        return remark(fmt::format("{} cannot sign what is for {}", printable(*user, longest_shown),
                                  printable(*user, longest_shown)));
    }
    return Either{std::in_place_index<0>, *user};
}

// What stands against it here and now, whoever signed it.
std::optional<Error> misplaced(const OfflineGrant& grant, const OfflineTerms& terms,
                               const OfflinePlace& place) {
    if (grant.installation != terms.installation) {
        return make_error(ErrorCode::conflict, "it is for the installation '{}', and this one is '{}'",
                          grant.installation, printable(terms.installation, longest_shown));
    }
    if (grant.node != place.node) {
        return make_error(ErrorCode::conflict,
                          "it is for the node '{}', and this one is '{}'; submit it there", grant.node,
                          printable(place.node, longest_shown));
    }
    if (place.now < grant.not_before) {
        return make_error(ErrorCode::conflict, "it may be taken from {} on, and this node's clock says {}",
                          format_utc(grant.not_before), format_utc(place.now));
    }
    if (place.now >= grant.not_after) {
        return make_error(
            ErrorCode::conflict,
            "it was to be taken before {}, and this node's clock says {}; have another one signed",
            format_utc(grant.not_after), format_utc(place.now));
    }
    const Duration most = std::min(terms.max_duration, longest_offline_grant);
    if (grant.duration > most) {
        return make_error(ErrorCode::invalid, "it is for {}, and the longest here is {}",
                          format_duration(grant.duration), format_duration(most));
    }
    if (!place.has_resource)
        return make_error(ErrorCode::invalid, "there is no resource '{}' here", grant.resource);
    return std::nullopt;
}

}  // namespace

OfflineSigners count_signers(const OfflineDocument& document, const OfflineTerms& terms,
                             const Directory& directory, const VerifySignature& verify) {
    const std::string message = signed_bytes(document.grant);
    OfflineSigners signers;
    for (const OfflineSignature& signature : document.signatures) {
        auto found = signer_or_remark(signature, message, document, terms, directory, verify);
        if (found.index() == 1) {
            signers.remarks.push_back(std::get<1>(std::move(found)));
            continue;
        }
        std::string& user = std::get<0>(found);
        const bool again = std::any_of(signers.counted.begin(), signers.counted.end(),
                                       [&](const auto& one) { return directory.are_same_person(one, user); });
        if (again) {
            signers.remarks.push_back(
                fmt::format("{} signed more than once, and counts once", printable(user, longest_shown)));
        } else {
            signers.counted.push_back(std::move(user));
        }
    }
    return signers;
}

Result<OfflineVerdict> judge(const OfflineDocument& document, const OfflineTerms& terms,
                             const OfflinePlace& place, const Directory& directory,
                             const VerifySignature& verify) {
    const OfflineGrant& grant = document.grant;
    if (auto form = check_form(grant); !form) return form.error();
    if (auto problem = misplaced(grant, terms, place)) return *problem;
    auto user = directory.canonical(grant.user);
    if (!user) return make_error(ErrorCode::invalid, "there is no user '{}' here", grant.user);
    OfflineSigners signers = count_signers(document, terms, directory, verify);
    const unsigned wanted = std::max(terms.approvals, 1U);
    if (signers.counted.size() < wanted) {
        return make_error(ErrorCode::forbidden, "{} of {} approvers signed it{}{}{}{}",
                          signers.counted.size(), wanted, signers.counted.empty() ? "" : ": ",
                          fmt::join(signers.counted, ", "), signers.remarks.empty() ? "" : "; ",
                          fmt::join(signers.remarks, "; "));
    }
    return OfflineVerdict{std::move(*user), std::move(signers)};
}

}  // namespace curfew::policy
