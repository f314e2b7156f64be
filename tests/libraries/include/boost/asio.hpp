#pragma once
#include <chrono>
#include <coroutine>
#include <future>
#include <type_traits>

namespace boost {
#include "../asio_shape/asio.inc"
}
