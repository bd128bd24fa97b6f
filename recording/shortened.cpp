#include "recording/shortened.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/utf8.hpp"

namespace curfew::recording {
namespace {

std::vector<Value> shorter_values(const std::vector<Value>& values, std::size_t room) {
    const std::size_t each = room / std::max<std::size_t>(values.size(), 1);
    std::vector<Value> shorter;
    shorter.reserve(values.size());
    for (const Value& value : values) {
        const bool is_text = value.form == Value::Form::text;
        const auto kept =
            is_text ? whole_characters(value.bytes, each) : std::string_view{value.bytes}.substr(0, each);
        shorter.push_back({value.form, std::string{kept}, value.size});
    }
    return shorter;
}

// Only what may be long is not copied before it is short.
entry::Content shorter(const entry::Content& content, std::size_t room) {
    return std::visit(
        [room](const auto& it) -> entry::Content {
            using Kind = std::decay_t<decltype(it)>;
            if constexpr (std::is_same_v<Kind, entry::Query>) {
                return entry::Query{std::string{whole_characters(it.sql, room)}, it.size, it.redacted};
            } else if constexpr (std::is_same_v<Kind, entry::Parse>) {
                return entry::Parse{it.statement, std::string{whole_characters(it.sql, room)}, it.size,
                                    it.redacted, it.parameter_types};
            } else if constexpr (std::is_same_v<Kind, entry::Bind>) {
                return entry::Bind{it.portal, it.statement, shorter_values(it.parameters, room)};
            } else if constexpr (std::is_same_v<Kind, entry::FunctionCall>) {
                return entry::FunctionCall{it.function, shorter_values(it.arguments, room)};
            } else if constexpr (std::is_same_v<Kind, entry::Row>) {
                return entry::Row{shorter_values(it.values, room)};
            } else {
                return it;
            }
        },
        content);
}

}  // namespace

Entry shortened(const Entry& entry, std::size_t room) {
    return {entry.at, shorter(entry.content, room)};
}

}  // namespace curfew::recording
