#include "proxy/worker.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <limits>
#include <system_error>
#include <utility>

#include "base/log.hpp"
#include "protocol/postgres/cancel_key.hpp"
#include "proxy/session.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr BootInstant::rep no_deadline = std::numeric_limits<BootInstant::rep>::max();

// Between two tries where the system gives no more descriptors or memory for a connection.
constexpr auto pause_after_failed_accept = 50ms;

}  // namespace

Worker::Worker(unsigned number, NodeContext& node)
    : number_{number},
      node_{node},
      guard_{context_.get_executor()},
      timer_{context_.get_executor(), node.clock},
      clients_first_{context_.get_executor(), node.untold_clients},
      next_deadline_{no_deadline},
      thread_{[this] { run(); }} {
    if (node.scribe == nullptr) return;
    ring_ = &node.scribe->add_ring([this] { asio::post(context_, [this] { waiting_for_room_.told(); }); });
}

Worker::~Worker() {
    asio::post(context_, [this] {
        timer_.remove(staleness_);  // or the thread would wait for it
        staleness_ = 0;
    });
    guard_.reset();
    thread_.join();
}

void Worker::run() noexcept {
    // What escapes from a handler is a bug of ours: with sessions in an unknown state there is no going on.
    context_.run();
}

std::optional<BootInstant> Worker::next_deadline() const noexcept {
    const BootInstant::rep next = next_deadline_.load(std::memory_order_relaxed);
    if (next == no_deadline) return std::nullopt;
    return BootInstant{Duration{next}};
}

void Worker::publish_next_deadline() noexcept {
    next_deadline_.store(deadlines_.empty() ? no_deadline : deadlines_.begin()->time_since_epoch().count(),
                         std::memory_order_relaxed);
}

void Worker::deadline_added(BootInstant deadline) {
    deadlines_.insert(deadline);
    publish_next_deadline();
}

void Worker::deadline_removed(BootInstant deadline) {
    const auto found = deadlines_.find(deadline);
    if (found != deadlines_.end()) deadlines_.erase(found);
    publish_next_deadline();
}

void Worker::apply(Truth truth, BootInstant since) {
    truth_ = std::move(truth);
    for (const auto& [id, session] : sessions_)
        session->reassess(since);
}

void Worker::heard(BootInstant stale_at) {
    stale_at_ = stale_at;
    if (staleness_ == 0 || !timer_.move(staleness_, stale_at_)) watch_staleness();
    for (const auto& [id, session] : sessions_)
        session->report_bytes();
}

void Worker::watch_staleness() {
    staleness_ = timer_.add(stale_at_, [this] {
        staleness_ = 0;
        if (!sessions_.empty()) log::error("store.stale", {{"sessions", sessions_.size()}});
        for (const auto& [id, session] : sessions_) {
            if (!session->outlives_store()) session->end(policy::EndCause::store_lost, stale_at_);
        }
    });
}

void Worker::store_away() {
    const BootInstant now = clock().boot_now();
    for (const auto& [id, session] : sessions_) {
        if (session->ends_with_store()) session->end(policy::EndCause::store_lost, now);
    }
}

void Worker::end_all(policy::EndCause cause, BootInstant since) {
    for (const auto& [id, session] : sessions_)
        session->end(cause, since);
}

void Worker::abandon_all() {
    for (const auto& [id, session] : sessions_)
        session->abandon();
}

bool Worker::kill(const SessionId& id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || !found->second->admitted()) return false;
    found->second->end(policy::EndCause::session_killed, clock().boot_now());
    return true;
}

void Worker::recording_failed(const SessionId& id) {
    const auto found = sessions_.find(id);
    if (found != sessions_.end()) found->second->end(policy::EndCause::recording_failed, clock().boot_now());
}

std::vector<SessionView> Worker::views() const {
    std::vector<SessionView> views;
    for (const auto& [id, session] : sessions_) {
        if (session->admitted()) views.push_back(session->view());
    }
    return views;
}

Awaitable<bool> Worker::cancel(postgres::CancelRequest request) {
    const auto found = keys_.find(request.process_id);
    // A secret is compared in any case: whether a process id exists is not told by time.
    const bool matched = found != keys_.end() && found->second->owns(request);
    node_.metrics.cancel_request(matched);
    if (!matched) co_return false;
    co_await found->second->cancel_statement();
    co_return true;
}

void Worker::listen(std::string listener, int family, int descriptor) {
    const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        throw std::system_error(errno, std::generic_category(), "cannot duplicate a listening socket");
    auto acceptor = std::make_shared<Acceptor>(context_, asio::generic::stream_protocol{family, 0}, own);
    acceptors_.emplace(listener, acceptor);
    asio::co_spawn(context_, accept_all(*this, std::move(listener), std::move(acceptor)), asio::detached);
}

void Worker::stop_listening(const std::string& listener) {
    const auto [first, last] = acceptors_.equal_range(listener);
    for (auto it = first; it != last; ++it)
        it->second->close();
    acceptors_.erase(first, last);
}

Awaitable<void> Worker::accept_all(Worker& worker, std::string listener, std::shared_ptr<Acceptor> acceptor) {
    const auto as_result = asio::as_tuple(asio::use_awaitable);
    while (acceptor->is_open()) {
        auto [error, socket] = co_await acceptor->async_accept(as_result);
        if (!error) {
            worker.admit_connection(listener, std::move(socket));
            continue;
        }
        if (!acceptor->is_open() || error == asio::error::operation_aborted) break;
        if (error == asio::error::connection_aborted) continue;
        log::error("accept.failed", {{"listener", listener}, {"error", error.message()}});
        asio::steady_timer pause{worker.context_, pause_after_failed_accept};
        co_await pause.async_wait(as_result);
    }
}

void Worker::admit_connection(const std::string& listener, Stream::Socket socket) {
    node_.metrics.connection_accepted(listener);
    begin_session(listener, std::move(socket), std::nullopt);
}

void Worker::let_in(const ScriptEntry& script, int descriptor) {
    const asio::generic::stream_protocol protocol{AF_UNIX, 0};
    begin_session("script", Stream::Socket{context_, protocol, descriptor}, script);
}

void Worker::begin_session(const std::string& listener, Stream::Socket socket,
                           std::optional<ScriptEntry> script) {
    Place place{node_.half_open, setup()->config->limits.half_open};
    if (!place) {
        node_.metrics.connection_dropped("half_open_limit");
        log::debug("connection.dropped", {{"listener", listener}, {"reason", "half_open_limit"}});
        return;  // and with it the socket
    }
    auto session = std::make_shared<Session>(*this, listener, Stream{std::move(socket)}, std::move(place),
                                             std::move(script));
    sessions_.emplace(session->id(), session);
    asio::co_spawn(context_, run_session(std::move(session)), asio::detached);
}

Awaitable<void> Worker::run_session(std::shared_ptr<Session> session) {
    Worker& worker = session->worker();
    try {
        co_await session->run();
    } catch (const std::exception& failure) {
        // Its sockets close with it, and the store still knows it as live: the backend is looked for.
        log::error("session.failed", {{"session", session->id().text()}, {"error", failure.what()}});
    }
    worker.sessions_.erase(session->id());
    worker.node_.changed();
}

}  // namespace curfew::proxy
