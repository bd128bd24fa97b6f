#include "proxy/role_keeper.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>
#include <vector>

#include "base/hex.hpp"
#include "base/log.hpp"
#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::proxy {

using namespace std::chrono_literals;

namespace {

constexpr Duration look_for_roles_each = 60s;  // at most
constexpr Duration look_again_after_failure = 5s;
constexpr Duration first_retry = 1s;
constexpr Duration last_retry = 5min;
// For the node that made a role to drop it, before the others try.
constexpr Duration makers_first = 1s;

// Less up to half of it at random: nodes do not come in step.
Duration about(Duration duration) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return duration - Duration{std::uniform_int_distribution<Duration::rep>{0, duration.count() / 2}(random)};
}

template <std::size_t Size>
std::string random_text() {
    std::array<unsigned char, Size> bytes{};
    postgres::system_random(bytes);
    return {bytes.begin(), bytes.end()};
}

// 256 random bits, as text that every way of logging in can carry.
Secret random_password() {
    std::array<unsigned char, 32> bytes{};
    postgres::system_random(bytes);
    return Secret{to_hex(bytes)};
}

}  // namespace

// A role that is there, or may be.
struct RoleKeeper::Kept {
    Kept(EphemeralRole role_, const boost::asio::any_io_executor& control)
        : role{std::move(role_)}, name{role_name(role)}, busy{control}, retry{control} {}

    EphemeralRole role;
    std::string name;
    AsyncMutex busy;  // one at a time does something to it
    Event retry;
    bool made_here = false;          // by this run of this node
    std::optional<Secret> password;  // absent: there is none that PostgreSQL is known to take
    WallInstant window_ends{};       // what its VALID UNTIL was made of
    bool moving = false;             // move_end is under way
    bool ending = false;             // see_out is under way
    bool undropped = false;          // and has failed
    std::string problem;
};

RoleKeeper::RoleKeeper(const Means& means, const std::string& resource, std::shared_ptr<const Setup> setup,
                       std::shared_ptr<const policy::Grants> grants)
    : means_{means},
      name_{resource},
      metrics_{means.metrics.resource(resource)},
      resource_{*setup->config->find_resource(resource)},
      setup_{std::move(setup)},
      grants_{std::move(grants)},
      work_{means.control, means.clock, means.installation},
      opening_{means.control},
      closing_{means.control},
      tasks_{means.control},
      wake_{means.control},
      calls_over_{means.control} {}

void RoleKeeper::start() {
    count();
    tasks_.spawn(run());
}

void RoleKeeper::tell(std::shared_ptr<const Setup> setup, std::shared_ptr<const policy::Grants> grants) {
    const bool reconfigured = setup != setup_;
    setup_ = std::move(setup);
    grants_ = std::move(grants);
    if (reconfigured) {
        const config::Resource* resource = setup_->config->find_resource(name_);
        configured_ = resource != nullptr && resource->ephemeral.has_value();
        if (configured_) resource_ = *resource;
        // What kept a role from being dropped may have been mended.
        for (const auto& [name, kept] : kept_)
            kept->retry.notify();
        look_again_at_ = {};
        wake_.notify();
    }
    if (!stopped_) look_at_all();
}

boost::asio::awaitable<void> RoleKeeper::stop() {
    stopped_ = true;
    work_.abort();
    wake_.notify();
    for (const auto& [name, kept] : kept_)
        kept->retry.notify();
    co_await tasks_.join();
    while (calls_ > 0)
        co_await calls_over_.wait();
}

// --- Coming in

boost::asio::awaitable<Result<config::UpstreamRole>> RoleKeeper::role_for(std::string user, GrantId grant) {
    const EphemeralRole wanted{std::move(user), std::move(grant), name_};
    ++calls_;
    Result<void> made = Error{ErrorCode::unavailable, "curfewd is stopping"};
    config::UpstreamRole role;
    role.user = role_name(wanted);
    while (!stopped_) {
        const KeptRole kept = kept_role(wanted);
        const auto busy = co_await kept->busy.hold();
        if (!is_kept(kept)) continue;  // it was dropped while we waited
        made = co_await make(kept);
        if (made) role.password = kept->password;
        break;
    }
    count();
    if (--calls_ == 0) calls_over_.notify();
    if (!made) co_return made.error();
    co_return role;
}

// The role is there, open until its end, and its password known; or why not.
boost::asio::awaitable<Result<void>> RoleKeeper::make(KeptRole kept) {
    const auto turn = co_await opening_.hold();
    if (stopped_) co_return Error{ErrorCode::unavailable, "curfewd is stopping"};
    const policy::LiveGrant* live = live_grant(*kept);
    if (live == nullptr || is_over(*kept)) {
        if (!is_there(*kept)) kept_.erase(kept->name);
        co_return Error{ErrorCode::conflict, "grant " + kept->role.grant.text() + " is over"};
    }
    const BootInstant ends = live->ends;
    const WallInstant window_ends = live->grant.window.ends_at;
    if (kept->password && kept->window_ends == window_ends) co_return Result<void>{};
    Secret password = random_password();
    const auto verifier = postgres::ScramVerifier::make(password.reveal(), random_text<16>());
    Secret kept_by_them{postgres::to_string(verifier)};
    const bool is_new = !kept->made_here;
    kept->made_here = true;  // or may have been, whatever the answer
    Result<void> made =
        co_await work_.make(resource_, kept->role, std::move(kept_by_them), ends, connect_timeout());
    log::write(made ? log::Level::info : log::Level::error,
               made ? "ephemeral_role.made" : "ephemeral_role.not_made",
               {{"role", kept->name},
                {"user", kept->role.user},
                {"grant", kept->role.grant.text()},
                {"resource", name_},
                {"first", is_new},
                {"error", made ? std::string{} : made.error().message}});
    if (!made) {
        kept->password.reset();
        if (is_new && made.error().code == ErrorCode::invalid) kept_.erase(kept->name);  // it is not ours
        co_return made;
    }
    kept->password = std::move(password);
    kept->window_ends = window_ends;
    wake_.notify();  // its end may be the next
    co_return made;
}

void RoleKeeper::distrust(const std::string& user, const GrantId& grant) {
    const auto found = kept_.find(role_name({user, grant, name_}));
    if (found != kept_.end()) found->second->password.reset();
}

// --- Looking after them

RoleKeeper::KeptRole RoleKeeper::kept_role(const EphemeralRole& role) {
    auto& kept = kept_[role_name(role)];
    if (!kept) kept = std::make_shared<Kept>(role, means_.control);
    return kept;
}

bool RoleKeeper::is_kept(const KeptRole& kept) const {
    const auto found = kept_.find(kept->name);
    return found != kept_.end() && found->second == kept;
}

// As far as is known: role_for keeps a place for what it is about to make.
bool RoleKeeper::is_there(const Kept& kept) {
    return kept.made_here || kept.ending || kept.window_ends != WallInstant{};
}

const policy::LiveGrant* RoleKeeper::live_grant(const Kept& kept) const {
    const policy::LiveGrant* live = grants_->find(kept.role.grant);
    return live != nullptr && means_.clock.boot_now() < live->ends ? live : nullptr;
}

bool RoleKeeper::is_over(const Kept& kept) const {
    if (!configured_ || live_grant(kept) == nullptr) return true;
    // Of what another node made, a person whom we do not know (yet) may well be known to that one.
    if (!kept.made_here) return false;
    const policy::Attempt attempt{kept.role.user, name_};
    const auto verdict =
        policy::reassess(attempt, kept.role.grant, setup_->directory, *grants_, means_.clock.boot_now());
    return std::holds_alternative<policy::EndCause>(verdict);
}

// Also those of a resource that is no more, or goes by another name now: nobody else looks after them.
bool RoleKeeper::is_of_ours(const std::string& resource) const {
    if (resource == name_) return true;
    const config::Resource* other = setup_->config->find_resource(resource);
    return other == nullptr || !other->ephemeral;
}

boost::asio::awaitable<void> RoleKeeper::run() {
    while (!stopped_) {
        if (means_.clock.boot_now() >= look_again_at_) co_await look_for_roles();
        if (stopped_) co_return;
        look_at_all();
        co_await wake_.wait_for(until_next_look());
    }
}

Duration RoleKeeper::until_next_look() const {
    const BootInstant now = means_.clock.boot_now();
    BootInstant next = look_again_at_;
    for (const auto& [name, kept] : kept_) {
        const policy::LiveGrant* live = live_grant(*kept);
        if (live != nullptr) next = std::min(next, live->ends);
    }
    return std::max<Duration>(next - now, 1ms);
}

void RoleKeeper::look_at_all() {
    std::vector<KeptRole> over;
    std::vector<KeptRole> extended;
    for (const auto& [name, kept] : kept_) {
        if (kept->ending) continue;
        // Nobody has come in by it yet: role_for is about to, or has failed to.
        if (!is_there(*kept)) continue;
        if (is_over(*kept)) {
            kept->ending = true;
            kept->password.reset();
            over.push_back(kept);
        } else if (!kept->moving && kept->window_ends != WallInstant{} &&
                   live_grant(*kept)->grant.window.ends_at != kept->window_ends) {
            kept->moving = true;
            extended.push_back(kept);
        }
    }
    for (const KeptRole& kept : over)
        tasks_.spawn(see_out(kept));
    for (const KeptRole& kept : extended)
        tasks_.spawn(move_end(kept));
}

// Sessions are extended without it: what it moves is until when somebody can log in. Should it fail, the next
// who comes in has it done.
boost::asio::awaitable<void> RoleKeeper::move_end(KeptRole kept) {
    const auto busy = co_await kept->busy.hold();
    const auto turn = co_await opening_.hold();
    const policy::LiveGrant* live = live_grant(*kept);
    if (stopped_ || live == nullptr || !is_kept(kept)) {
        kept->moving = false;
        co_return;
    }
    const WallInstant window_ends = live->grant.window.ends_at;
    const Result<void> moved = co_await work_.move_end(resource_, kept->role, live->ends, connect_timeout());
    kept->moving = false;
    if (!moved) kept->password.reset();
    kept->window_ends = window_ends;
    log::write(moved ? log::Level::info : log::Level::warning,
               moved ? "ephemeral_role.extended" : "ephemeral_role.not_extended",
               {{"role", kept->name},
                {"grant", kept->role.grant.text()},
                {"resource", name_},
                {"error", moved ? std::string{} : moved.error().message}});
}

// --- Going

// Until the role is gone, or somebody has come in by it again.
boost::asio::awaitable<void> RoleKeeper::see_out(KeptRole kept) {
    Duration delay = first_retry;
    if (!kept->made_here) co_await kept->retry.wait_for(about(makers_first));
    for (;;) {
        if (stopped_) co_return;
        const bool through = co_await try_to_drop(kept);
        count();
        if (through || stopped_) co_return;
        co_await kept->retry.wait_for(about(delay));
        delay = std::min(delay * 2, last_retry);
    }
}

boost::asio::awaitable<bool> RoleKeeper::try_to_drop(KeptRole kept) {
    const auto busy = co_await kept->busy.hold();
    const auto turn = co_await closing_.hold();
    if (stopped_) co_return false;
    if (!is_over(*kept)) {
        kept->ending = false;
        kept->undropped = false;
        co_return true;
    }
    const Result<void> dropped = co_await work_.drop(resource_, kept->role, connect_timeout());
    if (dropped) {
        kept_.erase(kept->name);
        log::info("ephemeral_role.dropped", {{"role", kept->name},
                                             {"user", kept->role.user},
                                             {"grant", kept->role.grant.text()},
                                             {"resource", name_}});
        co_return true;
    }
    if (stopped_) co_return false;
    // The same failure over and over is said once.
    const bool news = !std::exchange(kept->undropped, true) || kept->problem != dropped.error().message;
    kept->problem = dropped.error().message;
    log::write(news ? log::Level::error : log::Level::debug, "ephemeral_role.undropped",
               {{"role", kept->name},
                {"user", kept->role.user},
                {"grant", kept->role.grant.text()},
                {"resource", name_},
                {"error", kept->problem}});
    co_return false;
}

void RoleKeeper::count() const {
    const auto undropped =
        std::count_if(kept_.begin(), kept_.end(), [](const auto& named) { return named.second->undropped; });
    metrics_.ephemeral_roles(kept_.size(), static_cast<std::size_t>(undropped));
}

// --- Looking for those that nobody here knows of: of an earlier run, or of a node that died

boost::asio::awaitable<void> RoleKeeper::look_for_roles() {
    const Result<std::vector<RoleWork::Found>> found = co_await work_.list(resource_, connect_timeout());
    if (!found) {
        look_again_at_ = means_.clock.boot_now() + look_again_after_failure;
        const bool news = last_problem_ != found.error().message;
        last_problem_ = found.error().message;
        if (!stopped_) {
            log::write(news ? log::Level::warning : log::Level::debug, "ephemeral_role.not_listed",
                       {{"resource", name_}, {"error", last_problem_}});
        }
        co_return;
    }
    last_problem_.clear();
    look_again_at_ = means_.clock.boot_now() + about(look_for_roles_each);
    for (const RoleWork::Found& role : *found) {
        if (stopped_) break;
        if (!is_of_ours(role.role.resource) || kept_.contains(role_name(role.role))) continue;
        co_await take_on(role);
    }
    count();
}

// The store decides whether its grant is over: that this node does not know the grant proves nothing.
boost::asio::awaitable<void> RoleKeeper::take_on(RoleWork::Found found) {
    const Result<store::GrantCountdown> grant = co_await means_.store.find_grant(found.role.grant);
    if (!grant && grant.error().code != ErrorCode::not_found) {
        look_again_at_ = means_.clock.boot_now() + look_again_after_failure;
        co_return;
    }
    const bool over = grant
                          ? grant->grant.revoked || grant->grant.ended || grant->remaining <= Duration::zero()
                          : found.past_its_end;
    const policy::LiveGrant* live = grants_->find(found.role.grant);
    if (kept_.contains(role_name(found.role)) || (!over && live == nullptr)) co_return;
    const KeptRole kept = kept_role(found.role);
    if (!over) {
        kept->window_ends = live->grant.window.ends_at;
        co_return;
    }
    kept->made_here = true;  // nobody else is left to see to it first
    kept->ending = true;
    tasks_.spawn(see_out(kept));
}

}  // namespace curfew::proxy
