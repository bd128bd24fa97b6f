// Who decides about each unit that a client sends in a session by command.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "protocol/postgres/held_unit.hpp"

namespace curfew::proxy {

// Belongs to the session's thread. What is decided, one unit after the other, is handed to it by the relay,
// which reads on meanwhile only to notice that the client leaves.
class CommandJudge {
public:
    struct Verdict {
        bool pass = false;
        // Of what passes: it may make, replace or drop prepared statements in SQL, so that from here on a
        // name may stand for another text than the Parse messages said.
        bool changes_prepared = false;
        std::string refusal;  // else an ErrorResponse, which the client is told in PostgreSQL's place
    };

    virtual ~CommandJudge() = default;

    // Everything that was asked before has been answered, so that messages may be put between PostgreSQL's.
    // Returns at once for what may run without asking; else when it is decided, or interrupt() was called.
    virtual boost::asio::awaitable<Verdict> judge(postgres::HeldUnit unit) = 0;
    // The client has left, or the session ends: judge() returns soon, and nothing passes any more that would
    // have to be asked for. May be called again.
    virtual void interrupt() = 0;
    // What became of the last unit that passed. Called once for each, also where PostgreSQL or the session
    // ended before it was answered.
    virtual void ran(postgres::UnitOutcome outcome) = 0;
};

}  // namespace curfew::proxy
