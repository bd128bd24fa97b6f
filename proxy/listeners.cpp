#include "proxy/listeners.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "proxy/run_on.hpp"
#include "proxy/worker.hpp"

namespace curfew::proxy {

namespace {

// A Unix socket is open to everybody who may enter its directory, as PostgreSQL's own is: who may come in is
// decided by authentication and grants.
constexpr mode_t open_to_all = 0777;

Awaitable<void> listen_on(Worker& worker, std::string name, int family, int descriptor) {
    worker.listen(std::move(name), family, descriptor);
    co_return;
}

Awaitable<void> stop_listening_on(Worker& worker, std::string name) {
    worker.stop_listening(name);
    co_return;
}

}  // namespace

Listeners::Listeners(NodeContext& node, std::vector<InheritedSocket> inherited)
    : node_{node}, inherited_{std::move(inherited)} {}

std::vector<InheritedSocket>::const_iterator find_inherited(const std::vector<InheritedSocket>& inherited,
                                                            const std::string& listener, bool only_one) {
    return std::find_if(inherited.begin(), inherited.end(), [&](const InheritedSocket& socket) {
        const bool nameless = socket.name.empty() || socket.name == "unknown";
        return socket.name == listener || (nameless && only_one);
    });
}

Result<ListeningSocket> open_for_clients(const config::Endpoint& address, PortSharing sharing) {
    if (!address.is_unix()) return ListeningSocket::listen_tcp(address, sharing);
    UnixAccess access;
    access.mode = open_to_all;
    return ListeningSocket::listen_unix(address.host, access);
}

std::optional<Listeners::Open> Listeners::take_inherited(const config::Listener& listener, bool only_one) {
    const auto found = find_inherited(inherited_, listener.name, only_one);
    if (found == inherited_.end()) return std::nullopt;
    const int descriptor = found->descriptor;
    inherited_.erase(found);
    auto socket = ListeningSocket::adopt(descriptor);
    if (!socket) {
        ::close(descriptor);
        log::error("listener.not_inherited",
                   {{"listener", listener.name}, {"error", socket.error().message}});
        return std::nullopt;
    }
    Open open;
    open.asked_for = listener.address;
    open.address = socket->address();
    open.sockets.push_back(std::move(*socket));
    return open;
}

Result<Listeners::Open> Listeners::open(const config::Listener& listener, bool only_one) {
    if (auto inherited = take_inherited(listener, only_one)) return std::move(*inherited);
    Open open;
    open.asked_for = listener.address;
    config::Endpoint address = listener.address;
    const std::size_t sockets = address.is_unix() ? 1 : node_.workers.size();
    for (std::size_t i = 0; i < sockets; ++i) {
        auto socket = open_for_clients(address, i == 0 ? PortSharing::alone_first : PortSharing::joins);
        if (!socket) return socket.error();
        if (!address.is_unix()) address.port = socket->port();
        open.sockets.push_back(std::move(*socket));
    }
    open.address = open.sockets.front().address();
    return open;
}

Awaitable<void> Listeners::serve(std::string name, const Open& open) {
    for (std::size_t i = 0; i < node_.workers.size(); ++i) {
        const ListeningSocket& socket = open.sockets[i % open.sockets.size()];
        Worker& worker = *node_.workers[i];
        co_await run_on(worker.executor(), listen_on(worker, name, socket.family(), socket.descriptor()));
    }
    log::info("listener.opened", {{"listener", name}, {"address", config::to_string(open.address)}});
}

Awaitable<void> Listeners::close(std::string name) {
    for (const auto& worker : node_.workers)
        co_await run_on(worker->executor(), stop_listening_on(*worker, name));
    log::info("listener.closed", {{"listener", name}});
    open_.erase(name);
}

Awaitable<Result<void>> Listeners::change_to(std::vector<config::Listener> wanted) {
    const auto stays = [this](const config::Listener& listener) {
        const auto found = open_.find(listener.name);
        return found != open_.end() && found->second.asked_for == listener.address;
    };
    // Opened before anything is closed, so that a failure changes nothing; but what only changes its name, or
    // hands its address on, keeps its sockets.
    std::map<std::string, Open> opening;
    std::map<std::string, std::string> renamed;  // new name by old one
    for (const config::Listener& listener : wanted) {
        if (stays(listener)) continue;
        // Every port 0 is another one.
        const bool definite = listener.address.is_unix() || listener.address.port != 0;
        const auto same_address = std::find_if(open_.begin(), open_.end(), [&](const auto& open) {
            return definite && open.second.asked_for == listener.address;
        });
        if (same_address != open_.end()) {
            renamed.emplace(same_address->first, listener.name);
            continue;
        }
        Result<Open> opened = open(listener, wanted.size() == 1);
        if (!opened) co_return opened.error();
        opening.emplace(listener.name, std::move(*opened));
    }
    std::vector<std::string> closing;
    for (const auto& [name, open] : open_) {
        const bool kept =
            std::any_of(wanted.begin(), wanted.end(), [&, &old_name = name](const auto& listener) {
                return listener.name == old_name && stays(listener);
            });
        if (!kept) closing.push_back(name);
    }
    for (const std::string& name : closing) {
        const auto successor = renamed.find(name);
        if (successor != renamed.end()) opening.emplace(successor->second, std::move(open_.at(name)));
        co_await close(name);
    }
    for (auto& [name, open] : opening) {
        co_await serve(name, open);
        open_.insert_or_assign(name, std::move(open));
    }
    for (InheritedSocket& left : inherited_) {
        log::warning("listener.not_configured", {{"name", left.name}, {"descriptor", left.descriptor}});
        ::close(left.descriptor);
    }
    inherited_.clear();
    co_return Result<void>{};
}

Awaitable<void> Listeners::close_all() {
    while (!open_.empty())
        co_await close(open_.begin()->first);
}

std::vector<Node::Opened> Listeners::opened() const {
    std::vector<Node::Opened> opened;
    for (const auto& [name, open] : open_)
        opened.push_back({name, open.address});
    return opened;
}

}  // namespace curfew::proxy
