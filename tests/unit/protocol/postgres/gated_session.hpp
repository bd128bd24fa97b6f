// What the tests of the command gate have in common.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/postgres/command_gate.hpp"
#include "support/wire_format.hpp"

namespace curfew::postgres {

namespace wire = test::wire;
using Kind = CommandGate::Step::Kind;

inline const std::string held_error = error_response({"ERROR", "42501", "rejected", {}, {}});
inline const std::string no_transaction = error_response({"ERROR", "42501", "no new transaction", {}, {}});

inline std::string report(std::string_view sqlstate, std::string message = "failed") {
    return error_response({"ERROR", sqlstate, std::move(message), {}, {}});
}
inline std::string complete(std::string_view tag) {
    return wire::message('C', wire::cstring(tag));
}
inline std::string ready(char status = 'I') {
    return wire::message('Z', {&status, 1});
}
inline std::string answers(std::string_view types) {
    std::string bytes;
    for (const char type : types)
        bytes += type == 'C' ? complete("SELECT 1") : type == 'Z' ? ready() : wire::message(type);
    return bytes;
}
inline std::string close_statement(std::string_view name) {
    return wire::message('C', 'S' + wire::cstring(name));
}
inline std::string describe_statement(std::string_view name) {
    return wire::message('D', 'S' + wire::cstring(name));
}
inline std::string run(std::string_view sql) {
    return wire::parse("", sql) + wire::bind("", "") + wire::execute("");
}
inline std::string run_prepared(std::string_view name, const std::vector<std::string>& values = {}) {
    return wire::bind("", name, values) + wire::execute("");
}

inline const std::string copy_in = wire::message('G', std::string("\0\0\0", 3));

// A gate between a client and a PostgreSQL that are both the test's.
struct GatedSession {
    explicit GatedSession(const CommandLimits& limits = {}) : gate{limits} {}

    void client(std::string_view bytes) {
        waiting += bytes;
        go_on();
    }
    void client_byte_by_byte(std::string_view bytes) {
        for (const char& byte : bytes)
            client({&byte, 1});
    }
    void server(std::string_view bytes) {
        gate.from_server(bytes);
        if (auto outcome = gate.take_outcome()) outcomes.push_back(std::move(*outcome));
        go_on();
    }
    void approve(bool changes_prepared = false) {
        ASSERT_TRUE(asked) << "nothing waits to be decided";
        asked.reset();
        passed += gate.pass_unit(changes_prepared);
        go_on();
    }
    void refuse() {
        ASSERT_TRUE(asked) << "nothing waits to be decided";
        asked.reset();
        told += gate.refuse_unit(held_error);
        go_on();
    }
    // What runs, and is answered with these types of messages.
    void prepare(std::string_view name, std::string_view sql) {
        client(wire::parse(name, sql) + wire::sync());
        server(answers("1Z"));
        passed.clear();
    }
    std::vector<std::string> asked_sql() const {
        std::vector<std::string> texts;
        if (asked)
            for (const HeldUnit::Statement& statement : asked->statements)
                texts.push_back(statement.sql);
        return texts;
    }
    std::string take_passed() { return std::exchange(passed, {}); }
    std::string take_told() { return std::exchange(told, {}); }

    void go_on() {
        while (!asked && !gate.broken()) {
            const CommandGate::Step step = gate.next(waiting);
            if (step.kind == Kind::pass) passed += step.bytes;
            if (step.kind == Kind::answer) told += step.bytes;
            waiting.erase(0, step.taken);
            if (step.kind == Kind::judge) asked = gate.unit();
            if (step.kind == Kind::wait || (step.kind == Kind::more && waiting.empty())) return;
        }
    }

    CommandGate gate;
    std::string waiting;
    std::string passed;
    std::string told;
    std::optional<HeldUnit> asked;
    std::vector<UnitOutcome> outcomes;
};

}  // namespace curfew::postgres
