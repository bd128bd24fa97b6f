// A certified OpenID provider (the npm package oidc-provider) on the loopback, over TLS.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "http/fetch.hpp"
#include "support/process.hpp"
#include "support/test_ca.hpp"

namespace curfew::test {

class RunningProvider {
public:
    // Where it sends people back to, if nothing else is said; nobody needs to be there.
    static constexpr std::string_view redirect_uri = "https://curfew.example/api/v1/sign-in/oidc/callback";
    static constexpr std::string_view client_secret = "a secret: with % and + in it";

    // Throws if it does not begin to serve.
    explicit RunningProvider(std::string_view back_to = redirect_uri);

    const std::string& issuer() const noexcept { return issuer_; }
    const std::filesystem::path& root_certificate() const noexcept { return ca_.certificate(); }

    // From now on it signs with other keys, and publishes the old ones no more.
    void rotate_keys();
    // How often `path` has been asked for.
    int asked(std::string_view path);

private:
    http::Response ask(const std::string& path, bool post);

    TestCa ca_;
    CertificateFiles certificate_ = ca_.issue_server();
    Process process_;
    std::string issuer_;
};

}  // namespace curfew::test
