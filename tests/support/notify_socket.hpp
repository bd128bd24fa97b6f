// The service manager's end of sd_notify(3).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/file_descriptor.hpp"
#include "support/temporary_directory.hpp"
#include "support/timing.hpp"

namespace curfew::test {

class NotifySocket {
public:
    NotifySocket();

    // For NOTIFY_SOCKET.
    std::string path() const { return directory_ / "notify"; }
    // The next message that holds the line `assignment` (`READY=1`), whole. Throws TimedOut.
    std::string await(std::string_view assignment, std::chrono::milliseconds timeout = patience);
    // Every message received so far.
    const std::vector<std::string>& messages() const noexcept { return messages_; }

private:
    TemporaryDirectory directory_{"curfew-notify"};
    FileDescriptor socket_;
    std::vector<std::string> messages_;
};

}  // namespace curfew::test
