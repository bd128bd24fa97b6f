// Commands that are asked for, and what came of them, for the tests of what people are told of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "notice_fixture.hpp"

namespace curfew::notify {

inline policy::Command::Statement a_statement(std::string sql,
                                              std::vector<policy::Command::Parameter> parameters = {}) {
    policy::Command::Statement statement;
    statement.sql = std::move(sql);
    statement.parameters = std::move(parameters);
    return statement;
}

inline policy::Command a_command(policy::CommandForm form = policy::CommandForm::query,
                                 std::string sql = "UPDATE orders\nSET paid = true") {
    policy::Command command;
    command.form = form;
    command.database = "shop";
    command.why_asked = "it writes to public.orders";
    command.statements.push_back(a_statement(std::move(sql)));
    return command;
}

inline policy::CommandResult a_result(
    policy::CommandResult::Outcome outcome = policy::CommandResult::Outcome::succeeded) {
    policy::CommandResult result;
    result.outcome = outcome;
    if (outcome == policy::CommandResult::Outcome::succeeded) {
        result.parts = {{"UPDATE 3", {}, {}, 0}, {"SELECT 2", {"id"}, {{"1"}, {"2"}}, 2}};
    } else {
        result.sqlstate = "23505";
        result.message = "duplicate key";
    }
    result.ended_at = WallInstant{std::chrono::seconds{1'796'000'000}};
    return result;
}

// Its rule is for commands too; a request of alice's is for one.
class CommandNoticeTest : public NoticeTest {
protected:
    CommandNoticeTest() {
        declare(test::replaced(declared, "max_duration: 4h", "max_duration: 4h\n    types: [jit, command]"))
            .value();
    }

    Facts facts_of_command(policy::Command command = a_command()) {
        Facts facts = facts_of(asked());
        facts.request->type = policy::RequestType::command;
        facts.request->command = std::move(command);
        return facts;
    }
    Notice notice_of(NoticeKind kind, const Facts& facts) const {
        Notice notice;
        notice.kind = kind;
        notice.event = 1;
        notice.subject = facts.request->id.text();
        notice.resource = facts.resource();
        notice.at = clock.wall_now();
        return notice;
    }
};

}  // namespace curfew::notify
