#include "desk_fixture.hpp"

#include <stdexcept>

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

// alice and bob ask, carol and dave (dba) and erin (security) decide, root administers.
constexpr const char* usual = R"(
listeners: [{ name: main, address: "127.0.0.1:0" }]
store: { path: /nowhere/curfew.db }
resources:
  prod: { host: 127.0.0.1, login: passthrough, tls: { sslmode: disable }, attributes: { env: prod } }
  managed:
    host: 127.0.0.1
    login: managed
    tls: { sslmode: disable }
    role: { user: app }
  uncovered: { host: 127.0.0.1, login: passthrough, tls: { sslmode: disable } }
users: { alice: { aliases: [al] }, bob: {}, carol: {}, dave: {}, erin: {}, root: {} }
groups:
  developers: [alice, bob]
  dba: [carol, dave]
  security: [erin]
  administrators: [root]
rules:
  prod:
    resources: [prod, managed]
    required_groups: [developers, dba]
    approval_groups: [dba]
    max_duration: 4h
)";

config::DeclaredResult read(const std::string& yaml) {
    return config::load_declared_text(yaml, "curfew.yaml", config::SystemEnvironment{});
}

}  // namespace

std::string replaced(std::string text, const std::string& old, const std::string& by) {
    const auto place = text.find(old);
    if (place == std::string::npos || text.find(old, place + 1) != std::string::npos)
        throw std::invalid_argument("is not there once: " + old);
    return text.replace(place, old.size(), by);
}

DeskTest::DeskTest()
    : store{store::SqliteStore::open(directory / "curfew.db", clock).value()}, declared{usual} {
    auto first = read(declared);
    if (const auto* problems = std::get_if<std::vector<config::Problem>>(&first))
        throw std::runtime_error(config::to_string(problems->front()));
    registry.emplace(context.get_executor(), *store, node, std::get<config::Declared>(std::move(first)),
                     [this] { return read(declared); });
    await(registry->begin()).value();
    desk.emplace(*store, node, clock, [this] { return registry->rulebook(); });
}

Result<void> DeskTest::declare(const std::string& yaml) {
    declared = yaml;
    return await(registry->reload());
}

policy::Wish DeskTest::wish(const std::string& user, Duration duration) {
    policy::Wish wish;
    wish.user = user;
    wish.duration = duration;
    wish.reason = "ticket 7";
    return wish;
}

Result<workflow::RequestView> DeskTest::ask(const std::string& user, const std::string& resource,
                                            Duration duration) {
    return await(desk->submit(resource, wish(user, duration)));
}

Result<workflow::RequestView> DeskTest::approve(const policy::RequestId& id, const std::string& by,
                                                const std::string& group) {
    policy::event::Reviewed review;
    review.reviewer = by;
    review.group = group;
    return await(desk->review(id, std::move(review)));
}

Result<workflow::RequestView> DeskTest::reject(const policy::RequestId& id, const std::string& by) {
    policy::event::Reviewed review;
    review.reviewer = by;
    review.verdict = policy::Verdict::reject;
    review.comment = "not today";
    return await(desk->review(id, std::move(review)));
}

std::vector<store::GrantCountdown> DeskTest::grants() {
    return await(store->grants(true)).value();
}

}  // namespace curfew::test
