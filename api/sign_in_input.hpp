// What people send to sign in, and to make tokens.
#pragma once

#include <optional>
#include <string>

#include "api/http_types.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "identity/access_tokens.hpp"

namespace curfew::api {

// What a sign-in is to give.
struct SignInForm {
    // Absent: a cookie, for the page. Present: a token of this name, for a program.
    std::optional<std::string> token_name;
};

// {user, password, as?, token_name?}.
struct PasswordSignIn {
    std::string user;
    Secret password;
    SignInForm form;
};
Result<PasswordSignIn> read_password_sign_in(const Request& request);

// {code, user?, password, as?, token_name?}.
struct OneTimeSignIn {
    Secret code;
    std::string user;  // empty: not given
    Secret password;
    SignInForm form;
};
Result<OneTimeSignIn> read_one_time_sign_in(const Request& request);

// {device_code, token_name?}.
struct DevicePoll {
    std::string device_code;
    SignInForm form;  // a token
};
Result<DevicePoll> read_device_poll(const Request& request);

// {current, new}.
struct PasswordChange {
    Secret current;
    Secret wanted;
};
Result<PasswordChange> read_password_change(const Request& request);

// {name, scopes, expires_in}.
Result<identity::TokenWish> read_new_token(const Request& request);

}  // namespace curfew::api
