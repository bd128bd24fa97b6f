// Whatever happens in whatever order: what must never be said of a backend's end is not. The driver checks it
// at every step; a failure names the seed.
#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <string>

#include "backend_end_driver.hpp"

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using store::Confirmation;
using Signal = BackendAdmin::Signal;

class Chance {
public:
    explicit Chance(unsigned seed) : random_{seed} {}

    bool one_in(int n) { return below(n) == 0; }
    int below(int n) { return std::uniform_int_distribution{0, n - 1}(random_); }
    // From nanoseconds to a minute, each order of magnitude as likely as the next.
    Duration some_time() {
        const double magnitude = std::uniform_real_distribution{0.0, 10.78}(random_);
        return Duration{static_cast<Duration::rep>(std::pow(10.0, magnitude))};
    }

private:
    std::mt19937 random_;
};

BackendEnd::Situation some_situation(Chance& chance) {
    BackendEnd::Situation situation;
    situation.connected = !chance.one_in(8);
    situation.admin_configured = chance.one_in(2);
    situation.identified = situation.admin_configured && !chance.one_in(4);
    situation.cancellable = !chance.one_in(4);
    situation.idle = chance.one_in(2);
    return situation;
}

Error some_error(Chance& chance) {
    constexpr ErrorCode codes[] = {ErrorCode::unavailable, ErrorCode::forbidden, ErrorCode::invalid,
                                   ErrorCode::internal};
    return {codes[chance.below(4)], "for some reason"};
}

Result<Signal> some_signal(Chance& chance) {
    if (chance.one_in(3)) return some_error(chance);
    constexpr Signal signals[] = {Signal::sent, Signal::gone, Signal::refused};
    return signals[chance.below(3)];
}

// A row that has left does not come back.
Result<bool> some_look(Chance& chance, const BackendEndDriver& end) {
    if (chance.one_in(3)) return some_error(chance);
    return !end.found_absent() && !chance.one_in(8);
}

void step(BackendEndDriver& end, Chance& chance) {
    switch (chance.below(8)) {
        case 0:
            if (end.terminating()) end.terminated(some_signal(chance));
            break;
        case 1:
            if (end.looking()) end.looked(some_look(chance, end));
            break;
        case 2:
            if (end.cancelling()) end.cancelled();
            break;
        case 3:
            if (!end.socket_open() || !chance.one_in(20)) break;
            if (chance.one_in(3)) {
                end.lost();
            } else {
                end.eof();
            }
            break;
        case 4:
            end.tick();
            break;
        default:
            end.pass(chance.some_time());
    }
}

// Of one kind, between the last answer and the next.
struct Pace {
    int given = 0;
    BootInstant idle_since{};
    bool was_under_way = false;

    void see(int times, bool under_way, BootInstant now) {
        if (times != given || (was_under_way && !under_way)) idle_since = now;
        given = times;
        was_under_way = under_way;
    }
};

class AnyBackendEnd : public testing::TestWithParam<unsigned> {};

INSTANTIATE_TEST_SUITE_P(, AnyBackendEnd, testing::Range(0U, 20U));

TEST_P(AnyBackendEnd, KeepsItsPromisesWhateverHappens) {
    for (unsigned seed = GetParam() * 1000; seed < (GetParam() + 1) * 1000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Chance chance{seed};
        BackendEndDriver end{some_situation(chance)};
        end.begin();
        for (int i = 0; i < 200; ++i)
            step(end, chance);
        ASSERT_FALSE(HasFailure());
    }
}

TEST_P(AnyBackendEnd, ComesToItsEndOnceEverythingAnswers) {
    for (unsigned seed = GetParam() * 1000; seed < (GetParam() + 1) * 1000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Chance chance{seed};
        const BackendEnd::Situation situation = some_situation(chance);
        BackendEndDriver end{situation};
        end.begin();
        for (int i = 0; i < chance.below(100); ++i)
            step(end, chance);
        end.answer_cancel = true;
        end.answer_terminate = [] { return Signal::gone; };
        end.answer_look = [] { return false; };
        const bool decided_before = end.over();
        if (end.socket_open()) end.eof();
        end.pass(1s);
        ASSERT_TRUE(end.over());
        if (!decided_before && situation.identified) {
            EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
        }
        ASSERT_FALSE(HasFailure());
    }
}

// While the socket is open, nobody rests for longer than a second or so.
TEST_P(AnyBackendEnd, IsPursuedWhileItsSocketIsOpen) {
    for (unsigned seed = GetParam() * 100; seed < (GetParam() + 1) * 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Chance chance{seed};
        BackendEnd::Situation situation = some_situation(chance);
        situation.connected = true;
        BackendEndDriver end{situation};
        Pace terminate{0, end.now(), false};
        Pace cancel{0, end.now(), false};
        end.begin();
        for (int i = 0; i < 500; ++i) {
            end.pass(std::chrono::milliseconds{chance.below(50)});
            if (end.terminating() && chance.one_in(2)) end.terminated(some_signal(chance));
            if (end.looking() && chance.one_in(2)) end.looked(some_look(chance, end));
            if (end.cancelling() && chance.one_in(2)) end.cancelled();
            terminate.see(end.terminates, end.terminating(), end.now());
            cancel.see(end.cancels, end.cancelling(), end.now());
            if (situation.identified && !end.found_absent() && !end.terminating()) {
                ASSERT_LE(end.now() - terminate.idle_since, BackendEnd::ask_again + 50ms);
            }
            if (situation.cancellable && !end.cancelling()) {
                ASSERT_LE(end.now() - cancel.idle_since, BackendEnd::longest_cancel_pause + 50ms);
            }
        }
    }
}

}  // namespace
}  // namespace curfew::proxy
