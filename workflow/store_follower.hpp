// Has this node act on what other nodes wrote into the store that they share.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "proxy/event.hpp"
#include "store/store.hpp"
#include "workflow/changed_requests.hpp"
#include "workflow/enforcement.hpp"
#include "workflow/registry.hpp"

namespace curfew::workflow {

// Belongs to the control thread. That something was written is a hint; the truth is the store's feed of
// events, which is read from where it was read to before. So nothing is passed over, whatever became of the
// hint: each of them, also that of a new connection to the store, leads to everything since.
class StoreFollower {
public:
    // All outlive it. `requests_changed` is told which requests did.
    StoreFollower(boost::asio::any_io_executor control, store::Store& store, Enforcement& enforcement,
                  Registry& registry, std::function<void(const ChangedRequests&)> requests_changed);
    ~StoreFollower();
    StoreFollower(const StoreFollower&) = delete;
    StoreFollower& operator=(const StoreFollower&) = delete;

    // What is written from now on is to be acted on. Before anything is read from the store, once.
    Awaitable<Result<void>> begin();
    // Runs until stop().
    Awaitable<void> run();
    void stop();

private:
    struct News;
    // What a number of events ask for.
    struct Wanted {
        std::set<std::string> grants;
        std::vector<store::Event> kills;
        bool sessions = false;
        bool objects = false;
        ChangedRequests requests = std::set<RequestId>{};
    };

    static void note(const store::Event& event, Wanted& wanted);
    Awaitable<Result<void>> note_again(store::EventNumber last, Wanted& wanted);
    Awaitable<Result<bool>> read_on();
    Awaitable<Result<void>> act_on(Wanted wanted);

    // How long until it is tried again with a store that does not answer.
    static constexpr Duration pause = std::chrono::milliseconds{100};

    boost::asio::any_io_executor control_;
    store::Store& store_;
    Enforcement& enforcement_;
    Registry& registry_;
    std::function<void(const ChangedRequests&)> requests_changed_;
    std::shared_ptr<News> news_;  // shared with what the store's thread posts
    store::EventStore::WatchNumber watch_ = 0;
    store::ChainHead seen_;
    bool stopping_ = false;
};

}  // namespace curfew::workflow
