#include "apps/service_manager.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include "base/log.hpp"
#include "base/text.hpp"

namespace curfew::apps {
namespace {

std::string error_text(int negative_errno) {
    return std::generic_category().message(-negative_errno);
}

// systemd takes what follows a line break for another assignment.
std::string status_line(std::string_view status) {
    return "STATUS=" + printable(status, 1000);
}

// The names that sd_listen_fds_with_names allocates.
class Names {
public:
    Names() = default;
    ~Names() {
        for (char** name = names_; name != nullptr && *name != nullptr; ++name)
            std::free(*name);  // NOLINT(cppcoreguidelines-no-malloc): that is how they were made
        std::free(static_cast<void*>(names_));
    }
    Names(const Names&) = delete;
    Names& operator=(const Names&) = delete;

    char*** out() noexcept { return &names_; }
    std::string operator[](int index) const { return names_[index]; }

private:
    char** names_ = nullptr;
};

}  // namespace

std::string ready_message(std::string_view status) {
    return "READY=1\n" + status_line(status);
}

std::string reloading_message(std::string_view status, std::chrono::microseconds monotonic_now) {
    return fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n{}", monotonic_now.count(), status_line(status));
}

std::string stopping_message(std::string_view status) {
    return "STOPPING=1\n" + status_line(status);
}

std::string status_message(std::string_view status) {
    return status_line(status);
}

std::string watchdog_message() {
    return "WATCHDOG=1";
}

std::chrono::microseconds monotonic_now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::seconds{now.tv_sec} +
                                                                 std::chrono::nanoseconds{now.tv_nsec});
}

void notify(const std::string& message) {
    const int sent = ::sd_notify(0, message.c_str());
    if (sent < 0) log::debug("service_manager.not_notified", {{"error", error_text(sent)}});
}

std::optional<Duration> watchdog_interval() {
    std::uint64_t microseconds = 0;
    const int enabled = ::sd_watchdog_enabled(0, &microseconds);
    if (enabled < 0) log::warning("service_manager.watchdog_unreadable", {{"error", error_text(enabled)}});
    if (enabled <= 0) return std::nullopt;
    return std::chrono::microseconds{microseconds} / 3;
}

Result<std::vector<proxy::InheritedSocket>> inherited_sockets() {
    Names names;
    const int count = ::sd_listen_fds_with_names(1, names.out());
    if (count < 0) {
        return Error{
            ErrorCode::invalid,
            fmt::format("cannot take the sockets that the service manager passes: {}", error_text(count))};
    }
    std::vector<proxy::InheritedSocket> sockets;
    for (int i = 0; i < count; ++i) {
        const int descriptor = SD_LISTEN_FDS_START + i;
        if (::sd_is_socket(descriptor, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
            return Error{ErrorCode::invalid,
                         fmt::format("descriptor {} ('{}') from the service manager is not a listening "
                                     "stream socket; use ListenStream= in the .socket unit",
                                     descriptor, printable(names[i]))};
        }
        sockets.push_back({names[i], descriptor});
    }
    return sockets;
}

}  // namespace curfew::apps
