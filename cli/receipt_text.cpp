#include "cli/receipt_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/json_access.hpp"
#include "cli/output.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

// Words of the document, and how they are said.
using Saying = std::pair<std::string_view, std::string_view>;

constexpr std::array<Saying, 12> sayings_of_causes{{
    {"grant_expired", "its grant expired"},
    {"grant_revoked", "its grant was revoked"},
    {"session_killed", "an administrator ended it"},
    {"user_removed", "its user was removed"},
    {"resource_removed", "its resource was removed"},
    {"store_lost", "curfewd was too long without its store"},
    {"recording_failed", "it could not be recorded any more"},
    {"node_stopping", "its node was stopped"},
    {"node_crashed", "its node crashed"},
    {"client_closed", "its client closed it"},
    {"server_closed", "PostgreSQL closed it"},
    {"failed", "it failed"},
}};
constexpr std::array<Saying, 5> sayings_of_confirmations{{
    {"activity", "its connection was closed and its row left pg_stat_activity"},
    {"eof", "its connection was closed; there was no administrative login to look further with"},
    {"never_started", "there was none yet"},
    {"unconfirmed", "NOT CONFIRMED: nobody knows whether it was gone"},
    {"pending", "not known yet"},
}};
constexpr std::array<Saying, 4> sayings_of_outcomes{{
    {"none", "nothing was ever asked for"},
    {"committed", "committed: PostgreSQL said so"},
    {"rolled_back", "rolled back"},
    {"unknown", "unknown: the end came between the request and its answer"},
}};
constexpr std::array<Saying, 6> sayings_of_approvals{{
    {"reviewed", "approved by the reviews that its rules ask for"},
    {"force_approved", "approved by one reviewer of a force-approval group alone"},
    {"review_skipped", "approved without a review: the requester is in a skip-review group"},
    {"administrator", "approved without a review: the requester is an administrator"},
    {"break_glass", "BREAK-GLASS: the requester let themselves in; others look at it afterwards"},
    {"signed_offline", "approved by signatures while the store was away; others look at it afterwards"},
}};

template <class Sayings>
std::string in_words(const Sayings& sayings, const std::string& word) {
    const auto found =
        std::find_if(sayings.begin(), sayings.end(), [&](const Saying& one) { return one.first == word; });
    return found == sayings.end() ? word : std::string{found->second};
}

std::string time_of(const json::value& object, std::string_view name) {
    const auto at = instant_of(object, name);
    return at ? format_local(*at) : "an unknown time";
}

// `: "the reason"`, or nothing.
std::string quoted(const json::value& object, std::string_view name) {
    const auto words = text_of(object, name);
    return words.empty() ? "" : fmt::format(": \"{}\"", words);
}

bool has(const json::value& object, std::string_view name) {
    return !member_of(object, name).is_null();
}

std::string bytes(const json::value& object, std::string_view name) {
    if (!has(object, name)) return "an unknown number of bytes";
    const auto number = number_of(object, name);
    return fmt::format("{} {}", number, number == 1 ? "byte" : "bytes");
}

// `, 12 ms after its right had ended`.
std::string lateness(const json::value& object) {
    if (!has(object, "overstay_ms")) return {};
    return fmt::format(", {} ms after its right had ended", number_of(object, "overstay_ms"));
}

std::string place(const json::value& session) {
    const auto database = text_of(session, "database");
    return text_of(session, "resource") + (database.empty() ? "" : "/" + database);
}

void add_session(std::vector<ReceiptFact>& facts, const json::value& session) {
    facts.push_back({"session", fmt::format("{}: {} on {}", text_of(session, "id"), text_of(session, "user"),
                                            place(session))});
    facts.push_back({"from", fmt::format("{}, through node {}", text_of(session, "client_address"),
                                         text_of(session, "node"))});
    facts.push_back({"began", time_of(session, "started_at")});
    facts.push_back({"deadline", time_of(session, "deadline")});
    facts.push_back({"ended", fmt::format("{}, because {}", time_of(session, "ended_at"),
                                          in_words(sayings_of_causes, text_of(session, "cause")))});
    if (const auto detail = text_of(session, "detail"); !detail.empty()) facts.push_back({"remark", detail});
}

void add_grant(std::vector<ReceiptFact>& facts, const json::value& grant) {
    facts.push_back(
        {"grant", fmt::format("{} for {}, from {} until {}", text_of(grant, "id"), text_of(grant, "subject"),
                              time_of(grant, "starts_at"), time_of(grant, "ends_at"))});
    facts.push_back({"given", fmt::format("by {} at {}{}", text_of(grant, "given_by"),
                                          time_of(grant, "given_at"), quoted(grant, "reason"))});
    for (const json::value& extension : list_of(grant, "extensions")) {
        const auto by = text_of(extension, "by");
        const auto request = text_of(extension, "request");
        facts.push_back({"extended", fmt::format("{}at {}, until {}{}", by.empty() ? "" : "by " + by + " ",
                                                 time_of(extension, "at"), time_of(extension, "to"),
                                                 request.empty() ? "" : " (request " + request + ")")});
    }
    const json::value& revoked = member_of(grant, "revoked");
    if (revoked.is_object()) {
        facts.push_back({"revoked", fmt::format("by {} at {}{}", text_of(revoked, "by"),
                                                time_of(revoked, "at"), quoted(revoked, "reason"))});
    }
}

void add_request(std::vector<ReceiptFact>& facts, const json::value& request) {
    const milliseconds wanted{number_of(request, "duration_ms")};
    facts.push_back({"request", fmt::format("{} by {} at {}, for {}{}", text_of(request, "id"),
                                            text_of(request, "requester"), time_of(request, "asked_at"),
                                            format_duration(wanted), quoted(request, "reason"))});
    facts.push_back({"approval", fmt::format("at {}, {}", time_of(request, "approved_at"),
                                             in_words(sayings_of_approvals, text_of(request, "approval")))});
    for (const json::value& review : list_of(request, "reviews")) {
        const auto group = text_of(review, "group");
        const bool approved = text_of(review, "verdict") == "approve";
        facts.push_back(
            {"review", fmt::format("{} {}{} at {}{}", text_of(review, "reviewer"),
                                   approved ? "approved" : "rejected", group.empty() ? "" : " for " + group,
                                   time_of(review, "at"), quoted(review, "comment"))});
    }
    if (flag_of(request, "review_due")) facts.push_back({"", "its review afterwards was still due"});
}

void add_end(std::vector<ReceiptFact>& facts, const json::value& client, const json::value& backend) {
    facts.push_back({"client", fmt::format("left at {}{}; {} came from it, {} went to it",
                                           time_of(client, "closed_at"), lateness(client),
                                           bytes(client, "bytes_received"), bytes(client, "bytes_sent"))});
    const auto confirmation = in_words(sayings_of_confirmations, text_of(backend, "confirmation"));
    std::string gone = has(backend, "gone_at")
                           ? fmt::format("gone at {}{}: ", time_of(backend, "gone_at"), lateness(backend))
                           : std::string{};
    facts.push_back({"backend", gone + confirmation});
}

void add_work(std::vector<ReceiptFact>& facts, const json::value& work, const json::value& recording) {
    if (has(work, "last_statement")) {
        const auto statement = text_of(work, "last_statement");
        facts.push_back({"statement", statement.empty() ? "none was sent" : statement});
    }
    if (has(work, "transaction_outcome")) {
        facts.push_back({"outcome", "of the last transaction: " +
                                        in_words(sayings_of_outcomes, text_of(work, "transaction_outcome"))});
    }
    if (!has(recording, "mode")) return;
    std::string recorded = text_of(recording, "mode");
    if (has(recording, "bytes")) recorded += ", " + bytes(recording, "bytes");
    if (has(recording, "hash")) recorded += ", that end with the hash " + text_of(recording, "hash");
    facts.push_back({"recording", std::move(recorded)});
}

}  // namespace

std::vector<ReceiptFact> receipt_facts(const json::object& document) {
    const json::value whole(document);
    std::vector<ReceiptFact> facts;
    add_session(facts, member_of(whole, "session"));
    add_grant(facts, member_of(whole, "grant"));
    for (const json::value& request : list_of(whole, "requests"))
        add_request(facts, request);
    add_end(facts, member_of(whole, "client"), member_of(whole, "backend"));
    add_work(facts, member_of(whole, "work"), member_of(whole, "recording"));
    const json::value& issued = member_of(whole, "issued");
    const json::value& trail = member_of(whole, "audit_trail");
    facts.push_back({"issued", fmt::format("at {} by node {} (curfewd {})", time_of(issued, "at"),
                                           text_of(issued, "by"), text_of(issued, "version"))});
    facts.push_back({"trail", fmt::format("its last event was then {}, with the hash {}",
                                          number_of(trail, "last_event"), text_of(trail, "hash"))});
    return facts;
}

}  // namespace curfew::cli
