#include "proxy/grant_book.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace curfew::proxy {
namespace {

// Of two clocks that run as one, two readings differ by less.
constexpr Duration notable_step = std::chrono::milliseconds{1};

bool is_over(const store::GrantCountdown& countdown) {
    return countdown.grant.revoked || countdown.grant.ended || countdown.remaining <= Duration::zero();
}

policy::LiveGrant counted_down(const store::GrantCountdown& countdown, const policy::LiveGrant* known) {
    policy::LiveGrant live{countdown.grant, countdown.as_of + countdown.starts_in,
                           countdown.as_of + countdown.remaining};
    if (known != nullptr) live.outlives_store = known->outlives_store;
    if (known != nullptr && known->grant.window == live.grant.window) {
        live.starts = std::max(live.starts, known->starts);
        live.ends = std::min(live.ends, known->ends);
    }
    return live;
}

bool same(const std::optional<Secret>& a, const std::optional<Secret>& b) {
    return a.has_value() == b.has_value() && (!a || equal_constant_time(a->reveal(), b->reveal()));
}

// Of two that are neither revoked nor ended.
bool same(const policy::LiveGrant& a, const policy::LiveGrant& b) {
    return a.starts == b.starts && a.ends == b.ends && a.outlives_store == b.outlives_store &&
           a.grant.id == b.grant.id && a.grant.subject == b.grant.subject &&
           a.grant.resource == b.grant.resource && a.grant.window == b.grant.window &&
           a.grant.allow_replication == b.grant.allow_replication && a.grant.reason == b.grant.reason &&
           a.grant.given_by == b.grant.given_by && a.grant.given_at == b.grant.given_at &&
           a.grant.request == b.grant.request && a.grant.approved_under == b.grant.approved_under &&
           same(a.grant.verifier, b.grant.verifier);
}

// In whatever order.
bool same(const policy::Grants& known, const std::vector<policy::LiveGrant>& grants) {
    return known.all().size() == grants.size() &&
           std::all_of(grants.begin(), grants.end(), [&known](const policy::LiveGrant& grant) {
               const policy::LiveGrant* before = known.find(grant.grant.id);
               return before != nullptr && same(*before, grant);
           });
}

}  // namespace

void GrantBook::replace(const std::vector<store::GrantCountdown>& grants) {
    over_before_ = std::exchange(over_, {});
    std::vector<policy::LiveGrant> live;
    live.reserve(grants.size());
    for (const store::GrantCountdown& countdown : grants) {
        if (!is_over(countdown)) live.push_back(counted_down(countdown, grants_->find(countdown.grant.id)));
    }
    for (const GrantId& id : not_entered_) {
        const policy::LiveGrant* known = grants_->find(id);
        const auto is_this = [&id](const policy::LiveGrant& grant) { return grant.grant.id == id; };
        if (known != nullptr && std::none_of(live.begin(), live.end(), is_this)) live.push_back(*known);
    }
    if (!same(*grants_, live)) grants_ = std::make_shared<const policy::Grants>(std::move(live));
}

void GrantBook::update(const store::GrantCountdown& grant) {
    const GrantId& id = grant.grant.id;
    const policy::LiveGrant* known = grants_->find(id);
    if (is_over(grant)) {
        const WallInstant end = grant.grant.revoked ? WallInstant::max() : grant.grant.window.ends_at;
        WallInstant& over = over_.try_emplace(id, end).first->second;
        over = std::max(over, end);
        take_out(id);
        return;
    }
    if (was_over(grant.grant)) return;
    policy::LiveGrant live = counted_down(grant, known);
    if (known == nullptr || !same(*known, live)) put(std::move(live));
}

void GrantBook::tell_time(std::chrono::sys_time<Duration> wall, BootInstant boot) {
    const Duration offset = wall.time_since_epoch() - boot.time_since_epoch();
    if (clock_offset_ && offset <= *clock_offset_ + notable_step) return;
    const bool first = !clock_offset_;
    clock_offset_ = offset;
    if (first) return;  // what is here was counted down by that reading, or a later one
    std::vector<policy::LiveGrant> live;
    live.reserve(grants_->all().size());
    for (const auto& known : grants_->all()) {
        policy::LiveGrant grant = *known;
        const Duration ends = grant.grant.window.ends_at.time_since_epoch() - offset;
        if (!not_entered_.contains(grant.grant.id)) grant.ends = std::min(grant.ends, BootInstant{ends});
        live.push_back(std::move(grant));
    }
    grants_ = std::make_shared<const policy::Grants>(std::move(live));
}

void GrantBook::add_offline(policy::LiveGrant grant) {
    not_entered_.insert(grant.grant.id);
    grant.outlives_store = true;
    put(std::move(grant));
}

void GrantBook::entered(const store::GrantCountdown& grant) {
    not_entered_.erase(grant.grant.id);
    const policy::LiveGrant* known = grants_->find(grant.grant.id);
    if (known == nullptr || is_over(grant)) {
        update(grant);
        return;
    }
    policy::LiveGrant as_entered = *known;
    as_entered.grant = grant.grant;
    as_entered.ends = std::min(known->ends, grant.as_of + grant.remaining);
    put(std::move(as_entered));
}

void GrantBook::remove(const GrantId& id) {
    not_entered_.erase(id);
    take_out(id);
}

void GrantBook::put(policy::LiveGrant grant) {
    grants_ = std::make_shared<const policy::Grants>(grants_->with(std::move(grant)));
}

// An extension is written in time, and may be heard after the end that it moved.
bool GrantBook::was_over(const policy::Grant& grant) const {
    for (const Over& over : {std::cref(over_), std::cref(over_before_)}) {
        const auto found = over.find(grant.id);
        if (found != over.end() && grant.window.ends_at <= found->second) return true;
    }
    return false;
}

void GrantBook::take_out(const GrantId& id) {
    if (grants_->find(id) != nullptr) grants_ = std::make_shared<const policy::Grants>(grants_->without(id));
}

std::size_t GrantBook::active(BootInstant now) const {
    const auto& all = grants_->all();
    const auto open = [now](const auto& grant) { return grant->starts <= now && now < grant->ends; };
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), open));
}

}  // namespace curfew::proxy
