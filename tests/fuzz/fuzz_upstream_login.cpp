// Any server against UpstreamLogin. The first byte says who may overhear (its last two bits, 3 as 2), whether
// the connection has a channel binding (4) and whether a password is configured (8); the rest is what the
// server sends.
//
// The password leaves in cleartext only where nobody overhears, and never into the log. A SCRAM exchange ends
// well only after the server's proof.
#include <optional>
#include <string>
#include <variant>

#include "fuzzing.hpp"
#include "login_fuzzing.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/upstream_login.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

constexpr std::string_view password = "pencil, and what else is on the table";

bool shows_password(std::string_view text) {
    return text.find(password) != std::string_view::npos;
}

struct Watched {
    Privacy privacy;
    bool has_password;
    bool over = false;
    bool in_scram = false;
    bool proven = false;

    void check(const Message& message, const UpstreamLogin::Step& step) {
        const auto code = message.type == 'R' ? authentication_code(message.body) : std::nullopt;
        if (const auto* send = std::get_if<UpstreamLogin::Send>(&step)) {
            require(!over && code.has_value(), "answers requests alone");
            require(has_password, "answers only with a password");
            require(send->bytes.reveal().front() == 'p', "sends passwords alone");
            const bool cleartext = code == AuthenticationCode::cleartext_password;
            require(shows_password(send->bytes.reveal()) == cleartext, "shows the password where asked to");
            require(!cleartext || privacy == Privacy::verified, "lets nobody overhear the password");
            if (code == AuthenticationCode::sasl) in_scram = true;
        } else if (std::holds_alternative<UpstreamLogin::Wait>(step)) {
            require(!over, "nothing after the end");
            require(message.type != 'E', "goes on after no error");
            if (code) {
                require(in_scram && code == AuthenticationCode::sasl_final, "waits for no request");
                proven = true;
            }
        } else if (std::holds_alternative<UpstreamLogin::Authenticated>(step)) {
            require(!over && code == AuthenticationCode::ok, "is in only where the server says so");
            require(!in_scram || proven, "is in only after the server's proof");
            over = true;
        } else {
            const auto& failed = std::get<UpstreamLogin::Failed>(step);
            require(fuzzing::is_harmless_line(failed.reason), "a harmless line for the log");
            require(!shows_password(failed.reason), "no password in the log");
            require(!failed.sqlstate || (message.type == 'E' && failed.sqlstate->size() == 5),
                    "an SQLSTATE where the server gave one");
            over = true;
        }
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Watched watched{static_cast<Privacy>(std::min(data[0] & 3U, 2U)), (data[0] & 8U) != 0};
    std::optional<ChannelBinding> binding;
    if ((data[0] & 4U) != 0) binding = ChannelBinding{"hash of the certificate"};
    std::optional<Secret> secret;
    if (watched.has_password) secret = Secret{std::string{password}};

    UpstreamLogin login{"alice", secret, binding, watched.privacy, fuzzing::known_bytes};
    auto stream = fuzzing::as_text(data + 1, size - 1);
    while (const auto message = fuzzing::take_message(stream)) {
        if (fuzzing::may_be_slow(message->body)) return 0;
        // The server cannot know it, and so cannot have it shown.
        if (shows_password(message->body)) return 0;
        watched.check(*message, login.on_message(*message));
    }
    return 0;
}
