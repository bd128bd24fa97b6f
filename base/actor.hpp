// Whose doing something is, for the record.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace curfew {

// A person by their canonical name, or what else they are recorded as; no name: nobody's doing. A name alone
// is an actor, of whom it is not known where from.
struct Actor {
    Actor() = default;
    // NOLINTBEGIN(google-explicit-constructor)
    Actor(std::string who, std::string where = {}) : name{std::move(who)}, from{std::move(where)} {}
    Actor(std::string_view who) : name{who} {}
    Actor(const char* who) : name{who} {}
    // NOLINTEND(google-explicit-constructor)

    std::string name;
    // How they came, and from which address: `page 203.0.113.7`, `token 203.0.113.7`, `socket`, `slack`.
    // Empty: Curfew itself, or not known.
    std::string from;

    bool operator==(const Actor&) const = default;
};

}  // namespace curfew
