// SPDX-License-Identifier: Apache-2.0
#include "admin/item_questions.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace scanhost::admin {
namespace {

// A scanner that answers at its deadline is waited for.
constexpr base::milliseconds grace{500};

class gathering;

// Where scanners leave their answers. One that hangs may come to it long after the gathering, and the context
// that the gathering needs, have ended.
struct mailbox {
  std::mutex mutex;
  gathering* owner = nullptr;  // null: it has ended
};

class gathering : public std::enable_shared_from_this<gathering> {
 public:
  using on_done = std::function<void(std::vector<scanner_explanation>)>;

  gathering(boost::asio::io_context& context, std::vector<runner::roster::scanner_ptr> scanners,
            std::string item, on_done done)
      : context_(context),
        timer_(context),
        scanners_(std::move(scanners)),
        item_(std::move(item)),
        done_(std::move(done)),
        answers_(scanners_.size()),
        left_(scanners_.size()) {
    mailbox_->owner = this;
  }

  gathering(const gathering&) = delete;
  gathering& operator=(const gathering&) = delete;
  ~gathering() { close_mailbox(); }

  // Only the timer, and answers on their way, keep it alive: a scanner that hangs keeps its question for
  // ever.
  void start() {
    const auto deadline = base::steady::now() + explain_patience;
    timer_.expires_at(deadline + grace);
    timer_.async_wait([self = shared_from_this()](const auto&) { self->finish(); });
    for (std::size_t i = 0; i < scanners_.size(); ++i)
      scanners_[i]->explain({item_, deadline, [i, box = mailbox_](auto answer) {
                               const std::lock_guard lock(box->mutex);
                               if (box->owner != nullptr) box->owner->post_answer(i, std::move(answer));
                             }});
    if (scanners_.empty()) timer_.cancel();
  }

 private:
  void post_answer(std::size_t index, runner::item_explanation answer) {
    boost::asio::post(context_, [self = shared_from_this(), index, answer = std::move(answer)]() mutable {
      if (!self->answers_[index]) --self->left_;
      self->answers_[index] = std::move(answer);
      if (self->left_ == 0) self->timer_.cancel();
    });
  }

  void finish() {
    close_mailbox();
    std::vector<scanner_explanation> explained;
    for (std::size_t i = 0; i < scanners_.size(); ++i) {
      const auto& scanner = *scanners_[i];
      explained.push_back({scanner.status(), scanner.failures_of(item_), answers_[i].value_or(no_answer())});
    }
    done_(std::move(explained));
  }

  void close_mailbox() {
    const std::lock_guard lock(mailbox_->mutex);
    mailbox_->owner = nullptr;
  }

  static runner::item_explanation no_answer() {
    runner::item_explanation none;
    none.problem = fmt::format(
        "it did not answer within {} ms: its thread is busy, or hangs inside its plugin; see scanhost ctl status",
        explain_patience.count());
    return none;
  }

  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_;
  const std::vector<runner::roster::scanner_ptr> scanners_;
  const std::string item_;
  const on_done done_;
  std::vector<std::optional<runner::item_explanation>> answers_;
  std::size_t left_;
  const std::shared_ptr<mailbox> mailbox_ = std::make_shared<mailbox>();
};

}  // namespace

void ask_about_item(boost::asio::io_context& context,
                    const std::vector<runner::roster::scanner_ptr>& scanners, const std::string& item,
                    std::function<void(std::vector<scanner_explanation>)> done) {
  std::make_shared<gathering>(context, scanners, item, std::move(done))->start();
}

}  // namespace scanhost::admin
