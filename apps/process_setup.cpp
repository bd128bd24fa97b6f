#include "apps/process_setup.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "base/log.hpp"
#include "pq/environment.hpp"

namespace curfew::apps {
namespace {

void note_failure(const char* what) {
    log::debug("process.not_set_up", {{"what", what}, {"error", std::generic_category().message(errno)}});
}

void forbid_core_dumps() {
    const rlimit nothing{0, 0};
    if (::setrlimit(RLIMIT_CORE, &nothing) != 0) note_failure("RLIMIT_CORE");
    if (::prctl(PR_SET_DUMPABLE, 0) != 0) note_failure("PR_SET_DUMPABLE");
}

// A session takes two descriptors; the soft limit is mostly kept low for the sake of select(2).
void allow_most_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return note_failure("RLIMIT_NOFILE");
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) note_failure("RLIMIT_NOFILE");
}

void change_mask(int how) {
    sigset_t signals{};
    ::sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        ::sigaddset(&signals, signal);
    errno = ::pthread_sigmask(how, &signals, nullptr);
    if (errno != 0) note_failure("signal mask");
}

}  // namespace

void set_up_process() {
    ::umask(077);
    pq::ignore_environment_of_libpq();
    if (::signal(SIGPIPE, SIG_IGN) == SIG_ERR) note_failure("SIGPIPE");
    // A file that is as long as one may be (LimitFSIZE) is a write that fails, and not the end of all
    // sessions.
    if (::signal(SIGXFSZ, SIG_IGN) == SIG_ERR) note_failure("SIGXFSZ");
    forbid_core_dumps();
    allow_most_descriptors();
}

void hold_stop_signals() {
    change_mask(SIG_BLOCK);
}

void release_stop_signals() {
    change_mask(SIG_UNBLOCK);
}

}  // namespace curfew::apps
