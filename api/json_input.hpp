// What clients of the API send, read strictly.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http_types.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace curfew::api {

inline constexpr std::size_t longest_name =
    63;  // in bytes: of users, groups and resources, as of PostgreSQL's own

// The JSON object in a request's body, taken apart member by member. What is wrong with it is collected, so
// that one answer names every problem; a member that nobody asked for is one of them.
class ObjectReader {
public:
    // An empty body is an empty object. invalid: not JSON, not an object, or not sent as application/json.
    static Result<ObjectReader> parse(const Request& request);

    // Where a value is missing or of the wrong type, these note the problem and give something empty.
    std::string required_text(std::string_view name, std::size_t longest);
    std::string optional_text(std::string_view name, std::size_t longest);
    Duration required_duration(std::string_view name);
    Duration optional_duration(std::string_view name);  // zero if absent
    bool optional_flag(std::string_view name);          // false if absent
    // A list of texts, with one at least.
    std::vector<std::string> required_texts(std::string_view name);
    // An object within; nullopt if absent. What is wrong with it is for take_problems().
    std::optional<ObjectReader> optional_object(std::string_view name);
    // To be asked once the object within has been read.
    void take_problems(std::string_view name, const ObjectReader& within);
    // `sentence` names the member itself; empty `member`: the object as a whole.
    void add_problem(std::string_view member, std::string sentence);
    // The same for what only says why the member's value is refused.
    void add_refusal(std::string_view member, const std::string& why);

    // To be asked last: is anything wrong? Tells every problem with its member.
    std::optional<Error> error() const;

    // The object as a whole, for who reads it in another way.
    boost::json::object release() && { return std::move(object_); }

private:
    explicit ObjectReader(boost::json::object object) : object_{std::move(object)} {}
    const boost::json::value* find(std::string_view name);

    boost::json::object object_;
    std::set<std::string, std::less<>> asked_for_;
    struct Problem {
        std::string sentence;
        MemberProblem where;
    };
    std::vector<Problem> problems_;
};

// POST /api/v1/grants: {subject, resource, for, starts_in?, reason?, replication?}.
Result<store::NewGrant> read_new_grant(const Request& request, std::string given_by);
// POST /api/v1/grants/{id}/extend: {by}.
Result<Duration> read_extension(const Request& request);
// POST /api/v1/grants/{id}/revoke: {reason?}.
Result<std::string> read_revocation_reason(const Request& request);
// A request that takes nothing: an empty body or {}.
Result<void> read_nothing(const Request& request);

}  // namespace curfew::api
