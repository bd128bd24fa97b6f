#include "cli/forward.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <poll.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <csignal>
#include <ostream>

#include "cli/grant_watch.hpp"
#include "cli/json_access.hpp"
#include "cli/signals.hpp"
#include "cli/spinner.hpp"
#include "cli/terminal_title.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

// How long clients may take to read why their sessions ended.
constexpr auto farewell = 3s;
constexpr auto look_every = 20ms;

std::string place_of(const LocalAddress& address) {
    return address.is_unix() ? fmt::format("{}/.s.PGSQL.{}", address.directory, address.port)
                             : fmt::format("127.0.0.1:{}", address.port);
}

std::string uri_of(const LocalAddress& address, const ProxyTarget& target) {
    const auto user = query_value(target.user);
    const auto database = query_value(target.database);
    if (!address.is_unix())
        return fmt::format("postgresql://{}@127.0.0.1:{}/{}", user, address.port, database);
    return fmt::format("postgresql://{}@/{}?host={}&port={}", user, database, query_value(address.directory),
                       address.port);
}

class Forwarding {
public:
    Forwarding(const Context& context, const Access& access, const ProxyTarget& target, Forwarder& forwarder,
               Signals& signals)
        : context_{context},
          access_{access},
          target_{target},
          forwarder_{forwarder},
          signals_{signals},
          watch_{context, access.grant} {}

    ExitCode run();

private:
    void announce() const;
    void draw();
    // Until a signal, or until the grant is over.
    void accompany();
    void await_farewell();
    std::string id() const { return text_of(access_.grant, "id"); }

    const Context& context_;
    const Access& access_;
    const ProxyTarget& target_;
    Forwarder& forwarder_;
    Signals& signals_;
    GrantWatch watch_;
    StatusBlock status_{context_.err, context_.err_terminal};
    TerminalTitle title_{context_.err, context_.err_terminal};
    bool over_ = false;
};

ExitCode Forwarding::run() {
    announce();
    accompany();
    if (over_) await_farewell();
    status_.clear();
    const auto grant = context_.client.get("/grants/" + path_segment(id()));
    if (grant) {
        fmt::print(context_.err, "curfew: {}\n", end_text(grant->document));
    } else if (over_) {
        fmt::print(context_.err, "curfew: The time of your access to {} is over. {}\n", watch_.resource(),
                   grant.error().message);
    }
    if (over_) return ExitCode::access_ended;
    if (!access_.request.empty())
        fmt::print(context_.err, "curfew revoke {} gives it up now\n", access_.request);
    return ExitCode::ok;
}

void Forwarding::announce() const {
    const auto& address = forwarder_.address();
    const auto uri = uri_of(address, target_);
    if (context_.json) {
        const json::object document{{"host", address.is_unix() ? address.directory : "127.0.0.1"},
                                    {"port", address.port},
                                    {"user", target_.user},
                                    {"database", target_.database},
                                    {"uri", uri},
                                    {"grant", id()},
                                    {"ends_at", member_of(access_.grant, "ends_at")}};
        context_.out << json::serialize(document) << std::endl;
    } else {
        context_.out << uri << std::endl;
    }
}

void Forwarding::draw() {
    const auto clients = forwarder_.connections();
    title_.show(title_text(watch_.resource(), watch_.left()));
    status_.show({{fmt::format("{} is open at {}; Ctrl-C closes it", watch_.resource(),
                               place_of(forwarder_.address()))}},
                 fmt::format("({} left, {} connected)",
                             format_left(std::max(watch_.left(), Duration::zero())), clients));
}

void Forwarding::accompany() {
    while (!signals_.next()) {
        // Ours may run ahead by less than the second that the server rounds to.
        if (watch_.left() <= 0s && !watch_.still_active()) {
            over_ = true;
            return;
        }
        draw();
        watch_.wait(signals_.descriptor(), Steady::now() + 1s);
    }
}

// The proxy tells each client why; those that do not leave are left.
void Forwarding::await_farewell() {
    forwarder_.stop_listening();
    const auto until = Steady::now() + farewell;
    while (forwarder_.connections() > 0 && Steady::now() < until && !signals_.next()) {
        pollfd wait{signals_.descriptor(), POLLIN, 0};
        ::poll(&wait, 1, static_cast<int>(std::chrono::milliseconds{look_every}.count()));
    }
}

}  // namespace

ExitCode forward(const Context& context, const Access& access, Forwarder::Settings settings) {
    // Held back in the forwarder's thread as well, which begins after this.
    Signals signals{SIGINT, SIGTERM, SIGHUP};
    const auto target = settings.target;
    const auto forwarder = Forwarder::start(std::move(settings));
    if (!forwarder) return report(context, forwarder.error());
    return Forwarding{context, access, target, **forwarder, signals}.run();
}

}  // namespace curfew::cli
