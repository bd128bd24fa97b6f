// What stands behind the API but for the node: a real store, registry, desk and sign-in.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/api_parts.hpp"
#include "audit/signing_key.hpp"
#include "base/clock.hpp"
#include "identity/people_in_force.hpp"
#include "noted_enforcement.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "workflow/commands.hpp"
#include "workflow/desk.hpp"
#include "workflow/registry.hpp"

namespace curfew::test {

// alice is in `dba`, bob in `developers`, carol in both `dba` and `security`, ann an administrator. bob and
// alice may ask for `prod` and `managed`, `dba` decides. `uncovered` is a resource without a rule.
extern const char* const usual_workplace;

// Made, used and destroyed on the control thread, where begin() is to be awaited first.
class Workplace {
public:
    // `declared`: the configuration file, as YAML.
    Workplace(const boost::asio::any_io_executor& control, const Clock& clock, const std::string& store_path,
              std::string declared);

    workflow::Awaitable<void> begin();
    api::ApiParts parts(proxy::Control& control);

private:
    // The node, as it is told what holds, and who there is.
    class Enforcement final : public workflow::Enforcement {
    public:
        explicit Enforcement(Workplace& workplace) : workplace_{workplace} {}
        workflow::Awaitable<void> grants_changed(std::vector<store::GrantCountdown> grants) override;
        workflow::Awaitable<Result<void>> read_grants_anew() override {
            return workplace_.node.read_grants_anew();
        }
        workflow::Awaitable<void> session_kill_asked(SessionId id, std::string by) override;
        void sessions_changed() override { workplace_.node.sessions_changed(); }
        workflow::Awaitable<Result<void>> use(config::Config config) override;

    private:
        Workplace& workplace_;
    };

    boost::asio::any_io_executor control_;
    const Clock& clock_;
    Enforcement enforcement_{*this};

public:
    std::string declared;
    NotedEnforcement node;
    // Called with what the node is told of grants.
    std::function<void(const std::vector<store::GrantCountdown>&)> when_grants_changed;
    identity::PeopleInForce people;
    std::shared_ptr<store::SqliteStore> store;
    workflow::Registry registry;
    workflow::Desk desk;
    workflow::Commands commands;
    identity::PasswordChecker passwords;
    identity::SignInLimiter limiter;
    identity::SignInDesk sign_in;
    identity::PasswordLinks password_links;
    const audit::SigningKey signing_key{Ed25519Key::generate()};
};

}  // namespace curfew::test
