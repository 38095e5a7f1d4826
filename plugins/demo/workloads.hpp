// SPDX-License-Identifier: Apache-2.0
//
// The workloads there are, one for each scanner.
#pragma once

#include <memory>

#include "workload.hpp"

namespace scanhost::demo {

std::unique_ptr<workload> work_for_lease_expiry();
std::unique_ptr<workload> work_for_delayed_promoter();
std::unique_ptr<workload> work_for_cancel_reconciler();
std::unique_ptr<workload> work_for_attempt_timeout();
std::unique_ptr<workload> work_for_execution_deadline();
std::unique_ptr<workload> work_for_suspension_timeout();
std::unique_ptr<workload> work_for_pending_wp_expiry();
std::unique_ptr<workload> work_for_budget_reset();
std::unique_ptr<workload> work_for_budget_reconciler();
std::unique_ptr<workload> work_for_unblock();
std::unique_ptr<workload> work_for_dependency_reconciler();
std::unique_ptr<workload> work_for_index_reconciler();
std::unique_ptr<workload> work_for_retention_trimmer();
std::unique_ptr<workload> work_for_quota_reconciler();
std::unique_ptr<workload> work_for_flow_projector();

}  // namespace scanhost::demo
