// Commands over the desk's fixture: alice and bob ask for them on `prod`, carol and dave decide.
#pragma once

#include <functional>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "desk_fixture.hpp"
#include "workflow/commands.hpp"

namespace curfew::test {

// A node of its own over somebody's store.
class CommandNode {
public:
    using Answer = proxy::CommandDesk::Answer;

    CommandNode(boost::asio::io_context& context, const Clock& clock, store::Store& store,
                workflow::Registry& registry);
    ~CommandNode();

    boost::asio::io_context& context;
    NotedEnforcement node;
    workflow::Registry& registry;
    workflow::Desk desk;
    workflow::Commands commands;
    std::vector<policy::RequestId> scripts;  // that it was told may run
    // Begins what it was made for. To be ended by the destructor.
    void run() { running_ = start(context, commands.run()); }

private:
    std::optional<std::future<void>> running_;
};

class CommandsTest : public DeskTest {
protected:
    using Answer = proxy::CommandDesk::Answer;

    CommandsTest();
    ~CommandsTest() override;

    static policy::Command update();
    static policy::Command script();
    policy::RequestId ask_for(policy::Command command, const std::string& user = "alice");
    // Begun, not awaited.
    std::future<Answer> decision_on(const policy::RequestId& id) {
        return start(context, here->commands.decided(id));
    }
    Answer answer(std::future<Answer>& decision) { return finish(context, decision); }
    policy::Request look_up(const policy::RequestId& id) {
        return await(store->find_request(id)).value().request;
    }
    // Runs the loop until it is so.
    bool soon(const std::function<bool()>& condition);
    bool becomes(const policy::RequestId& id, policy::RequestStatus status) {
        return soon([&] { return look_up(id).status == status; });
    }
    // A session of alice's that is live in the store.
    SessionId begin_session(const GrantId& grant);

    std::optional<CommandNode> here;
};

}  // namespace curfew::test
