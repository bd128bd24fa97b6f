#include "store/sql/request_list.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "store/sql/grant_rows.hpp"
#include "store/sql/page.hpp"
#include "store/sql/request_rows.hpp"

namespace curfew::store {
namespace {

using policy::Request;
using policy::RequestStatus;

// A page that many requests were looked at for is given as it is, so that no list keeps the store for long.
constexpr std::size_t most_looked_at = 1'000;

// One index cannot have every narrowing in the order of the list. These can each, for one value; a list takes
// the newest from as many of them as its filter names values for.
constexpr std::string_view every_request = "SELECT seq FROM requests WHERE seq < ? ORDER BY seq DESC LIMIT ?";
constexpr std::string_view of_status =
    "SELECT seq FROM requests WHERE status = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
constexpr std::string_view of_requester =
    "SELECT seq FROM requests WHERE requester = ? AND status = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
constexpr std::string_view of_resource =
    "SELECT seq FROM requests WHERE resource = ? AND status = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
constexpr std::string_view with_review_due =
    "SELECT seq FROM requests WHERE review_due = 1 AND seq < ? ORDER BY seq DESC LIMIT ?";

// The requests that one query gives, newest first, taken a few at a time.
class Source {
public:
    // `values` come before the place and the number in `sql`.
    Source(std::string_view sql, std::vector<std::string> values, RequestPlace before)
        : sql_{sql}, values_{std::move(values)}, before_{before} {}

    // nullopt: there are no more.
    std::optional<RequestPlace> next(Connection& connection) {
        if (used_ == places_.size()) fetch(connection);
        if (used_ == places_.size()) return std::nullopt;
        return places_[used_++];
    }

private:
    static constexpr std::int64_t least = 16;
    static constexpr std::int64_t most = 256;

    void fetch(Connection& connection) {
        if (exhausted_) return;
        places_.clear();
        used_ = 0;
        switch (values_.size()) {
            case 0:
                return read(Query{connection, sql_, before_, at_a_time_});
            case 1:
                return read(Query{connection, sql_, values_[0], before_, at_a_time_});
            default:
                return read(Query{connection, sql_, values_[0], values_[1], before_, at_a_time_});
        }
    }
    void read(Query&& rows) {
        while (rows.next())
            places_.push_back(rows.integer(0));
        exhausted_ = std::int64_t(places_.size()) < at_a_time_;
        if (!places_.empty()) before_ = places_.back();
        at_a_time_ = std::min(at_a_time_ * 4, most);
    }

    std::string_view sql_;
    std::vector<std::string> values_;
    RequestPlace before_;
    std::int64_t at_a_time_ = least;
    bool exhausted_ = false;
    std::vector<RequestPlace> places_;
    std::size_t used_ = 0;
};

// The requests of several sources, newest first, each once.
class Merged {
public:
    Merged(Connection& connection, std::vector<Source> sources)
        : connection_{connection}, sources_{std::move(sources)} {
        for (std::size_t i = 0; i < sources_.size(); ++i)
            refill(i);
    }

    std::optional<RequestPlace> next() {
        while (!newest_.empty()) {
            const auto [place, source] = newest_.top();
            newest_.pop();
            refill(source);
            if (std::exchange(last_, place) != place) return place;
        }
        return std::nullopt;
    }

private:
    void refill(std::size_t source) {
        if (const auto place = sources_[source].next(connection_)) newest_.emplace(*place, source);
    }

    Connection& connection_;
    std::vector<Source> sources_;
    std::priority_queue<std::pair<RequestPlace, std::size_t>> newest_;
    RequestPlace last_ = std::numeric_limits<RequestPlace>::max();
};

std::vector<std::string> wanted_statuses(const RequestFilter& filter) {
    if (filter.awaiting_review) return {std::string{policy::to_string(RequestStatus::pending)}};
    std::vector<std::string> statuses;
    for (const auto status : {RequestStatus::pending, RequestStatus::approved, RequestStatus::rejected,
                              RequestStatus::revoked, RequestStatus::executed}) {
        if (filter.statuses.empty() || filter.statuses.contains(status))
            statuses.emplace_back(policy::to_string(status));
    }
    return statuses;
}

// Together they have everything that the filter lets through, and as little else as indexes allow.
std::vector<Source> sources_for(const RequestFilter& filter, RequestPlace before) {
    std::vector<Source> sources;
    const auto add_each = [&](std::string_view sql, const std::string& value) {
        for (const std::string& status : wanted_statuses(filter))
            sources.emplace_back(sql, std::vector{value, status}, before);
    };
    if (filter.awaiting_review) sources.emplace_back(with_review_due, std::vector<std::string>{}, before);
    if (filter.requester) {
        add_each(of_requester, *filter.requester);
    } else if (filter.awaiting_review && filter.pending_on) {
        for (const std::string& resource : *filter.pending_on)
            add_each(of_resource, resource);
    } else if (!filter.resources.empty()) {
        for (const std::string& resource : filter.resources)
            add_each(of_resource, resource);
    } else if (filter.scope) {
        add_each(of_requester, filter.scope->user);
        for (const std::string& resource : filter.scope->resources)
            add_each(of_resource, resource);
    } else if (filter.statuses.empty() && !filter.awaiting_review) {
        sources.emplace_back(every_request, std::vector<std::string>{}, before);
    } else {
        for (const std::string& status : wanted_statuses(filter))
            sources.emplace_back(of_status, std::vector{status}, before);
    }
    return sources;
}

bool awaits_review(const RequestFilter& filter, const Request& request) {
    if (request.status != RequestStatus::pending) return request.review_due;
    return !filter.pending_on || filter.pending_on->contains(request.resource);
}

bool lets_through(const RequestFilter& filter, const Request& request) {
    const bool status = filter.awaiting_review
                            ? awaits_review(filter, request)
                            : filter.statuses.empty() || filter.statuses.contains(request.status);
    const bool in_scope = !filter.scope || request.requester == filter.scope->user ||
                          filter.scope->resources.contains(request.resource);
    return status && in_scope && (!filter.requester || request.requester == *filter.requester) &&
           (filter.resources.empty() || filter.resources.contains(request.resource));
}

// The request at `place`, if the filter lets it through.
std::optional<RequestRecord> look_at(Connection& connection, const StoreTime& now,
                                     const RequestFilter& filter, RequestPlace place) {
    auto request = find_request_at(connection, place);
    if (!request || !lets_through(filter, *request)) return std::nullopt;
    request->reviews = reviews_of(connection, request->id);
    if (filter.matches && !filter.matches(*request)) return std::nullopt;
    RequestRecord record{std::move(*request), std::nullopt};
    if (record.request.grant) record.grant = find_grant(connection, now, *record.request.grant);
    return record;
}

}  // namespace

Result<RequestPage> list_requests(Connection& connection, const StoreTime& now, const RequestFilter& filter,
                                  const Page& page) {
    const auto before = begin_of(page, largest_request_page);
    if (!before) return before.error();
    Merged places{connection, sources_for(filter, *before)};
    RequestPage found;
    RequestPlace last = 0;
    for (std::size_t looked_at = 0;; ++looked_at) {
        const auto place = places.next();
        if (!place) return found;
        if (found.requests.size() == page.limit || looked_at == most_looked_at) break;
        last = *place;
        if (auto record = look_at(connection, now, filter, *place))
            found.requests.push_back(std::move(*record));
    }
    found.next = cursor_after(last);
    return found;
}

std::array<std::string_view, 5> request_list_queries() noexcept {
    return {every_request, of_status, of_requester, of_resource, with_review_due};
}

}  // namespace curfew::store
