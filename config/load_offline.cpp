#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "base/ed25519.hpp"
#include "base/text.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_approvers = 200;
constexpr std::size_t longest_key = 1'000;

// A key stands in one line as base64, or in several as PEM.
std::optional<std::string> read_public_key(const Value& value) {
    const DocumentNode& node = value.node();
    if (node.kind != DocumentNode::Kind::text || node.text.size() > longest_key) {
        value.expected("an Ed25519 public key, in base64 or PEM");
        return std::nullopt;
    }
    auto key = parse_ed25519_public_key(node.text);
    if (key) return std::move(*key);
    value.problem(key.error().message);
    return std::nullopt;
}

// False after reporting.
bool read_approver(const Value& value, policy::OfflineTerms& terms) {
    const Section section{value, known::offline_approver};
    policy::OfflineApprover approver;
    if (const auto user = section.require("user")) approver.user = read_name(*user).value_or("");
    const auto key = section.require("public_key");
    if (key) approver.key = read_public_key(*key).value_or("");
    if (approver.user.empty() || approver.key.empty()) return false;
    const auto same = std::find_if(terms.approvers.begin(), terms.approvers.end(),
                                   [&](const auto& other) { return other.key == approver.key; });
    if (same != terms.approvers.end()) {
        key->problem(fmt::format("this is {}'s key already; a key is one person's", printable(same->user)));
        return false;
    }
    terms.approvers.push_back(std::move(approver));
    return true;
}

void read_approvers(const Section& section, policy::OfflineTerms& terms) {
    const auto value = section.require("approvers");
    if (!value) return;
    const auto items = value->list();
    if (!items) return;
    if (items->size() > most_approvers) {
        value->problem(fmt::format("expected at most {} approvers, found {}", most_approvers, items->size()));
        return;
    }
    bool all_read = true;
    for (const Value& item : *items)
        all_read = read_approver(item, terms) && all_read;
    if (!all_read) return;
    std::set<std::string> people;
    for (const auto& approver : terms.approvers)
        people.insert(approver.user);
    if (people.size() < terms.approvals) {
        value->problem(fmt::format("{} approvals are wanted, and {} {} a key here: no grant could be signed",
                                   terms.approvals, people.size(),
                                   people.size() == 1 ? "person has" : "people have"));
    }
}

}  // namespace

void read_offline_grants(const Section& top, Config& config) {
    const auto value = top.find("offline_grants");
    if (!value || value->is_nothing()) return;
    const Section section{*value, known::offline_grants};
    OfflineGrants offline;
    if (const auto name = section.require("installation"))
        offline.terms.installation = read_plain_name(*name).value_or("");
    if (const auto directory = section.require("directory"))
        offline.directory = read_path(*directory).value_or("");
    if (const auto approvals = section.find("approvals")) {
        offline.terms.approvals = static_cast<unsigned>(
            approvals->number(1, policy::most_offline_signatures).value_or(offline.terms.approvals));
    }
    if (const auto longest = section.find("max_duration")) {
        offline.terms.max_duration =
            longest->duration(1min, policy::longest_offline_grant).value_or(offline.terms.max_duration);
    }
    read_approvers(section, offline.terms);
    config.offline_grants = std::move(offline);
}

}  // namespace curfew::config
