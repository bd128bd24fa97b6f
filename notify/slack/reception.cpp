#include "notify/slack/reception.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "base/text.hpp"
#include "notify/slack/signature.hpp"
#include "proxy/event.hpp"

namespace curfew::notify::slack {
namespace {

// Slack sends an envelope again for less than that.
constexpr std::chrono::hours envelope_lifetime{1};

http::CurlFetch::Options fetch_options() {
    http::CurlFetch::Options options;
    options.peer = "Slack";
    options.is_url_secret = true;  // a response_url is good for answers to whoever has it
    // People wait for it.
    options.connect_timeout = std::chrono::seconds{5};
    options.timeout = std::chrono::seconds{10};
    return options;
}

http::WorkerPool::Options pool_options() {
    http::WorkerPool::Options options;
    options.name = "slack";
    options.threads = 3;
    options.most_waiting = 2 * most_acts;
    options.too_busy = "too much is being asked of Slack at the moment; try again in a moment";
    return options;
}

const config::SlackSettings* slack_settings_of(const config::Notifier& notifier) {
    return std::get_if<config::SlackSettings>(&notifier.provider);
}

// What becomes of work that is waited for, but not for long.
struct AwaitedAnswer {
    explicit AwaitedAnswer(const boost::asio::any_io_executor& executor) : done{executor} {}

    proxy::Event done;
    std::optional<boost::json::object> answer;
    bool given_up = false;
};

Awaitable<void> keep_answer(std::shared_ptr<AwaitedAnswer> awaited, Awaitable<boost::json::object> work,
                            std::function<Awaitable<void>(boost::json::object)> late) {
    auto answer = co_await std::move(work);
    if (awaited->given_up) {
        auto telling = late(std::move(answer));
        co_await std::move(telling);
        co_return;
    }
    awaited->answer = std::move(answer);
    awaited->done.notify();
}

// What somebody did is no reason for the node to end.
Awaitable<void> guarded(Awaitable<void> work) {
    try {
        co_await std::move(work);
    } catch (const std::exception& failure) {
        log::error("slack.act_failed", {{"error", failure.what()}});
    }
}

}  // namespace

struct Reception::Desk {
    config::Notifier notifier;
    WorkspacePtr workspace;
    std::shared_ptr<SocketMode> socket;  // null: it is called by HTTP
};

Reception::Reception(boost::asio::any_io_executor executor, PersonActs::Parts parts)
    : executor_{std::move(executor)},
      store_{parts.store},
      clock_{parts.clock},
      acts_{std::move(parts)},
      tasks_{executor_} {}

Reception::~Reception() {
    if (fetch_) fetch_->stop();
}

void Reception::use(const std::vector<config::Notifier>& notifiers) {
    std::map<std::string, std::shared_ptr<Desk>, std::less<>> desks;
    for (const auto& notifier : notifiers) {
        const auto* settings = slack_settings_of(notifier);
        if (settings == nullptr || stopping_) continue;
        const auto same = desks_.find(notifier.name);
        if (same != desks_.end() && config::is_same(same->second->notifier, notifier)) {
            desks.insert(*same);
            continue;
        }
        if (!fetch_) {
            fetch_ = std::make_unique<http::CurlFetch>(fetch_options());
            pool_ = std::make_unique<http::WorkerPool>(pool_options());
        }
        auto desk = std::make_shared<Desk>();
        desk->notifier = notifier;
        desk->workspace =
            std::make_shared<Workspace>(notifier.name, *settings, CallParts{*fetch_, *pool_, clock_});
        if (settings->app_token) {
            desk->socket = std::make_shared<SocketMode>(
                executor_, desk->workspace, [this, workspace = desk->workspace](Envelope envelope) {
                    return from_socket(workspace, std::move(envelope));
                });
            begin(SocketMode::run(desk->socket));
        }
        desks.emplace(notifier.name, std::move(desk));
    }
    for (const auto& [name, desk] : desks_) {
        const auto kept = desks.find(name);
        if (desk->socket && (kept == desks.end() || kept->second != desk)) desk->socket->stop();
    }
    desks_ = std::move(desks);
}

void Reception::begin(Awaitable<void> work) {
    tasks_.spawn(guarded(std::move(work)));
}

Awaitable<void> Reception::stop() {
    stopping_ = true;
    if (fetch_) fetch_->stop();
    for (const auto& [name, desk] : desks_) {
        if (desk->socket) desk->socket->stop();
    }
    co_await tasks_.join();
}

Awaitable<Result<void>> Reception::first_time(std::string key, Duration lifetime) {
    auto remembering = store_.remember_once(std::move(key), lifetime);
    const auto first = co_await std::move(remembering);
    if (!first) co_return first.error();
    if (*first) co_return Result<void>{};
    co_return Error{ErrorCode::forbidden, "This call came before, and is not taken twice"};
}

Awaitable<Result<Reception::Answer>> Reception::receive(HttpCall call) {
    const auto found = desks_.find(call.notifier);
    const auto* settings = found == desks_.end() ? nullptr : &found->second->workspace->settings();
    if (settings == nullptr || !settings->signing_secret) {
        co_return Error{ErrorCode::not_found,
                        fmt::format("There is no Slack notifier '{}' here that Slack calls by HTTP",
                                    printable(call.notifier, 63))};
    }
    const WorkspacePtr workspace = found->second->workspace;
    const SignedCall signed_call{call.timestamp, call.signature, call.body};
    const auto verified = verify_signature(signed_call, *settings->signing_secret, clock_.wall_now());
    if (!verified) co_return verified.error();
    // A signature is good for the window on either side of its timestamp.
    auto key = fmt::format("slack:{}:{}", call.notifier, to_hex(replay_key(signed_call)));
    auto remembering = first_time(std::move(key), 2 * Duration{signature_window});
    const auto first = co_await std::move(remembering);
    if (!first) co_return first.error();
    if (call.kind == HttpCall::Kind::command) {
        auto command = parse_command_form(call.body);
        if (!command) co_return command.error();
        auto taking = take(workspace, std::move(*command));
        auto answer = co_await std::move(taking);
        co_return answer;
    }
    auto interaction = parse_interaction_form(call.body);
    if (!interaction) co_return interaction.error();
    auto taking = take(workspace, std::move(*interaction));
    auto answer = co_await std::move(taking);
    co_return answer;
}

Awaitable<Result<Reception::Answer>> Reception::take(WorkspacePtr workspace, Interaction interaction) {
    if (std::holds_alternative<NothingToDo>(interaction)) co_return Answer{};
    if (stopping_ || tasks_.running() >= most_acts + desks_.size())
        co_return Error{ErrorCode::unavailable, "Too much is under way; try again in a moment"};
    if (auto* press = std::get_if<ButtonPressed>(&interaction)) {
        begin(acts_.press(std::move(workspace), std::move(*press)));
        co_return Answer{};
    }
    auto& sent = std::get<ModalSent>(interaction);
    // The modal has closed by then: who sent it is told where the message is.
    auto late = [this, workspace, by = sent.by, channel = sent.subject.channel](Answer answer) {
        const auto* errors = answer.if_contains("errors");
        std::string text;
        if (errors != nullptr && errors->is_object()) {
            for (const auto& [where, what] : errors->get_object())
                text += (text.empty() ? "" : " ") + std::string{what.get_string()};
        }
        return text.empty() ? acts_.nothing() : acts_.tell(workspace, by, channel, "", std::move(text));
    };
    auto sending = soon(acts_.send_modal(std::move(workspace), std::move(sent)), std::move(late));
    auto answer = co_await std::move(sending);
    co_return answer;
}

Awaitable<Result<Reception::Answer>> Reception::take(WorkspacePtr workspace, Command command) {
    if (stopping_ || tasks_.running() >= most_acts + desks_.size())
        co_return ephemeral_answer("Too much is under way. Try again in a moment.");
    auto late = [this, workspace, url = command.response_url](Answer answer) {
        return acts_.answer_late(workspace, url, std::move(answer));
    };
    auto doing = soon(acts_.command(std::move(workspace), std::move(command)), std::move(late));
    auto answer = co_await std::move(doing);
    co_return answer;
}

Awaitable<Reception::Answer> Reception::soon(Awaitable<Answer> work, Late late) {
    auto awaited = std::make_shared<AwaitedAnswer>(executor_);
    begin(keep_answer(awaited, std::move(work), std::move(late)));
    auto waiting = awaited->done.wait_for(answered_within);
    co_await std::move(waiting);
    if (awaited->answer) co_return std::move(*awaited->answer);
    awaited->given_up = true;
    co_return Answer{};
}

Awaitable<Reception::Answer> Reception::from_socket(WorkspacePtr workspace, Envelope envelope) {
    auto key = fmt::format("slack:{}:envelope:{}", workspace->notifier(), envelope.id);
    auto remembering = first_time(std::move(key), envelope_lifetime);
    const auto first = co_await std::move(remembering);
    if (!first) {
        log::warning("slack.envelope_not_taken",
                     {{"notifier", workspace->notifier()}, {"error", first.error().message}});
        co_return Answer{};
    }
    Result<Answer> answer = Answer{};
    if (envelope.kind == Envelope::Kind::slash_command) {
        auto command = parse_command(envelope.payload);
        if (command) {
            auto taking = take(workspace, std::move(*command));
            answer = co_await std::move(taking);
        } else {
            answer = command.error();
        }
    } else {
        auto interaction = read_interaction(envelope.payload);
        if (interaction) {
            auto taking = take(workspace, std::move(*interaction));
            answer = co_await std::move(taking);
        } else {
            answer = interaction.error();
        }
    }
    if (answer) co_return std::move(*answer);
    log::warning("slack.envelope_not_taken",
                 {{"notifier", workspace->notifier()}, {"error", answer.error().message}});
    co_return Answer{};
}

}  // namespace curfew::notify::slack
