// People who work under short grants, ask for them and take them back, at whichever node answers, and write
// down what they saw.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/history.hpp"
#include "support/wire_client.hpp"

namespace curfew::test {

// Where a node listens, for as long as it is restarted and not moved.
struct NodeAddress {
    std::string name;
    std::uint16_t port = 0;
    std::uint16_t api_port = 0;
};

// What was acknowledged, or may have been done without being so.
struct Ledger {
    std::set<std::string> requests;                // acknowledged
    std::map<std::string, std::string> approvals;  // acknowledged: request to reviewer
    std::set<std::string> revocations;             // acknowledged: requests
    std::set<std::string> approvals_tried;         // acknowledged or not
    std::vector<Sight> last_bytes;                 // one for each session
    std::size_t statements = 0;
    std::size_t unacknowledged = 0;  // calls of the API with no answer, or 503
};

class ChaosLoad {
public:
    struct People {
        std::vector<std::string> askers;   // each with a role of the same name
        std::vector<std::string> unheard;  // ask as well, and nobody ever approves it
        std::string reviewer;
        std::map<std::string, std::string> tokens;  // by name
    };

    // Begins. `clients_of_each`: connections of each asker's.
    ChaosLoad(std::vector<NodeAddress> nodes, People people, int clients_of_each);
    // Ends it, if it has not ended.
    ~ChaosLoad();
    ChaosLoad(const ChaosLoad&) = delete;
    ChaosLoad& operator=(const ChaosLoad&) = delete;

    // Returns once nobody does anything any more.
    Ledger finish();

private:
    class Client;

    void work(std::string user, unsigned number);
    void ask(std::string user, unsigned number, bool heard);
    void review_and_take_back(const std::string& request, unsigned round);
    void hold_out(const std::string& user, const NodeAddress& node, unsigned kind);
    // The answer's status; `unacknowledged` is counted.
    std::string create_request(const std::string& user, unsigned round);
    const NodeAddress& node(unsigned turn) const { return nodes_[turn % nodes_.size()]; }
    // False once it is over.
    bool pause(std::chrono::milliseconds length);

    const std::vector<NodeAddress> nodes_;
    const People people_;
    std::mutex mutex_;
    std::condition_variable ending_;
    bool over_ = false;
    Ledger ledger_;
    std::vector<std::thread> threads_;
};

}  // namespace curfew::test
