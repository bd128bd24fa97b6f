#include "notify/slack/socket_mode.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "base/log.hpp"
#include "notify/slack/json_reading.hpp"

namespace curfew::notify::slack {
namespace {

constexpr std::chrono::seconds first_pause{1};
constexpr std::chrono::minutes longest_pause{2};

double random_part() {
    static thread_local std::mt19937 generator{std::random_device{}()};
    return std::uniform_real_distribution{0.0, 1.0}(generator);
}

}  // namespace

Duration reconnect_after(unsigned failures, double random) {
    constexpr unsigned most_doublings = 8;
    const auto doubled =
        Duration{first_pause} * (1U << std::min(failures == 0 ? 0 : failures - 1, most_doublings));
    const auto whole = std::min<Duration>(doubled, longest_pause);
    return std::chrono::duration_cast<Duration>(whole * (0.5 + 0.5 * std::clamp(random, 0.0, 1.0)));
}

SocketMode::SocketMode(const boost::asio::any_io_executor& executor, std::shared_ptr<Workspace> workspace,
                       Handle handle, SocketOptions options)
    : executor_{executor},
      workspace_{std::move(workspace)},
      handle_{std::move(handle)},
      options_{std::move(options)},
      tasks_{executor},
      changed_{executor} {}

void SocketMode::stop() noexcept {
    stopping_ = true;
    for (const auto& connection : connections_)
        connection->close();
    if (opening_) opening_->close();
    changed_.notify();
}

Awaitable<Result<SocketMode::Connection>> SocketMode::connect() {
    auto asking = workspace_->app().call("apps.connections.open", {});
    const auto answer = co_await std::move(asking);
    if (!answer) co_return Error{ErrorCode::unavailable, answer.error().message};
    std::string url{text_of(*answer, "url")};
    auto begun = [this](Connection connection) { opening_ = std::move(connection); };
    auto connecting = connect_socket(executor_, std::move(url), options_, std::move(begun));
    auto connection = co_await std::move(connecting);
    opening_.reset();
    co_return connection;
}

void SocketMode::note_failure(const Error& failure) {
    ++failures_;
    log::warning("slack.socket_failed",
                 {{"notifier", workspace_->notifier()}, {"error", failure.message}, {"failures", failures_}});
}

Awaitable<void> SocketMode::pause() {
    using Steady = std::chrono::steady_clock;
    const auto until = Steady::now() + reconnect_after(failures_, random_part());
    while (!stopping_ && Steady::now() < until) {
        auto waiting = changed_.wait_for(until - Steady::now());
        co_await std::move(waiting);
    }
}

Awaitable<void> SocketMode::run(std::shared_ptr<SocketMode> self) {
    while (!self->stopping_) {
        if (!self->wanted_) {
            auto waiting = self->changed_.wait();
            co_await std::move(waiting);
            continue;
        }
        if (self->failures_ > 0) {
            auto pausing = self->pause();
            co_await std::move(pausing);
            if (self->stopping_) break;
        }
        auto connecting = self->connect();
        auto connection = co_await std::move(connecting);
        if (self->stopping_) break;
        if (!connection) {
            self->note_failure(connection.error());
            continue;
        }
        self->wanted_ = false;
        self->connections_.push_back(*connection);
        self->tasks_.spawn(serve(self, std::move(*connection)));
    }
    co_await self->tasks_.join();
}

void SocketMode::forget(const Connection& connection) {
    connections_.erase(std::remove(connections_.begin(), connections_.end(), connection), connections_.end());
    // The last one went without saying so before.
    if (connections_.empty() && !stopping_) wanted_ = true;
    changed_.notify();
}

void SocketMode::take(const Envelope& envelope) {
    if (envelope.kind == Envelope::Kind::hello) {
        failures_ = 0;
        log::info("slack.socket_opened", {{"notifier", workspace_->notifier()}});
    }
    if (envelope.kind != Envelope::Kind::disconnect) return;
    log::info("slack.socket_leaving", {{"notifier", workspace_->notifier()}, {"reason", envelope.reason}});
    // From here on Slack may close it at any time. It is read from until then: what was under way still
    // comes.
    if (connections_.size() == 1) wanted_ = true;
    changed_.notify();
}

Awaitable<void> SocketMode::serve(std::shared_ptr<SocketMode> self, Connection connection) {
    bool greeted = false;
    std::string end;
    while (!self->stopping_ && end.empty()) {
        auto reading = connection->read();
        const auto message = co_await std::move(reading);
        if (!message) {
            end = message.error().message;
            continue;
        }
        auto envelope = parse_envelope(*message);
        if (!envelope) {
            log::warning("slack.envelope_unreadable",
                         {{"notifier", self->workspace_->notifier()}, {"error", envelope.error().message}});
            continue;
        }
        greeted = greeted || envelope->kind == Envelope::Kind::hello;
        self->take(*envelope);
        if (!envelope->id.empty()) self->tasks_.spawn(answer(self, connection, std::move(*envelope)));
    }
    connection->close();
    // One that was never up would be opened again and again otherwise.
    if (!greeted && !self->stopping_) self->note_failure({ErrorCode::unavailable, end});
    if (greeted && !self->stopping_)
        log::info("slack.socket_closed", {{"notifier", self->workspace_->notifier()}, {"reason", end}});
    self->forget(connection);
}

Awaitable<void> SocketMode::answer(std::shared_ptr<SocketMode> self, Connection connection,
                                   Envelope envelope) {
    boost::json::object said;
    const std::string id = envelope.id;
    const bool takes_an_answer = envelope.takes_an_answer;
    if (envelope.kind != Envelope::Kind::other) {
        auto handling = self->handle_(std::move(envelope));
        said = co_await std::move(handling);
    }
    if (!takes_an_answer) said.clear();
    auto writing = connection->write(acknowledgement(id, said));
    const auto written = co_await std::move(writing);
    if (!written && !self->stopping_) {
        log::warning("slack.not_acknowledged",
                     {{"notifier", self->workspace_->notifier()}, {"error", written.error().message}});
    }
}

}  // namespace curfew::notify::slack
