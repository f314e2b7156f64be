// The contract between the tool and the runtime: a plan goes in, a recording comes out.
//
// Both are files named by environment variables, little-endian, made of the plain structs of runtime/protocol/; every
// struct's size is a multiple of 8 and has no padding. The only header of the runtime that tool/ may include. Any
// change of layout or meaning bumps kProtocolVersion; each side refuses the other's files when the versions differ.
#pragma once

#include <cstdint>

#include "runtime/protocol/plan.h"
#include "runtime/protocol/recording.h"
#include "runtime/protocol/reports.h"
#include "runtime/protocol/schedules.h"

namespace deadheat::protocol {

inline constexpr std::uint32_t kProtocolVersion = 8;

/// Path of a plan file to read at start. Absent: detect only.
inline constexpr char kPlanVariable[] = "DEADHEAT_PLAN";
/// Path of the recording file to create. Absent: print a short report to stderr at exit instead.
inline constexpr char kRecordingVariable[] = "DEADHEAT_RECORDING";
/// Number of a descriptor, a stream socket: the program stands by, before any of its own code ran, as a fork server.
/// Absent: it runs.
inline constexpr char kServerVariable[] = "DEADHEAT_SERVER";
/// Set for a fork server unless the user has set it: the dynamic linker looks up all symbols at once, and not again in
/// each run. The value says that the program is not to see it.
inline constexpr char kBindNowVariable[] = "LD_BIND_NOW";
inline constexpr char kBindNowForServer[] = "deadheat";
/// `name=value` pairs separated by colons; an unknown name is an error that names it.
inline constexpr char kOptionsVariable[] = "DEADHEAT_OPTIONS";

/// Exit code of a program ended by the runtime (deadlock), and of one that ran to its end with reports, unless the
/// option `exitcode` says otherwise.
inline constexpr int kExitWithReports = 66;

/// A string in every program that has the runtime linked in, stripped or not: how the tool knows one.
inline constexpr char kRuntimeMarker[] = "deadheat runtime, protocol 8";
/// In programs of which only places of findings are instrumented; plugin/targeted.cpp puts it there.
inline constexpr char kTargetedMarker[] = "deadheat targeted build, format 1";

}  // namespace deadheat::protocol
