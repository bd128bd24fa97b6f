#include <fmt/format.h>

#include <array>

#include "config/files.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

constexpr std::size_t most_listeners = 256;
constexpr std::array tls_modes{ClientTls::disable, ClientTls::allow, ClientTls::require};

ServerTls read_tls(const Value& value, const Endpoint& address) {
    const Section section{value, known::listener_tls};
    ServerTls tls;
    // Whoever writes a section on TLS means to have TLS.
    tls.mode = ClientTls::require;
    if (const auto mode = section.find("mode")) tls.mode = mode->choice(tls_modes).value_or(tls.mode);
    auto pair = read_certificate_pair(section);
    const bool has_neither = !section.find("certificate") && !section.find("key");
    if (section.readable() && has_neither && tls.mode != ClientTls::disable) {
        value.problem("the keys 'certificate' and 'key' are missing; TLS needs them");
    }
    tls.certificate_file = pair.certificate_file.value_or("");
    tls.key_file = pair.key_file.value_or("");
    tls.client_ca_file = read_authorities(section, "client_ca");
    if (address.is_unix() && tls.mode != ClientTls::disable) {
        value.problem("clients never use TLS on a Unix socket; remove this section");
    }
    return tls;
}

Listener read_listener(const Value& value, std::size_t number) {
    const Section section{value, known::listener};
    Listener listener;
    listener.name = fmt::format("listener-{}", number);
    if (const auto name = section.find("name"))
        listener.name = read_plain_name(*name).value_or(listener.name);
    if (const auto address = section.require("address")) {
        listener.address = read_address(*address, UnixSockets::allowed).value_or(Endpoint{});
    }
    if (const auto resource = section.find("resource")) listener.resource = resource->text();
    if (const auto tls = section.find("tls")) listener.tls = read_tls(*tls, listener.address);
    return listener;
}

}  // namespace

void read_listeners(const Section& top, Config& config) {
    const auto value = top.require("listeners");
    if (!value) return;
    const auto items = value->list();
    if (!items) return;
    if (items->empty()) value->problem("the list is empty; curfewd needs somewhere to listen");
    if (items->size() > most_listeners) {
        value->problem(fmt::format("expected at most {} listeners, found {}", most_listeners, items->size()));
        return;
    }
    for (const Value& item : *items) {
        config.listeners.push_back(read_listener(item, config.listeners.size() + 1));
    }
}

}  // namespace curfew::config
