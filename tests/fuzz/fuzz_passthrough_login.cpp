// Any server and any client with PassthroughLogin between them. The input is messages, each with a byte
// before it whose last bit says who sends it (0 the server, 1 the client).
//
// What is passed on is passed on unchanged, to the right side and in turn, but for the offer of channel
// binding, which reaches no client.
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fuzzing.hpp"
#include "login_fuzzing.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/passthrough_login.hpp"
#include "protocol/postgres/sasl_messages.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;
using Turn = PassthroughLogin::Turn;

constexpr std::string_view plus = "SCRAM-SHA-256-PLUS";

struct Watched {
    bool over = false;
    bool offered = false;   // the client's next message chooses a mechanism
    bool withheld = false;  // the server's offer held PLUS

    void check_failure(const LoginFailure& failure) {
        require(failure.sqlstate.size() == 5, "an SQLSTATE");
        require(fuzzing::is_harmless_line(failure.message), "a harmless line for the client");
        require(fuzzing::is_harmless_line(failure.reason), "a harmless line for the log");
        over = true;
    }

    void check_offer(const Message& message, const std::string& bytes) {
        const auto before = parse_sasl_mechanisms(message.body.substr(4));
        require(before.has_value(), "passes on what it understands");
        std::vector<std::string_view> rest;
        withheld = false;
        for (const auto name : *before) {
            if (name == plus) {
                withheld = true;
            } else {
                rest.push_back(name);
            }
        }
        require(bytes == authentication_sasl(rest), "offers the rest in the server's order");
        offered = true;
    }

    void check_server(const Message& message, const PassthroughLogin::ServerStep& step, Turn before) {
        const auto code = message.type == 'R' ? authentication_code(message.body) : std::nullopt;
        if (const auto* to_client = std::get_if<PassthroughLogin::ToClient>(&step)) {
            require(!over && before != Turn::client && code.has_value(), "relays requests in turn");
            require(code != AuthenticationCode::ok, "knows the end of the login");
            if (code == AuthenticationCode::sasl) {
                check_offer(message, to_client->bytes);
            } else {
                require(to_client->bytes == encode(message), "relays requests unchanged");
            }
        } else if (const auto* authenticated = std::get_if<PassthroughLogin::Authenticated>(&step)) {
            require(!over && code == AuthenticationCode::ok, "lets in where the server does");
            require(authenticated->bytes == encode(message), "relays AuthenticationOk unchanged");
            over = true;
        } else if (const auto* refused = std::get_if<PassthroughLogin::Refused>(&step)) {
            require(!over && message.type == 'E' && refused->bytes == encode(message),
                    "relays errors unchanged");
            require(fuzzing::is_harmless_line(refused->reason), "a harmless line for the log");
            over = true;
        } else if (const auto* failed = std::get_if<PassthroughLogin::Failed>(&step)) {
            check_failure(*failed);
        } else {
            require(!over && (message.type == 'N' || message.type == 'v'), "keeps notices back");
        }
    }

    void check_client(const Message& message, const PassthroughLogin::ClientStep& step, Turn before) {
        if (const auto* failed = std::get_if<PassthroughLogin::Failed>(&step)) {
            check_failure(*failed);
            return;
        }
        require(!over && before != Turn::server && message.type == 'p', "relays passwords in turn");
        require(std::get<PassthroughLogin::ToServer>(step).bytes.reveal() == encode(message),
                "relays passwords unchanged");
        if (!std::exchange(offered, false)) return;
        const auto response = parse_sasl_initial_response(message.body);
        require(response.has_value(), "relays a choice that it understands");
        if (!withheld) return;
        require(response->mechanism != plus, "no binding to a channel that ends here");
        const bool scram = response->mechanism == "SCRAM-SHA-256" && response->data;
        require(!scram || (!response->data->starts_with("y") && !response->data->starts_with("p")),
                "nothing that the server would take for a downgrade");
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto stream = fuzzing::as_text(data, size);
    PassthroughLogin login;
    Watched watched;
    while (!stream.empty()) {
        const bool from_client = (stream[0] & 1) != 0;
        stream.remove_prefix(1);
        const auto message = fuzzing::take_message(stream);
        if (!message) break;
        const Turn before = login.turn();
        if (from_client) {
            watched.check_client(*message, login.on_client(*message), before);
        } else {
            watched.check_server(*message, login.on_server(*message), before);
        }
    }
    return 0;
}
