#include "proxy/script_door.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/log.hpp"
#include "proxy/event.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using Local = asio::local::stream_protocol;

namespace {

// What libpq makes a socket's name of, below its directory.
constexpr const char* socket_number = "5432";

Error cannot_open(std::string_view why) {
    return {ErrorCode::unavailable, fmt::format("no socket could be made to run the script by: {}", why)};
}

// Others of the same user could reach the socket; none of them is let in.
bool is_this_process(int descriptor) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == ::getpid() &&
           peer.uid == ::geteuid();
}

}  // namespace

struct ScriptDoor::Inside : std::enable_shared_from_this<Inside> {
    Inside(const asio::any_io_executor& executor_, LetIn let_in_)
        : executor{executor_},
          acceptor{executor},
          let_in{std::move(let_in_)},
          session_over{std::make_shared<Event>(executor)} {}
    ~Inside() { close(); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

    std::string socket() const { return directory + "/.s.PGSQL." + socket_number; }

    Result<void> listen() {
        std::error_code error;
        const auto parent = std::filesystem::temp_directory_path(error);
        if (error) return cannot_open("no directory for temporary files: " + error.message());
        std::string pattern = (parent / "curfew-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            return cannot_open(pattern + ": " + std::generic_category().message(errno));
        directory = pattern;
        boost::system::error_code failed;
        try {
            const Local::endpoint place{socket()};
            acceptor.open(Local{}, failed);
            if (!failed) acceptor.bind(place, failed);
            if (!failed) acceptor.listen(1, failed);
        } catch (const boost::system::system_error& too_long) {
            failed = too_long.code();
        }
        if (failed) return cannot_open(socket() + ": " + failed.message());
        return {};
    }

    void accept() {
        acceptor.async_accept(
            [self = shared_from_this()](const boost::system::error_code& error, Local::socket peer) {
                if (self->directory.empty()) return;  // closed meanwhile
                if (error) {
                    log::error("script.accept_failed", {{"error", error.message()}});
                    self->close();
                    return;
                }
                if (!is_this_process(peer.native_handle())) {
                    log::warning("script.stranger_refused", {{"socket", self->socket()}});
                    self->accept();
                    return;
                }
                self->close();
                self->let_in(peer.release(), [executor = self->executor, over = self->session_over] {
                    asio::post(executor, [over] { over->notify(); });
                });
            });
    }

    void close() {
        if (directory.empty()) return;
        boost::system::error_code ignored;  // what could not be opened need not be closed
        acceptor.close(ignored);
        std::error_code left_behind;  // an empty directory that only we may look into
        std::filesystem::remove_all(directory, left_behind);
        directory.clear();
    }

    asio::any_io_executor executor;
    Local::acceptor acceptor;
    LetIn let_in;
    std::string directory;  // empty: closed
    std::shared_ptr<Event> session_over;
};

Result<ScriptDoor> ScriptDoor::open(asio::any_io_executor executor, LetIn let_in) {
    auto inside = std::make_shared<Inside>(executor, std::move(let_in));
    if (auto listening = inside->listen(); !listening) return listening.error();
    inside->accept();
    return ScriptDoor{std::move(inside)};
}

ScriptDoor::~ScriptDoor() {
    if (inside_) inside_->close();
}

ScriptDoor& ScriptDoor::operator=(ScriptDoor&& other) noexcept {
    if (this != &other) {
        if (inside_) inside_->close();
        inside_ = std::move(other.inside_);
    }
    return *this;
}

asio::awaitable<void> ScriptDoor::session_over(Duration at_most) {
    const auto over = inside_->session_over;
    co_await over->wait_for(at_most);
}

pq::Parameters ScriptDoor::way_in() const {
    pq::Parameters parameters;
    parameters.emplace_back("host", inside_->directory);
    parameters.emplace_back("port", socket_number);
    // No more is said of it than what a Unix socket needs; the session knows whose it is.
    parameters.emplace_back("user", "curfew");
    parameters.emplace_back("dbname", "curfew");
    parameters.emplace_back("application_name", "curfew exec");
    parameters.emplace_back("client_encoding", "UTF8");
    parameters.emplace_back("sslmode", "disable");
    parameters.emplace_back("gssencmode", "disable");
    parameters.emplace_back("passfile", "/dev/null/none");
    return parameters;
}

}  // namespace curfew::proxy
