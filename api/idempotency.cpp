#include "api/idempotency.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/problem.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

constexpr std::string_view key_header = "Idempotency-Key";

// Headers of an answer that belong to what it says.
constexpr auto kept_headers = {http::field::content_type, http::field::location, http::field::etag};

bool is_key(std::string_view text) {
    return !text.empty() && text.size() <= store::longest_idempotency_key &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

store::IdempotentRequest record_of(const Call& call, std::string_view key) {
    store::IdempotentRequest record;
    record.actor = call.actor();
    record.key = key;
    record.method = http::to_string(call.request.method());
    record.path = view_of(call.request.target());
    record.body_hash = sha256(call.request.body());
    return record;
}

// A secret is shown once and kept nowhere.
std::string without_secret(const std::string& body) {
    json::error_code error;
    auto document = json::parse(body, error);
    if (error || !document.is_object() || !document.get_object().contains("secret")) return body;
    document.get_object()["secret"] = nullptr;
    return json::serialize(document) + "\n";
}

std::string text_of(const Response& response) {
    json::object headers;
    for (const auto name : kept_headers) {
        if (response.count(name) == 1) headers[http::to_string(name)] = response[name];
    }
    return json::serialize(
        json::object{{"headers", std::move(headers)}, {"body", without_secret(response.body())}});
}

// nullopt: too long to have been kept whole.
std::optional<Response> response_of(const store::IdempotentAnswer& answer) {
    json::error_code error;
    const auto kept = json::parse(answer.body, error);
    if (error || !kept.is_object()) return std::nullopt;
    Response response{static_cast<http::status>(answer.status), 11};
    for (const auto& [name, value] : kept.at("headers").as_object())
        response.set(name, value.as_string());
    response.body() = kept.at("body").as_string();
    return response;
}

Response done_already(const store::IdempotentAnswer& answer) {
    if (auto response = response_of(answer)) return std::move(*response);
    return problem(Error{ErrorCode::conflict, "This was done already; its answer was too long to be kept"});
}

}  // namespace

Awaitable<Reply> Idempotency::once(Call call, Router::Handler handler) const {
    const auto keys = call.request.equal_range(key_header);
    if (keys.first == keys.second) {
        auto answering = handler(std::move(call));
        Reply reply = co_await std::move(answering);
        co_return reply;
    }
    const std::string key{view_of(keys.first->value())};
    if (std::next(keys.first) != keys.second || !is_key(key)) {
        co_return problem(Error{ErrorCode::invalid,
                                "Idempotency-Key must stand there once, with 1 to 255 "
                                "visible ASCII characters"});
    }
    auto record = record_of(call, key);
    auto beginning = begin(std::move(record), std::move(call), std::move(handler));
    Reply reply = co_await std::move(beginning);
    co_return reply;
}

Awaitable<Reply> Idempotency::begin(store::IdempotentRequest request, Call call,
                                    Router::Handler handler) const {
    const auto actor = request.actor;
    const auto key = request.key;
    auto asking = store_.begin_idempotent(std::move(request));
    const auto earlier = co_await std::move(asking);
    if (!earlier) co_return problem(earlier.error());
    if (*earlier) co_return done_already(**earlier);

    auto answering = handler(std::move(call));
    Reply reply = co_await std::move(answering);
    const auto& response = std::get<Response>(reply);
    const auto kind = http::to_status_class(response.result());
    // After an error of the server's nobody knows whether it was done: the key stays taken, and says so.
    if (kind == http::status_class::server_error) co_return reply;
    Result<void> kept;
    if (kind == http::status_class::client_error) {
        auto abandoning = store_.abandon_idempotent(actor, key);
        kept = co_await std::move(abandoning);
    } else {
        store::IdempotentAnswer answer{response.result_int(), text_of(response)};
        auto finishing = store_.finish_idempotent(actor, key, std::move(answer));
        kept = co_await std::move(finishing);
    }
    if (!kept) log::warning("api.answer_not_kept", {{"actor", actor}, {"error", kept.error().message}});
    co_return reply;
}

}  // namespace curfew::api
