// SPDX-License-Identifier: Apache-2.0
//
// Delivers notices to a webhook. notices:{shard:N} holds the ids of notices, scored with the moment they are
// due in milliseconds; notice:{shard:N}:<id> is the text. Each is sent to the option `url` as an HTTP POST.
// An answer of 2xx takes the notice out; anything else counts against it, so that it is tried again and backs
// off.
//
// The scan never blocks: it waits until its sockets are ready. It sends nothing unless the host is in a real
// run: `plugin verify` reaches no webhook. A notice is delivered at least once, and again if the scan ends
// between the answer and the removal: the header X-Notice-Id tells the receiver which it is.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <scanhost/sweep.hpp>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace webhook_notifier_plugin {
using namespace scanhost;

// KEYS: the index, the text. ARGV: the id, its score as it was read. A notice that was put off since stays.
constexpr auto take_out = R"lua(
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2])
return redis.call('ZREM', KEYS[1], ARGV[1])
)lua";

constexpr std::size_t max_head = 16 * 1024;  // bytes of an answer's status line and headers

// Nothing: it went well.
using problem = std::optional<std::string>;

std::string last_error(const std::string& what) {
  return what + ": " + std::system_category().message(errno);
}

bool not_ready_yet() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

// http://ADDRESS:PORT/PATH. The address is a number: looking up a name would block the loop.
struct endpoint {
  sockaddr_storage address = {};
  socklen_t address_size = 0;
  std::string authority;  // "127.0.0.1:8080", "[::1]:8080"
  std::string path = "/";

  // Throws bad_option.
  static endpoint parse(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    endpoint found;
    const bool is_http = url.starts_with(scheme);
    if (is_http) url.remove_prefix(scheme.size());
    const auto slash = url.find('/');
    found.authority = url.substr(0, slash);
    if (slash != std::string_view::npos) found.path = url.substr(slash);
    const bool fits = std::ranges::all_of(found.path, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!is_http || !fits || !found.resolve())
      throw bad_option(
          "url", "expected http:// with a numeric address and a port, as in http://127.0.0.1:8080/notices");
    return found;
  }

 private:
  bool resolve() {
    const auto colon = authority.rfind(':');
    if (colon == std::string::npos) return false;
    const auto port = parse_integer<std::uint16_t>(std::string_view(authority).substr(colon + 1));
    if (!port || *port == 0) return false;
    const auto host = authority.substr(0, colon);
    if (!host.starts_with('[')) return set<sockaddr_in>(AF_INET, host, *port);
    return host.ends_with(']') && set<sockaddr_in6>(AF_INET6, host.substr(1, host.size() - 2), *port);
  }

  template <class Address>
  bool set(int family, const std::string& host, std::uint16_t port) {
    Address numeric{};
    void* place = nullptr;
    if constexpr (std::is_same_v<Address, sockaddr_in6>) {
      numeric.sin6_family = AF_INET6;
      numeric.sin6_port = htons(port);
      place = &numeric.sin6_addr;
    } else {
      numeric.sin_family = AF_INET;
      numeric.sin_port = htons(port);
      place = &numeric.sin_addr;
    }
    if (::inet_pton(family, host.c_str(), place) != 1) return false;
    std::memcpy(&address, &numeric, sizeof numeric);
    address_size = sizeof numeric;
    return true;
  }
};

// One POST over a connection of its own. All of its steps together take no longer than the timeout.
class post_request {
 public:
  post_request(const scan_handle& scan, const endpoint& to, milliseconds timeout)
      : scan_(scan),
        to_(to),
        deadline_(std::chrono::steady_clock::now() + timeout),
        socket_(::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  ~post_request() {
    if (socket_ >= 0) ::close(socket_);
  }
  post_request(const post_request&) = delete;
  post_request& operator=(const post_request&) = delete;

  task<problem> run(std::string_view request) {
    if (auto failed = co_await connect()) co_return failed;
    if (auto failed = co_await send_all(request)) co_return failed;
    co_return co_await read_status();
  }

 private:
  milliseconds time_left() const {
    const auto left = deadline_ - std::chrono::steady_clock::now();
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(left));
  }

  task<problem> connect() {
    if (socket_ < 0) co_return last_error("no socket");
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to_.address), to_.address_size) == 0)
      co_return std::nullopt;
    if (errno != EINPROGRESS) co_return last_error("cannot connect to " + to_.authority);
    if (!co_await scan_.writable(socket_, time_left())) co_return to_.authority + " does not answer in time";
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &failure, &size);
    errno = failure;
    if (failure != 0) co_return last_error("cannot connect to " + to_.authority);
    co_return std::nullopt;
  }

  task<problem> send_all(std::string_view rest) {
    while (!rest.empty()) {
      if (!co_await scan_.writable(socket_, time_left())) co_return to_.authority + " takes no data in time";
      const auto sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
      if (sent >= 0 || not_ready_yet()) continue;
      // It may have answered before it had read everything: 413, for example.
      if (errno == EPIPE || errno == ECONNRESET) co_return std::nullopt;
      co_return last_error("cannot send to " + to_.authority);
    }
    co_return std::nullopt;
  }

  // Passes by the answers in between (1xx). Of the final one the first line is enough.
  task<problem> read_status() {
    std::string head;
    for (;;) {
      const auto line_end = head.find("\r\n");
      if (line_end != std::string::npos && !is_interim(head)) co_return judge(head.substr(0, line_end));
      const auto interim_end = head.find("\r\n\r\n");
      if (interim_end != std::string::npos) {
        head.erase(0, interim_end + 4);
        continue;
      }
      if (auto failed = co_await read_more(head)) co_return failed;
    }
  }

  task<problem> read_more(std::string& head) {
    if (head.size() > max_head) co_return to_.authority + " sent headers without end";
    if (!co_await scan_.readable(socket_, time_left())) co_return to_.authority + " does not answer in time";
    char bytes[2048];
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got == 0) co_return to_.authority + " closed the connection without an answer";
    if (got < 0 && !not_ready_yet()) co_return last_error("cannot read from " + to_.authority);
    if (got > 0) head.append(bytes, static_cast<std::size_t>(got));
    co_return std::nullopt;
  }

  // "HTTP/1.1 204 No Content"
  static std::string_view status_of(std::string_view line) {
    return line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ' ? line.substr(9, 3)
                                                                              : std::string_view();
  }
  static bool is_interim(std::string_view head) { return status_of(head).starts_with('1'); }
  problem judge(std::string line) const {
    if (status_of(line).starts_with('2')) return std::nullopt;
    constexpr std::size_t max_shown = 100;
    return to_.authority + " answered: " + line.substr(0, max_shown);
  }

  const scan_handle& scan_;
  const endpoint& to_;
  std::chrono::steady_clock::time_point deadline_;
  int socket_;
};

class webhook_notifier : public scanner {
 public:
  static description describe() {
    return {
        .name = "webhook_notifier",
        .version = "1.0.0",
        .summary = "Delivers notices to a webhook over HTTP",
        .licence = "Apache-2.0",
        .families = {{.name = "shard", .tag_pattern = "{shard:*}", .default_count = 8}},
        .default_page_size = 20,
        .options = {{.name = "url",
                     .type = option_type::text,
                     .help =
                         "the webhook, as in http://127.0.0.1:8080/notices; a numeric address, without TLS",
                     .required = true},
                    {.name = "token",
                     .type = option_type::text,
                     .help = "sent as Authorization: Bearer; not sent if empty",
                     .secret = true},
                    {.name = "timeout",
                     .type = option_type::duration,
                     .default_value = "5s",
                     .help = "how long one request may take from connecting to the answer",
                     .minimum = 10},
                    {.name = "connections",
                     .type = option_type::integer,
                     .default_value = "4",
                     .help = "how many requests of one partition may be open at once",
                     .minimum = 1,
                     .maximum = 100}},
        .required_extensions = {SCANHOST_EXT_WAITING, SCANHOST_EXT_ENVIRONMENT}};
  }

  explicit webhook_notifier(services host)
      : notices_(host, score_unit::unix_ms),
        take_out_(host.script(take_out)),
        webhook_(endpoint::parse(host.text("url"))),
        authorization_(authorization_of(host.text("token"))),
        timeout_(host.duration("timeout")),
        connections_(static_cast<std::size_t>(host.integer("connections"))),
        delivers_(host.mode() == run_mode::run) {}

  task<result> scan(scan_context& scan) override {
    return notices_.run(scan, "notices:" + std::string(scan.tag()),
                        [this, &scan](std::span<const candidate> page) { return decide(scan, page); });
  }

 private:
  // A page on its way: the requests of several connections are open together.
  struct delivery {
    scan_context& scan;
    std::span<const candidate> notices;
    replies texts;
    std::vector<decision> decisions;
    std::size_t next = 0;  // the first that no connection has taken yet
  };

  static std::string text_key(const scan_context& scan, const candidate& notice) {
    return "notice:" + std::string(scan.tag()) + ":" + notice.id;
  }

  task<std::vector<decision>> decide(scan_context& scan, std::span<const candidate> page) {
    batch reads;
    for (const auto& notice : page) reads.add("GET", text_key(scan, notice));
    auto texts = co_await scan.execute(std::move(reads));
    delivery under_way{scan, page, std::move(texts), std::vector(page.size(), decision::leave())};
    std::vector<task<void>> connections;
    for (std::size_t i = 0; i < std::min(connections_, page.size()); ++i)
      connections.push_back(deliver_in_turn(under_way));
    co_await when_all(std::move(connections));
    co_return std::move(under_way.decisions);
  }

  task<void> deliver_in_turn(delivery& page) const {
    while (page.next < page.notices.size() && !page.scan.cancelled()) {
      const auto i = page.next++;
      page.decisions[i] = co_await deliver(page.scan, page.notices[i], page.texts[i]);
    }
  }

  task<decision> deliver(scan_context& scan, const candidate& notice, outcome text) const {
    if (text.cancelled()) co_return decision::leave();
    if (!text.ok()) co_return decision::fail("its text cannot be read: " + std::string(text.message()));
    const bool has_text = !text.reply().is_nil();  // without one there is nothing to deliver
    if (has_text && delivers_) {
      auto failed = co_await post(scan, notice.id, text.reply().text());
      if (failed && scan.cancelled()) co_return decision::leave();
      if (failed) co_return decision::fail(std::move(*failed));
    }
    const std::string index = "notices:" + std::string(scan.tag());
    co_return take_out_.on(index, text_key(scan, notice)).args(notice.id, notice.score);
  }

  task<problem> post(scan_context& scan, std::string_view id, std::string_view text) const {
    const auto request = request_of(id, text);
    post_request post(scan, webhook_, timeout_);
    co_return co_await post.run(request);
  }

  std::string request_of(std::string_view id, std::string_view text) const {
    std::string request = "POST " + webhook_.path + " HTTP/1.1\r\nHost: " + webhook_.authority + "\r\n";
    request += authorization_ + "X-Notice-Id: " + percent_encoded(id) + "\r\n";
    request += "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(text.size());
    return request.append("\r\nConnection: close\r\n\r\n").append(text);
  }

  // Ids are bytes; a header is not.
  static std::string percent_encoded(std::string_view id) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : id) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte > ' ' && byte < 0x7f && c != '%')
        encoded += c;
      else
        encoded.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return encoded;
  }

  static std::string authorization_of(const std::string& token) {
    if (token.empty()) return {};
    if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; }))
      throw bad_option("token", "expected printable ASCII without blanks");
    return "Authorization: Bearer " + token + "\r\n";
  }

  sorted_set_sweep notices_;
  script take_out_;
  endpoint webhook_;
  std::string authorization_;  // the whole header, or nothing
  milliseconds timeout_;
  std::size_t connections_;
  bool delivers_;  // false: the plugin is only tried
};

}  // namespace webhook_notifier_plugin
SCANHOST_PLUGIN(webhook_notifier_plugin::webhook_notifier)
