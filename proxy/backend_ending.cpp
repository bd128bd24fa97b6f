#include "proxy/backend_ending.hpp"

#include <array>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <utility>

#include "proxy/let_others_run.hpp"
#include "proxy/upstream_connection.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

// From the beginning of the end on.
constexpr Duration deliver_at_most = std::chrono::milliseconds{200};

BackendEnd::Situation situation_of(const Stream& server, const ResourceContext& resource,
                                   const BackendInQuestion& backend) {
    BackendEnd::Situation situation;
    situation.connected = server.is_open();
    situation.admin_configured = resource.admin != nullptr;
    situation.identified = situation.admin_configured && !backend.backend.started.empty();
    situation.cancellable = backend.key.has_value();
    situation.idle = backend.idle;
    return situation;
}

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

BackendEnding::BackendEnding(Stream& server, std::shared_ptr<const ResourceContext> resource,
                             BackendInQuestion backend, const Clock& clock, BootTimer& timer,
                             Duration cancel_timeout)
    : server_{server},
      resource_{std::move(resource)},
      backend_{std::move(backend)},
      clock_{clock},
      timer_{timer},
      cancel_timeout_{cancel_timeout},
      machine_{situation_of(server_, *resource_, backend_)} {}

asio::awaitable<BackendEnded> BackendEnding::run() {
    executor_.emplace(co_await asio::this_coro::executor);
    tasks_.emplace(*executor_);
    over_.emplace(*executor_);
    // A backend that comes back to read finds the end, and not another request.
    server_.shutdown_write();
    perform(machine_.begin(clock_.boot_now()));
    if (!done_ && server_.is_open()) {
        tasks_->spawn(drain());
        if (resource_->admin && !backend_.backend.started.empty())
            last_delivery_ = timer_.add(clock_.boot_now() + deliver_at_most, [this] { stop_delivering(); });
    }
    while (!is_over())
        co_await over_->wait();
    timer_.remove(wake_);
    timer_.remove(last_delivery_);
    server_.interrupt();
    // Whoever still asks or cancels is answered within seconds; the session's memory is theirs until then.
    co_await tasks_->join();
    server_.close();
    BackendEnded ended;
    if (done_) {
        ended.confirmation = done_->confirmation;
        ended.detail = std::move(done_->detail);
        ended.gone_at = machine_.gone_at();
    } else {
        ended.detail = "curfewd stopped before the end of the backend could be established";
    }
    co_return ended;
}

void BackendEnding::abandon() {
    abandoned_ = true;
    if (over_) over_->notify();
}

void BackendEnding::perform(BackendEnd::Actions actions) {
    for (BackendEnd::Action& action : actions) {
        std::visit(Overloaded{
                       [this](BackendEnd::Terminate) { tasks_->spawn(terminate()); },
                       [this](BackendEnd::Look) { tasks_->spawn(look()); },
                       [this](BackendEnd::Cancel) { tasks_->spawn(cancel()); },
                       [this](BackendEnd::WakeAt wake) {
                           if (wake_ != 0 && timer_.move(wake_, wake.when)) return;
                           wake_ = timer_.add(wake.when, [this] {
                               wake_ = 0;
                               perform(machine_.on_tick(clock_.boot_now()));
                           });
                       },
                       [this](BackendEnd::Done& done) {
                           done_ = std::move(done);
                           over_->notify();
                       },
                   },
                   action);
    }
}

// What the backend still has to say is for no client; unread, it would keep the backend from going on to its
// end.
asio::awaitable<void> BackendEnding::drain() {
    static thread_local std::array<char, std::size_t{64} * 1024> nowhere;
    for (int chunks = 1;; ++chunks) {
        const Stream::Outcome outcome = server_.try_read(nowhere);
        if (outcome.status == Stream::Status::ok) {
            if (backend_.outcome != nullptr) backend_.outcome->from_server({nowhere.data(), outcome.bytes});
            if (chunks % chunks_per_turn == 0) co_await let_others_run();
            if (server_.interrupted()) co_return;
            continue;
        }
        if (outcome.status != Stream::Status::want_read && outcome.status != Stream::Status::want_write)
            break;
        if (co_await server_.wait(outcome.status) == Stream::Status::interrupted) co_return;
    }
    lost_ = lost_ || server_.lost();
    const BootInstant now = clock_.boot_now();
    if (!is_over()) perform(lost_ ? machine_.on_lost(now) : machine_.on_eof(now));
}

// What the client sent in time and a cut network held up would else be carried out when that heals, however
// late. The administrative connection ends the backend, whatever becomes of this one.
void BackendEnding::stop_delivering() {
    last_delivery_ = 0;
    if (!server_.has_undelivered()) return;
    lost_ = true;
    server_.reset();
}

asio::awaitable<void> BackendEnding::terminate() {
    const Result<BackendAdmin::Signal> answer = co_await resource_->admin->terminate(backend_.backend);
    if (!is_over()) perform(machine_.on_terminated(answer, clock_.boot_now()));
}

asio::awaitable<void> BackendEnding::look() {
    const Result<bool> running = co_await resource_->admin->is_running(backend_.backend);
    if (!is_over()) perform(machine_.on_looked(running, clock_.boot_now()));
}

asio::awaitable<void> BackendEnding::cancel() {
    postgres::CancelRequest request{backend_.key->process_id, backend_.key->secret};
    co_await send_cancel(*executor_, resource_->config, resource_->tls.get(), std::move(request),
                         cancel_timeout_);
    if (!is_over()) perform(machine_.on_cancelled(clock_.boot_now()));
}

}  // namespace curfew::proxy
