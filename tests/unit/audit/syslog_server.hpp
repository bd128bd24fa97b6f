// A receiver of syslog on this machine that takes nothing but what RFC 5424 allows, framed as RFC 6587 (octet
// counting) and RFC 5425 have it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "support/file_descriptor.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_ca.hpp"

namespace curfew::test {

struct SyslogMessage {
    int priority = 0;
    std::string timestamp;
    std::string hostname;
    std::string app_name;
    std::string process;
    std::string message_id;
    std::string data_id;
    std::map<std::string, std::string> data;
    bool has_mark = false;
    std::string text;
};
// Throws std::runtime_error, with what is wrong, where RFC 5424 would not have it.
SyslogMessage parse_syslog(std::string_view message);

class SyslogServer {
public:
    enum class Kind { udp, tcp, tls, local };

    // `port`: 0 is any that is free.
    explicit SyslogServer(Kind kind, std::uint16_t port = 0);
    ~SyslogServer();
    SyslogServer(const SyslogServer&) = delete;
    SyslogServer& operator=(const SyslogServer&) = delete;

    std::uint16_t port() const { return port_; }
    std::string path() const { return directory_ / "log"; }
    std::string authority() const { return ca_.certificate(); }
    // The next message. Throws where none comes, or what came is none.
    SyslogMessage next();
    // Ends the connection that there is, and returns once it is closed.
    void hang_up();

private:
    void serve();
    void serve_datagrams();
    void converse(FileDescriptor connection);
    void take_frames(std::string& bytes);
    void came(std::string message);
    bool goes_on(int descriptor);

    const Kind kind_;
    TemporaryDirectory directory_{"curfew-syslog"};
    TestCa ca_;
    std::optional<CertificateFiles> files_;
    FileDescriptor socket_;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> hang_up_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> messages_;
    std::thread thread_;
};

}  // namespace curfew::test
