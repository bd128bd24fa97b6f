// Makes previews of commands for those who decide, in sessions of the node's own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "execution/preview_plan.hpp"
#include "policy/preview.hpp"
#include "pq/connection.hpp"
#include "proxy/script_door.hpp"
#include "workflow/preview_wanted.hpp"

namespace curfew::execution {

// Belongs to the control thread.
class Previewer {
public:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    // Who asks waits for the preview, and so do those who are to decide.
    static constexpr Duration longest = std::chrono::seconds{10};
    // So many are made at a time; whoever asks for one more gets none.
    static constexpr std::size_t most_at_a_time = 8;

    // All are called and awaited on the control thread.
    struct Surroundings {
        boost::asio::any_io_executor control;
        // A grant to make it under.
        std::function<Awaitable<Result<GrantId>>(const workflow::PreviewWanted&)> give;
        // A way to PostgreSQL.
        std::function<Result<proxy::ScriptDoor>(proxy::ScriptEntry)> open_door;
        // Nothing is run under this grant any more.
        std::function<Awaitable<void>(GrantId)> leave;
    };

    explicit Previewer(Surroundings surroundings);
    ~Previewer();
    Previewer(const Previewer&) = delete;
    Previewer& operator=(const Previewer&) = delete;

    // Always gives one: where it cannot be made, it says why.
    Awaitable<policy::Preview> make(workflow::PreviewWanted wanted);
    // Those under way end soon, and there are no more.
    void stop();

private:
    class Turn;

    Awaitable<policy::Preview> make_under(const workflow::PreviewWanted& wanted, const PreviewPlan& plan,
                                          const GrantId& grant, Turn& turn);

    Surroundings around_;
    std::set<std::shared_ptr<pq::Connection>> under_way_;
    bool stopping_ = false;
};

}  // namespace curfew::execution
