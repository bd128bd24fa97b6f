// A session by command: decides of each unit of its client whether it runs at once, and has the others
// approved.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "metrics/metrics.hpp"
#include "policy/grant.hpp"
#include "protocol/postgres/startup.hpp"
#include "proxy/client_settings.hpp"
#include "proxy/command_desk.hpp"
#include "proxy/command_judge.hpp"
#include "proxy/event.hpp"
#include "proxy/unit_reading.hpp"
#include "proxy/way_back.hpp"

namespace curfew::proxy {

// Belongs to the session's thread. What the desk does for it goes on when it is gone: a request that nobody
// waits for is withdrawn, and of a command that was to run and did not, the desk is told so.
class SessionCommands final : public CommandJudge {
public:
    struct Means {
        boost::asio::any_io_executor executor;  // the session's
        CommandDesk& desk;
        const Clock& clock;
        metrics::ResourceMetrics& metrics;
        std::function<void(std::string_view)> tell_client;  // a whole message
        std::function<void()> changed;                      // waiting_for() did
    };
    struct Who {
        SessionId session;
        std::string user;
        std::string database;
        policy::Grant grant;
    };

    SessionCommands(Means means, Who who, const postgres::StartupMessage& startup);
    ~SessionCommands() override;
    SessionCommands(const SessionCommands&) = delete;
    SessionCommands& operator=(const SessionCommands&) = delete;

    // A ParameterStatus at the start.
    void reported(std::string_view name, std::string_view value) { settings_.reported(name, value); }
    // The NOTICE that the session begins with. nullopt: no rule lets its user ask any more.
    std::optional<std::string> banner() const;

    boost::asio::awaitable<Verdict> judge(postgres::HeldUnit unit) override;
    void interrupt() override;
    void ran(postgres::UnitOutcome outcome) override;

    // The client wants what it sent last to be cancelled. True: it was held here, and is refused. False: it
    // is PostgreSQL's to cancel.
    bool cancel();
    // The request whose decision the client waits for.
    const std::optional<RequestId>& waiting_for() const noexcept { return waiting_for_; }

    // Nothing is judged any more. Returns once the desk has been told all of it, or `at_most` has passed.
    boost::asio::awaitable<void> settle(Duration at_most);

private:
    struct Asked;
    struct Errands;

    static boost::asio::awaitable<void> errand(boost::asio::awaitable<void> task,
                                               std::shared_ptr<Errands> errands);
    static void send_out(const std::shared_ptr<Errands>& errands, boost::asio::awaitable<void> task);
    static boost::asio::awaitable<void> see_through(std::shared_ptr<Asked> asked,
                                                    std::shared_ptr<Errands> errands, std::string user,
                                                    std::string resource, policy::Command command);
    static boost::asio::awaitable<void> withdraw(std::shared_ptr<Asked> asked,
                                                 std::shared_ptr<Errands> errands, std::string why);
    static void take_answer(const std::shared_ptr<Asked>& asked, const std::shared_ptr<Errands>& errands,
                            CommandDesk::Answer answer);

    boost::asio::awaitable<Verdict> have_approved(policy::Command command);
    Verdict conclude(const std::shared_ptr<Asked>& asked);
    Verdict give_up(const std::shared_ptr<Asked>& asked);
    Verdict refuse(std::string error, std::string_view why);
    void now_waits_for(std::optional<RequestId> request);
    bool given_up() const noexcept { return interrupted_ || cancelled_; }

    const Means means_;
    const Who who_;
    ClientSettings settings_;
    const std::shared_ptr<Event> wake_;
    const std::shared_ptr<Errands> errands_;  // at the desk

    bool holding_ = false;  // a unit waits
    bool cancelled_ = false;
    bool interrupted_ = false;
    std::optional<RequestId> waiting_for_;
    std::optional<RequestId> running_;  // by which the unit passed that passed last
};

}  // namespace curfew::proxy
