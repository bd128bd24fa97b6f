// The objects that a configuration consists of, whether the file declares them or they were made live.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace curfew::config {

enum class ObjectKind { user, group, resource, rule };

std::string_view to_string(ObjectKind kind);  // `user`
std::optional<ObjectKind> parse_object_kind(std::string_view text);
// The section of the file that they stand in, and their collection in the API: `users`.
std::string_view section_of(ObjectKind kind);

struct ObjectName {
    ObjectKind kind = ObjectKind::user;
    std::string name;

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
    auto operator<=>(const ObjectName&) const = default;
};
std::string to_string(const ObjectName& object);  // `user 'alice'`

}  // namespace curfew::config
