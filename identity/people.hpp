// Who may sign in, under which names: the configuration's people, arranged for looking up.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/config.hpp"
#include "identity/open_id_client.hpp"
#include "policy/directory.hpp"

namespace curfew::identity {

using GroupNames = std::set<std::string, std::less<>>;

// A value, made anew when the configuration changes. Who is not listed cannot sign in, whatever
// `accept_unlisted_users` says of connections.
class People {
public:
    explicit People(const config::Config& config);

    // The user whose name or alias this is, in any case of its letters.
    std::optional<std::string> by_name(std::string_view name) const { return directory_.canonical(name); }
    // The user with this e-mail address, in any case of its letters; nullopt also where two have it.
    std::optional<std::string> by_email(std::string_view email) const;
    // The user who is this `sub` at the OpenID provider.
    std::optional<std::string> by_subject(std::string_view subject) const;

    // The user's, for people to read; empty: there is none.
    std::string display_name(std::string_view user) const;

    // Only of those who are listed.
    const policy::Directory& directory() const noexcept { return directory_; }
    const config::SignIn& sign_in() const noexcept { return sign_in_; }

    // Whether there can be claims about groups at all.
    bool takes_claimed_groups() const noexcept;
    // Whether a claim can make somebody an administrator.
    bool takes_administrators() const;
    // As counting_groups.
    GroupNames counting(const GroupNames& claimed) const;

private:
    using Owners = std::map<std::string, std::string, std::less<>>;

    policy::Directory directory_;
    config::SignIn sign_in_;
    std::map<std::string, std::string, std::less<>> display_names_;
    Owners emails_;  // in lower case
    Owners subjects_;
};

// Those of the claimed groups that count: that the directory knows, and `administrators` only where a claim
// may make somebody one. None where no provider is to say.
GroupNames counting_groups(const GroupNames& claimed, const config::SignIn& sign_in,
                           const policy::Directory& directory);

// Gives the people of this moment. Called on any thread.
using CurrentPeople = std::function<std::shared_ptr<const People>()>;

// Who the provider's claims are about, and which groups they say that person is in.
struct ClaimedIdentity {
    std::string user;     // canonical
    std::string subject;  // `sub`
    GroupNames groups;    // those that are here by that name
};

// forbidden: the claims mean no user here, or a claim that they would have to go by is missing or not
// verified; the message says what an administrator can do.
Result<ClaimedIdentity> identify(const Claims& claims, const config::OidcProvider& provider,
                                 const People& people);

// `directory`, with these groups for this user beside those that they are in already: what the claims say
// joins the configuration and takes nothing from it. Groups that the directory does not know are passed over.
policy::Directory with_claimed_groups(policy::Directory directory, const std::string& user,
                                      const GroupNames& counting_groups);

// Claimed groups as they are kept with a sign-in, and back.
std::string claims_text(const ClaimedIdentity& identity);
GroupNames groups_of_claims_text(std::string_view text);

}  // namespace curfew::identity
