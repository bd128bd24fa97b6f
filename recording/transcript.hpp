// Turns what passes between a client and PostgreSQL into the entries of a recording.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "protocol/postgres/message_tap.hpp"
#include "recording/entry.hpp"
#include "recording/redaction.hpp"

namespace curfew::recording {

// One session's. Fed with the pieces of both directions in the order in which Curfew saw them, a request
// before its answer; does no I/O. What it holds is bounded, whatever comes: one message each way, as far as
// the tap hands it on, and what was prepared and is not answered yet.
class Transcript {
public:
    enum class From : std::uint8_t { client, server };
    using Write = std::function<void(Entry&&)>;

    // `began` is what offsets count from. `write` is called with each entry, in their order, from within the
    // members below; it must not call them.
    Transcript(std::shared_ptr<const Redactor> redactor, BootInstant began, Write write);
    ~Transcript();
    Transcript(Transcript&&) noexcept;
    Transcript& operator=(Transcript&&) = delete;

    // First.
    void started(entry::Started facts);
    void take(From from, const postgres::TappedPiece& piece, BootInstant at);
    // Curfew told the client something of its own.
    void said(std::string_view severity, std::string_view sqlstate, std::string_view message, BootInstant at);
    void cancel_asked(BootInstant at);
    // Something of the session was not taken. What it said of names and requests is not known either: from
    // here on whatever may be meant by a rule of redaction is left out.
    void missed(std::string what, std::uint64_t bytes, BootInstant at);
    // Entries that were made of what was taken did not come to be written.
    void unwritten(std::string what, BootInstant at);
    // Last. Where `ending` has no last statement, last_statement() is filled in.
    void ended(entry::Ended ending, BootInstant at);

    // What PostgreSQL is doing for the client.
    struct Running {
        std::string statement;  // redacted, and cut at longest_shown
        BootInstant since{};
    };
    std::optional<Running> running() const;
    // What the client asked for last: its SQL, redacted, and cut at longest_shown. Empty: nothing yet.
    const std::string& last_statement() const noexcept;

    static constexpr std::size_t longest_shown = 4096;  // bytes

private:
    class Machine;
    std::unique_ptr<Machine> machine_;
};

}  // namespace curfew::recording
