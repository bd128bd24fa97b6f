// A way in for the node itself: by it a script that was approved comes to PostgreSQL in a session like any
// other.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "pq/connection.hpp"

namespace curfew::proxy {

// As whom a session is let in that the node itself opens: nobody is asked who they are.
struct ScriptEntry {
    GrantId grant;     // under this one, and no other
    std::string user;  // canonical name, of the grant's subject
    std::string resource;
    std::string database;
    std::string client;               // shown as the client's address: `script r-7k3mq9xd`
    std::function<void()> over = {};  // called on any thread once the session is gone; may be empty
};

// A Unix socket in a directory that only this user may look into. It lets in one connection, of this very
// process, and is gone then. Belongs to its executor's thread.
class ScriptDoor {
public:
    // Owns the connected socket from the call on. `over` is to be called, on any thread, once the session on
    // it is gone.
    using LetIn = std::function<void(int descriptor, std::function<void()> over)>;

    // unavailable: no directory, or no socket, could be made.
    static Result<ScriptDoor> open(boost::asio::any_io_executor executor, LetIn let_in);
    // Closes it, and removes what there is of it on disk.
    ~ScriptDoor();
    ScriptDoor(ScriptDoor&&) noexcept = default;
    ScriptDoor& operator=(ScriptDoor&&) noexcept;

    // Returns once the session of the one who was let in is gone, and at the latest after `at_most`.
    boost::asio::awaitable<void> session_over(Duration at_most);

    // What leads libpq here. It names neither user nor database: those are settled.
    pq::Parameters way_in() const;

private:
    struct Inside;
    explicit ScriptDoor(std::shared_ptr<Inside> inside) : inside_{std::move(inside)} {}

    std::shared_ptr<Inside> inside_;
};

}  // namespace curfew::proxy
