#include "proxy/client_texts.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "config/config.hpp"
#include "protocol/postgres/messages.hpp"

namespace curfew::proxy {
namespace {

std::string until(const policy::Grant& grant) {
    return format_local(grant.window.ends_at);
}

std::string notice(std::string message) {
    return postgres::notice_response({"NOTICE", "00000", std::move(message), {}, {}});
}

std::string in_whole_seconds(Duration duration) {
    return format_duration(std::chrono::round<std::chrono::seconds>(duration));
}

std::string how_to_ask_again(std::string_view how_to_ask, const std::string& resource) {
    if (!how_to_ask.empty()) {
        std::string sentence{how_to_ask};
        if (const auto place = sentence.find(config::resource_placeholder); place != std::string::npos)
            sentence.replace(place, config::resource_placeholder.size(), resource);
        return sentence;
    }
    return "Ask an administrator for a new grant on resource \"" + resource + "\".";
}

std::string why(policy::EndCause cause, const policy::Grant& grant) {
    const std::string access = "access to \"" + grant.resource + "\" under grant " + grant.id.text();
    switch (cause) {
        case policy::EndCause::grant_expired:
            return access + " ended at " + until(grant);
        case policy::EndCause::grant_revoked:
            return access + " was revoked";
        case policy::EndCause::session_killed:
            return "an administrator ended this session; " + access + " stands";
        case policy::EndCause::user_removed:
            return access + " ended: the grant no longer covers you";
        case policy::EndCause::resource_removed:
            return access + " ended: the resource is no longer served here";
        case policy::EndCause::store_lost:
            return access + " ended: Curfew cannot hear whether it still stands";
        case policy::EndCause::recording_failed:
            return access + " ended: Curfew cannot write down what is done here";
        case policy::EndCause::node_stopping:
            return "Curfew is shutting down; " + access + " stands";
        default:
            return access + " ended";
    }
}

std::string what_becomes_of_it(EndsBy ends_by) {
    if (ends_by == EndsBy::terminate)
        return "The session was ended, and what it had not committed was rolled back.";
    // PostgreSQL decides when a statement notices its cancellation, and one may refuse it.
    return "The session was ended. A statement that still runs is being cancelled; what is not committed "
           "when "
           "it ends is rolled back.";
}

}  // namespace

std::string banner(const policy::Grant& grant, Duration remaining) {
    return notice("access to \"" + grant.resource + "\" until " + until(grant) + " (" +
                  in_whole_seconds(remaining) + " left, grant " + grant.id.text() + ")");
}

std::string warning(const policy::Grant& grant, Duration remaining) {
    return notice("access to \"" + grant.resource + "\" ends in " + in_whole_seconds(remaining) + ", at " +
                  until(grant) + " (grant " + grant.id.text() +
                  "): what is not committed by then is rolled back");
}

std::string winding_down(const policy::Grant& grant, Duration remaining) {
    return notice("access to \"" + grant.resource + "\" ends in " + in_whole_seconds(remaining) + ", at " +
                  until(grant) + " (grant " + grant.id.text() +
                  "): from now on no new transaction begins; finish the one that is open");
}

std::string wound_up(const policy::Grant& grant, Duration remaining) {
    return notice("access to \"" + grant.resource + "\" goes on until " + until(grant) + " (" +
                  in_whole_seconds(remaining) + " left, grant " + grant.id.text() +
                  "): new transactions may begin");
}

std::string no_new_transaction(const policy::Grant& grant, std::string_view how_to_ask) {
    std::string hint = "To go on in this session, have the grant extended: curfew extend " + grant.id.text() +
                       " --by DURATION.";
    if (!how_to_ask.empty()) hint += " " + how_to_ask_again(how_to_ask, grant.resource);
    return postgres::error_response(
        {"ERROR", "42501",
         "access to \"" + grant.resource + "\" ends at " + until(grant) +
             ", and so shortly before that no new transaction begins",
         "PostgreSQL has not seen this statement. The session stays open until then (grant " +
             grant.id.text() + ").",
         std::move(hint)});
}

std::string last_words(policy::EndCause cause, const policy::Grant& grant, EndsBy ends_by,
                       std::string_view how_to_ask) {
    std::string hint;
    switch (cause) {
        case policy::EndCause::session_killed:
        case policy::EndCause::node_stopping:
            hint = "Connect again while the grant lasts: it ends at " + until(grant) + ".";
            break;
        case policy::EndCause::store_lost:
        case policy::EndCause::recording_failed:
            hint = "Connect again later; an administrator can see why in Curfew's log.";
            break;
        default:
            hint = how_to_ask_again(how_to_ask, grant.resource);
    }
    return postgres::error_response(
        {"FATAL", "57P01", why(cause, grant), what_becomes_of_it(ends_by), std::move(hint)});
}

std::string turned_away(policy::EndCause cause) {
    if (cause == policy::EndCause::recording_failed) return recording_is_away().bytes;
    const bool store_lost = cause == policy::EndCause::store_lost;
    return postgres::error_response({"FATAL",
                                     "57P03",
                                     store_lost
                                         ? "Curfew cannot reach its store, and lets nobody in unrecorded"
                                         : "Curfew is shutting down",
                                     {},
                                     store_lost ? "Try again later." : "Try again later, or another node."});
}

Refusal store_is_away() {
    return {turned_away(policy::EndCause::store_lost), "store_unavailable", {}};
}

Refusal recording_is_away() {
    return refuse("57P03", "Curfew cannot write down what is done here, and lets nobody in unrecorded",
                  "recording_unavailable", {},
                  "Try again later; an administrator can see why in Curfew's log.");
}

Refusal not_admitted(policy::Refusal refusal, const policy::Attempt& attempt, std::string_view how_to_ask) {
    const std::string user = "user \"" + printable(attempt.user) + "\"";
    const std::string resource = "resource \"" + std::string{attempt.resource} + "\"";
    std::string message;
    switch (refusal) {
        case policy::Refusal::unknown_user:
        case policy::Refusal::no_grant:
            // One text for both: who exists is not told to strangers.
            message = "no grant gives " + user + " access to " + resource + " now";
            break;
        case policy::Refusal::not_yet:
            message = "the grant of " + user + " on " + resource + " has not begun";
            break;
        case policy::Refusal::replication_refused:
            message = "the grant of " + user + " on " + resource + " does not cover replication";
            break;
    }
    return refuse("28000", std::move(message), std::string{to_string(refusal)}, {},
                  how_to_ask_again(how_to_ask, std::string{attempt.resource}));
}

}  // namespace curfew::proxy
