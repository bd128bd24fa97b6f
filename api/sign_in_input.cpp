#include "api/sign_in_input.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

#include "api/json_input.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

constexpr std::size_t longest_password = 1000;
constexpr std::size_t longest_token_name = 100;
constexpr std::size_t longest_link_code = 200;
constexpr std::size_t longest_device_code = 4000;  // the provider's own is sealed in it

// How a token is listed whose maker does not say.
constexpr std::string_view usual_token_name = "sign-in";

Secret required_secret(ObjectReader& reader, std::string_view name, std::size_t longest) {
    return Secret{reader.required_text(name, longest)};
}

std::string read_token_name(ObjectReader& reader) {
    auto name = reader.optional_text("token_name", longest_token_name);
    return name.empty() ? std::string{usual_token_name} : name;
}

SignInForm read_form(ObjectReader& reader) {
    auto token_name = read_token_name(reader);
    const auto as = reader.optional_text("as", longest_name);
    if (as == "token") return {std::move(token_name)};
    if (!as.empty() && as != "cookie") reader.add_problem("as", "'as' must be cookie or token");
    return {};
}

}  // namespace

Result<PasswordSignIn> read_password_sign_in(const Request& request) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    PasswordSignIn sign_in;
    sign_in.user = reader->required_text("user", longest_name);
    sign_in.password = required_secret(*reader, "password", longest_password);
    sign_in.form = read_form(*reader);
    if (auto error = reader->error()) return *error;
    return sign_in;
}

Result<OneTimeSignIn> read_one_time_sign_in(const Request& request) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    OneTimeSignIn sign_in;
    sign_in.code = required_secret(*reader, "code", longest_link_code);
    sign_in.user = reader->optional_text("user", longest_name);
    sign_in.password = required_secret(*reader, "password", longest_password);
    sign_in.form = read_form(*reader);
    if (auto error = reader->error()) return *error;
    return sign_in;
}

Result<DevicePoll> read_device_poll(const Request& request) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    DevicePoll poll;
    poll.device_code = reader->required_text("device_code", longest_device_code);
    poll.form.token_name = read_token_name(*reader);
    if (auto error = reader->error()) return *error;
    return poll;
}

Result<PasswordChange> read_password_change(const Request& request) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    PasswordChange change;
    change.current = required_secret(*reader, "current", longest_password);
    change.wanted = required_secret(*reader, "new", longest_password);
    if (auto error = reader->error()) return *error;
    return change;
}

Result<identity::TokenWish> read_new_token(const Request& request) {
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    identity::TokenWish wish;
    wish.name = reader->required_text("name", longest_token_name);
    for (const auto& name : reader->required_texts("scopes")) {
        if (const auto scope = identity::parse_scope(name)) {
            wish.scopes.add(*scope);
        } else {
            reader->add_problem("scopes", fmt::format("'{}' is no scope; there are: {}", printable(name, 40),
                                                      identity::to_string(identity::Scopes::all())));
        }
    }
    wish.lifetime = reader->required_duration("expires_in");
    if (auto error = reader->error()) return *error;
    return wish;
}

}  // namespace curfew::api
