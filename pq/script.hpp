// What comes back of a text that is run as it stands, piece by piece.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace curfew::pq {

// The server's refusal of a statement.
struct ScriptError {
    std::string severity;  // `ERROR`, or `FATAL`, after which the connection is gone
    std::string sqlstate;
    std::string message;  // primary
    std::string detail;   // these two may be empty
    std::string hint;
    int position = 0;  // of the offending place in what was sent, in characters from 1; 0: not told
};

// Told in the order in which it comes. What it is given is valid during the call, and as the server sent it.
class ScriptReceiver {
public:
    using Value = std::optional<std::string_view>;  // nullopt: NULL

    virtual ~ScriptReceiver() = default;

    // A statement that returns rows: their columns. Its rows follow.
    virtual void columns(std::span<const std::string_view> names) = 0;
    virtual void row(std::span<const Value> values) = 0;
    // A piece of what COPY TO STDOUT sends: a line, or bytes in its binary form.
    virtual void copied(std::string_view data) = 0;
    // A statement is over: `INSERT 0 1`; empty: there was nothing in it.
    virtual void completed(std::string_view tag) = 0;
    virtual void failed(const ScriptError& error) = 0;
    // `NOTICE:  table "t" does not exist, skipping`
    virtual void noticed(std::string_view severity, std::string_view message) = 0;
};

}  // namespace curfew::pq
