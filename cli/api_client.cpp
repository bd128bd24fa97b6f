#include "cli/api_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/hex.hpp"
#include "base/percent_encoding.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/json_access.hpp"
#include "protocol/postgres/random_bytes.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 1000;  // the API's own bound

ExitCode exit_code_of(unsigned status) {
    switch (status) {
        case 400:
        case 413:
        case 422:
            return ExitCode::usage;
        case 401:
            return ExitCode::not_signed_in;
        case 403:
            return ExitCode::forbidden;
        case 404:
            return ExitCode::not_found;
        case 409:
        case 412:
            return ExitCode::conflict;
        case 429:
        case 503:
            return ExitCode::unreachable;
        default:
            return ExitCode::failed;
    }
}

// Each problem in a line of its own behind the sentence, unless the sentence says it already.
std::string problems_of(const json::value& document, const std::string& detail) {
    std::string text;
    for (const auto& problem : list_of(document, "problems")) {
        const auto what = text_of(problem, "detail");
        if (what.empty() || detail.find(what) != std::string::npos) continue;
        const auto member = text_of(problem, "member");
        text += fmt::format("\n  {}{}{}", member, member.empty() ? "" : ": ", what);
    }
    return text;
}

}  // namespace

ApiClient::ApiClient(Server server, HttpLimits limits) : server_{std::move(server)}, limits_{limits} {}

Outcome<Answer> ApiClient::get(const std::string& target) const {
    HttpRequest request;
    request.target = target;
    return send(std::move(request));
}

Outcome<Answer> ApiClient::get_all(const std::string& target, std::size_t at_most) const {
    const bool bounded = at_most != everything;
    const auto page_target =
        fmt::format("{}{}limit={}", target, target.find('?') == std::string::npos ? '?' : '&',
                    std::min(at_most, largest_page));
    auto first = get(page_target);
    if (!first || member_of(first->document, "next").is_null()) return first;
    json::array items = list_of(first->document, "items");
    json::value next = member_of(first->document, "next");
    while (next.is_string() && items.size() < at_most) {
        auto page = get(page_target + "&after=" + query_value(next.get_string()));
        if (!page) return page;
        for (const auto& item : list_of(page->document, "items"))
            items.push_back(item);
        next = member_of(page->document, "next");
    }
    if (bounded && items.size() > at_most) items.resize(at_most);
    first->document = json::object{{"items", std::move(items)}, {"next", std::move(next)}};
    first->text = json::serialize(first->document) + "\n";
    return first;
}

Outcome<Answer> ApiClient::post(const std::string& target, const json::object& body) const {
    HttpRequest request{"POST", target, json::serialize(body), "", ""};
    return send(std::move(request));
}

Outcome<Answer> ApiClient::create(const std::string& target, const json::object& body) const {
    HttpRequest request{"POST", target, json::serialize(body), new_idempotency_key(), ""};
    return send(std::move(request));
}

Outcome<Answer> ApiClient::put(const std::string& target, const json::object& body,
                               const std::string& etag) const {
    HttpRequest request{"PUT", target, json::serialize(body), "", etag};
    return send(std::move(request));
}

Outcome<Answer> ApiClient::remove(const std::string& target, const std::string& etag) const {
    HttpRequest request{"DELETE", target, std::nullopt, "", etag};
    return send(std::move(request));
}

Outcome<Answer> ApiClient::send(HttpRequest request) const {
    request.target.insert(0, api_prefix);
    auto response = exchange(server_, request, limits_);
    if (!response) return response.error();
    if (response->status < 200 || response->status >= 300) {
        return answer_failure(response->status, response->body);
    }
    Answer answer;
    answer.status = response->status;
    answer.text = std::move(response->body);
    answer.etag = std::move(response->etag);
    if (answer.status == 204) return answer;
    json::error_code error;
    answer.document = json::parse(answer.text, error);
    if (error) {
        return Failure{
            ExitCode::failed,
            fmt::format("What answers at {} is not curfewd: its answer is not JSON", server_.name())};
    }
    if (!answer.text.ends_with('\n')) answer.text += '\n';
    return answer;
}

std::string path_segment(std::string_view text) {
    // An empty segment would name another path.
    return text.empty() ? "-" : encode_segment(text);
}

std::string query_value(std::string_view text) {
    return encode_segment(text);
}

std::string new_idempotency_key() {
    std::array<unsigned char, 16> random{};
    postgres::system_random(random);
    return to_hex(random);
}

Failure answer_failure(unsigned status, std::string_view body) {
    json::error_code error;
    const auto document = json::parse(body, error);
    const auto detail = error ? std::string{} : lines_of(document, "detail");
    auto message = detail.empty() ? fmt::format("curfewd answered {}: {}", status, printable(body))
                                  : with_local_times(detail) + problems_of(document, detail);
    if (status == 401) message += "\nSign in: curfew login";
    return {exit_code_of(status), std::move(message)};
}

}  // namespace curfew::cli
