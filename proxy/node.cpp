#include "proxy/node.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "proxy/node_impl.hpp"
#include "proxy/run_on.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto longest_wait_for_change = 15s;

Awaitable<std::vector<SessionView>> views_of(Worker& worker) {
    co_return worker.views();
}

Awaitable<bool> kill_on(Worker& worker, SessionId id) {
    co_return worker.kill(id);
}

// Longer ones are for those who read the recording.
constexpr std::size_t longest_statement_shown = 500;

// At a character's end.
std::string cut_statement(std::string sql) {
    if (sql.size() <= longest_statement_shown) return sql;
    std::size_t end = longest_statement_shown;
    while (end > longest_statement_shown - 3 && (static_cast<unsigned char>(sql[end]) & 0xC0U) == 0x80U)
        --end;
    sql.resize(end);
    return sql;
}

double in_seconds(Duration duration) {
    return std::chrono::duration<double>{duration}.count();
}

}  // namespace

Node::Node(asio::any_io_executor control, const Clock& clock, store::Store& store, metrics::Metrics& metrics,
           config::Config config, NodeOptions options)
    : impl_{std::make_shared<Impl>(std::move(control), clock, store, metrics, std::move(config),
                                   std::move(options))} {}

Node::~Node() = default;

Awaitable<Result<void>> Node::start() {
    return impl_->start();
}

Awaitable<Result<void>> Node::use(config::Config config) {
    return impl_->apply(std::move(config));
}

Awaitable<void> Node::grants_changed(std::vector<store::GrantCountdown> grants) {
    const auto impl = impl_;
    const BootInstant since = impl->clock.boot_now();
    const auto hold = co_await impl->changing.hold();
    for (const store::GrantCountdown& grant : grants)
        impl->book.update(grant);
    co_await impl->publish(since);
}

Awaitable<Result<void>> Node::read_grants_anew() {
    const auto impl = impl_;
    const BootInstant since = impl->clock.boot_now();
    const auto hold = co_await impl->changing.hold();
    impl->news_from.reset();
    auto hearing = impl->hear_grants();
    const Result<void> heard = co_await std::move(hearing);
    if (!heard) co_return heard;
    co_await impl->publish(since);
    co_return Result<void>{};
}

Result<ScriptDoor> Node::open_for_script(ScriptEntry entry) {
    if (!impl_->started || impl_->draining)
        return Error{ErrorCode::unavailable, "this node takes no new sessions: it is starting, or stopping"};
    ScriptDoor::LetIn let_in = [impl = std::weak_ptr<Impl>{impl_}, entry = std::move(entry)](
                                   int descriptor, std::function<void()> over) {
        const auto node = impl.lock();
        if (!node || node->context.workers.empty()) {
            ::close(descriptor);
            return;
        }
        ScriptEntry own = entry;
        own.over = std::move(over);
        Worker& worker = *node->context.workers[node->next_for_script++ % node->context.workers.size()];
        asio::post(worker.executor(),
                   [&worker, entry = std::move(own), descriptor] { worker.let_in(entry, descriptor); });
    };
    return ScriptDoor::open(impl_->control, std::move(let_in));
}

void Node::sessions_changed() {
    impl_->changed();
}

Awaitable<void> Node::see_to_orphans() {
    return impl_->see_to_orphans();
}

Awaitable<void> Node::drain() {
    return impl_->drain();
}

void Node::hurry() {
    impl_->hurried = true;
    impl_->changed();  // whoever waits for sessions to end looks again
}

std::vector<Node::Opened> Node::opened() const {
    return impl_->listeners.opened();
}

std::string Node::exposition() {
    metrics::Metrics::Scrape scrape;
    const BootInstant now = impl_->clock.boot_now();
    scrape.now = now;
    std::optional<BootInstant> next;
    for (const auto& worker : impl_->context.workers) {
        const auto deadline = worker->next_deadline();
        if (deadline && (!next || *deadline < *next)) next = deadline;
    }
    if (next) scrape.seconds_to_next_expiry = std::max(0.0, in_seconds(*next - now));
    if (impl_->started) scrape.store_staleness_seconds = in_seconds(now - impl_->heard_at);
    scrape.active_grants = static_cast<double>(impl_->book.active(now));
    return impl_->metrics.expose(scrape);
}

Awaitable<Result<store::GrantCountdown>> Node::grant(store::NewGrant grant) {
    const auto impl = impl_;
    if (auto unknown = impl->unknown_names(grant)) co_return std::move(*unknown);
    Result<store::GrantCountdown> given = co_await impl->store.add_grant(std::move(grant));
    if (!given) co_return given;
    const auto hold = co_await impl->changing.hold();
    impl->book.update(*given);
    co_await impl->publish(impl->clock.boot_now());
    co_return given;
}

Awaitable<Result<store::GrantCountdown>> Node::revoke(GrantId id, Actor actor, std::string reason) {
    const auto impl = impl_;
    Result<store::GrantCountdown> revoked =
        co_await impl->store.revoke_grant(std::move(id), std::move(actor), std::move(reason));
    if (!revoked) co_return revoked;
    const BootInstant since = impl->clock.boot_now();
    const auto hold = co_await impl->changing.hold();
    impl->book.update(*revoked);
    co_await impl->publish(since);
    co_return revoked;
}

Awaitable<Result<store::GrantCountdown>> Node::extend(GrantId id, Duration by, Actor actor) {
    const auto impl = impl_;
    Result<store::GrantCountdown> extended =
        co_await impl->store.extend_grant(std::move(id), by, std::move(actor));
    if (!extended) co_return extended;
    const auto hold = co_await impl->changing.hold();
    impl->book.update(*extended);
    co_await impl->publish(impl->clock.boot_now());
    co_return extended;
}

Awaitable<std::vector<SessionView>> Node::sessions() {
    const auto impl = impl_;
    std::vector<SessionView> all;
    for (const auto& worker : impl->context.workers) {
        std::vector<SessionView> some = co_await run_on(worker->executor(), views_of(*worker));
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    impl->add_statements(all);
    std::sort(all.begin(), all.end(),
              [](const SessionView& a, const SessionView& b) { return a.started_at < b.started_at; });
    co_return all;
}

void Node::Impl::add_statements(std::vector<SessionView>& views) const {
    if (!scribe) return;
    auto running = scribe->running_statements();
    const BootInstant now = clock.boot_now();
    const WallInstant wall_now = clock.wall_now();
    for (SessionView& view : views) {
        const auto found = running.find(view.id);
        if (found == running.end()) continue;
        const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(now - found->second.since);
        view.statement = {cut_statement(std::move(found->second.statement)), wall_now - ago};
    }
}

Awaitable<Result<void>> Node::kill(SessionId id, Actor) {
    const auto impl = impl_;
    for (const auto& worker : impl->context.workers) {
        if (co_await run_on(worker->executor(), kill_on(*worker, id))) co_return Result<void>{};
    }
    co_return Error{ErrorCode::not_found,
                    "there is no live session '" + printable(id.text()) + "'; curfew sessions lists them"};
}

Awaitable<NodeStatus> Node::status() {
    const auto impl = impl_;
    NodeStatus status;
    status.version = impl->options.version;
    status.node = impl->options.name;
    status.started_at = impl->started_at;
    status.not_ready_because = impl->not_ready_because();
    status.ready = status.not_ready_because.empty();
    status.sessions = impl->session_count();
    status.unconfirmed_backends = impl->context.unconfirmed_backends.load(std::memory_order_relaxed);
    for (const Opened& opened : impl->listeners.opened())
        status.listeners.push_back({opened.listener, opened.address});
    for (const auto& [name, resource] : impl->config->resources)
        status.resources.push_back(name);
    if (impl->setup) {
        for (const auto& [name, resource] : impl->setup->resources) {
            if (resource->admin) status.admin_logins.push_back(resource->admin->status());
        }
    }
    status.config_file = impl->options.config_file;
    co_return status;
}

Awaitable<Result<void>> Node::reload(std::string actor) {
    return impl_->reload(std::move(actor));
}

Awaitable<std::uint64_t> Node::wait_for_change(std::uint64_t seen) {
    const auto impl = impl_;
    if (impl->changes != seen) co_return impl->changes;
    asio::steady_timer timer{impl->control, longest_wait_for_change};
    const auto place = impl->waiting_for_change.insert(impl->waiting_for_change.end(), &timer);
    const auto as_result = asio::as_tuple(asio::use_awaitable);
    co_await timer.async_wait(as_result);
    impl->waiting_for_change.erase(place);
    co_return impl->changes;
}

}  // namespace curfew::proxy
