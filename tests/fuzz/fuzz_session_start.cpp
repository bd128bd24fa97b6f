// Any server between AuthenticationOk and ReadyForQuery: the input is what it sends. PostgreSQL's cancel key
// reaches no client, nor does anything else but parameters, notices and one refusal, all unchanged.
#include <string>
#include <variant>

#include "fuzzing.hpp"
#include "login_fuzzing.hpp"
#include "protocol/postgres/session_start.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

// True if that was the end.
bool check(const Message& message, const SessionStart::Step& step) {
    if (const auto* to_client = std::get_if<SessionStart::ToClient>(&step)) {
        require(message.type == 'S' || message.type == 'N', "passes on parameters and notices");
        require(to_client->bytes == encode(message), "passes them on unchanged");
        return false;
    }
    if (std::holds_alternative<SessionStart::Hold>(step)) {
        require(message.type == 'K' || message.type == 'v', "holds back what is for Curfew");
        return false;
    }
    if (const auto* ready = std::get_if<SessionStart::Ready>(&step)) {
        require(message.type == 'Z' && message.body == std::string_view{&ready->status, 1},
                "reads its status");
    } else if (const auto* refused = std::get_if<SessionStart::Refused>(&step)) {
        require(message.type == 'E' && refused->bytes == encode(message), "passes a refusal on unchanged");
        require(fuzzing::is_harmless_line(refused->reason), "a harmless line for the log");
        require(refused->sqlstate.empty() || refused->sqlstate.size() == 5, "an SQLSTATE or none");
    } else {
        const auto& failed = std::get<SessionStart::Failed>(step);
        require(fuzzing::is_harmless_line(failed.message), "a harmless line for the client");
        require(fuzzing::is_harmless_line(failed.reason), "a harmless line for the log");
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto stream = fuzzing::as_text(data, size);
    SessionStart start;
    bool over = false;
    while (const auto message = fuzzing::take_message(stream)) {
        const bool had_key = start.backend_key().has_value();
        const auto step = start.on_message(*message);
        require(!over || std::holds_alternative<SessionStart::Failed>(step), "nothing after the end");
        over = check(*message, step) || over;
        if (!had_key && start.backend_key()) {
            require(message->type == 'K' && parse_backend_key_data(message->body).has_value(), "keeps a key");
        }
    }
    return 0;
}
