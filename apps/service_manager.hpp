// systemd's side of a service: what curfewd tells it, and what it hands over. sd_notify(3), sd_listen_fds(3),
// sd_watchdog_enabled(3). Without systemd all of it does nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "proxy/node.hpp"

namespace curfew::apps {

// The messages, as they go over the notification socket. `status` is what `systemctl status` shows: one
// sentence.
std::string ready_message(std::string_view status);
// `monotonic_now` is CLOCK_MONOTONIC's: it ties the READY=1 that follows to this reload.
std::string reloading_message(std::string_view status, std::chrono::microseconds monotonic_now);
std::string stopping_message(std::string_view status);
std::string status_message(std::string_view status);
std::string watchdog_message();

std::chrono::microseconds monotonic_now();

// Sends one message. One that cannot be sent is logged at level debug: systemd notices by itself.
void notify(const std::string& message);

// How often to send the watchdog's message: a third of what the service manager allows. nullopt: it does not
// watch this process.
std::optional<Duration> watchdog_interval();

// The listening sockets that this process was started with. Call once, before any other thread exists: it
// takes them out of the environment. invalid: one of them is not a listening stream socket.
Result<std::vector<proxy::InheritedSocket>> inherited_sockets();

}  // namespace curfew::apps
