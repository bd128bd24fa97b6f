// A new configuration for a running node: all of it, or nothing.
#include <utility>

#include "base/log.hpp"
#include "config/diff.hpp"
#include "proxy/node_impl.hpp"

namespace curfew::proxy {

Awaitable<Result<void>> Node::Impl::reload(std::string actor) {
    Result<void> applied;
    if (!options.reload) {
        applied =
            Error{ErrorCode::conflict, "this curfewd runs without a configuration file: nothing to reload"};
    } else {
        applied = co_await options.reload();
    }
    metrics.config_reloaded(applied.has_value(), clock.wall_now());
    if (applied) {
        log::info("config.reloaded", {{"accepted", true}, {"actor", actor}, {"file", options.config_file}});
    } else {
        log::error("config.reloaded", {{"accepted", false},
                                       {"actor", actor},
                                       {"file", options.config_file},
                                       {"error", applied.error().message}});
    }
    co_return applied;
}

Awaitable<Result<void>> Node::Impl::apply(config::Config wanted) {
    const auto hold = co_await changing.hold();
    for (const std::string& sentence : config::needs_restart(*config, wanted))
        log::warning("config.needs_restart", {{"setting", sentence}});
    // What a restart is needed for stays as it is.
    config::keep_until_restart(*config, wanted);

    auto next = std::make_shared<const config::Config>(std::move(wanted));
    auto prepared = resources.prepare(next);
    if (!prepared) co_return prepared.error();
    // Known to the workers before the first connection comes in by a new listener, and no listener is closed
    // before everything else has worked.
    std::vector<config::Listener> listeners_wanted = next->listeners;
    const auto previous_setup = std::exchange(setup, std::move(*prepared));
    const auto previous_config = std::exchange(config, next);
    Result<void> listening = co_await listeners.change_to(std::move(listeners_wanted));
    if (!listening) {
        setup = previous_setup;
        config = previous_config;
        co_return listening;
    }
    resources.start(setup);
    log::configure(config->log.format, config->log.level);
    co_await publish(clock.boot_now());
    report_ready();
    co_return Result<void>{};
}

}  // namespace curfew::proxy
