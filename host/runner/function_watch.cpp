// SPDX-License-Identifier: Apache-2.0
#include "runner/function_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "plan/function_list.hpp"
#include "store/protocol/command_of.hpp"
#include "store/protocol/states.hpp"
#include "store/servers.hpp"

namespace scanhost::runner {

namespace {

constexpr base::milliseconds look_period{1000};
// However often scanners ask.
constexpr base::milliseconds min_look_gap{250};
constexpr std::string_view connection_name = "functions";  // also of its log lines

}  // namespace

// Shared with the requests that wait in the context.
class function_watch::looker final : public store::connection_user,
                                     public std::enable_shared_from_this<looker> {
 public:
  looker(boost::asio::io_context& context, functions_ptr functions, const std::function<void()>& on_change)
      : context_(context),
        functions_(std::move(functions)),
        on_change_(on_change),
        reported_(functions_->latest()),
        timer_(context),
        servers_(std::make_unique<store::servers>(context, functions_->store(), std::string(connection_name),
                                                  static_cast<store::connection_user&>(*this))) {}

  void start() {
    functions_->on_request([self = weak_from_this(), &context = context_] {
      boost::asio::post(context, [self] {
        if (const auto alive = self.lock()) alive->look_soon();
      });
    });
    servers_->start();
    set_timer(look_period);
  }

  void stop() {
    functions_->on_request({});
    servers_.reset();
  }

  const functions_ptr& functions() const noexcept { return functions_; }

 private:
  void on_up(bool again, const store::server_identity&, const base::timestamp*) override {
    if (again) look_soon();
  }
  void on_down() override {}
  void on_failed_attempt(const base::error&) override {}
  void on_outage(std::string_view, std::string_view) override {}  // the scanners report it
  void on_recovery(std::string_view) override {}
  void on_warning(std::string_view, std::string_view) override {}
  void on_outcomes(const store::outcome_counts&) override {}

  void look_soon() {
    requested_ = true;
    if (looking_) return;
    const auto since = std::chrono::duration_cast<base::milliseconds>(base::steady::now() - last_look_);
    set_timer(std::max(min_look_gap - since, base::milliseconds{0}));
  }

  void set_timer(base::milliseconds delay) {
    timer_.expires_after(delay);
    timer_.async_wait([self = weak_from_this()](const auto& problem) {
      const auto alive = self.lock();
      if (!problem && alive) alive->look();
    });
  }

  // Each node is asked: in a cluster, a function that one of them lacks is missing.
  void look() {
    static constexpr std::array<scanhost_string, 2> words{{{"FUNCTION", 8}, {"LIST", 4}}};
    if (std::exchange(looking_, true)) return;
    requested_ = false;
    last_look_ = base::steady::now();
    const auto number = functions_->begin_look();
    const auto list = store::command_of(words);
    found_.reset();
    complete_ = true;
    awaited_ = servers_->node_count();
    for (std::size_t node = 0, count = awaited_; node < count; ++node)
      servers_->execute(&list, 1, sizeof list, servers_->node_route(node),
                        [this, number](std::unique_ptr<store::reply_batch> batch) {
                          take_list(number, batch->raw()->outcomes[0]);
                        });
  }

  void take_list(std::uint64_t number, const scanhost_outcome& outcome) {
    if (outcome.kind == SCANHOST_OUTCOME_REPLY) {
      auto here = plan::inventory_of(plan::libraries_of(*outcome.reply));
      found_ = found_ ? plan::common_part(*found_, here) : std::move(here);
    } else {
      complete_ = false;
    }
    report_refusal(outcome);
    if (--awaited_ == 0) end_look(number);
  }

  void end_look(std::uint64_t number) {
    looking_ = false;
    if (complete_ && found_) functions_->end_look(number, std::move(*found_));
    if (requested_)
      look_soon();
    else
      set_timer(look_period);
    auto latest = functions_->latest();
    if (std::exchange(reported_, latest) != latest) on_change_();
  }

  // Once, until it is over. What passes by itself, or hits every command, is the scanners' to report.
  void report_refusal(const scanhost_outcome& outcome) {
    if (outcome.reply == nullptr) return;  // it did not reach a server
    const auto found = store::judge({outcome.message.data, outcome.message.size});
    const auto& facts = store::facts_of(found.state);
    if (found.fault == store::fault::store && (facts.passes || facts.refuses == store::refusal::all)) return;
    const bool refused = outcome.kind != SCANHOST_OUTCOME_REPLY && outcome.kind != SCANHOST_OUTCOME_TRANSIENT;
    if (outcome.kind == SCANHOST_OUTCOME_TRANSIENT || std::exchange(refused_, refused) || !refused) return;
    base::log(
        base::events::functions_unlisted, connection_name,
        fmt::format(
            "the functions on the server cannot be listed, so changes of them are not seen: FUNCTION LIST: {}",
            std::string_view(outcome.message.data, outcome.message.size)));
  }

  boost::asio::io_context& context_;
  const functions_ptr functions_;
  const std::function<void()>& on_change_;
  std::shared_ptr<const plan::function_inventory> reported_;
  boost::asio::steady_timer timer_;
  base::steady_time last_look_{};
  bool looking_ = false;
  bool requested_ = false;  // during the look that is under way
  bool refused_ = false;
  std::size_t awaited_ = 0;  // lists, in the look that is under way
  bool complete_ = true;     // every node has given its list
  std::optional<plan::function_inventory> found_;
  std::unique_ptr<store::servers> servers_;  // null: stopped
};

function_watch::function_watch(boost::asio::io_context& context, std::function<void()> on_change)
    : context_(context), on_change_(std::move(on_change)) {}

function_watch::~function_watch() {
  for (const auto& looker : lookers_) looker->stop();
}

void function_watch::follow(const std::vector<functions_ptr>& followed) {
  std::erase_if(lookers_, [&](const auto& looker) {
    if (std::ranges::count(followed, looker->functions()) > 0) return false;
    looker->stop();
    return true;
  });
  for (const auto& functions : followed) {
    const auto same = [&](const auto& looker) { return looker->functions() == functions; };
    if (!functions || std::ranges::any_of(lookers_, same)) continue;
    lookers_.push_back(std::make_shared<looker>(context_, functions, on_change_));
    lookers_.back()->start();
  }
}

}  // namespace scanhost::runner
