// SPDX-License-Identifier: Apache-2.0
//
// Names of keys, written anew and not shared with the plugins: a wrong name there must not look
// right here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scanhost::demo {

std::string flow_tag(std::uint32_t partition);    // {fp:7}
std::string budget_tag(std::uint32_t partition);  // {b:7}
std::string quota_tag(std::uint32_t partition);   // {q:7}

// ff:exec:<tag>:<id>:<part>
std::string execution_key(std::string_view tag, std::string_view id, std::string_view part);
// ff:attempt:<tag>:<id>:<index>
std::string attempt_key(std::string_view tag, std::string_view id, std::string_view index);
// ff:stream:<tag>:<id>:<index>
std::string stream_key(std::string_view tag, std::string_view id, std::string_view index);
// ff:wp:<tag>:<waitpoint>
std::string waitpoint_key(std::string_view tag, std::string_view waitpoint);
// ff:signal:<tag>:<signal>
std::string signal_key(std::string_view tag, std::string_view signal);
// ff:flow:<tag>:<flow>:<part>
std::string flow_key(std::string_view tag, std::string_view flow, std::string_view part);
// ff:idx:<tag>:<name>
std::string index_key(std::string_view tag, std::string_view name);
// ff:idx:<tag>:lane:<lane>:<name>
std::string lane_key(std::string_view tag, std::string_view lane, std::string_view name);
// ff:idx:<tag>:worker:<instance>:leases
std::string worker_key(std::string_view tag, std::string_view instance);
// ff:budget:<tag>:<budget>, and with a part behind it where there is one
std::string budget_key(std::string_view tag, std::string_view budget, std::string_view part = {});
// ff:quota:<tag>:<policy>, and with a part behind it where there is one
std::string quota_key(std::string_view tag, std::string_view policy, std::string_view part = {});

}  // namespace scanhost::demo
