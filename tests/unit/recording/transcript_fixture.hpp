// A session on the wire, and the entries that come of it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "recording/transcript.hpp"
#include "support/wire_messages.hpp"

namespace curfew::recording {

class Transcribed {
public:
    explicit Transcribed(const RedactionRules& rules = {}, bool full = false)
        : client_plan_{postgres::TapPlan::from_client({limit, 0})},
          server_plan_{postgres::TapPlan::from_server({limit, full ? 200U : 0U})},
          client_{client_plan_},
          server_{server_plan_},
          transcript{redactor_of(rules), now,
                     [this](Entry&& entry) { entries.push_back(std::move(entry)); }} {}

    Transcribed& client(std::string_view bytes) {
        feed(client_, Transcript::From::client, bytes);
        return *this;
    }
    Transcribed& server(std::string_view bytes) {
        feed(server_, Transcript::From::server, bytes);
        return *this;
    }
    Transcribed& after(std::chrono::microseconds time) {
        now += time;
        return *this;
    }

    // The entries of one kind, in their order.
    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const Entry& entry : entries) {
            if (const auto* content = std::get_if<T>(&entry.content)) found.push_back(*content);
        }
        return found;
    }
    // The one of its kind.
    template <class T>
    T only() const {
        const auto found = all<T>();
        EXPECT_EQ(found.size(), 1U);
        return found.empty() ? T{} : found.front();
    }
    std::string running() const {
        const auto running = transcript.running();
        return running ? running->statement : "nothing";
    }

    static constexpr std::uint32_t limit = 5000;  // of what is kept of a message

private:
    static std::shared_ptr<const Redactor> redactor_of(const RedactionRules& rules) {
        auto redactor = Redactor::compile(rules);
        EXPECT_TRUE(redactor.has_value());
        return std::make_shared<const Redactor>(redactor ? *std::move(redactor) : Redactor{});
    }
    void feed(postgres::MessageTap& tap, Transcript::From from, std::string_view bytes) {
        tap.advance(bytes, [&](const postgres::TappedPiece& piece) {
            transcript.take(from, piece, now);
            return true;
        });
    }

    postgres::TapPlan client_plan_;
    postgres::TapPlan server_plan_;
    postgres::MessageTap client_;
    postgres::MessageTap server_;

public:
    BootInstant now{std::chrono::hours{1}};
    std::vector<Entry> entries;
    Transcript transcript;
};

// A Parse, Bind, Execute of the unnamed statement and portal.
inline std::string run_extended(std::string_view sql, const std::vector<wire::Nullable>& parameters = {}) {
    return wire::parse("", sql) + wire::bind("", "", parameters) + wire::execute();
}
inline std::string parsed_and_bound() {
    return wire::parse_complete() + wire::bind_complete();
}

}  // namespace curfew::recording
