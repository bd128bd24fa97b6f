// What a store's function gives: to be awaited on any executor.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace curfew::store {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

}  // namespace curfew::store
