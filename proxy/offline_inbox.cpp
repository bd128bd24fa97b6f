#include "proxy/offline_inbox.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/text.hpp"
#include "policy/offline_grant.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

using boost::asio::awaitable;

namespace {

constexpr const char* taken_suffix = ".taken";
constexpr const char* refused_suffix = ".refused";
constexpr std::size_t most_at_a_time = 100;

Error cannot(const std::string& what, const std::filesystem::path& path) {
    return {ErrorCode::unavailable,
            "cannot " + what + " " + path.string() + ": " + std::system_category().message(errno)};
}

bool is_wanted(const std::string& name) {
    return !name.starts_with('.') && !name.ends_with(taken_suffix) && !name.ends_with(refused_suffix);
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (std::filesystem::directory_iterator it{directory, error}, end; !error && it != end;
         it.increment(error)) {
        if (files.size() < most_at_a_time && is_wanted(it->path().filename().string()))
            files.push_back(it->path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// One byte more than a document may have tells that it is too long.
Result<std::string> content_of(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return cannot("open", file);
    struct stat status {};
    std::string text(policy::longest_offline_document + 1, '\0');
    std::size_t size = 0;
    const bool regular = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    ssize_t count = 0;
    while (regular && size < text.size()) {
        count = ::read(descriptor, text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        size += static_cast<std::size_t>(count);
    }
    const auto failed = cannot("read", file);
    ::close(descriptor);
    if (!regular) return Error{ErrorCode::invalid, file.string() + " is no plain file"};
    if (count < 0) return failed;
    text.resize(size);
    return text;
}

// So that it is not looked at again, and whoever dropped it sees what became of it.
void set_aside(const std::filesystem::path& file, const char* suffix) {
    std::error_code error;
    std::filesystem::rename(file, file.string() + suffix, error);
    if (!error) return;
    log::warning("offline_grant.file_stays",
                 {{"file", printable(file.string(), 4096)}, {"error", error.message()}});
}

}  // namespace

awaitable<Result<void>> OfflineInbox::run(std::filesystem::path directory, Take take) {
    const auto incoming = directory / "incoming";
    if (::mkdir(incoming.c_str(), 0700) != 0 && errno != EEXIST) co_return cannot("make", incoming);
    const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch < 0) co_return cannot("watch", incoming);
    asio::posix::stream_descriptor changes{control_, watch};
    if (::inotify_add_watch(watch, incoming.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0)
        co_return cannot("watch", incoming);
    wake_ = [&changes] { changes.cancel(); };
    const auto as_result = asio::as_tuple(asio::use_awaitable);
    std::array<char, 4096> events{};
    while (!stopping_) {
        co_await take_all(incoming, take);
        if (stopping_) break;
        // Which files they are about is of no interest: all are looked at.
        const auto [error, count] = co_await changes.async_read_some(asio::buffer(events), as_result);
        if (error) break;
    }
    wake_ = {};
    co_return Result<void>{};
}

awaitable<void> OfflineInbox::take_all(const std::filesystem::path& incoming, const Take& take) {
    for (const auto& file : files_in(incoming)) {
        const std::string name = printable(file.filename().string());
        auto text = content_of(file);
        if (!text) {
            log::error("offline_grant.refused",
                       {{"submitted_by", "file " + name}, {"error", text.error().message}});
            set_aside(file, refused_suffix);
            continue;
        }
        auto taking = take(std::move(*text), name);
        const auto taken = co_await std::move(taking);
        set_aside(file, taken ? taken_suffix : refused_suffix);
    }
}

void OfflineInbox::stop() {
    stopping_ = true;
    if (wake_) wake_();
}

}  // namespace curfew::proxy
