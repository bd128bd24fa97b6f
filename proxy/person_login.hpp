// Finding out who a client is, where Curfew does that itself (login: managed).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/secret.hpp"
#include "config/config.hpp"
#include "proxy/refusal.hpp"
#include "proxy/stream.hpp"

namespace curfew::proxy {

// The client proves by SCRAM, or by its certificate, that it is `user`. Nothing returned: it did, and
// AuthenticationOk is still to be sent. An unknown user, one without a verifier and a wrong password look the
// same and take the same time; `installation_secret` is what their salt is invented from.
//
// `grant_verifier`: of the credential of the grant that they come by, which counts in place of their own;
// nullptr if there is none. Everything given must stay valid meanwhile.
boost::asio::awaitable<Unless> authenticate_person(Stream& client, std::string user,
                                                   const config::Resource& resource,
                                                   const config::Config& config, const Secret* grant_verifier,
                                                   const Secret& installation_secret);

}  // namespace curfew::proxy
