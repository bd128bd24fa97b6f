#include "notice_fixture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/time_text.hpp"

namespace curfew::notify {

using namespace std::chrono_literals;
using test::replaced;

std::shared_ptr<const Surroundings> surroundings_of(const workflow::RulebookPtr& rulebook) {
    auto surroundings = std::make_shared<Surroundings>();
    surroundings->config = {rulebook, &rulebook->config()};
    surroundings->directory = {rulebook, &rulebook->directory()};
    return surroundings;
}

NoticeTest::NoticeTest() {
    std::string yaml = replaced(declared, "carol: {}", "carol: { display_name: Carol }");
    yaml = replaced(yaml, "groups:\n", "groups:\n  oncall: [bob]\n");
    yaml = replaced(yaml, "max_duration: 4h",
                    "max_duration: 4h\n    break_glass_groups: [oncall]\n    break_glass_duration: 20m");
    declare(yaml).value();
    news();
}

std::vector<NoticeTest::Given> NoticeTest::news() {
    std::vector<Given> all;
    withdrawn.clear();
    for (const store::Event& event : await(store->events_since(seen_, 1000)).value()) {
        seen_ = event.number;
        const EventSubject subject = subject_of(event);
        std::optional<Facts> facts;
        if (subject.request) facts = facts_of(*subject.request);
        if (subject.grant) {
            auto grant = await(store->find_grant(*subject.grant)).value();
            facts = grant.grant.request ? facts_of(*grant.grant.request)
                                        : notify::facts_of(std::move(grant), clock.wall_now());
        }
        if (!facts) continue;
        Consequences consequences = consequences_of(event, *facts);
        for (Notice& notice : consequences.notices)
            all.push_back({std::move(notice), *facts, event.number});
        for (const NoticeKind kind : consequences.withdrawn)
            withdrawn.emplace_back(to_string(kind));
    }
    return all;
}

std::vector<std::string> NoticeTest::told() {
    std::vector<std::string> lines;
    for (const Given& given : news()) {
        const Notice& notice = given.notice;
        std::string line{to_string(notice.kind)};
        if (notice.is_update) line += " (update)";
        if (notice.due_at) line += " at " + format_utc(*notice.due_at);
        if (!notice.actor.empty()) line += " by " + notice.actor;
        const auto people = people_to_tell(notice, given.facts, *surroundings());
        if (!people.empty()) line += fmt::format(" to {}", fmt::join(people, ", "));
        lines.push_back(std::move(line));
    }
    return lines;
}

Facts NoticeTest::facts_of(const RequestId& id) {
    return notify::facts_of(await(store->find_request(id)).value(), clock.wall_now());
}

policy::RequestId NoticeTest::asked(const std::string& user, const std::string& resource, Duration duration) {
    return ask(user, resource, duration).value().request.id;
}

policy::RequestId NoticeTest::glass_broken() {
    policy::Wish broken = wish("bob", 20min);
    broken.break_glass = true;
    broken.reason = "the shop is down";
    return await(desk->submit("prod", std::move(broken))).value().request.id;
}

void NoticeTest::revoke(const RequestId& id, const std::string& by, const std::string& comment) {
    await(desk->revoke(id, workflow::Person{by}, comment)).value();
}

}  // namespace curfew::notify
