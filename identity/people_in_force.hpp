// Who may sign in at this moment, for whoever has to know on whatever thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "identity/people.hpp"

namespace curfew::identity {

// Thread-safe. Replaced as a whole with every change of the configuration.
class PeopleInForce {
public:
    void replace(const config::Config& config) {
        auto people = std::make_shared<const People>(config);
        const std::lock_guard lock{mutex_};
        people_ = std::move(people);
    }
    // Before the first replace(): nobody.
    std::shared_ptr<const People> now() const {
        const std::lock_guard lock{mutex_};
        return people_;
    }
    // The same, for as long as this lives.
    CurrentPeople current() const {
        return [this] { return now(); };
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const People> people_ = std::make_shared<const People>(config::Config{});
};

}  // namespace curfew::identity
