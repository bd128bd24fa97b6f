// What a script answered, as much of it as is kept with its request.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "policy/command.hpp"
#include "pq/script.hpp"

namespace curfew::execution {

// Takes what comes back of a script, and keeps CommandResult::longest_output of it: whole rows and notices,
// from the first on. All rows are counted, and the error is kept, whatever else is. What is not UTF-8 is kept
// with its bytes as `\xNN`.
class ScriptAnswer final : public pq::ScriptReceiver {
public:
    // `script`: what was sent, to say where in it something is. Valid as long as this.
    explicit ScriptAnswer(std::string_view script) : script_{script} {}

    void columns(std::span<const std::string_view> names) override;
    void row(std::span<const Value> values) override;
    void copied(std::string_view data) override;
    void completed(std::string_view tag) override;
    void failed(const pq::ScriptError& error) override;
    void noticed(std::string_view severity, std::string_view message) override;

    // All that the script printed has come, and PostgreSQL is ready for more.
    policy::CommandResult when_over(WallInstant now) &&;
    // The connection was lost before: `why`.
    policy::CommandResult when_lost(std::string_view why, WallInstant now) &&;

private:
    // What a statement, a row or a value costs beside its text, as it is written down.
    static constexpr std::size_t statement_cost = 64;
    static constexpr std::size_t value_cost = 8;

    // Whether this much more is kept; from the first that is not, nothing is.
    bool take(std::size_t bytes);
    policy::CommandResult::Part& present();
    std::string describe(const pq::ScriptError& error) const;

    std::string_view script_;
    policy::CommandResult result_;
    policy::CommandResult::Part part_;  // of the statement that is under way
    std::size_t kept_ = 0;
    bool part_began_ = false;
    bool part_is_kept_ = false;
    bool backend_ended_ = false;
};

}  // namespace curfew::execution
