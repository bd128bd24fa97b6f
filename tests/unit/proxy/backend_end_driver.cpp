#include "backend_end_driver.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>
#include <variant>

namespace curfew::proxy {

BackendEndDriver::BackendEndDriver(BackendEnd::Situation situation)
    : end_{situation}, socket_open_{situation.connected} {}

void BackendEndDriver::begin() {
    take(end_.begin(now_));
}

void BackendEndDriver::eof() {
    socket_open_ = false;
    take(end_.on_eof(now_));
}

void BackendEndDriver::lost() {
    socket_open_ = false;
    take(end_.on_lost(now_));
}

void BackendEndDriver::terminated(const Result<Signal>& answer) {
    ASSERT_TRUE(terminating_);
    terminating_ = false;
    take(end_.on_terminated(answer, now_));
}

void BackendEndDriver::looked(const Result<bool>& is_running) {
    ASSERT_TRUE(looking_);
    looking_ = false;
    found_absent_ |= is_running && !*is_running;
    take(end_.on_looked(is_running, now_));
}

void BackendEndDriver::cancelled() {
    ASSERT_TRUE(cancelling_);
    cancelling_ = false;
    take(end_.on_cancelled(now_));
}

void BackendEndDriver::pass(Duration time) {
    const BootInstant until = now_ + time;
    answer_what_is_to_be();
    while (wake_ && *wake_ <= until && !over()) {
        now_ = *wake_;
        tick();
    }
    now_ = until;
}

void BackendEndDriver::tick() {
    wake_.reset();
    take(end_.on_tick(now_));
}

void BackendEndDriver::take(const BackendEnd::Actions& actions) {
    const bool was_over = done_.has_value();
    for (const auto& action : actions)
        take_one(action);
    if (was_over) {
        EXPECT_TRUE(actions.empty()) << "something is to be done although all is over";
    } else if (done_) {
        EXPECT_EQ(actions.size(), 1U) << "Done comes alone";
    }
    check();
    answer_what_is_to_be();
}

void BackendEndDriver::take_one(const BackendEnd::Action& action) {
    if (const auto* wake = std::get_if<BackendEnd::WakeAt>(&action)) {
        EXPECT_GT(wake->when, now_) << "waking at once would never end";
        EXPECT_NE(wake_, wake->when) << "this one stands already";
        wake_ = wake->when;
    } else if (const auto* done = std::get_if<BackendEnd::Done>(&action)) {
        done_ = *done;
    } else if (std::holds_alternative<BackendEnd::Terminate>(action)) {
        EXPECT_FALSE(std::exchange(terminating_, true)) << "one is under way";
        ++terminates;
        note("terminate");
    } else if (std::holds_alternative<BackendEnd::Look>(action)) {
        EXPECT_FALSE(std::exchange(looking_, true)) << "one is under way";
        ++looks;
        note("look");
    } else {
        EXPECT_FALSE(std::exchange(cancelling_, true)) << "one is under way";
        ++cancels;
        note("cancel");
    }
}

void BackendEndDriver::note(const char* what) {
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed()).count();
    times += (times.empty() ? "" : " ") + std::string{what} + "@" + std::to_string(at);
}

void BackendEndDriver::answer_what_is_to_be() {
    if (std::exchange(answering_, true)) return;
    while (answer_one()) {
    }
    answering_ = false;
}

bool BackendEndDriver::answer_one() {
    if (over()) return false;
    if (terminating_ && answer_terminate) {
        terminated(answer_terminate());
    } else if (looking_ && answer_look) {
        looked(answer_look());
    } else if (cancelling_ && answer_cancel) {
        cancelled();
    } else {
        return false;
    }
    return true;
}

void BackendEndDriver::check() const {
    using store::Confirmation;
    EXPECT_EQ(done_.has_value(), end_.over());
    if (!done_) {
        EXPECT_TRUE(terminating_ || looking_ || cancelling_ || wake_) << "nothing would ever happen again";
        EXPECT_EQ(end_.gone_at(), std::nullopt);
        return;
    }
    EXPECT_FALSE(socket_open_) << "given up while the socket is open";
    if (done_->confirmation == Confirmation::activity) {
        EXPECT_TRUE(found_absent_) << "nobody saw the row leave";
    }
    EXPECT_NE(done_->confirmation, Confirmation::pending);
    const bool known =
        done_->confirmation == Confirmation::activity || done_->confirmation == Confirmation::eof;
    EXPECT_EQ(end_.gone_at().has_value(), known);
    EXPECT_LE(end_.gone_at().value_or(now_), now_);
}

}  // namespace curfew::proxy
