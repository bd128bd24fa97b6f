#include "cli/password.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>
#include <system_error>

namespace curfew::cli {
namespace {

constexpr std::size_t longest_password = 4096;

volatile std::sig_atomic_t signal_caught = 0;

void note_signal(int signal) {
    signal_caught = signal;
}

// Switches the echo off. Signals that would end the process are held for as long, so that they end it with
// the terminal as it was: a shell without echo is a bad parting gift.
class NoEcho {
public:
    NoEcho() {
        signal_caught = 0;
        // Let in only while we wait for input: one that came just before would be noticed by nobody.
        sigset_t held;
        ::sigemptyset(&held);
        for (const int signal : signals)
            ::sigaddset(&held, signal);
        ::pthread_sigmask(SIG_BLOCK, &held, &mask_before_);
        struct sigaction action {};
        action.sa_handler = note_signal;  // without SA_RESTART: read() returns
        for (std::size_t i = 0; i < signals.size(); ++i)
            ::sigaction(signals[i], &action, &before_[i]);
        known_ = ::tcgetattr(STDIN_FILENO, &settings_) == 0;
        termios silent = settings_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~NoEcho() {
        if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings_);
        for (std::size_t i = 0; i < signals.size(); ++i)
            ::sigaction(signals[i], &before_[i], nullptr);
        ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
        if (signal_caught != 0) (void)::raise(signal_caught);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

    // False if a signal came before there was anything to read.
    bool wait_for_input() const {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        while (signal_caught == 0) {
            if (::ppoll(&input, 1, nullptr, &mask_before_) > 0) return true;
            if (errno != EINTR) return true;  // read() says what it is
        }
        return false;
    }

private:
    static constexpr std::array<int, 5> signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    std::array<struct sigaction, signals.size()> before_{};
    sigset_t mask_before_{};
    termios settings_{};
    bool known_ = false;
};

void print(std::string_view text) {
    // A prompt that cannot be shown stops nobody from typing.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

// One line without its newline; nullopt where the input ended before one began.
template <class Wait>
std::optional<Secret> read_line(Wait&& wait_for_input) {
    std::string line;
    line.reserve(longest_password);  // grown in place: no copy of the secret is left behind
    while (line.size() < longest_password) {
        char c = 0;
        if (!wait_for_input()) return std::nullopt;
        const auto length = ::read(STDIN_FILENO, &c, 1);
        if (length <= 0) {
            if (line.empty() || length < 0) return std::nullopt;
            break;
        }
        if (c == '\n') break;
        line.push_back(c);
    }
    if (line.ends_with('\r')) line.pop_back();
    return Secret{std::move(line)};
}

std::optional<Secret> ask(std::string_view prompt) {
    const NoEcho silent;
    print(prompt);
    return read_line([&silent] { return silent.wait_for_input(); });
}

Failure nothing_read() {
    return {ExitCode::usage, "No password was given; type one, or pass one line on standard input"};
}

}  // namespace

Outcome<Secret> read_new_password() {
    if (::isatty(STDIN_FILENO) == 0) {
        auto password = read_line([] { return true; });
        if (!password || password->empty()) return nothing_read();
        return std::move(*password);
    }
    auto password = ask("Password: ");
    if (!password || password->empty()) return nothing_read();
    const auto again = ask("The same again: ");
    if (!again || !equal_constant_time(password->reveal(), again->reveal())) {
        return Failure{ExitCode::failed, "The two passwords differ; nothing was made. Try again"};
    }
    return std::move(*password);
}

Outcome<Secret> read_password(std::string_view prompt) {
    auto password = ::isatty(STDIN_FILENO) == 0 ? read_line([] { return true; }) : ask(prompt);
    if (!password || password->empty()) return nothing_read();
    return std::move(*password);
}

std::optional<std::string> ask_line(std::string_view prompt) {
    if (::isatty(STDIN_FILENO) == 0) return std::nullopt;
    print(prompt);
    const auto line = read_line([] { return true; });
    if (!line) return std::nullopt;
    return std::string{line->reveal()};
}

}  // namespace curfew::cli
