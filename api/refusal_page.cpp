#include "api/refusal_page.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "base/base64.hpp"
#include "base/sha256.hpp"

namespace curfew::api {
namespace {

constexpr std::string_view style =
    "body{margin:0;padding:12vh 20px;font:16px/1.5 system-ui,sans-serif;color:#18202b;background:#f5f6f8}"
    "main{max-width:560px;margin:auto;overflow-wrap:anywhere}h1{font-size:1.4rem}p{white-space:pre-line}"
    "a{color:#1f5fbf}@media(prefers-color-scheme:dark){body{color:#e5eaf1;background:#0f141b}a{color:#82b4ff}"
    "}";

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            default:
                html += c;
        }
    }
    return html;
}

// The one style that it has, and nothing else.
const std::string& policy() {
    static const std::string text = fmt::format(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors "
        "'none'",
        encode_base64(digest_bytes(sha256(style))));
    return text;
}

std::string_view next_step(http::status status, std::string_view target) {
    if (status == http::status::misdirected_request) return "";  // a link would lead back here
    if (target.find("/sign-in") != std::string_view::npos)
        return R"(<p><a href="/sign-in">Back to signing in</a></p>)";
    return R"(<p><a href="/">Go to the page</a></p>)";
}

}  // namespace

bool is_problem(const Response& response) {
    return view_of(response[http::field::content_type]) == "application/problem+json";
}

Response refusal_page(Response refusal, std::string_view target) {
    const auto problem = boost::json::parse(refusal.body());
    const auto text_of = [&](std::string_view member) {
        const auto& text = problem.at(member).as_string();
        return escaped({text.data(), text.size()});
    };
    refusal.body() = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width,initial-scale=1\"><title>{0} · Curfew</title><style>{1}</style></head>"
        "<body><main><h1>{0}</h1><p>{2}</p>{3}</main></body></html>\n",
        text_of("title"), style, text_of("detail"), next_step(refusal.result(), target));
    refusal.set(http::field::content_type, "text/html; charset=utf-8");
    refusal.set("Content-Security-Policy", policy());
    return refusal;
}

}  // namespace curfew::api
