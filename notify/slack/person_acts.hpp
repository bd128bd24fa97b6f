// What people do in Slack, done: by the same desk as on the page, and with their own rights.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "notify/slack/account_holders.hpp"
#include "notify/slack/command.hpp"
#include "notify/slack/interaction.hpp"
#include "notify/slack/link_offer.hpp"
#include "notify/slack/request_desk.hpp"
#include "notify/slack/workspace.hpp"
#include "store/store.hpp"

namespace curfew::notify::slack {

using WorkspacePtr = std::shared_ptr<Workspace>;

// Belongs to one executor. What it is given outlives it.
class PersonActs {
public:
    struct Parts {
        store::Store& store;
        RequestDesk& desk;
        const Clock& clock;
        KnownPeople people;
        std::string people_address;  // of the page; empty: there is none
    };
    explicit PersonActs(Parts parts);

    // What is refused is told to whoever pressed it, and to nobody else.
    Awaitable<void> press(WorkspacePtr workspace, ButtonPressed press);
    // What the modal is answered with: nothing where it is done, and why not otherwise.
    Awaitable<boost::json::object> send_modal(WorkspacePtr workspace, ModalSent sent);
    // What the command is answered with, for who gave it alone.
    Awaitable<boost::json::object> command(WorkspacePtr workspace, Command command);

    // Told to one person where something happened, or else by direct message.
    Awaitable<void> tell(WorkspacePtr workspace, SlackUser whom, std::string channel,
                         std::string response_url, std::string text);
    // The answer to a command that took too long to be its answer.
    Awaitable<void> answer_late(WorkspacePtr workspace, std::string response_url, boost::json::object answer);
    // There is nothing to be told.
    Awaitable<void> nothing() { co_return; }

private:
    // Empty: it was done.
    using Refusal = std::optional<std::string>;

    Awaitable<Refusal> decide(WorkspacePtr workspace, ButtonPressed press);
    Awaitable<Refusal> open_modal(WorkspacePtr workspace, ButtonPressed press, identity::Principal by);
    Awaitable<Refusal> review(RequestId id, policy::event::Reviewed review, identity::Principal by);
    Awaitable<Refusal> revoke(RequestId id, identity::Principal by);

    Awaitable<std::string> link(WorkspacePtr workspace, SlackUser by);
    Awaitable<std::string> unlink(WorkspacePtr workspace, SlackUser by);
    Awaitable<std::string> subscribe(WorkspacePtr workspace, SlackUser by, bool wanted);
    Awaitable<std::string> list_requests(WorkspacePtr workspace, SlackUser by);
    Awaitable<Result<LinkOffers*>> offers();

    Parts parts_;
    AccountHolders holders_;
    std::optional<LinkOffers> offers_;
};

}  // namespace curfew::notify::slack
