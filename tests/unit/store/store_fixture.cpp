#include "store_fixture.hpp"

#include <stdexcept>

namespace curfew::test {

store::NewGrant new_grant(const std::string& user, Duration length) {
    store::NewGrant grant;
    grant.subject = {policy::Subject::Kind::user, user};
    grant.resource = "prod-postgres";
    grant.length = length;
    grant.reason = "ticket 4711";
    grant.given_by = "root";
    return grant;
}

store::SessionRecord new_session(const GrantId& grant, const std::string& node) {
    store::SessionRecord session;
    session.id = SessionId::generate();
    session.grant = grant;
    session.user = "alice";
    session.resource = "prod-postgres";
    session.database = "orders";
    session.node = node;
    session.client_address = "192.0.2.7:50123";
    session.application_name = "psql";
    session.backend = {4711, "2026-11-24T14:05:00.123456Z"};
    session.started_at = WallInstant{std::chrono::milliseconds{1'700'000'000'123}};
    return session;
}

std::vector<store::SessionRecord> all_sessions(store::Store& store) {
    std::vector<store::SessionRecord> all;
    store::Page wanted{store::largest_session_page, {}};
    while (true) {
        auto page = await(store.list_sessions({}, wanted)).value();
        for (const auto& session : page.sessions)
            all.push_back(session.record);
        if (!page.next) return all;
        wanted.cursor = *page.next;
    }
}

void StoreTest::reopen() {
    close();
    store = store_backend->open();
}

store::GrantCountdown StoreTest::give(const store::NewGrant& grant) {
    return await(store->add_grant(grant)).value();
}

store::GrantCountdown StoreTest::look_up(const GrantId& id) {
    for (const auto& found : await(store->grants(true)).value()) {
        if (found.grant.id == id) return found;
    }
    throw std::runtime_error("the store does not have grant " + id.text());
}

std::vector<GrantId> StoreTest::current_grants() {
    std::vector<GrantId> ids;
    for (const auto& found : await(store->grants(false)).value())
        ids.push_back(found.grant.id);
    return ids;
}

store::SessionRecord StoreTest::start(const std::string& node) {
    store::SessionRecord session = new_session(give().grant.id, node);
    await(store->session_started(session)).value();
    return session;
}

store::SessionRecord StoreTest::look_up(const SessionId& id) {
    return await(store->find_session(id)).value();
}

}  // namespace curfew::test
