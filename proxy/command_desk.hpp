// What sessions by command need of those who decide: may this be asked, is it approved, what came of it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "policy/command.hpp"
#include "sql/allowed_statements.hpp"

namespace curfew::proxy {

// Implemented by those who keep requests. All but allowed_statements() is awaited on executor(). People are
// named as they log in.
class CommandDesk {
public:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    // A command that waits for its approval.
    struct Waiting {
        RequestId request;
        std::string url;     // where people see and decide it; empty: there is no page
        Duration at_most{};  // until nobody decides any more
    };
    struct Answer {
        // True: it is to run, now and once. It counts as run from here on, whatever becomes of it.
        bool run = false;
        std::string why;   // of a refusal, for the client: a whole sentence
        std::string hint;  // what to do next; may be empty
        // Of one that is to run: who approved it, in their order. Empty: it needed nobody.
        std::vector<std::string> approved_by = {};
    };

    virtual ~CommandDesk() = default;

    virtual boost::asio::any_io_executor executor() = 0;

    // What runs without asking: one list of each rule that applies, and each must allow it. nullopt: no rule
    // lets this user ask for commands on the resource (any more). Thread-safe, and quick.
    virtual std::optional<std::vector<sql::AllowedStatements>> allowed_statements(
        std::string_view user, std::string_view resource) const = 0;

    // The grant to connect by command, given now where there is none yet; every worker knows it when this
    // returns. forbidden: no rule lets this user ask.
    virtual Awaitable<Result<GrantId>> let_in(std::string user, std::string resource) = 0;

    // Makes the request. Errors say what the rules do not allow.
    virtual Awaitable<Result<Waiting>> ask(std::string user, std::string resource,
                                           policy::Command command) = 0;
    // Returns once it is decided, or withdrawn.
    virtual Awaitable<Answer> decided(RequestId request) = 0;
    // Nobody waits for it any more: the client has left or thought better of it, or its session ends.
    virtual Awaitable<void> withdraw(RequestId request, std::string why) = 0;
    // What came of one that was to run.
    virtual Awaitable<void> ran(RequestId request, policy::CommandResult result) = 0;
};

}  // namespace curfew::proxy
