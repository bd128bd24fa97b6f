#include "workplace.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

#include "config/load.hpp"
#include "proxy/run_on.hpp"
#include "workflow/first_administrator.hpp"

namespace curfew::test {
namespace {

// Passwords are right and wrong at any cost.
constexpr identity::ScryptCost cheap{4, 8, 1};

config::Declared must_read(const std::string& yaml) {
    auto read = config::load_declared_text(yaml, "curfew.yaml", config::SystemEnvironment{});
    if (const auto* problems = std::get_if<std::vector<config::Problem>>(&read))
        throw std::runtime_error(config::to_string(problems->front()));
    return std::get<config::Declared>(std::move(read));
}

}  // namespace

const char* const usual_workplace = R"(
listeners: [{ name: main, address: "127.0.0.1:6432" }]
store: { path: /nowhere/curfew.db }
resources:
  prod:
    host: 127.0.0.1
    login: passthrough
    tls: { sslmode: disable }
    databases: [orders, stock]
    attributes: { env: prod }
  managed: { host: 127.0.0.1, login: managed, tls: { sslmode: disable }, role: { user: app } }
  uncovered: { host: 127.0.0.1, login: passthrough, tls: { sslmode: disable } }
users:
  alice: { display_name: Alice Adams, aliases: [al] }
  ann: {}
  bob: { email: bob@example.com }
  carol: {}
groups:
  dba: [alice, carol]
  developers: [alice, bob]
  security: [carol]
  administrators: [ann]
rules:
  prod:
    description: Production
    resources: [prod, managed]
    required_groups: [developers]
    approval_groups: [dba]
    max_duration: 4h
)";

workflow::Awaitable<void> Workplace::Enforcement::grants_changed(std::vector<store::GrantCountdown> grants) {
    if (workplace_.when_grants_changed) workplace_.when_grants_changed(grants);
    return workplace_.node.grants_changed(std::move(grants));
}

workflow::Awaitable<void> Workplace::Enforcement::session_kill_asked(SessionId id, std::string by) {
    return workplace_.node.session_kill_asked(std::move(id), std::move(by));
}

workflow::Awaitable<Result<void>> Workplace::Enforcement::use(config::Config config) {
    auto used = co_await workplace_.node.use(config);
    if (used) workplace_.people.replace(config);
    co_return used;
}

Workplace::Workplace(const boost::asio::any_io_executor& control, const Clock& clock,
                     const std::string& store_path, std::string declared_)
    : control_{control},
      clock_{clock},
      declared{std::move(declared_)},
      store{store::SqliteStore::open(store_path, clock).value()},
      registry{control, *store, enforcement_, must_read(declared),
               [this] {
                   return config::load_declared_text(declared, "curfew.yaml", config::SystemEnvironment{});
               }},
      desk{*store, enforcement_, clock, [this] { return registry.rulebook(); }},
      commands{{control, clock, *store, enforcement_, desk, {}}},
      passwords{cheap},
      limiter{clock},
      sign_in{{*store, people.current(), passwords, limiter}},
      password_links{{*store, people.current(), passwords, limiter}, [this](std::string user) {
                         return proxy::run_on(control_,
                                              workflow::make_administrator(registry, std::move(user)));
                     }} {}

workflow::Awaitable<void> Workplace::begin() {
    auto config = co_await registry.begin();
    people.replace(config.value());
    commands.use(registry.rulebook());
}

api::ApiParts Workplace::parts(proxy::Control& control) {
    return {control, desk, registry, sign_in, password_links, *store, clock_, &signing_key, &commands};
}

}  // namespace curfew::test
