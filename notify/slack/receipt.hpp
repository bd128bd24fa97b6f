// What is kept of a message that was sent: where it is, and what it said, for what is said next.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace curfew::notify::slack {

struct Receipt {
    std::string channel;
    std::string ts;
    std::optional<WallInstant> until;  // when the access was said to end
    bool over = false;                 // that it is over was said in its thread

    bool operator==(const Receipt&) const = default;
};

// JSON, as the store keeps it.
std::string to_text(const Receipt& receipt);
// nullopt for anything that to_text does not write.
std::optional<Receipt> parse_receipt(std::string_view text);

// To whom, in this notifier's own words.
struct Recipient {
    enum class Kind {
        channel,    // of approvers: `channel:C0DBATEAM`
        approver,   // by direct message: `approver:U0BOB0001`
        requester,  // the same: `requester:U0ALICE01`
    };

    Kind kind = Kind::channel;
    std::string id;  // of a channel or a user

    bool operator==(const Recipient&) const = default;
};
std::string to_text(const Recipient& recipient);
std::optional<Recipient> parse_recipient(std::string_view text);

}  // namespace curfew::notify::slack
