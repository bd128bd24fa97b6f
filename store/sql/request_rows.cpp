#include "store/sql/request_rows.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "store/sql/command_json.hpp"

namespace curfew::store {
namespace {

#define CURFEW_REQUEST_COLUMNS                                                                    \
    "id, kind, type, requester, resource, duration_ms, starts_at_ms, reason, allow_replication, " \
    "asked_at_ms, review_ends_at_ms, status, decision, decided_by, decided_at_ms, "               \
    "decision_comment, approval, approved_at_ms, rules, granted_ms, grant_id, review_due, "       \
    "command, command_result "

constexpr std::string_view one_request = "SELECT " CURFEW_REQUEST_COLUMNS "FROM requests WHERE id = ?";
constexpr std::string_view whole_command = "SELECT command, result FROM commands WHERE request_id = ?";
constexpr std::string_view request_at = "SELECT " CURFEW_REQUEST_COLUMNS "FROM requests WHERE seq = ?";

constexpr std::string_view every_open_request =
    "SELECT " CURFEW_REQUEST_COLUMNS "FROM requests WHERE status IN ('PENDING', 'APPROVED') ORDER BY seq";
#define CURFEW_REVIEW_COLUMNS "reviewer, group_name, verdict, comment, reviews.duration_ms, at_ms "
constexpr std::string_view reviews_of_one =
    "SELECT " CURFEW_REVIEW_COLUMNS "FROM reviews WHERE request_id = ? ORDER BY seq";
constexpr std::string_view reviews_of_open_requests =
    "SELECT " CURFEW_REVIEW_COLUMNS
    ", request_id FROM reviews JOIN requests ON requests.id = request_id "
    "WHERE status IN ('PENDING', 'APPROVED') ORDER BY reviews.seq";
constexpr Dialects some_requests{
    "SELECT " CURFEW_REQUEST_COLUMNS "FROM requests WHERE id IN (SELECT value FROM json_each(?))",
    "SELECT " CURFEW_REQUEST_COLUMNS
    "FROM requests WHERE id IN (SELECT json_array_elements_text(CAST(? AS json)))"};
constexpr Dialects reviews_of_some{
    "SELECT " CURFEW_REVIEW_COLUMNS
    ", request_id FROM reviews WHERE request_id IN (SELECT value FROM json_each(?)) ORDER BY seq",
    "SELECT " CURFEW_REVIEW_COLUMNS
    ", request_id FROM reviews WHERE request_id IN (SELECT json_array_elements_text(CAST(? AS json))) "
    "ORDER BY seq"};
// By the index of instants: by their order, all requests would be gone through.
constexpr std::string_view not_approved =
    "SELECT " CURFEW_REQUEST_COLUMNS
    "FROM requests WHERE asked_at_ms >= ? AND asked_at_ms < ? AND approved_at_ms IS NULL "
    "AND (? = '' OR resource = ?) ORDER BY +seq DESC LIMIT ?";

#undef CURFEW_REVIEW_COLUMNS
#undef CURFEW_REQUEST_COLUMNS

[[noreturn]] void refuse(std::string_view id) {
    throw std::runtime_error("The store holds a request that cannot be read: '" + printable(id) +
                             "'; somebody changed it by hand, or a newer curfewd wrote it");
}

// `parsed`, which is there unless somebody else wrote the row.
template <class T>
T read(std::optional<T> parsed, std::string_view id) {
    if (!parsed) refuse(id);
    return std::move(*parsed);
}

// Of the columns above, in their order; without its reviews, and of its command what lists show.
policy::Request read_request(const Query& row) {
    policy::Request request;
    const std::string id = row.text(0);
    request.id = read(RequestId::parse(id), id);
    request.kind = read(policy::parse_request_kind(row.text(1)), id);
    request.type = read(policy::parse_request_type(row.text(2)), id);
    request.requester = row.text(3);
    request.resource = row.text(4);
    request.duration = row.milliseconds(5);
    request.starts_at = row.optional_instant(6);
    request.reason = row.text(7);
    request.allow_replication = row.integer(8) != 0;
    request.asked_at = row.instant(9);
    request.review_ends_at = row.instant(10);
    request.status = read(policy::parse_request_status(row.text(11)), id);
    request.decision = read(policy::parse_decision(row.text(12)), id);
    request.decided_by = row.text(13);
    request.decided_at = row.optional_instant(14);
    request.decision_comment = row.text(15);
    request.approval = read(policy::parse_decision(row.text(16)), id);
    request.approved_at = row.optional_instant(17);
    request.rules = names_in_json(row.text(18), id);
    request.granted = row.optional_milliseconds(19);
    if (!row.is_null(20)) request.grant = read(GrantId::parse(row.text(20)), id);
    request.review_due = row.integer(21) != 0;
    if (!row.is_null(22)) request.command = read_command(row.text(22), id);
    if (!row.is_null(23)) request.command_result = read_command_result(row.text(23), id);
    return request;
}

policy::Review read_review(const Query& row, const std::string& request) {
    const auto verdict = read(policy::parse_verdict(row.text(2)), request);
    return {row.text(0), row.text(1), verdict, row.text(3), row.optional_milliseconds(4), row.instant(5)};
}

// All of its command in place of what lists show.
void read_whole_command(Connection& connection, policy::Request& request) {
    const std::string id = request.id.text();
    Query row{connection, whole_command, id};
    if (!row.next()) refuse(id);
    request.command = read_command(row.text(0), id);
    if (!row.is_null(1)) request.command_result = read_command_result(row.text(1), id);
}

std::vector<policy::Request> read_requests(Query&& rows) {
    std::vector<policy::Request> requests;
    while (rows.next())
        requests.push_back(read_request(rows));
    return requests;
}

// Gives each request those that are its own.
void add_reviews(std::vector<policy::Request>& requests, Query&& rows) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t place = 0; place < requests.size(); ++place)
        places.emplace(requests[place].id.text(), place);
    while (rows.next()) {
        const std::string id = rows.text(6);
        const auto place = places.find(id);
        if (place != places.end()) requests[place->second].reviews.push_back(read_review(rows, id));
    }
}

std::optional<std::string> brief_json(const std::optional<policy::Command>& command) {
    if (!command) return std::nullopt;
    return to_json(policy::brief(*command));
}

void insert_command(Connection& connection, const RequestId& id, const policy::Command& command) {
    Query{connection, "INSERT INTO commands (request_id, command) VALUES (?, ?)", id.text(), to_json(command)}
        .run();
}

std::optional<std::string> text_of(const std::optional<GrantId>& id) {
    if (!id) return std::nullopt;
    return id->text();
}

void insert_review(Connection& connection, const RequestId& id, const policy::Review& review) {
    Query{connection,
          "INSERT INTO reviews (request_id, reviewer, group_name, verdict, comment, duration_ms, at_ms) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)",
          id.text(),
          review.reviewer,
          review.group,
          policy::to_string(review.verdict),
          review.comment,
          review.duration,
          review.at}
        .run();
}

}  // namespace

std::optional<policy::Request> find_request(Connection& connection, const RequestId& id) {
    std::optional<policy::Request> request;
    {
        Query row{connection, one_request, id.text()};
        if (!row.next()) return std::nullopt;
        request = read_request(row);
    }
    if (request->command) read_whole_command(connection, *request);
    request->reviews = reviews_of(connection, id);
    return request;
}

std::optional<policy::Request> find_request_at(Connection& connection, RequestPlace place) {
    Query row{connection, request_at, place};
    if (!row.next()) return std::nullopt;
    return read_request(row);
}

std::vector<policy::Request> open_requests(Connection& connection) {
    auto requests = read_requests(Query{connection, every_open_request});
    add_reviews(requests, Query{connection, reviews_of_open_requests});
    return requests;
}

std::vector<policy::Request> find_requests(Connection& connection, const std::vector<RequestId>& ids) {
    std::vector<std::string> names;
    names.reserve(ids.size());
    for (const RequestId& id : ids)
        names.emplace_back(id.text());
    auto requests = read_requests(Query{connection, connection.choose(some_requests), to_json(names)});
    add_reviews(requests, Query{connection, connection.choose(reviews_of_some), to_json(names)});
    return requests;
}

std::vector<policy::Request> requests_not_approved(Connection& connection, WallInstant from, WallInstant to,
                                                   const std::string& resource, std::size_t most) {
    auto requests =
        read_requests(Query{connection, not_approved, from, to, resource, resource, std::uint64_t{most}});
    std::vector<std::string> names;
    names.reserve(requests.size());
    for (const policy::Request& request : requests)
        names.emplace_back(request.id.text());
    add_reviews(requests, Query{connection, connection.choose(reviews_of_some), to_json(names)});
    return requests;
}

std::vector<policy::Review> reviews_of(Connection& connection, const RequestId& id) {
    Query rows{connection, reviews_of_one, id.text()};
    std::vector<policy::Review> reviews;
    while (rows.next())
        reviews.push_back(read_review(rows, id.text()));
    return reviews;
}

void insert_request(Connection& connection, const policy::Request& request, std::optional<WallInstant> due) {
    Query{connection,
          "INSERT INTO requests (id, kind, type, requester, resource, duration_ms, starts_at_ms, reason, "
          "allow_replication, asked_at_ms, review_ends_at_ms, status, decision, decided_by, decided_at_ms, "
          "decision_comment, approval, approved_at_ms, rules, granted_ms, grant_id, review_due, due_at_ms, "
          "command) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          request.id.text(),
          policy::to_string(request.kind),
          policy::to_string(request.type),
          request.requester,
          request.resource,
          request.duration,
          request.starts_at,
          request.reason,
          request.allow_replication,
          request.asked_at,
          request.review_ends_at,
          policy::to_string(request.status),
          policy::to_string(request.decision),
          request.decided_by,
          request.decided_at,
          request.decision_comment,
          policy::to_string(request.approval),
          request.approved_at,
          to_json(request.rules),
          request.granted,
          text_of(request.grant),
          request.review_due,
          due,
          brief_json(request.command)}
        .run();
    if (request.command) insert_command(connection, request.id, *request.command);
    for (const policy::Review& review : request.reviews)
        insert_review(connection, request.id, review);
}

void update_request(Connection& connection, const policy::Request& before, const policy::Request& next,
                    std::optional<WallInstant> due) {
    Query{
        connection,
        "UPDATE requests SET starts_at_ms = ?, status = ?, decision = ?, decided_by = ?, decided_at_ms = ?, "
        "decision_comment = ?, approval = ?, approved_at_ms = ?, rules = ?, granted_ms = ?, grant_id = ?, "
        "review_due = ?, due_at_ms = ? WHERE id = ?",
        next.starts_at,
        policy::to_string(next.status),
        policy::to_string(next.decision),
        next.decided_by,
        next.decided_at,
        next.decision_comment,
        policy::to_string(next.approval),
        next.approved_at,
        to_json(next.rules),
        next.granted,
        text_of(next.grant),
        next.review_due,
        due,
        next.id.text()}
        .run();
    for (std::size_t i = before.reviews.size(); i < next.reviews.size(); ++i)
        insert_review(connection, next.id, next.reviews[i]);
}

void update_command_result(Connection& connection, const RequestId& id, const policy::CommandResult& result) {
    Query{connection, "UPDATE commands SET result = ? WHERE request_id = ?", to_json(result), id.text()}
        .run();
    Query{connection, "UPDATE requests SET command_result = ? WHERE id = ?", to_json(policy::brief(result)),
          id.text()}
        .run();
}

std::string to_json(const std::vector<std::string>& names) {
    boost::json::array array;
    for (const std::string& name : names)
        array.emplace_back(name);
    return boost::json::serialize(array);
}

std::vector<std::string> names_in_json(const std::string& json, const std::string& of_what) {
    const auto unreadable = [&of_what] {
        return std::runtime_error{"The store holds a list of names that cannot be read, of '" +
                                  printable(of_what) +
                                  "'; somebody changed it by hand, or a newer curfewd wrote it"};
    };
    boost::json::error_code failed;
    const boost::json::value value = boost::json::parse(json, failed);
    const boost::json::array* array = failed ? nullptr : value.if_array();
    if (array == nullptr) throw unreadable();
    std::vector<std::string> names;
    for (const boost::json::value& name : *array) {
        const boost::json::string* text = name.if_string();
        if (text == nullptr) throw unreadable();
        names.emplace_back(text->data(), text->size());
    }
    return names;
}

std::map<RequestId, policy::Request> requests_behind(Connection& connection,
                                                     const std::vector<GrantCountdown>& grants) {
    std::vector<RequestId> ids;
    for (const GrantCountdown& grant : grants) {
        if (grant.grant.request) ids.push_back(*grant.grant.request);
    }
    std::map<RequestId, policy::Request> requests;
    for (policy::Request& request : find_requests(connection, ids)) {
        const RequestId id = request.id;
        requests.emplace(id, std::move(request));
    }
    return requests;
}

}  // namespace curfew::store
