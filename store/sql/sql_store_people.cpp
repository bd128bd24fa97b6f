#include "store/sql/sql_store.hpp"

#include <utility>

#include "store/sql/ask.hpp"
#include "store/sql/claims.hpp"
#include "store/sql/idempotency.hpp"
#include "store/sql/people.hpp"
#include "store/sql/sign_ins.hpp"
#include "store/sql/tokens.hpp"

namespace curfew::store {

Awaitable<Result<void>> SqlStore::set_password(std::string user, Secret hash, Actor by) {
    auto work = [user = std::move(user), hash = std::move(hash), by = std::move(by)](Connection& connection,
                                                                                     const StoreTime& now) {
        return store::set_password(connection, now, user, hash, by);
    };
    return ask_to_write(writer(), "set_password", std::move(work));
}

Awaitable<Result<std::optional<Password>>> SqlStore::find_password(std::string user) {
    auto work = [user = std::move(user)](Connection& connection, const StoreTime&) {
        return store::find_password(connection, user);
    };
    return ask_to_read(reader(), "find_password", std::move(work));
}

Awaitable<Result<std::set<std::string>>> SqlStore::people_with_passwords() {
    auto work = [](Connection& connection, const StoreTime&) {
        return store::people_with_passwords(connection);
    };
    return ask_to_read(reader(), "people_with_passwords", std::move(work));
}

Awaitable<Result<Token>> SqlStore::add_token(NewToken token, Actor by) {
    auto work = [token = std::move(token), by = std::move(by)](Connection& connection, const StoreTime& now) {
        return store::add_token(connection, now, token, by);
    };
    return ask_to_write(writer(), "add_token", std::move(work));
}

// Most uses write nothing, and where nothing can be written a token is good all the same.
Awaitable<Result<std::optional<Token>>> SqlStore::use_token(SecretHash hash) {
    auto find = [hash](Connection& connection, const StoreTime& now) {
        return find_token_by(connection, now, hash);
    };
    Result<std::optional<UsedToken>> found = co_await ask_to_read(reader(), "use_token", std::move(find));
    if (!found) co_return found.error();
    if (!*found) co_return std::optional<Token>{};
    Token token = std::move((*found)->token);
    if ((*found)->note) {
        auto note = [id = token.id](Connection& connection, const StoreTime& now) {
            return note_token_use(connection, now, id);
        };
        (void)co_await ask_to_write(writer(), "note_token_use", std::move(note));
    }
    co_return std::optional{std::move(token)};
}

Awaitable<Result<std::vector<Token>>> SqlStore::tokens(std::optional<std::string> user) {
    auto work = [user = std::move(user)](Connection& connection, const StoreTime& now) {
        return list_tokens(connection, now, user);
    };
    return ask_to_read(reader(), "tokens", std::move(work));
}

Awaitable<Result<std::optional<Token>>> SqlStore::find_token(TokenId id) {
    auto work = [id = std::move(id)](Connection& connection, const StoreTime& now) {
        return store::find_token(connection, now, id);
    };
    return ask_to_read(reader(), "find_token", std::move(work));
}

Awaitable<Result<Token>> SqlStore::revoke_token(TokenId id, Actor by) {
    auto work = [id = std::move(id), by = std::move(by)](Connection& connection, const StoreTime& now) {
        return store::revoke_token(connection, now, id, by);
    };
    return ask_to_write(writer(), "revoke_token", std::move(work));
}

Awaitable<Result<SignIn>> SqlStore::add_sign_in(NewSignIn sign_in) {
    auto work = [sign_in = std::move(sign_in)](Connection& connection, const StoreTime& now) {
        return store::add_sign_in(connection, now, sign_in);
    };
    return ask_to_write(writer(), "add_sign_in", std::move(work));
}

Awaitable<Result<BegunSignIn>> SqlStore::add_sign_in_and_judge(NewSignIn sign_in, JudgeClaims judge) {
    auto work = [sign_in = std::move(sign_in), judge = std::move(judge)](Connection& connection,
                                                                         const StoreTime& now) {
        return store::add_sign_in_and_judge(connection, now, sign_in, judge);
    };
    return ask_to_write(writer(), "add_sign_in", std::move(work));
}

Awaitable<Result<std::vector<Claims>>> SqlStore::claims() {
    auto work = [](Connection& connection, const StoreTime&) { return list_claims(connection); };
    return ask_to_read(reader(), "claims", std::move(work));
}

Awaitable<Result<std::optional<Claims>>> SqlStore::find_claims(std::string user) {
    auto work = [user = std::move(user)](Connection& connection, const StoreTime&) {
        return store::find_claims(connection, user);
    };
    return ask_to_read(reader(), "find_claims", std::move(work));
}

Awaitable<Result<std::optional<SignIn>>> SqlStore::use_sign_in(SecretHash hash) {
    auto find = [hash](Connection& connection, const StoreTime& now) {
        return find_sign_in(connection, now, hash);
    };
    Result<std::optional<UsedSignIn>> found = co_await ask_to_read(reader(), "use_sign_in", std::move(find));
    if (!found) co_return found.error();
    if (!*found) co_return std::optional<SignIn>{};
    if ((*found)->note) {
        auto note = [hash](Connection& connection, const StoreTime& now) {
            return note_sign_in_use(connection, now, hash);
        };
        (void)co_await ask_to_write(writer(), "note_sign_in_use", std::move(note));
    }
    co_return std::optional{std::move((*found)->sign_in)};
}

Awaitable<Result<std::vector<SignIn>>> SqlStore::sign_ins(std::string user) {
    auto work = [user = std::move(user)](Connection& connection, const StoreTime& now) {
        return list_sign_ins(connection, now, user);
    };
    return ask_to_read(reader(), "sign_ins", std::move(work));
}

Awaitable<Result<void>> SqlStore::end_sign_in(SecretHash hash) {
    auto work = [hash](Connection& connection, const StoreTime& now) {
        return store::end_sign_in(connection, now, hash);
    };
    return ask_to_write(writer(), "end_sign_in", std::move(work));
}

Awaitable<Result<std::size_t>> SqlStore::end_sign_ins_of(std::string user, Actor by) {
    auto work = [user = std::move(user), by = std::move(by)](Connection& connection, const StoreTime& now) {
        return store::end_sign_ins_of(connection, now, user, by);
    };
    return ask_to_write(writer(), "end_sign_ins_of", std::move(work));
}

Awaitable<Result<OneTimeLink>> SqlStore::add_link(NewOneTimeLink link) {
    auto work = [link = std::move(link)](Connection& connection, const StoreTime& now) {
        return store::add_link(connection, now, link);
    };
    return ask_to_write(writer(), "add_link", std::move(work));
}

Awaitable<Result<std::optional<OneTimeLink>>> SqlStore::find_link(SecretHash hash, std::string purpose) {
    auto work = [hash, purpose = std::move(purpose)](Connection& connection, const StoreTime& now) {
        return store::find_link(connection, now, hash, purpose);
    };
    return ask_to_read(reader(), "find_link", std::move(work));
}

Awaitable<Result<OneTimeLink>> SqlStore::use_link(SecretHash hash, std::string purpose) {
    auto work = [hash, purpose = std::move(purpose)](Connection& connection, const StoreTime& now) {
        return store::use_link(connection, now, hash, purpose);
    };
    return ask_to_write(writer(), "use_link", std::move(work));
}

Awaitable<Result<std::vector<std::string>>> SqlStore::forget_all_but(std::set<std::string> users, Actor by) {
    auto work = [users = std::move(users), by = std::move(by)](Connection& connection, const StoreTime& now) {
        return store::forget_all_but(connection, now, users, by);
    };
    return ask_to_write(writer(), "forget_all_but", std::move(work));
}

Awaitable<Result<std::optional<IdempotentAnswer>>> SqlStore::begin_idempotent(IdempotentRequest request) {
    auto work = [request = std::move(request)](Connection& connection, const StoreTime& now) {
        return store::begin_idempotent(connection, now, request);
    };
    return ask_to_write(writer(), "begin_idempotent", std::move(work));
}

Awaitable<Result<void>> SqlStore::finish_idempotent(std::string actor, std::string key,
                                                    IdempotentAnswer answer) {
    auto work = [actor = std::move(actor), key = std::move(key), answer = std::move(answer)](
                    Connection& connection, const StoreTime&) {
        return store::finish_idempotent(connection, actor, key, answer);
    };
    return ask_to_write(writer(), "finish_idempotent", std::move(work));
}

Awaitable<Result<void>> SqlStore::abandon_idempotent(std::string actor, std::string key) {
    auto work = [actor = std::move(actor), key = std::move(key)](Connection& connection, const StoreTime&) {
        return store::abandon_idempotent(connection, actor, key);
    };
    return ask_to_write(writer(), "abandon_idempotent", std::move(work));
}

Awaitable<Result<bool>> SqlStore::remember_once(std::string key, Duration lifetime) {
    auto work = [key = std::move(key), lifetime](Connection& connection, const StoreTime& now) {
        return store::remember_once(connection, now, key, lifetime);
    };
    return ask_to_write(writer(), "remember_once", std::move(work));
}

}  // namespace curfew::store
