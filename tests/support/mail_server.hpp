// A mail server on the loopback: aiosmtpd, which speaks SMTP as others do, and Python's email package, which
// reads what came.
#pragma once

#include <boost/json/object.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/test_ca.hpp"

namespace curfew::test {

class MailServer {
public:
    // With a certificate: STARTTLS, and nothing without. `more`: as mail_server.py has it.
    explicit MailServer(const CertificateFiles* certificate = nullptr, std::vector<std::string> more = {});
    MailServer(const MailServer&) = delete;
    MailServer& operator=(const MailServer&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    // The next mail that it took, as mail_server.py writes one. Throws where none comes.
    boost::json::object next();
    std::size_t waiting();

private:
    void take(const std::string& line);

    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<boost::json::object> mails_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> process_;
};

// The value of a header as people read it; empty where there is none.
std::string header_of(const boost::json::object& mail, std::string_view name);

}  // namespace curfew::test
