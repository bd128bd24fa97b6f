// Those who decide about commands, as a test has them decide.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "proxy/command_desk.hpp"
#include "proxy/event.hpp"

namespace curfew::test {

// Everything but allowed_statements() on its executor's thread.
class CommandDeskDouble final : public proxy::CommandDesk {
public:
    struct Asked {
        RequestId request;
        std::string user;
        std::string resource;
        policy::Command command;
        std::optional<Answer> answer;
        std::optional<std::string> withdrawn;  // why
        std::optional<policy::CommandResult> result;
        std::unique_ptr<proxy::Event> changed;
    };

    explicit CommandDeskDouble(boost::asio::any_io_executor executor)
        : executor_{std::move(executor)}, may_ask_{executor_} {}

    void allow(std::optional<std::vector<sql::AllowedStatements>> allowed) {
        const std::lock_guard lock{mutex_};
        allowed_ = std::move(allowed);
    }
    void decide(std::size_t which, Answer answer) {
        asked.at(which).answer = std::move(answer);
        asked.at(which).changed->notify();
    }
    // What ask() waits for if it is `slow`.
    void let_ask() { may_ask_.notify(); }

    boost::asio::any_io_executor executor() override { return executor_; }
    std::optional<std::vector<sql::AllowedStatements>> allowed_statements(std::string_view,
                                                                          std::string_view) const override {
        const std::lock_guard lock{mutex_};
        return allowed_;
    }
    Awaitable<Result<GrantId>> let_in(std::string, std::string) override {
        ++times_asked_to_let_in;
        co_return lets_in ? lets_in() : Result<GrantId>{Error{ErrorCode::forbidden, "no rule lets you ask"}};
    }
    Awaitable<Result<Waiting>> ask(std::string user, std::string resource, policy::Command command) override {
        if (slow) co_await may_ask_.wait();
        if (objection) co_return *objection;
        Asked& added = asked.emplace_back();
        added.request = RequestId::generate();
        added.user = std::move(user);
        added.resource = std::move(resource);
        added.command = std::move(command);
        added.changed = std::make_unique<proxy::Event>(executor_);
        co_return Waiting{added.request, url, std::chrono::minutes{10}};
    }
    Awaitable<Answer> decided(RequestId request) override {
        Asked& one = find(request);
        while (!one.answer && !one.withdrawn)
            co_await one.changed->wait();
        co_return one.answer.value_or(Answer{false, "It was withdrawn.", {}});
    }
    Awaitable<void> withdraw(RequestId request, std::string why) override {
        Asked& one = find(request);
        EXPECT_FALSE(one.withdrawn) << "once is enough";
        one.withdrawn = std::move(why);
        if (approves_when_withdrawn) one.answer = Answer{true, {}, {}};
        one.changed->notify();
        co_return;
    }
    Awaitable<void> ran(RequestId request, policy::CommandResult result) override {
        Asked& one = find(request);
        EXPECT_FALSE(one.result) << "once is enough";
        one.result = std::move(result);
        co_return;
    }

    std::deque<Asked> asked;
    bool slow = false;
    bool approves_when_withdrawn = false;  // a moment before
    std::optional<Error> objection;
    std::string url = "https://curfew.example/requests/1";
    std::function<Result<GrantId>()> lets_in;
    std::atomic<int> times_asked_to_let_in = 0;

private:
    Asked& find(const RequestId& request) {
        for (Asked& one : asked) {
            if (one.request == request) return one;
        }
        throw std::out_of_range("nobody asked for " + request.text());
    }

    boost::asio::any_io_executor executor_;
    proxy::Event may_ask_;
    mutable std::mutex mutex_;
    std::optional<std::vector<sql::AllowedStatements>> allowed_{std::in_place, 1};
};

}  // namespace curfew::test
