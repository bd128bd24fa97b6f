// What a client asks for: readers of its messages. Names as in PostgreSQL's "Message Formats". Each takes a
// body of which perhaps only the beginning is there, says what that holds, and returns nullopt for whatever
// is malformed. What is returned is valid as long as the body.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/postgres/body_part.hpp"

namespace curfew::postgres {

struct QueryMessage {
    std::string_view sql;
    std::uint64_t size = 0;  // of the SQL; more than sql.size() where the body was cut
};
std::optional<QueryMessage> parse_query(BodyPart body);

struct ParseMessage {
    std::string_view statement;
    std::string_view sql;
    std::uint64_t size = 0;  // at most, where the body was cut: what follows may be object ids of types
    std::vector<std::uint32_t> parameter_types;
};
std::optional<ParseMessage> parse_parse(BodyPart body);

// In which form values come: one for all, or one for each.
class Formats {
public:
    static constexpr std::uint16_t text = 0;
    static constexpr std::uint16_t binary = 1;

    Formats() = default;  // text
    explicit Formats(std::vector<std::uint16_t> codes) : codes_{std::move(codes)} {}

    // Whether so many values can have these.
    bool fit(std::size_t values) const noexcept { return codes_.size() <= 1 || codes_.size() == values; }
    bool binary_at(std::size_t index) const noexcept {
        if (codes_.empty()) return false;
        if (codes_.size() == 1) return codes_[0] != text;
        return index >= codes_.size() || codes_[index] != text;
    }
    // Of those that are not known: whoever shows them takes nothing for text that is none.
    static Formats unknown() { return Formats{{binary}}; }
    std::size_t size() const noexcept { return codes_.size(); }

private:
    std::vector<std::uint16_t> codes_;
};

struct BindMessage {
    std::string_view portal;
    std::string_view statement;
    std::vector<WireValue> parameters;  // fewer than parameter_count where the body was cut
    std::size_t parameter_count = 0;
    Formats result_formats;  // unknown() where the body was cut
};
std::optional<BindMessage> parse_bind(BodyPart body);

struct ExecuteMessage {
    std::string_view portal;
    std::uint32_t max_rows = 0;  // 0: all
};
std::optional<ExecuteMessage> parse_execute(BodyPart body);

// Of a Close or a Describe.
struct NamedObject {
    char kind = 'S';  // a prepared statement, or a portal (`P`)
    std::string_view name;
};
std::optional<NamedObject> parse_named_object(BodyPart body);

struct FunctionCallMessage {
    std::uint32_t function = 0;  // its object id
    std::vector<WireValue> arguments;
    std::size_t argument_count = 0;
};
std::optional<FunctionCallMessage> parse_function_call(BodyPart body);

// The reason.
std::optional<std::string_view> parse_copy_fail(BodyPart body);

}  // namespace curfew::postgres
