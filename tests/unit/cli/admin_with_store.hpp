// The administrative API with a store, as curfewd has one: it remembers what an Idempotency-Key named.
#pragma once

#include <memory>

#include "running_servers.hpp"
#include "store/sqlite_store.hpp"

namespace curfew::test {

class AdminWithStore {
public:
    explicit AdminWithStore(WallInstant now = noon)
        : clock_{now},
          store_{store::SqliteStore::open(directory_ / "curfew.db", clock_).value()},
          admin{[this](api::ApiServerOptions& options) { options.api.idempotency = store_.get(); }, now} {}

private:
    TemporaryDirectory directory_;
    ManualClock clock_;
    std::shared_ptr<store::SqliteStore> store_;

public:
    RunningAdmin admin;
};

}  // namespace curfew::test
