// Every key that a configuration file may hold. The readers know no others, and the reference documentation
// is checked against this list.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace curfew::config {

// The keys of one kind of section. In its name `[]` stands for an item of a list and `<…>` for a name that
// the administrator chooses; the top level has the name "".
struct KnownSection {
    std::string_view name;
    std::span<const std::string_view> keys;
};

namespace known {

namespace detail {

template <class... Texts>
constexpr std::array<std::string_view, sizeof...(Texts)> keys(Texts... texts) {
    return {std::string_view{texts}...};
}

inline constexpr auto top_level =
    keys("listeners", "resources", "users", "groups", "accept_unlisted_users", "store", "metrics", "admin",
         "timeouts", "limits", "warnings", "how_to_ask", "log", "workers");
inline constexpr auto listener = keys("name", "address", "resource", "tls");
inline constexpr auto listener_tls = keys("mode", "certificate", "key", "client_ca");
inline constexpr auto resource = keys("host", "port", "tls", "databases", "default_database", "login",
                                      "authentication", "role", "admin_login", "attributes");
inline constexpr auto resource_tls = keys("sslmode", "root_certificate", "certificate", "key");
inline constexpr auto role = keys("user", "password");
inline constexpr auto admin_login = keys("user", "password", "database");
inline constexpr auto user = keys("scram_verifier", "certificate_name");
inline constexpr auto store = keys("path", "max_staleness");
inline constexpr auto metrics = keys("address");
inline constexpr auto admin = keys("socket", "group");
inline constexpr auto timeouts = keys("handshake", "upstream_connect", "farewell", "drain");
inline constexpr auto limits = keys("half_open", "sessions");
inline constexpr auto log = keys("format", "level");
inline constexpr auto secret = keys("file", "env", "credential");

}  // namespace detail

inline constexpr KnownSection top_level{"", detail::top_level};
inline constexpr KnownSection listener{"listeners[]", detail::listener};
inline constexpr KnownSection listener_tls{"listeners[].tls", detail::listener_tls};
inline constexpr KnownSection resource{"resources.<name>", detail::resource};
inline constexpr KnownSection resource_tls{"resources.<name>.tls", detail::resource_tls};
inline constexpr KnownSection role{"resources.<name>.role", detail::role};
inline constexpr KnownSection admin_login{"resources.<name>.admin_login", detail::admin_login};
inline constexpr KnownSection user{"users.<name>", detail::user};
inline constexpr KnownSection store{"store", detail::store};
inline constexpr KnownSection metrics{"metrics", detail::metrics};
inline constexpr KnownSection admin{"admin", detail::admin};
inline constexpr KnownSection timeouts{"timeouts", detail::timeouts};
inline constexpr KnownSection limits{"limits", detail::limits};
inline constexpr KnownSection log{"log", detail::log};
// Wherever a secret is expected.
inline constexpr KnownSection secret{"<secret>", detail::secret};

inline constexpr std::array all{top_level, listener,    listener_tls, resource, resource_tls,
                                role,      admin_login, user,         store,    metrics,
                                admin,     timeouts,    limits,       log,      secret};

}  // namespace known
}  // namespace curfew::config
