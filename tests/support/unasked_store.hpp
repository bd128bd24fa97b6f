// A store for tests that script what a store answers.
#pragma once

#include <stdexcept>

#include "store/store.hpp"

namespace curfew::test {

// Throws whatever it is asked; a test's own store overrides what its subject may ask.
class UnaskedStore : public store::Store {
public:
    template <class T>
    using Answer = store::Awaitable<Result<T>>;

    Answer<store::GrantCountdown> add_grant(store::NewGrant) override {
        return not_asked<store::GrantCountdown>();
    }
    Answer<store::GrantCountdown> revoke_grant(GrantId, std::string, std::string) override {
        return not_asked<store::GrantCountdown>();
    }
    Answer<store::GrantCountdown> extend_grant(GrantId, Duration) override {
        return not_asked<store::GrantCountdown>();
    }
    Answer<std::vector<store::GrantCountdown>> grants(bool) override {
        return not_asked<std::vector<store::GrantCountdown>>();
    }
    Answer<void> session_started(store::SessionRecord) override { return not_asked<void>(); }
    Answer<void> session_ending(SessionId, policy::EndCause) override { return not_asked<void>(); }
    Answer<void> session_ended(store::SessionEnd) override { return not_asked<void>(); }
    Answer<std::vector<store::SessionRecord>> unfinished_sessions(std::string) override {
        return not_asked<std::vector<store::SessionRecord>>();
    }
    Answer<std::vector<store::SessionRecord>> recent_sessions(std::size_t) override {
        return not_asked<std::vector<store::SessionRecord>>();
    }
    Answer<void> check_health() override { return not_asked<void>(); }
    Answer<Secret> installation_secret() override { return not_asked<Secret>(); }

private:
    template <class T>
    static Answer<T> not_asked() {
        throw std::logic_error("the store was asked for what is not the asker's business");
        co_return Error{};
    }
};

}  // namespace curfew::test
