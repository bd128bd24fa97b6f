#include "cli/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace curfew::cli {

Signals::Signals(std::initializer_list<int> signals) {
    ::sigemptyset(&held_);
    for (const int signal : signals)
        ::sigaddset(&held_, signal);
    ::pthread_sigmask(SIG_BLOCK, &held_, &mask_before_);
    descriptor_ = ::signalfd(-1, &held_, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor_ < 0) {
        const int error = errno;
        ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
        throw std::system_error(error, std::generic_category(), "cannot wait for signals");
    }
}

Signals::~Signals() {
    while (next()) {
    }
    ::close(descriptor_);
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

std::optional<int> Signals::next() noexcept {
    signalfd_siginfo info{};
    if (::read(descriptor_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return std::nullopt;
    return static_cast<int>(info.ssi_signo);
}

}  // namespace curfew::cli
