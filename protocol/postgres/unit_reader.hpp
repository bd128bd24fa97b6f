// What a unit would execute, found out before PostgreSQL is given it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/postgres/held_unit.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/prepared_objects.hpp"

namespace curfew::postgres {

// What PostgreSQL is to answer, message by message.
struct AwaitedAnswer {
    enum class To : std::uint8_t {
        query,  // anything, and ReadyForQuery
        function,
        parse,
        bind,
        describe,
        execute,
        close_statement,
        close_portal,
        sync,
    };
    To to = To::query;
    std::string name;                                    // of what is prepared, bound or closed
    std::shared_ptr<const PreparedStatement> statement;  // that the name will stand for, of a Parse
    std::shared_ptr<const BoundPortal> portal;           // the same of a Bind
};

// How much a session by command may hold, in bytes if nothing else is said.
struct CommandLimits {
    std::size_t unit_bytes = (1U << 20U) + (64U << 10U);  // of the messages of a unit
    // Of the texts and values that somebody would have to read; each value counts 8 bytes more.
    std::size_t command_bytes = 1U << 20U;
    std::size_t names = 4096;  // prepared statements and portals
    std::size_t remembered_bytes = 8U << 20U;
};

struct ReadUnit {
    HeldUnit unit;
    std::vector<AwaitedAnswer> awaited;
};

// `messages`: those of a unit, whole. `objects`: as they are when it comes to PostgreSQL. A Report where it
// may not come there: malformed (08P01), too much (54000), or of something that nobody has seen the text of
// (26000, 34000).
std::variant<ReadUnit, Report> read_unit(std::string_view messages, const PreparedObjects& objects,
                                         const CommandLimits& limits);

}  // namespace curfew::postgres
