#include "running_workers.hpp"

#include "support/timing.hpp"

namespace curfew::test {

using proxy::Worker;

RunningWorkers::RunningWorkers(unsigned count) {
    for (unsigned number = 0; number < count; ++number)
        node.workers.push_back(std::make_unique<Worker>(number, node));
}

RunningWorkers::~RunningWorkers() {
    on_each(
        [](Worker& worker) { worker.end_all(policy::EndCause::node_stopping, worker.clock().boot_now()); });
    node.workers.clear();
}

void RunningWorkers::use(config::Config config, std::vector<policy::LiveGrant> grants) {
    auto setup = resources_.prepare(std::make_shared<const config::Config>(std::move(config))).value();
    resources_.start(setup);
    const proxy::Truth truth{std::move(setup), std::make_shared<const policy::Grants>(std::move(grants)),
                             std::make_shared<const std::set<std::string, std::less<>>>()};
    on_each([&](Worker& worker) {
        worker.apply(truth, clock.boot_now());
        worker.heard(clock.boot_now() + std::chrono::hours{1});
    });
}

std::size_t RunningWorkers::session_count() {
    std::size_t count = 0;
    on_each([&](Worker& worker) { count += worker.session_count(); });
    return count;
}

bool RunningWorkers::await_no_session() {
    return eventually([this] { return session_count() == 0; });
}

}  // namespace curfew::test
