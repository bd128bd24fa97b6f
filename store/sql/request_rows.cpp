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

namespace curfew::store {
namespace {

#define CURFEW_REQUEST_COLUMNS                                                                    \
    "id, kind, type, requester, resource, duration_ms, starts_at_ms, reason, allow_replication, " \
    "asked_at_ms, review_ends_at_ms, status, decision, decided_by, decided_at_ms, "               \
    "decision_comment, approval, approved_at_ms, rules, granted_ms, grant_id, review_due "

constexpr std::string_view one_request = "SELECT " CURFEW_REQUEST_COLUMNS "FROM requests WHERE id = ?";
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

// Of the columns above, in their order; without its reviews.
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
    return request;
}

policy::Review read_review(const Query& row, const std::string& request) {
    const auto verdict = read(policy::parse_verdict(row.text(2)), request);
    return {row.text(0), row.text(1), verdict, row.text(3), row.optional_milliseconds(4), row.instant(5)};
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
    request->reviews = reviews_of(connection, id);
    return request;
}

std::optional<policy::Request> find_request_at(Connection& connection, RequestPlace place) {
    Query row{connection, request_at, place};
    if (!row.next()) return std::nullopt;
    return read_request(row);
}

std::vector<policy::Request> open_requests(Connection& connection) {
    std::vector<policy::Request> requests;
    std::unordered_map<std::string, std::size_t> places;
    {
        Query rows{connection, every_open_request};
        while (rows.next()) {
            requests.push_back(read_request(rows));
            places.emplace(requests.back().id.text(), requests.size() - 1);
        }
    }
    Query rows{connection, reviews_of_open_requests};
    while (rows.next()) {
        const std::string id = rows.text(6);
        const auto place = places.find(id);
        if (place != places.end()) requests[place->second].reviews.push_back(read_review(rows, id));
    }
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
          "decision_comment, approval, approved_at_ms, rules, granted_ms, grant_id, review_due, due_at_ms) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
          due}
        .run();
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

}  // namespace curfew::store
