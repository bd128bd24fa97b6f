#include "store/audit_chain.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::chain_root;
using store::chained_hash;
using store::Event;

Event first_event() {
    return {1, WallInstant{1'576'800'000'000ms}, "grant.given", "g-abcdefgh", "root", R"({"user":"übel"})"};
}

// The hashes were computed by another program, from the words in docs/store.md.
TEST(AuditChain, IsWhatTheDocumentationSays) {
    const auto first = chained_hash(chain_root, first_event());
    EXPECT_EQ(to_hex(first), "137e62b5414e0f58f7ce4c3a1838d957674e4d2b2b7b6341d25f81e2ff5c36db");
    const Event second{2, WallInstant{1'576'800'000'001ms}, "grant.ended", "g-abcdefgh", "", "{}"};
    EXPECT_EQ(to_hex(chained_hash(first, second)),
              "19a6753234852cc2f3fbeb7363b46694596aab65725505eafdc2d064960d6b4c");
}

TEST(AuditChain, CoversAllThatAnEventSays) {
    const auto hash = chained_hash(chain_root, first_event());
    const std::vector<std::function<void(Event&)>> changes{[](Event& event) { ++event.number; },
                                                           [](Event& event) { event.at += 1ms; },
                                                           [](Event& event) { event.kind = "grant.lost"; },
                                                           [](Event& event) { event.id = "g-abcdefgj"; },
                                                           [](Event& event) { event.actor.clear(); },
                                                           [](Event& event) { event.summary += " "; }};
    for (const auto& change : changes) {
        Event changed = first_event();
        change(changed);
        EXPECT_NE(chained_hash(chain_root, changed), hash);
    }
}

TEST(AuditChain, CoversWhereOneTextEndsAndTheNextBegins) {
    Event shifted = first_event();
    shifted.kind = "grant.giveng";
    shifted.id = "-abcdefgh";
    EXPECT_NE(chained_hash(chain_root, shifted), chained_hash(chain_root, first_event()));
}

TEST(AuditChain, CoversTheEventBefore) {
    EXPECT_NE(chained_hash(sha256("another"), first_event()), chained_hash(chain_root, first_event()));
}

}  // namespace
}  // namespace curfew::test
