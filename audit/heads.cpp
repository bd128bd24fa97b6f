#include "audit/heads.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/base64.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "base/time_text.hpp"

namespace curfew::audit {
namespace {

Error about_heads_file(const std::string& file, std::string_view what) {
    return {ErrorCode::unavailable,
            "The file of heads " + file + " " + std::string{what} + ": " + std::strerror(errno)};
}

// In one write, so that lines of several processes do not mingle, and where somebody has put the file away a
// new one begins.
Result<void> append_line(const std::string& file, const std::string& line) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                                  S_IRUSR | S_IWUSR | S_IRGRP);
    if (descriptor < 0) return about_heads_file(file, "cannot be opened");
    // One that is new: curfewd itself makes files for nobody else, and whoever copies it away has its group.
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && status.st_size == 0)
        (void)::fchmod(descriptor, S_IRUSR | S_IWUSR | S_IRGRP);
    const std::string whole = line + '\n';
    ssize_t written = 0;
    do {
        written = ::write(descriptor, whole.data(), whole.size());
    } while (written < 0 && errno == EINTR);
    const bool is_whole = written == static_cast<ssize_t>(whole.size());
    if (written >= 0 && !is_whole) errno = ENOSPC;
    auto outcome = is_whole ? Result<void>{} : Result<void>{about_heads_file(file, "cannot be written")};
    ::close(descriptor);
    return outcome;
}

}  // namespace

boost::asio::awaitable<Result<NewHead>> sign_head(const HeadSigner& signer) {
    auto asking = signer.store.installation_secret();
    const auto secret = co_await std::move(asking);
    if (!secret) co_return secret.error();
    auto looking = signer.store.head_of_events();
    const auto place = co_await std::move(looking);
    if (!place) co_return place.error();
    NewHead made;
    made.head = {*place, signer.clock.wall_now(), signer.node, installation_id(*secret),
                 signer.key.fingerprint()};
    made.line = signed_head(made.head, signer.key.sign(Purpose::head, head_document(made.head)));
    co_return made;
}

HeadLog::HeadLog(boost::asio::any_io_executor executor, HeadSigner signer, config::AuditHeads settings,
                 metrics::Metrics& metrics)
    : executor_{std::move(executor)},
      signer_{std::move(signer)},
      settings_{std::move(settings)},
      metrics_{metrics},
      news_{executor_},
      interval_{executor_} {
    // On the store's thread.
    watch_ = signer_.store.watch_events([this](store::EventNumber) { told_of_events(); });
}

HeadLog::~HeadLog() {
    if (watch_ != 0) signer_.store.stop_watching(watch_);
}

// Once for each head, however much happens meanwhile.
void HeadLog::told_of_events() {
    if (!has_news_.exchange(true)) boost::asio::post(executor_, [this] { news_.ring(); });
}

void HeadLog::stop() {
    stopping_ = true;
    // Nothing is posted any more to what may be gone by then.
    signer_.store.stop_watching(std::exchange(watch_, 0));
    interval_.ring();
    news_.ring();
}

boost::asio::awaitable<void> HeadLog::run() {
    while (!stopping_) {
        co_await write_if_moved();
        if (stopping_) co_return;
        co_await interval_.wait_for(settings_.interval);
        if (!stopping_) co_await news_.wait_for(std::nullopt);
    }
}

boost::asio::awaitable<void> HeadLog::write_if_moved() {
    has_news_ = false;
    auto signing = sign_head(signer_);
    const Result<NewHead> made = co_await std::move(signing);
    if (made && (made->head.place == store::ChainHead{} || made->head.place == written_)) co_return;
    const Result<void> written = made ? write_down(*made) : Result<void>{made.error()};
    if (written) {
        written_ = made->head.place;
        metrics_.audit_head(metrics::Metrics::AuditHead::written);
        co_return;
    }
    log::error("audit.head_failed", {{"error", written.error().message}});
    metrics_.audit_head(metrics::Metrics::AuditHead::failed);
    // It is tried again without waiting for another event.
    news_.ring();
}

Result<void> HeadLog::write_down(const NewHead& head) const {
    log::info("audit.head", {{"number", head.head.place.number},
                             {"hash", to_hex(head.head.place.hash)},
                             {"at", format_utc(head.head.at)},
                             {"key", head.head.key},
                             {"head", head.line}});
    if (!settings_.file) return {};
    return append_line(*settings_.file, head.line);
}

}  // namespace curfew::audit
