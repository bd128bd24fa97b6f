#include "config/object_name.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"

namespace curfew::config {
namespace {

struct Words {
    ObjectKind kind;
    std::string_view one;
    std::string_view many;
};
constexpr std::array object_words{
    Words{ObjectKind::user, "user", "users"},
    Words{ObjectKind::group, "group", "groups"},
    Words{ObjectKind::resource, "resource", "resources"},
    Words{ObjectKind::rule, "rule", "rules"},
};

}  // namespace

std::string_view to_string(ObjectKind kind) {
    for (const auto& word : object_words) {
        if (word.kind == kind) return word.one;
    }
    return "unknown";
}

std::optional<ObjectKind> parse_object_kind(std::string_view text) {
    for (const auto& word : object_words) {
        if (word.one == text) return word.kind;
    }
    return std::nullopt;
}

std::string_view section_of(ObjectKind kind) {
    for (const auto& word : object_words) {
        if (word.kind == kind) return word.many;
    }
    return "unknown";
}

std::string to_string(const ObjectName& object) {
    return fmt::format("{} '{}'", to_string(object.kind), printable(object.name));
}

}  // namespace curfew::config
