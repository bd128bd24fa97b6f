#include "chaos_load.hpp"

#include <boost/json/value_to.hpp>
#include <utility>

#include "support/api_client.hpp"
#include "support/curfew_config.hpp"

namespace curfew::test {

using namespace std::chrono_literals;

namespace {

// Of a grant, in the words of the NOTICE at the beginning of a session: `… left, grant g-7k3mq9xd)`.
std::string grant_in(const std::vector<std::string>& notices) {
    for (const std::string& notice : notices) {
        const std::size_t found = notice.find("grant g-");
        if (found != std::string::npos) return notice.substr(found + 6, 10);
    }
    return "no grant";
}

// Each commits by itself; some for long after they began, some in steps.
std::string transaction(const Sight& sight, unsigned kind) {
    const std::string insert =
        "INSERT INTO commits (grant_id, node) VALUES ('" + sight.grant + "', '" + sight.node + "'); ";
    switch (kind % 4) {
        case 0:
            return insert + "SELECT pg_sleep(1.5)";
        case 1:
            return "BEGIN; " + insert + "SELECT pg_sleep(0.1); COMMIT";
        default:
            return insert + "SELECT pg_sleep(0.04)";
    }
}

}  // namespace

ChaosLoad::ChaosLoad(std::vector<NodeAddress> nodes, People people, int clients_of_each)
    : nodes_{std::move(nodes)}, people_{std::move(people)} {
    unsigned number = 0;
    for (const std::string& user : people_.askers) {
        threads_.emplace_back([this, user, n = number++] { ask(user, n, true); });
        for (int i = 0; i < clients_of_each; ++i)
            threads_.emplace_back([this, user, n = number++] { work(user, n); });
    }
    for (const std::string& user : people_.unheard) {
        threads_.emplace_back([this, user, n = number++] { ask(user, n, false); });
        threads_.emplace_back([this, user, n = number++] { work(user, n); });
    }
}

ChaosLoad::~ChaosLoad() {
    (void)finish();
}

Ledger ChaosLoad::finish() {
    {
        const std::lock_guard lock{mutex_};
        over_ = true;
    }
    ending_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
    threads_.clear();
    return std::exchange(ledger_, {});
}

bool ChaosLoad::pause(std::chrono::milliseconds length) {
    std::unique_lock lock{mutex_};
    return !ending_.wait_for(lock, length, [this] { return over_; });
}

void ChaosLoad::work(std::string user, unsigned number) {
    for (unsigned turn = number; pause(20ms); ++turn) {
        try {
            hold_out(user, node(turn), number);
        } catch (const std::exception&) {
            // Refused, or the node was killed: the next one.
            if (!pause(100ms)) return;
        }
    }
}

// One session, up to its end.
void ChaosLoad::hold_out(const std::string& user, const NodeAddress& at, unsigned kind) {
    WireClient client = WireClient::tcp(at.port);
    client.log_in(user, the_resource);
    Sight sight{grant_in(client.notices()), user, at.name, wall_by_boot_clock(), "a byte to the client"};
    std::size_t statements = 0;
    try {
        client.send(wire::query("SET application_name = '" + sight.grant + " " + sight.node + "'"));
        for (;;) {
            const char type = client.read_message().type;
            sight.at = wall_by_boot_clock();
            if (type != 'Z') continue;
            if (!pause(0ms)) break;
            client.send(wire::query(transaction(sight, kind + static_cast<unsigned>(statements++))));
        }
    } catch (const std::exception&) {
        // It broke off: what had come before was the last.
    }
    const std::lock_guard lock{mutex_};
    ledger_.statements += statements;
    ledger_.last_bytes.push_back(std::move(sight));
}

void ChaosLoad::ask(std::string user, unsigned number, bool heard) {
    for (unsigned round = number; pause(100ms); ++round) {
        const std::string request = create_request(user, round);
        if (request.empty()) continue;
        if (heard) {
            review_and_take_back(request, round);
        } else {
            // Rejected by the reviewer, or left to wait, and taken back by whoever asked.
            if (!pause(500ms)) return;
            const bool reject = round % 2 == 0;
            boost::json::object verdict;
            if (reject) verdict["verdict"] = "reject";
            const std::string& who = reject ? people_.reviewer : user;
            api_post(node(round).api_port, "/requests/" + request + (reject ? "/reviews" : "/revoke"),
                     people_.tokens.at(who), std::move(verdict));
        }
    }
}

std::string ChaosLoad::create_request(const std::string& user, unsigned round) {
    boost::json::object wish;
    wish["resource"] = the_resource;
    wish["duration"] = std::to_string(2 + round % 3) + "s";
    const ApiAnswer answer =
        api_post(node(round).api_port, "/requests", people_.tokens.at(user), std::move(wish));
    const std::lock_guard lock{mutex_};
    if (!answer.ok()) {
        ++ledger_.unacknowledged;
        return {};
    }
    auto id = boost::json::value_to<std::string>(answer.body.at("id"));
    ledger_.requests.insert(id);
    return id;
}

void ChaosLoad::review_and_take_back(const std::string& request, unsigned round) {
    {
        const std::lock_guard lock{mutex_};
        ledger_.approvals_tried.insert(request);
    }
    boost::json::object approval;
    approval["verdict"] = "approve";
    const ApiAnswer approved = api_post(node(round + 1).api_port, "/requests/" + request + "/reviews",
                                        people_.tokens.at(people_.reviewer), std::move(approval));
    {
        const std::lock_guard lock{mutex_};
        if (approved.ok()) {
            ledger_.approvals.emplace(request, people_.reviewer);
        } else {
            ++ledger_.unacknowledged;
        }
    }
    // A third is taken back before its end; the others end by themselves.
    if (!pause(round % 3 == 0 ? 700ms : 2500ms) || round % 3 != 0) return;
    const ApiAnswer revoked = api_post(node(round).api_port, "/requests/" + request + "/revoke",
                                       people_.tokens.at(people_.reviewer), boost::json::object{});
    const std::lock_guard lock{mutex_};
    if (revoked.ok()) {
        ledger_.revocations.insert(request);
    } else if (revoked.status == 0 || revoked.status == 503) {
        ++ledger_.unacknowledged;
    }
}

}  // namespace curfew::test
