#include "identity/people.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/text.hpp"
#include "identity/json_members.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_claimed_name = 255;  // of a user, in a claim

policy::Directory listed_people(config::Config config) {
    config.accept_unlisted_users = false;
    return config.directory();
}

std::optional<std::string> find(const std::map<std::string, std::string, std::less<>>& owners,
                                std::string_view key) {
    const auto found = owners.find(key);
    if (key.empty() || found == owners.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

Error unknown_person(const std::string& claim, std::string_view value, std::string_view remedy) {
    return {ErrorCode::forbidden,
            fmt::format("you are signed in at the provider as '{}' ({}), which is nobody "
                        "here; ask an administrator to {}",
                        printable(value), printable(claim), remedy)};
}

Result<std::string> find_user(const Claims& claims, const std::string& claim, const People& people) {
    const auto value = text_member(claims, claim);
    if (!value || value->empty() || value->size() > longest_claimed_name)
        return Error{
            ErrorCode::forbidden,
            fmt::format("the provider does not say who you are: its claim '{}' is missing; an "
                        "administrator can have it given, or name another as sign_in.oidc.user_claim",
                        printable(claim))};
    if (claim == "sub") {
        if (auto user = people.by_subject(*value)) return *user;
        return unknown_person(claim, *value, "set oidc_subject of your user to it");
    }
    if (claim == "email") {
        // Anybody can call any address theirs, where the provider does not look.
        if (flag_member(claims, "email_verified") != true)
            return Error{
                ErrorCode::forbidden,
                fmt::format("the provider has not verified that {} is your address", printable(*value))};
        if (auto user = people.by_email(*value)) return *user;
        return unknown_person(claim, *value, "set the email of your user to it, and of no other");
    }
    if (auto user = people.by_name(*value)) return *user;
    return unknown_person(claim, *value, "add it to the aliases of your user");
}

// A provider may know thousands of groups; kept are those that mean something here.
GroupNames claimed_groups(const Claims& claims, const std::string& claim, const People& people) {
    GroupNames groups;
    if (claim.empty()) return groups;
    for (std::string& group : texts_member(claims, claim).value_or(std::vector<std::string>{})) {
        if (people.directory().knows_group(group)) groups.insert(std::move(group));
    }
    return groups;
}

}  // namespace

People::People(const config::Config& config) : directory_{listed_people(config)}, sign_in_{config.sign_in} {
    for (const auto& [name, user] : config.users) {
        if (!user.display_name.empty()) display_names_.emplace(name, user.display_name);
        if (!user.email.empty()) {
            const auto [owner, is_new] = emails_.try_emplace(lower_case(user.email), name);
            if (!is_new) owner->second.clear();  // two people's, so nobody's
        }
        if (!user.oidc_subject.empty()) {
            const auto [owner, is_new] = subjects_.try_emplace(user.oidc_subject, name);
            if (!is_new) owner->second.clear();
        }
    }
}

std::string People::display_name(std::string_view user) const {
    return find(display_names_, user).value_or(std::string{});
}

std::optional<std::string> People::by_email(std::string_view email) const {
    return find(emails_, lower_case(email));
}

std::optional<std::string> People::by_subject(std::string_view subject) const {
    return find(subjects_, subject);
}

bool People::takes_claimed_groups() const noexcept {
    return sign_in_.oidc && !sign_in_.oidc->groups_claim.empty();
}

bool People::takes_administrators() const {
    return !counting({std::string{policy::administrators}}).empty();
}

GroupNames People::counting(const GroupNames& claimed) const {
    return counting_groups(claimed, sign_in_, directory_);
}

GroupNames counting_groups(const GroupNames& claimed, const config::SignIn& sign_in,
                           const policy::Directory& directory) {
    GroupNames groups;
    if (!sign_in.oidc || sign_in.oidc->groups_claim.empty()) return groups;
    for (const std::string& group : claimed) {
        const bool may_count = group != policy::administrators || sign_in.oidc->administrators_from_claims;
        if (may_count && directory.knows_group(group)) groups.insert(group);
    }
    return groups;
}

Result<ClaimedIdentity> identify(const Claims& claims, const config::OidcProvider& provider,
                                 const People& people) {
    const auto user = find_user(claims, provider.user_claim, people);
    if (!user) return user.error();
    ClaimedIdentity identity;
    identity.user = *user;
    identity.subject = text_member(claims, "sub").value_or("");
    identity.groups = claimed_groups(claims, provider.groups_claim, people);
    return identity;
}

policy::Directory with_claimed_groups(policy::Directory directory, const std::string& user,
                                      const GroupNames& counting_groups) {
    if (directory.canonical(user) != user) return directory;
    for (const std::string& group : counting_groups) {
        // Cannot conflict: the user is who the name means.
        if (directory.knows_group(group)) (void)directory.add_member(group, user);
    }
    return directory;
}

std::string claims_text(const ClaimedIdentity& identity) {
    json::array groups;
    for (const std::string& group : identity.groups)
        groups.emplace_back(group);
    return json::serialize(json::object{{"sub", identity.subject}, {"groups", std::move(groups)}});
}

GroupNames groups_of_claims_text(std::string_view text) {
    const auto claims = parse_object(text);
    const auto groups = claims ? texts_member(*claims, "groups") : std::nullopt;
    if (!groups) return {};
    return {groups->begin(), groups->end()};
}

}  // namespace curfew::identity
