#include "support/mail_server.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <stdexcept>
#include <utility>

#include "support/timing.hpp"

namespace curfew::test {

MailServer::MailServer(const CertificateFiles* certificate, std::vector<std::string> more) {
    std::vector<std::string> command{"/usr/bin/python3", CURFEW_MAIL_SERVER};
    if (certificate != nullptr) {
        command.insert(command.end(), {"--certificate", certificate->certificate.string(), "--key",
                                       certificate->key.string()});
    }
    for (std::string& argument : more)
        command.push_back(std::move(argument));
    Process::Options options;
    options.on_line = [this](Process::Stream stream, const std::string& line) {
        if (stream == Process::Stream::out && line.starts_with('{')) take(line);
    };
    process_ = std::make_unique<Process>(std::move(command), std::move(options));
    const auto line = process_->wait_for_line(Process::Stream::out, "listening ");
    if (!line)
        throw std::runtime_error(
            "the mail server did not start (python3-aiosmtpd is needed: scripts/setup):\n" +
            process_->output(Process::Stream::err));
    port_ = static_cast<std::uint16_t>(std::stoul(line->substr(line->find(' ') + 1)));
}

void MailServer::take(const std::string& line) {
    auto mail = boost::json::parse(line).as_object();
    const std::lock_guard lock{mutex_};
    mails_.push_back(std::move(mail));
    came_.notify_all();
}

boost::json::object MailServer::next() {
    std::unique_lock lock{mutex_};
    if (!came_.wait_for(lock, patience, [this] { return !mails_.empty(); }))
        throw std::runtime_error("no mail came");
    auto mail = std::move(mails_.front());
    mails_.pop_front();
    return mail;
}

std::size_t MailServer::waiting() {
    const std::lock_guard lock{mutex_};
    return mails_.size();
}

std::string header_of(const boost::json::object& mail, std::string_view name) {
    for (const auto& header : mail.at("headers").as_array()) {
        if (header.as_array()[0].as_string() == name) return std::string{header.as_array()[1].as_string()};
    }
    return {};
}

}  // namespace curfew::test
