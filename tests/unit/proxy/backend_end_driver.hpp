// Does what a BackendEnd answers as a session would, and holds it to what must be true at every step.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "proxy/teardown.hpp"

namespace curfew::proxy {

// A session that has all it takes: an admin login that knows its backend, and a cancel key.
inline constexpr BackendEnd::Situation with_admin{
    .connected = true, .identified = true, .admin_configured = true, .cancellable = true};

class BackendEndDriver {
public:
    using Signal = BackendAdmin::Signal;

    explicit BackendEndDriver(BackendEnd::Situation situation);

    void begin();
    void eof();
    void lost();
    // Answers to what is under way; failing the test if it is not.
    void terminated(const Result<Signal>& answer);
    void looked(const Result<bool>& is_running);
    void cancelled();
    // Time passes, and on_tick is called whenever it was asked for.
    void pass(Duration time);
    // Asked for or not; whatever wake stood is used up by it.
    void tick();

    // While time passes, what is given is answered at once.
    std::function<Result<Signal>()> answer_terminate;
    std::function<Result<bool>()> answer_look;
    bool answer_cancel = false;

    bool over() const { return end_.over(); }
    const std::optional<BackendEnd::Done>& done() const { return done_; }
    std::optional<BootInstant> gone_at() const { return end_.gone_at(); }
    BootInstant now() const { return now_; }
    // Since begin().
    Duration elapsed() const { return now_ - start; }
    bool terminating() const { return terminating_; }
    bool looking() const { return looking_; }
    bool cancelling() const { return cancelling_; }
    bool socket_open() const { return socket_open_; }
    bool found_absent() const { return found_absent_; }
    std::optional<BootInstant> wake() const { return wake_; }

    // How often each was given, and when last.
    int terminates = 0;
    int looks = 0;
    int cancels = 0;
    std::string times;  // `cancel@0 cancel@20 …`, in ms since begin()

private:
    static constexpr BootInstant start{std::chrono::hours{1}};

    void take(const BackendEnd::Actions& actions);
    void take_one(const BackendEnd::Action& action);
    void note(const char* what);
    void answer_what_is_to_be();
    bool answer_one();
    void check() const;

    BackendEnd end_;
    BootInstant now_ = start;
    bool socket_open_;
    bool found_absent_ = false;
    bool terminating_ = false;
    bool looking_ = false;
    bool cancelling_ = false;
    bool answering_ = false;
    std::optional<BootInstant> wake_;
    std::optional<BackendEnd::Done> done_;
};

inline BackendEndDriver begun(const BackendEnd::Situation& situation) {
    BackendEndDriver driver{situation};
    driver.begin();
    return driver;
}

}  // namespace curfew::proxy
