#include "commands_fixture.hpp"

#include <chrono>
#include <utility>

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* with_a_rule_for_commands = R"(rules:
  commands:
    resources: [prod]
    types: [command]
    required_groups: [developers]
    approval_groups: [dba]
    allowed_statements: { select: [public.orders] }
)";

workflow::Commands::Parts parts(boost::asio::io_context& context, const Clock& clock, store::Store& store,
                                workflow::Enforcement& node, workflow::Desk& desk) {
    return {context.get_executor(), clock, store, node, desk, [](const policy::RequestId& id) {
                return "https://curfew.test/requests/" + id.text();
            }};
}

policy::Command command(policy::CommandForm form, const std::string& sql) {
    policy::Command command;
    command.form = form;
    command.database = "app";
    command.statements.push_back({sql, {}});
    return command;
}

}  // namespace

CommandNode::CommandNode(boost::asio::io_context& context_, const Clock& clock, store::Store& store,
                         workflow::Registry& registry_)
    : context{context_},
      registry{registry_},
      desk{store, node, clock, [this] { return registry.rulebook(); }},
      commands{parts(context, clock, store, node, desk)} {
    commands.use(registry.rulebook());
    desk.when_changed(
        [this](const workflow::ChangedRequests& changed) { commands.requests_changed(changed); });
    commands.when_script_may_run([this](const policy::Request& script) { scripts.push_back(script.id); });
}

CommandNode::~CommandNode() {
    commands.stop();
    if (running_) finish(context, *running_);
    finish(context, commands.finish());
}

CommandsTest::CommandsTest() {
    declare(replaced(declared, "rules:\n", with_a_rule_for_commands)).value();
    here.emplace(context, clock, *store, *registry);
    registry->when_rulebook_changed(
        [this](const workflow::RulebookPtr& rulebook) { here->commands.use(rulebook); });
    registry->when_requests_changed(
        [this](const workflow::ChangedRequests& changed) { here->commands.requests_changed(changed); });
}

CommandsTest::~CommandsTest() {
    registry->when_rulebook_changed({});
    registry->when_requests_changed({});
}

policy::Command CommandsTest::update() {
    policy::Command one = command(policy::CommandForm::query, "UPDATE orders SET paid = true WHERE id = 7");
    one.session = SessionId::parse("s-7k3mq9xd");
    return one;
}

policy::Command CommandsTest::script() {
    return command(policy::CommandForm::script, "DELETE FROM sessions;");
}

policy::RequestId CommandsTest::ask_for(policy::Command command, const std::string& user) {
    return await(here->commands.ask(user, "prod", std::move(command))).value().request;
}

bool CommandsTest::soon(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        context.restart();
        context.run_one_for(10ms);
    }
    return true;
}

SessionId CommandsTest::begin_session(const GrantId& grant) {
    store::SessionRecord session;
    session.id = SessionId::generate();
    session.grant = grant;
    session.user = "alice";
    session.resource = "prod";
    session.database = "app";
    session.node = "db1";
    session.started_at = clock.wall_now();
    const SessionId id = session.id;
    await(store->session_started(std::move(session))).value();
    return id;
}

}  // namespace curfew::test
