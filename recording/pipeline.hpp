// What a client has asked for and PostgreSQL has not answered yet, and what its names stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "protocol/postgres/statement_messages.hpp"
#include "recording/name_book.hpp"
#include "recording/redaction.hpp"

namespace curfew::recording {

// A statement's text for people, redacted and short. Never null.
using ShownText = std::shared_ptr<const std::string>;

struct PreparedStatement {
    ShownText shown;
    RedactedParameters hidden;
    bool secret = false;  // something was taken out of its SQL

    std::size_t bytes() const { return sizeof *this + shown->size(); }
};

struct BoundPortal {
    std::string statement;                              // its name
    std::shared_ptr<const PreparedStatement> prepared;  // null: not known
    postgres::Formats result_formats;
    bool secret = false;  // something was taken out of its SQL or its parameters

    std::size_t bytes() const { return sizeof *this + statement.size() + 2 * result_formats.size(); }
};

struct Request {
    enum class Kind : std::uint8_t { query, parse, bind, describe, execute, close, function_call, sync };
    // What a name stood for before the request.
    struct Before {
        bool portal = false;  // else a statement
        std::string name;
        std::shared_ptr<const PreparedStatement> prepared;
        std::shared_ptr<const BoundPortal> bound;
    };

    Kind kind = Kind::sync;
    BootInstant at{};
    ShownText shown;  // of what runs something; null: it does not
    std::shared_ptr<const BoundPortal> portal;
    // What PostgreSQL answers may quote something that was taken out.
    bool secret = false;
    std::unique_ptr<Before> before;
    std::size_t cost = 0;  // of remembering it; the pipeline's

    bool runs() const noexcept {
        return kind == Kind::query || kind == Kind::execute || kind == Kind::function_call;
    }
};

// Follows PostgreSQL in what it answers next: in order, and after an error in the extended protocol nothing
// up to the next Sync. What names stood for before a request that failed or was skipped, they do again.
class Pipeline {
public:
    // As PostgreSQL does, it goes by the first longest_name bytes of a name.
    void parse(Request request, std::string_view statement,
               std::shared_ptr<const PreparedStatement> prepared);
    void bind(Request request, std::string_view portal, std::shared_ptr<const BoundPortal> bound);
    void close(Request request, const postgres::NamedObject& object);
    void ask(Request request);

    std::shared_ptr<const PreparedStatement> statement(std::string_view name) const;
    std::shared_ptr<const BoundPortal> portal(std::string_view name) const;

    // The next to be answered; null: none is known.
    const Request* front() const;
    // The one that runs, or will next.
    const Request* running() const;

    // There were too many requests to remember, and something was taken out of one of them.
    bool lost_a_secret() const noexcept { return lost_a_secret_; }

    // PostgreSQL has answered the front, if it is one of `kind`.
    void answered(Request::Kind kind);
    void failed();
    void ready();
    // COPY FROM STDIN began. Of the extended protocol's, it ignores what was sent before CopyDone.
    void copy_in_began();
    void copy_in_over() noexcept { copying_in_ = false; }
    // Something was missed: nothing is known of names and requests up to here.
    void forget() { *this = {}; }

    static constexpr std::size_t longest_name = 63;
    static constexpr std::size_t most_requests = 10'000;
    static constexpr std::size_t most_bytes_of_requests = std::size_t{8} << 20U;
    static constexpr std::size_t most_names = 10'000;
    static constexpr std::size_t most_bytes_of_names = std::size_t{4} << 20U;

private:
    // Whether PostgreSQL will look at it.
    bool heard(Request::Kind kind);
    void undo(const Request& request);
    void pop_front();
    void lose_track();
    void lose(const Request& request);

    NameBook<PreparedStatement> statements_{most_names, most_bytes_of_names};
    NameBook<BoundPortal> portals_{most_names, most_bytes_of_names};
    std::deque<Request> requests_;
    std::size_t bytes_ = 0;  // that requests_ cost
    std::uint64_t readies_due_ = 0;
    bool skipping_ = false;    // up to the next Sync
    bool copying_in_ = false;  // by the extended protocol
    bool lost_ = false;        // there were too many: nothing is known of them until all are answered
    bool lost_a_secret_ = false;
    bool lost_unsynced_ = false;  // what was lost last has no Sync behind it yet
};

}  // namespace curfew::recording
