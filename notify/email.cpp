#include "notify/email.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"

namespace curfew::notify {
namespace {

constexpr std::string_view to_user = "user:";
constexpr std::string_view to_address = "to:";

http::TransferBounds bounds_of(const config::EmailSettings& settings) {
    http::TransferBounds bounds;
    bounds.root_certificate_file = settings.root_certificate_file;
    bounds.connect_timeout = std::chrono::seconds{10};
    // A mail server may take its time over a message.
    bounds.timeout = std::chrono::seconds{40};
    return bounds;
}

// `smtp://mail.example.com:587/example.com`: the path is what we say we are.
std::string url_of(const config::EmailSettings& settings) {
    const bool is_ipv6 = settings.server.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}/{}", settings.tls == config::MailTls::implicit ? "smtps" : "smtp",
                       is_ipv6 ? "[" : "", settings.server, is_ipv6 ? "]" : "", settings.port,
                       domain_of(settings.from));
}

using Mime = std::unique_ptr<curl_mime, void (*)(curl_mime*)>;

void require(CURLcode outcome) {
    if (outcome != CURLE_OK) throw std::runtime_error("libcurl cannot put a mail together");
}

void add_part(curl_mime* mime, const std::string& text, const char* type) {
    curl_mimepart* part = curl_mime_addpart(mime);
    require(curl_mime_data(part, text.data(), text.size()));
    require(curl_mime_type(part, type));
    require(curl_mime_encoder(part, "quoted-printable"));
}

// The same in two forms; whoever reads it chooses.
Mime alternatives(CURL* handle, const Mail& mail) {
    Mime both{curl_mime_init(handle), curl_mime_free};
    add_part(both.get(), mail.text, "text/plain; charset=utf-8");
    add_part(both.get(), mail.html, "text/html; charset=utf-8");
    return both;
}

// The server does not want this recipient, or this message, whenever it comes.
bool is_for_good(CURLcode outcome, long reply) {
    constexpr long first_of_the_kind = 550;
    constexpr long last_of_the_kind = 554;
    return outcome != CURLE_LOGIN_DENIED && outcome != CURLE_USE_SSL_FAILED && reply >= first_of_the_kind &&
           reply <= last_of_the_kind;
}

}  // namespace

EmailNotifier::EmailNotifier(config::EmailSettings settings, http::WorkerPool& pool, const Clock& clock)
    : BlockingNotifier{pool}, settings_{std::move(settings)}, bounds_{bounds_of(settings_)}, clock_{clock} {}

Awaitable<Result<std::vector<std::string>>> EmailNotifier::recipients(const Notice& notice,
                                                                      const Facts& facts,
                                                                      const Surroundings& surroundings,
                                                                      const std::vector<std::string>&) {
    std::vector<std::string> all;
    // Nobody wants a mail for each review.
    if (notice.is_update) co_return all;
    const bool for_approvers = is_for_approvers(notice.kind);
    if (!for_approvers || settings_.to_approvers) {
        for (const std::string& user : people_to_tell(notice, facts, surroundings)) {
            const config::User* found = surroundings.config->find_user(user);
            if (found != nullptr && !found->email.empty()) all.push_back(fmt::format("{}{}", to_user, user));
        }
    }
    if (!for_approvers) co_return all;
    for (const std::string& address : settings_.to)
        all.push_back(fmt::format("{}{}", to_address, address));
    co_return all;
}

// Who has lost the right to know of it since is not told, nor who is not listed any more.
std::optional<std::string> EmailNotifier::address_of(const Message& message) const {
    const std::string_view recipient = message.delivery.recipient;
    if (recipient.starts_with(to_address)) {
        std::string address{recipient.substr(to_address.size())};
        if (!contains(settings_.to, address)) return std::nullopt;
        return address;
    }
    if (!recipient.starts_with(to_user)) return std::nullopt;
    const std::string user{recipient.substr(to_user.size())};
    if (!people_to_tell(message.notice, message.facts, *message.surroundings).contains(user))
        return std::nullopt;
    const config::User* found = message.surroundings->config->find_user(user);
    if (found == nullptr || found->email.empty()) return std::nullopt;
    return found->email;
}

SendOutcome EmailNotifier::deliver(const Message& message) {
    const auto address = address_of(message);
    if (!address) return Pointless{"nobody is to be told by this address any more"};
    if (!is_plain_address(*address)) {
        NotSent failed;
        failed.problem = "the address is not plain ASCII, and mail servers take no other here";
        failed.for_good = true;
        return failed;
    }
    const NoticeText text = text_of(message.notice, message.facts, *message.surroundings);
    return post(mail_of(text, settings_.from, *address, message.delivery.id.text(), message.notice.subject,
                        clock_.wall_now()));
}

SendOutcome EmailNotifier::post(const Mail& mail) {
    if (stopped_) return NotSent{"this node is being stopped"};
    http::CurlHandle handle{bounds_, stopped_};
    const std::string url = url_of(settings_);
    const std::string from = "<" + mail.from + ">";
    const std::string to = "<" + mail.to + ">";
    const http::CurlList rcpt = http::with_line({nullptr, curl_slist_free_all}, to.c_str());
    http::CurlList headers{nullptr, curl_slist_free_all};
    for (const auto& [name, value] : mail.headers) {
        const std::string line = name + ": " + value;
        headers = http::with_line(std::move(headers), line.c_str());
    }
    // libcurl takes what they make together from here, and adds the boundary.
    headers = http::with_line(std::move(headers), "Content-Type: multipart/alternative");
    const Mime mime = alternatives(handle.get(), mail);

    handle.set(CURLOPT_URL, url.c_str());
    handle.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    handle.set(CURLOPT_PROXY, "");
    if (settings_.tls == config::MailTls::required)
        handle.set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    if (!settings_.user.empty() && settings_.password) {
        handle.set(CURLOPT_USERNAME, settings_.user.c_str());
        handle.set(CURLOPT_PASSWORD, settings_.password->reveal().data());  // to log in with; ends with a NUL
    }
    handle.set(CURLOPT_MAIL_FROM, from.c_str());
    handle.set(CURLOPT_MAIL_RCPT, rcpt.get());
    handle.set(CURLOPT_HTTPHEADER, headers.get());
    handle.set(CURLOPT_MIMEPOST, mime.get());

    const CURLcode outcome = handle.perform();
    if (outcome == CURLE_OK) return Sent{};
    long reply = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &reply);
    NotSent failed;
    failed.problem = fmt::format("the mail server {} did not take it: {}{}", printable(settings_.server),
                                 handle.why(outcome), reply != 0 ? fmt::format(" (reply {})", reply) : "");
    failed.for_good = is_for_good(outcome, reply);
    return failed;
}

}  // namespace curfew::notify
