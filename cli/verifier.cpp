#include "cli/verifier.hpp"

#include <array>
#include <ostream>
#include <string>

#include "cli/password.hpp"
#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::cli {
namespace {

constexpr std::size_t salt_length = 16;  // as PostgreSQL's own

}  // namespace

ExitCode make_verifier(const Context& context, int iterations) {
    const auto password = read_new_password();
    if (!password) return report(context, password.error());
    std::array<unsigned char, salt_length> random{};
    postgres::system_random(random);
    const std::string salt{random.begin(), random.end()};
    // The one place where the password is taken out: to be hashed.
    const auto verifier = postgres::ScramVerifier::make(password->reveal(), salt, iterations);
    context.out << to_string(verifier) << '\n';
    return ExitCode::ok;
}

}  // namespace curfew::cli
