#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <utility>

#include "api/operations.hpp"
#include "api/problem.hpp"
#include "audit/heads.hpp"
#include "audit/proof/canonical_json.hpp"
#include "base/base64.hpp"
#include "base/ed25519.hpp"

namespace curfew::api {
namespace {

Error nothing_is_signed() {
    return {ErrorCode::not_found,
            "This node has no key to sign with; audit.signing_key_file in its configuration names one"};
}

Awaitable<Reply> show_key(AuditParts parts, Call) {
    if (parts.key == nullptr) co_return problem(nothing_is_signed());
    const std::string& key = parts.key->public_key();
    const boost::json::object body{{"node", parts.node},
                                   {"public_key", encode_base64(key)},
                                   {"pem", ed25519_public_pem(key)},
                                   {"fingerprint", parts.key->fingerprint()}};
    co_return json_response(http::status::ok, body);
}

Awaitable<Reply> show_head(AuditParts parts, Call) {
    if (parts.key == nullptr) co_return problem(nothing_is_signed());
    const audit::HeadSigner signer{parts.store, *parts.key, parts.clock, parts.node};
    auto signing = audit::sign_head(signer);
    const auto made = co_await std::move(signing);
    if (!made) co_return problem(made.error());
    co_return make_response(http::status::ok, "application/json", made->line + '\n');
}

}  // namespace

void add_audit_operations(Router& router, const AuditParts& parts) {
    router.add({http::verb::get, "/audit-key", {Access::person, {Scope::read}}},
               [parts](Call call) { return show_key(parts, std::move(call)); });
    router.add({http::verb::get, "/audit-heads/latest", {Access::auditor, {Scope::read}}},
               [parts](Call call) { return show_head(parts, std::move(call)); });
}

}  // namespace curfew::api
