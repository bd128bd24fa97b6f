// Lines of an input as what a client (`>`) and a server (anything else) say: nothing that the rules leave out
// comes through, and what is held stays within its bounds.
#include <memory>
#include <string>
#include <string_view>

#include "fuzzing.hpp"
#include "protocol/postgres/framing.hpp"
#include "recording/password_search.hpp"
#include "recording/transcript.hpp"

namespace {

using namespace curfew;
using namespace curfew::recording;
using fuzzing::require;

constexpr std::string_view secret = "SeCrEt";

// A line is a type and a body, in which `~` stands for a zero and `^` for one.
std::string message_of(std::string_view line) {
    std::string out;
    postgres::append_message(out, line.front(), [&](std::string& body) {
        for (const char c : line.substr(1))
            body.push_back(c == '~' ? '\0' : c == '^' ? '\1' : c);
    });
    return out;
}

std::shared_ptr<const Redactor> redactor() {
    RedactionRules rules;
    rules.patterns = {std::string{secret}};
    rules.statements = {{"cards", {1}}};
    return std::make_shared<const Redactor>(Redactor::compile(rules).value());
}

void without_secret(std::string_view text) {
    require(text.find(secret) == std::string_view::npos, "what a pattern matches does not come through");
}

void check_entry(const Entry& entry) {
    if (const auto* query = std::get_if<entry::Query>(&entry.content)) {
        without_secret(query->sql);
        require(query->size >= query->sql.size(), "a length that can be");
    } else if (const auto* parse = std::get_if<entry::Parse>(&entry.content)) {
        without_secret(parse->sql);
    } else if (const auto* failed = std::get_if<entry::Failed>(&entry.content)) {
        without_secret(failed->message);
        without_secret(failed->detail);
        without_secret(failed->hint);
    } else if (const auto* bind = std::get_if<entry::Bind>(&entry.content)) {
        for (const Value& value : bind->parameters) {
            if (value.form == Value::Form::text) without_secret(value.bytes);
            if (value.form == Value::Form::redacted)
                require(value.bytes.empty() && value.size == 0, "nothing is told of what is left out");
        }
    }
}

void check_passwords(std::string_view sql) {
    std::vector<TextRange> found;
    find_passwords(sql, found);
    for (const TextRange& range : found)
        require(range.begin <= range.end && range.end <= sql.size(), "places that are in the text");
    const std::string literal = "ALTER ROLE r PASSWORD $fuzz$" + std::string{sql} + "$fuzz$ LOGIN";
    if (sql.find('$') != std::string_view::npos) return;
    found.clear();
    find_passwords(literal, found);
    require(without_ranges(literal, found, "x") == "ALTER ROLE r PASSWORD $fuzz$x$fuzz$ LOGIN",
            "takes out a password, and no more");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzzing::as_text(data, size);
    check_passwords(input);
    static const auto rules = redactor();
    static const auto client_plan = postgres::TapPlan::from_client({64, 0});
    static const auto server_plan = postgres::TapPlan::from_server({64, 100});
    BootInstant now{};
    Transcript transcript{rules, now, [](Entry&& entry) { check_entry(entry); }};
    postgres::MessageTap client{client_plan};
    postgres::MessageTap server{server_plan};
    for (std::string_view line : fuzzing::lines(input)) {
        const bool asks = !line.empty() && line.front() == '>';
        if (asks) line.remove_prefix(1);
        if (line.empty()) continue;
        now += std::chrono::microseconds{1};
        const std::string message = message_of(line);
        std::string_view bytes = message;
        (asks ? client : server).advance(bytes, [&](const postgres::TappedPiece& piece) {
            transcript.take(asks ? Transcript::From::client : Transcript::From::server, piece, now);
            return true;
        });
        if (const auto running = transcript.running()) without_secret(running->statement);
        without_secret(transcript.last_statement());
    }
    transcript.ended({}, now);
    return 0;
}
