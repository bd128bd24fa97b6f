// What `curfew offline` asks of a node.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/object.hpp>
#include <ostream>

#include "base/time_text.hpp"
#include "cli/json_access.hpp"
#include "cli/offline.hpp"
#include "cli/offline_file.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

std::string whose(const json::value& grant) {
    return fmt::format("{} on {} for {}, signed by {}", text_of(grant, "user"), text_of(grant, "resource"),
                       text_of(grant, "duration"), joined(texts_of(grant, "signers")));
}

std::string state_of(const json::value& grant) {
    const auto left = number_of(grant, "remaining_seconds");
    std::string state = flag_of(grant, "revoked") ? "revoked"
                        : left > 0                ? format_left(std::chrono::seconds{left}) + " left"
                                                  : "over";
    return state + (flag_of(grant, "entered") ? "; entered as " + text_of(grant, "request")
                                              : "; not entered in the store yet");
}

}  // namespace

ExitCode submit_offline(const Context& context, const std::string& source, bool only_check) {
    const auto text = read_document_text(source);
    if (!text) return report(context, text.error());
    json::object body{{"document", *text}};
    if (only_check) body["check"] = true;
    const auto answer = context.client.post("/offline-grants", body);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto& grant = member_of(answer->document, "grant");
    for (const auto& remark : texts_of(answer->document, "remarks"))
        fmt::print(context.err, "Note: {}\n", remark);
    if (only_check) {
        fmt::print(context.out, "It is in order: {}\nNothing was taken.\n", whose(grant));
        return ExitCode::ok;
    }
    fmt::print(context.out, "Taken as {}: {}. It counts from now, and this document is used up.\n",
               context.terminal.styled(Style::bold, text_of(grant, "grant")), whose(grant));
    if (const auto password = text_of(answer->document, "secret"); !password.empty()) {
        fmt::print(context.out, "Password for it, told once: {}\n", password);
    }
    fmt::print(context.out, "It is entered, and reviewed, when the store is back.\n");
    return ExitCode::ok;
}

ExitCode show_offline_status(const Context& context) {
    const auto answer = context.client.get("/offline-grants");
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto& status = answer->document;
    if (!flag_of(status, "enabled")) {
        fmt::print(context.out, "{} takes no grants that are signed offline\n", text_of(status, "node"));
        return ExitCode::ok;
    }
    fmt::print(context.out, "{} takes grants signed by {} of its approvers, of up to {}: {}\n",
               text_of(status, "node"), number_of(status, "approvals"), text_of(status, "max_duration"),
               flag_of(status, "store_answers") ? "not now, for the store answers"
                                                : context.terminal.styled(Style::yellow, "now"));
    print_fact(context, "installation", text_of(status, "installation"));
    for (const auto& approver : list_of(status, "approvers"))
        print_fact(context, "approver", text_of(approver, "user") + "  " + text_of(approver, "fingerprint"));
    for (const auto& grant : list_of(status, "grants")) {
        const auto taken = instant_of(grant, "taken_at");
        fmt::print(context.out, "{} {}: {}\n  {}; {}\n", text_of(grant, "grant"),
                   taken ? format_local(*taken) : std::string{}, whose(grant), state_of(grant),
                   text_of(grant, "reason"));
    }
    return ExitCode::ok;
}

}  // namespace curfew::cli
