#include "notify/slack/form.hpp"

#include <cstddef>
#include <optional>
#include <utility>

#include "base/percent_encoding.hpp"

namespace curfew::notify::slack {
namespace {

constexpr std::size_t most_fields = 64;

Error no_form(const char* why) {
    return {ErrorCode::invalid, why};
}

}  // namespace

Result<Form> parse_form(std::string_view body) {
    Form form;
    while (!body.empty()) {
        const auto end = body.find('&');
        const auto field = body.substr(0, end);
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        const auto equals = field.find('=');
        if (equals == std::string_view::npos) return no_form("A field of the form has no value");
        auto name = decode_query(field.substr(0, equals));
        auto value = decode_query(field.substr(equals + 1));
        if (!name || !value) return no_form("The form is not percent-encoded as it has to be");
        if (form.size() == most_fields) return no_form("The form has too many fields");
        if (!form.emplace(std::move(*name), std::move(*value)).second)
            return no_form("A field of the form stands there twice");
    }
    return form;
}

}  // namespace curfew::notify::slack
