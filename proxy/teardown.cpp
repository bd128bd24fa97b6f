#include "proxy/teardown.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace curfew::proxy {

using namespace std::chrono_literals;

namespace {

// Between one look and the next, from the socket's end on. A backend's row leaves before its socket ends, so
// the first look is at once and mostly the only one.
constexpr std::array<Duration, 8> look_pauses{2ms, 5ms, 10ms, 20ms, 50ms, 100ms, 200ms, 500ms};
// Where looking begins while the socket is still open: its end says more, and sooner.
constexpr std::size_t unhurried = 4;

constexpr std::string_view cancelled_instead =
    "PostgreSQL does not let the admin_login terminate this backend (a superuser's, or the role lacks "
    "pg_signal_backend): it was cancelled and its connection closed instead; where that is not enough, use "
    "an "
    "admin_login that is a superuser";
constexpr std::string_view lost_sight =
    "the connection to PostgreSQL was lost without a word, so whether the backend has ended is not known: "
    "look "
    "for it in pg_stat_activity, and give the resource an admin_login, with which Curfew does that itself";
constexpr std::string_view never_identified =
    "the admin_login did not learn which backend served this session, so whether its row has left "
    "pg_stat_activity could not be looked up; the log says why, at the start of the session";

std::string in_seconds(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

BackendEnd::BackendEnd(Situation situation) : situation_{situation} {}

BackendEnd::Actions BackendEnd::begin(BootInstant now) {
    if (!situation_.connected) {
        const bool was_there = situation_.identified || situation_.cancellable;
        return was_there ? on_eof(now) : finish({store::Confirmation::never_started, {}});
    }
    if (situation_.identified) {
        terminate_at_ = now;
        cancel_at_ = now + cancel_after;
    } else {
        cancel_now(now);
    }
    return next(now);
}

BackendEnd::Actions BackendEnd::on_eof(BootInstant now) {
    if (over_ || eof_at_) return {};
    eof_at_ = now;
    give_up_at_ = now + give_up_looking;
    look_at_ = now;
    look_pause_ = 0;
    return next(now);
}

BackendEnd::Actions BackendEnd::on_lost(BootInstant now) {
    if (over_ || eof_at_ || lost_) return {};
    lost_ = true;
    if (!terminate_at_) terminate_at_ = now;
    if (!look_at_) look_at_ = now;
    look_pause_ = unhurried;
    return next(now);
}

BackendEnd::Actions BackendEnd::on_terminated(const Result<BackendAdmin::Signal>& answer, BootInstant now) {
    if (over_) return {};
    terminating_ = false;
    terminate_at_ = now + ask_again;
    if (!answer) {
        not_seen(answer.error());
        if (answer.error().code == ErrorCode::unavailable) terminate_at_ = now + ask_again_when_down;
        cancel_now(now);
    } else {
        refused_ = *answer == BackendAdmin::Signal::refused;
        if (refused_) cancel_now(now);
        if (*answer == BackendAdmin::Signal::gone) look_at_ = now;
    }
    if (!looking_ && !look_at_) {
        look_pause_ = unhurried;
        look_at_ = now + look_pauses[look_pause_];
    }
    return next(now);
}

BackendEnd::Actions BackendEnd::on_looked(const Result<bool>& is_running, BootInstant now) {
    if (over_) return {};
    looking_ = false;
    if (is_running && !*is_running) {
        absent_at_ = now;
        return next(now);
    }
    if (!is_running) {
        not_seen(is_running.error());
    } else if (eof_at_ && !look_at_) {
        outlived_ = true;
        give_up_at_ = now + give_up_looking;
    }
    // Whatever happened while it was under way (EOF) has asked for a new one already.
    if (!look_at_) {
        look_at_ = now + look_pauses[look_pause_];
        look_pause_ = std::min(look_pause_ + 1, look_pauses.size() - 1);
    }
    // A socket that has ended does not mean that its backend noticed.
    if (!terminate_at_) terminate_at_ = now;
    return next(now);
}

BackendEnd::Actions BackendEnd::on_cancelled(BootInstant now) {
    if (over_) return {};
    cancelling_ = false;
    cancel_at_ = now + cancel_pause_;
    cancel_pause_ = std::min(cancel_pause_ * 2, longest_cancel_pause);
    return next(now);
}

BackendEnd::Actions BackendEnd::on_tick(BootInstant now) {
    if (over_) return {};
    wake_at_.reset();
    return next(now);
}

BackendEnd::Actions BackendEnd::next(BootInstant now) {
    if (auto done = outcome(now)) return finish(std::move(*done));
    Actions actions;
    ask(actions, now);
    schedule_wake(actions, now);
    return actions;
}

// What the end amounts to, if it is established, or if looking for it is given up.
std::optional<BackendEnd::Done> BackendEnd::outcome(BootInstant now) const {
    if (lost_ && !situation_.identified)
        return Done{store::Confirmation::unconfirmed, std::string{lost_sight}};
    if (!eof_at_ && !(lost_ && absent_at_)) return std::nullopt;
    if (absent_at_)
        return Done{store::Confirmation::activity, std::string{refused_ ? cancelled_instead : ""}};
    if (!situation_.identified || now >= *give_up_at_) return without_row();
    return std::nullopt;
}

// The socket has ended, and nobody can say whether the row has left.
BackendEnd::Done BackendEnd::without_row() const {
    if (!situation_.identified)
        return {store::Confirmation::eof, std::string{situation_.admin_configured ? never_identified : ""}};
    const std::string why = why_not_seen_.empty() ? "there was no answer" : why_not_seen_;
    if (outlived_)
        return {
            store::Confirmation::unconfirmed,
            "its connection ended, but its row was still in pg_stat_activity when last seen, and could not "
            "be looked up for " +
                in_seconds(give_up_looking) + " (" + why + "): terminate it there if it still runs"};
    return {store::Confirmation::eof,
            "its connection ended, but whether its row has left pg_stat_activity could "
            "not be looked up for " +
                in_seconds(give_up_looking) + " (" + why + "): look for it there"};
}

BackendEnd::Actions BackendEnd::finish(Done done) {
    over_ = true;
    if (done.confirmation == store::Confirmation::activity)
        gone_at_ = std::max(eof_at_.value_or(*absent_at_), *absent_at_);
    if (done.confirmation == store::Confirmation::eof) gone_at_ = eof_at_;
    return {std::move(done)};
}

// Gives what is due and not under way.
void BackendEnd::ask(Actions& actions, BootInstant now) {
    const auto give = [&]<class Kind>(Kind kind, std::optional<BootInstant>& at, bool& under_way) {
        if (under_way || !at || *at > now) return;
        at.reset();
        under_way = true;
        actions.emplace_back(kind);
    };
    if (looks_for_row()) {
        give(Terminate{}, terminate_at_, terminating_);
        give(Look{}, look_at_, looking_);
    }
    if (cancels()) give(Cancel{}, cancel_at_, cancelling_);
}

void BackendEnd::schedule_wake(Actions& actions, BootInstant now) {
    std::optional<BootInstant> wake;
    const auto consider = [&wake](bool wanted, std::optional<BootInstant> at) {
        if (wanted && at && (!wake || *at < *wake)) wake = at;
    };
    consider(looks_for_row() && !terminating_, terminate_at_);
    consider(looks_for_row() && !looking_, look_at_);
    consider(cancels() && !cancelling_, cancel_at_);
    consider(true, give_up_at_);
    // Nothing to do but wait for the socket's end.
    if (!wake && !terminating_ && !looking_ && !cancelling_)
        wake = wake_at_ && *wake_at_ > now ? *wake_at_ : now + ask_again;
    if (!wake || wake == wake_at_) return;
    wake_at_ = wake;
    actions.emplace_back(WakeAt{*wake});
}

// Begins with the cancelling, if it has not begun.
void BackendEnd::cancel_now(BootInstant now) {
    if (cancel_pause_ != shortest_cancel_pause) return;
    cancel_at_ = situation_.idle ? now + shortest_cancel_pause : now;
}

void BackendEnd::not_seen(const Error& error) {
    why_not_seen_ = error.message;
}

}  // namespace curfew::proxy
