#include "protocol/postgres/statement_effects.hpp"

namespace curfew::postgres {
namespace {

// FNV-1a.
constexpr std::uint32_t hash_begin = 2166136261U;
constexpr std::uint32_t hash_factor = 16777619U;

}  // namespace

Effect StatementEffects::Names::of(std::uint64_t bit) const noexcept {
    if (bit == 0) return unnamed;
    if ((doubtful & bit) != 0) return Effect::doubtful;
    return (ending & bit) != 0 ? Effect::ending : Effect::plain;
}

void StatementEffects::Names::set(std::uint64_t bit, Effect effect) noexcept {
    if (bit == 0) {
        unnamed = effect;
    } else if (effect == Effect::ending) {
        ending |= bit;
    } else if (effect == Effect::doubtful) {
        doubtful |= bit;
    }
}

void StatementEffects::begin(char type) noexcept {
    field_ = 0;
    hash_ = hash_begin;
    empty_ = true;
    if (type == 'Q' || type == 'P') scan_ = StatementScan{};
    if (type == 'E') executed_ = Effect::doubtful;
}

bool StatementEffects::take_name(std::string_view& bytes) noexcept {
    while (!bytes.empty()) {
        const char c = bytes.front();
        bytes.remove_prefix(1);
        if (c == '\0') return true;
        hash_ = (hash_ ^ static_cast<unsigned char>(c)) * hash_factor;
        empty_ = false;
    }
    return false;
}

std::uint64_t StatementEffects::name_bit() const noexcept {
    if (empty_) return 0;
    return std::uint64_t{1} << ((hash_ ^ (hash_ >> 16U)) & 63U);
}

void StatementEffects::take_sql(std::string_view bytes, bool last) noexcept {
    const auto end = bytes.find('\0');
    scan_.read(bytes.substr(0, end));
    if (end != std::string_view::npos) {
        scan_.finish();
        ++field_;
    } else if (last) {
        scan_.cut();  // or malformed, and not run
        ++field_;
    }
}

void StatementEffects::take(const TappedPiece& piece) noexcept {
    if (piece.first()) begin(piece.type);
    std::string_view bytes = piece.bytes;
    if (piece.type == 'Q') {
        if (field_ == 0) take_sql(bytes, piece.last());
        return;
    }
    if (field_ == 0 && take_name(bytes)) {
        first_bit_ = name_bit();
        ++field_;
        hash_ = hash_begin;
        empty_ = true;
        if (piece.type == 'E') executed_ = portals_.of(first_bit_);
    }
    if (field_ == 1 && piece.type == 'P') {
        take_sql(bytes, piece.last());
        if (field_ == 2) statements_.set(first_bit_, scan_.worst());
    } else if (field_ == 1 && piece.type == 'B' && take_name(bytes)) {
        ++field_;
        portals_.set(first_bit_, statements_.of(name_bit()));
    }
    if (!piece.last()) return;
    // A name that goes on beyond what was handed on may be any.
    const bool unfinished = piece.type == 'B' ? field_ < 2 : piece.type == 'P' && field_ < 1;
    if (!unfinished) return;
    Names& names = piece.type == 'B' ? portals_ : statements_;
    names.unnamed = Effect::doubtful;
    names.doubtful = ~std::uint64_t{0};
}

}  // namespace curfew::postgres
