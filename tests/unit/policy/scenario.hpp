// Stories about one request, told in sentences, so that what the lifecycle promises can be read as a table.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/lifecycle.hpp"

namespace curfew::policy {

// A small company on Wednesday, 25 November 2026, 10:00 UTC, where reviews have one hour. Its people:
//   developers      dana (alias d.d), erin, otto, tess, carol
//   dba             bob (alias bobby), carol
//   security        sue, carol
//   leads           lena       oncall  otto       trusted  tess
//   administrators  ada        in no group: olaf
// It has one rule, `prod`, for the resource `prod` (attribute env: prod): developers ask, dba and security
// approve, leads alone are enough, oncall may break the glass, trusted need no review. 8 h at most, 1 h
// unless said otherwise, 30 min by break-glass.
//
// The sentences:
//   erin asks [2h] [at 12:00] [by breaking the glass] [because …]       today, UTC
//   erin asks for a statement [2h] [because …]; erin asks for a script [2h] [because …]
//   erin extends [1h] [at 12:00] [because …]
//   bob approves [for dba] [1h]; bob rejects [for dba]; erin cancels; erin revokes
//   the review times out; the window passes; it is reconsidered; the command is run
//   the grant is revoked; the grant is seen to have ended
//   30m pass
//   olaf joins dba; bob leaves dba; erin is removed; the resource is removed; rule prod is removed
//   rule prod: KEY [VALUE]      changes a rule, or adds one that is like prod but named so; as docs/rules.md
//   names
//                               its keys, lists with commas; allowed_times: a window in Etc/UTC
class Scenario {
public:
    Scenario();

    // Throws std::invalid_argument for a sentence that it does not understand.
    void tell(std::string_view sentence);

    // What became of the last event: `PENDING`, `APPROVED reviewed by bob for 2h`, `… [review due]`, or the
    // error `forbidden: …`.
    std::string outcome() const;

    // The request as it is after the last event that was no error.
    const Request& request() const { return request_.value(); }
    const Grant& grant() const { return grant_.value(); }
    Circumstances circumstances() const;
    Directory directory() const;

private:
    class Words;

    void ask(std::string user, Words& words, RequestKind kind);
    void give_grant_to_run();
    void change_rule(Words& words);
    bool people_change(std::string_view user, std::string_view verb, Words& words);
    bool request_change(const std::string& user, std::string_view verb, Words& words);
    void take(Result<Request> result);
    void give_grant();

    struct Member {
        std::string group;
        std::string user;
    };
    std::vector<Member> members_;
    std::vector<std::string> users_;
    Directory directory_;
    Rules rules_;
    Target target_;
    WallInstant now_;
    std::optional<Request> request_;
    std::optional<Grant> grant_;
    std::optional<Error> error_;
};

// `DELETE FROM orders` of a session, and handed in as a script.
Command a_statement();
Command a_script();

// One line of a table. `expected`: the outcome after the last sentence; of an error, its code and a part of
// what it says.
struct Line {
    std::string name;
    std::vector<std::string> story;
    std::string expected;
};
// Makes a test `SUITE.NAME` of every line.
bool specify(const char* suite, const std::vector<Line>& lines);

}  // namespace curfew::policy
