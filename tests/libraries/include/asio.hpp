#pragma once
#include <chrono>
#include <coroutine>
#include <future>
#include <type_traits>

#include "asio_shape/asio.inc"
