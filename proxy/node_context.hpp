// What a node's threads share.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "metrics/metrics.hpp"
#include "proxy/clients_first.hpp"
#include "proxy/recorder.hpp"
#include "recording/scribe.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

class CommandDesk;
class EphemeralRoles;
class Worker;

// Filled in before the first worker starts, and constant from then on but for the counters.
struct NodeContext {
    const Clock& clock;
    store::Store& store;
    metrics::Metrics& metrics;
    Recorder& recorder;
    std::string node_name;
    Secret installation_secret;     // what the salts of unknown users are invented from
    std::function<void()> changed;  // thread-safe: a session began, changed or ended
    UntoldClients untold_clients;
    std::vector<std::unique_ptr<Worker>> workers;

    std::atomic<std::uint32_t> half_open{0};
    std::atomic<std::uint32_t> sessions{0};
    std::atomic<std::uint32_t> unconfirmed_backends{0};

    std::atomic<bool> store_answers{true};  // when it was last asked
    // Writes down that a session began under a grant that was signed offline. To be awaited on any thread.
    std::function<boost::asio::awaitable<Result<void>>(store::SessionRecord)> start_offline_session = {};

    // Writes down what is done in sessions that are to be recorded; nullptr: none can be. Set before the
    // first worker starts.
    recording::Scribe* scribe = nullptr;

    // For resources with that login. Set before the first worker starts.
    EphemeralRoles* ephemeral_roles = nullptr;

    // For people whose commands are approved one by one; nullptr: nobody connects so. Set before the first
    // worker starts, and outlives all.
    CommandDesk* command_desk = nullptr;
};

// One place among a limited number, for as long as it lives.
class Place {
public:
    Place() = default;
    // Empty if `limit` are taken.
    Place(std::atomic<std::uint32_t>& taken, std::uint32_t limit) {
        std::uint32_t before = taken.load(std::memory_order_relaxed);
        do {
            if (before >= limit) return;
        } while (!taken.compare_exchange_weak(before, before + 1, std::memory_order_relaxed));
        taken_ = &taken;
    }
    Place(Place&& other) noexcept : taken_{std::exchange(other.taken_, nullptr)} {}
    Place& operator=(Place&& other) noexcept {
        release();
        taken_ = std::exchange(other.taken_, nullptr);
        return *this;
    }
    ~Place() { release(); }

    explicit operator bool() const noexcept { return taken_ != nullptr; }
    void release() noexcept {
        if (taken_ != nullptr) taken_->fetch_sub(1, std::memory_order_relaxed);
        taken_ = nullptr;
    }

private:
    std::atomic<std::uint32_t>* taken_ = nullptr;
};

}  // namespace curfew::proxy
