// A store for tests that script what a store answers.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace curfew::test {

// Throws whatever it is asked; a test's own store overrides what its subject may ask.
class UnaskedStore : public store::Store {
public:
    template <class T>
    using Answer = store::Awaitable<Result<T>>;

    Answer<store::GrantCountdown> add_grant(store::NewGrant) override {
        return not_asked<store::GrantCountdown>();
    }
    Answer<store::GrantCountdown> revoke_grant(GrantId, Actor, std::string) override {
        return not_asked<store::GrantCountdown>();
    }
    Answer<store::GrantCountdown> extend_grant(GrantId, Duration, Actor) override {
        return not_asked<store::GrantCountdown>();
    }
    Answer<std::vector<store::GrantCountdown>> grants(bool) override {
        return not_asked<std::vector<store::GrantCountdown>>();
    }
    Answer<store::GrantNews> grant_news(std::optional<store::ChainHead>) override {
        return not_asked<store::GrantNews>();
    }
    Answer<store::GrantPage> list_grants(store::GrantFilter, store::Page) override {
        return not_asked<store::GrantPage>();
    }
    Answer<store::GrantCountdown> find_grant(GrantId) override { return not_asked<store::GrantCountdown>(); }
    Answer<std::vector<store::GrantCountdown>> find_grants(std::vector<GrantId>) override {
        return not_asked<std::vector<store::GrantCountdown>>();
    }
    Answer<std::vector<store::GrantExtension>> grant_extensions(GrantId) override {
        return not_asked<std::vector<store::GrantExtension>>();
    }
    Answer<store::GrantCountdown> set_grant_verifier(GrantId, Secret, Actor) override {
        return not_asked<store::GrantCountdown>();
    }

    Answer<void> session_started(store::SessionRecord) override { return not_asked<void>(); }
    Answer<void> session_ending(SessionId, policy::EndCause) override { return not_asked<void>(); }
    Answer<void> session_ended(store::SessionEnd) override { return not_asked<void>(); }
    Answer<std::vector<store::SessionRecord>> unfinished_sessions(std::string) override {
        return not_asked<std::vector<store::SessionRecord>>();
    }
    Answer<store::SessionPage> list_sessions(store::SessionFilter, store::Page) override {
        return not_asked<store::SessionPage>();
    }
    Answer<std::vector<SessionId>> sessions_without_receipt(std::string, Duration, std::size_t) override {
        return not_asked<std::vector<SessionId>>();
    }
    Answer<std::size_t> issue_receipts(std::vector<SessionId>, store::WriteReceipt) override {
        return not_asked<std::size_t>();
    }
    Answer<store::Receipt> find_receipt(SessionId) override { return not_asked<store::Receipt>(); }
    Answer<store::Timeline> timeline(store::TimelineWanted) override { return not_asked<store::Timeline>(); }
    Answer<store::AccessReviewPage> access_review(store::AccessReviewWanted, store::Page) override {
        return not_asked<store::AccessReviewPage>();
    }
    Answer<std::vector<store::LiveSession>> live_sessions() override {
        return not_asked<std::vector<store::LiveSession>>();
    }
    Answer<store::SessionRecord> find_session(SessionId) override {
        return not_asked<store::SessionRecord>();
    }
    Answer<store::SessionRecord> ask_to_end_session(SessionId, Actor) override {
        return not_asked<store::SessionRecord>();
    }
    Answer<store::NodeStanding> node_lives(store::NodeReport, std::optional<std::string>) override {
        return not_asked<store::NodeStanding>();
    }
    Answer<void> node_leaves(std::string, std::string) override { return not_asked<void>(); }
    Answer<std::vector<store::NodeRecord>> nodes() override {
        return not_asked<std::vector<store::NodeRecord>>();
    }
    Answer<store::FleetCount> count_fleet() override { return not_asked<store::FleetCount>(); }
    Answer<std::vector<store::SessionRecord>> claim_orphans(std::string, std::vector<std::string>,
                                                            Duration) override {
        return not_asked<std::vector<store::SessionRecord>>();
    }
    Answer<std::vector<store::Backend>> unfinished_backends(std::vector<std::int32_t>) override {
        return not_asked<std::vector<store::Backend>>();
    }

    Answer<store::RequestRecord> add_request(std::optional<GrantId>, store::MakeRequest) override {
        return not_asked<store::RequestRecord>();
    }
    Answer<store::ChangedRequest> change_request(RequestId, store::ChangeRequest) override {
        return not_asked<store::ChangedRequest>();
    }
    Answer<std::vector<store::ChangedRequest>> change_open_requests(store::ReconsiderRequest) override {
        return not_asked<std::vector<store::ChangedRequest>>();
    }
    Answer<std::vector<store::ChangedRequest>> change_due_requests(store::ReconsiderRequest) override {
        return not_asked<std::vector<store::ChangedRequest>>();
    }
    Answer<std::vector<store::ChangedRequest>> change_request_and_others(RequestId, store::ChangeRequest,
                                                                         store::ReconsiderRequest) override {
        return not_asked<std::vector<store::ChangedRequest>>();
    }
    Answer<store::RevokedGrant> revoke_grant_and_requests(GrantId, Actor, std::string,
                                                          store::ReconsiderRequest) override {
        return not_asked<store::RevokedGrant>();
    }
    Answer<std::optional<BootInstant>> next_due_request() override {
        return not_asked<std::optional<BootInstant>>();
    }
    Answer<store::WaitingRequests> count_waiting_requests() override {
        return not_asked<store::WaitingRequests>();
    }
    Answer<void> set_command_result(RequestId, policy::CommandResult) override { return not_asked<void>(); }
    Answer<store::RequestRecord> find_request(RequestId) override {
        return not_asked<store::RequestRecord>();
    }
    Answer<std::optional<store::RequestRecord>> find_request_of(GrantId) override {
        return not_asked<std::optional<store::RequestRecord>>();
    }
    Answer<store::RequestPage> list_requests(store::RequestFilter, store::Page) override {
        return not_asked<store::RequestPage>();
    }

    Answer<std::vector<store::LiveObject>> live_objects() override {
        return not_asked<std::vector<store::LiveObject>>();
    }
    Answer<store::ObjectsChanged> change_live_objects(std::vector<store::ObjectEdit>, Actor,
                                                      store::JudgeObjects) override {
        return not_asked<store::ObjectsChanged>();
    }

    Answer<void> set_password(std::string, Secret, Actor) override { return not_asked<void>(); }
    Answer<std::optional<store::Password>> find_password(std::string) override {
        return not_asked<std::optional<store::Password>>();
    }
    Answer<std::set<std::string>> people_with_passwords() override {
        return not_asked<std::set<std::string>>();
    }
    Answer<store::Token> add_token(store::NewToken, Actor) override { return not_asked<store::Token>(); }
    Answer<std::optional<store::Token>> use_token(store::SecretHash) override {
        return not_asked<std::optional<store::Token>>();
    }
    Answer<std::vector<store::Token>> tokens(std::optional<std::string>) override {
        return not_asked<std::vector<store::Token>>();
    }
    Answer<std::optional<store::Token>> find_token(TokenId) override {
        return not_asked<std::optional<store::Token>>();
    }
    Answer<store::Token> revoke_token(TokenId, Actor) override { return not_asked<store::Token>(); }
    Answer<store::SignIn> add_sign_in(store::NewSignIn) override { return not_asked<store::SignIn>(); }
    Answer<store::BegunSignIn> add_sign_in_and_judge(store::NewSignIn, store::JudgeClaims) override {
        return not_asked<store::BegunSignIn>();
    }
    Answer<std::vector<store::Claims>> claims() override { return not_asked<std::vector<store::Claims>>(); }
    Answer<std::optional<store::Claims>> find_claims(std::string) override {
        return not_asked<std::optional<store::Claims>>();
    }
    Answer<std::optional<store::SignIn>> use_sign_in(store::SecretHash) override {
        return not_asked<std::optional<store::SignIn>>();
    }
    Answer<std::vector<store::SignIn>> sign_ins(std::string) override {
        return not_asked<std::vector<store::SignIn>>();
    }
    Answer<void> end_sign_in(store::SecretHash) override { return not_asked<void>(); }
    Answer<std::size_t> end_sign_ins_of(std::string, Actor) override { return not_asked<std::size_t>(); }
    Answer<store::OneTimeLink> add_link(store::NewOneTimeLink) override {
        return not_asked<store::OneTimeLink>();
    }
    Answer<std::optional<store::OneTimeLink>> find_link(store::SecretHash, std::string) override {
        return not_asked<std::optional<store::OneTimeLink>>();
    }
    Answer<store::OneTimeLink> use_link(store::SecretHash, std::string) override {
        return not_asked<store::OneTimeLink>();
    }
    Answer<std::vector<std::string>> forget_all_but(std::set<std::string>, Actor) override {
        return not_asked<std::vector<std::string>>();
    }

    Answer<std::optional<store::IdempotentAnswer>> begin_idempotent(store::IdempotentRequest) override {
        return not_asked<std::optional<store::IdempotentAnswer>>();
    }
    Answer<void> finish_idempotent(std::string, std::string, store::IdempotentAnswer) override {
        return not_asked<void>();
    }
    Answer<void> abandon_idempotent(std::string, std::string) override { return not_asked<void>(); }
    Answer<bool> remember_once(std::string, Duration) override { return not_asked<bool>(); }

    Answer<store::ChainHead> place_of_notifier(std::string) override { return not_asked<store::ChainHead>(); }
    Answer<std::size_t> take_in_events(std::string, store::ChainHead, store::ChainHead,
                                       store::DeliveryChanges) override {
        return not_asked<std::size_t>();
    }
    Answer<std::vector<store::ClaimedDelivery>> claim_deliveries(std::string, std::string, Duration,
                                                                 std::size_t) override {
        return not_asked<std::vector<store::ClaimedDelivery>>();
    }
    Answer<store::Delivery> finish_delivery(store::DeliveryClaim, store::DeliveryOutcome) override {
        return not_asked<store::Delivery>();
    }
    Answer<std::optional<BootInstant>> next_delivery_due(std::string) override {
        return not_asked<std::optional<BootInstant>>();
    }
    Answer<std::optional<std::string>> receipt_of(std::string, std::string, std::string) override {
        return not_asked<std::optional<std::string>>();
    }
    Answer<std::vector<std::string>> recipients_of(std::string, std::string) override {
        return not_asked<std::vector<std::string>>();
    }
    Answer<store::DeliveryPage> list_deliveries(store::DeliveryFilter, store::Page) override {
        return not_asked<store::DeliveryPage>();
    }
    Answer<store::Delivery> find_delivery(DeliveryId) override { return not_asked<store::Delivery>(); }
    Answer<store::Delivery> retry_delivery(DeliveryId, Actor) override {
        return not_asked<store::Delivery>();
    }
    Answer<std::vector<store::DeliveryCount>> count_deliveries() override {
        return not_asked<std::vector<store::DeliveryCount>>();
    }
    Answer<std::size_t> remove_old_deliveries(Duration, std::optional<std::string>) override {
        return not_asked<std::size_t>();
    }

    Answer<store::ChatAccount> link_chat_account(std::string, std::string, std::string, Actor) override {
        return not_asked<store::ChatAccount>();
    }
    Answer<store::ChatAccount> unlink_chat_account(std::string, std::string, Actor) override {
        return not_asked<store::ChatAccount>();
    }
    Answer<std::optional<store::ChatAccount>> find_chat_account(std::string, std::string) override {
        return not_asked<std::optional<store::ChatAccount>>();
    }
    Answer<std::vector<store::ChatAccount>> chat_accounts(std::optional<std::string>) override {
        return not_asked<std::vector<store::ChatAccount>>();
    }
    Answer<void> subscribe_chat_account(store::ChatSubscription) override { return not_asked<void>(); }
    Answer<std::size_t> unsubscribe_chat_account(store::ChatSubscription) override {
        return not_asked<std::size_t>();
    }
    Answer<std::vector<store::ChatSubscription>> chat_subscriptions(std::string, std::string) override {
        return not_asked<std::vector<store::ChatSubscription>>();
    }
    Answer<std::vector<store::ChatAccount>> chat_subscribers(std::string, std::string) override {
        return not_asked<std::vector<store::ChatAccount>>();
    }

    Answer<store::EventNumber> add_event(store::NewEvent) override { return not_asked<store::EventNumber>(); }
    Answer<std::vector<store::Event>> events_since(store::EventNumber, std::size_t) override {
        return not_asked<std::vector<store::Event>>();
    }
    Answer<store::EventNumber> last_event() override { return not_asked<store::EventNumber>(); }
    Answer<store::EventsRead> events_after(store::ChainHead, std::size_t) override {
        return not_asked<store::EventsRead>();
    }
    Answer<store::ChainHead> head_of_events() override { return not_asked<store::ChainHead>(); }
    Answer<store::EventPage> list_events(store::EventFilter, store::Page) override {
        return not_asked<store::EventPage>();
    }
    WatchNumber watch_events(EventWatcher) override {
        throw std::logic_error("the store was asked for what is not the asker's business");
    }

    void stop_watching(WatchNumber) override {
        throw std::logic_error("the store was asked for what is not the asker's business");
    }

    Answer<void> check_health() override { return not_asked<void>(); }
    Answer<Secret> installation_secret() override { return not_asked<Secret>(); }

private:
    template <class T>
    static Answer<T> not_asked() {
        throw std::logic_error("the store was asked for what is not the asker's business");
        co_return Error{};
    }
};

}  // namespace curfew::test
