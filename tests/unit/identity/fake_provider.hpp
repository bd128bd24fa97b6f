// An OpenID provider without a network: answers as one does, by real keys, and wrong where it is told to.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/fetch.hpp"
#include "token_signer.hpp"

namespace curfew::identity {

class FakeProvider final : public http::Fetch {
public:
    explicit FakeProvider(const Clock& clock);

    Result<http::Response> fetch(const http::Request& request) override;
    // How often `path` was asked for.
    int asked(std::string_view path) const;

    static constexpr const char* issuer = "https://id.example";
    boost::json::object metadata;
    TokenSigner signer{SignatureAlgorithm::es256};  // of the tokens
    std::string published_keys = signer.key_set();
    std::string nonce;                // into the next ID token; empty: none
    boost::json::object more_claims;  // into it as well
    boost::json::object userinfo{{"sub", "248289761001"}};
    std::string device_error = "authorization_pending";  // empty: the person has signed in
    bool away = false;
    http::Request last_token_request;

private:
    http::Response answer_token(const http::Request& request);
    boost::json::object claims() const;

    const Clock& clock_;
    std::map<std::string, int, std::less<>> asked_;
};

// The value of `name` in a query or form that is encoded; empty if it is not there.
std::string field(std::string_view encoded, std::string_view name);
std::string field(const http::Fields& fields, std::string_view name);

}  // namespace curfew::identity
