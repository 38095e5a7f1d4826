#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The story of an operator, in a root of its own: install, configure, look, pause, restart, upgrade a plugin, break it,
restart, drain, stop, purge. Each step asks the host what came of it.

    operator_story.py --root DIR --packages DIR --releases DIR

root: a clean root of this Debian release, with redis-server and what the package needs; it is changed.
releases: folders of the releases of the plugin `nightly`, of which the last is broken. To be run as root.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from ports import free_port  # noqa: E402

CONFIGURATION = """store:
  url: unix:///run/story/redis.sock
plugins:
  path: /usr/lib/scanhost/plugins
admin:
  listen: 127.0.0.1:{port}
scanners:
  lease_expiry:
  nightly: {{partitions: 4}}
"""
REASON = "the queue is moved"
UNSEEN = ("proc", "dev", "sys", "tmp", "run/story", "var/lib/dpkg", "var/lib/apt", "var/cache", "var/log")


def say(text):
    print("-- " + text, flush=True)


def until(question, what, seconds=60):
    """Waits until the question has an answer, and returns it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("did not happen within %d s: %s" % (seconds, what() if callable(what) else what))


def expect(truth, what):
    if not truth:
        raise AssertionError(what)


class Root:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)
        (folder / "run/story").mkdir(mode=0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.folder / "proc")], check=True)

    def path(self, text):
        return self.folder / text.lstrip("/")

    def run(self, *words, check=True, user="root"):
        done = subprocess.run([shutil.which("chroot"), "--userspec=" + user, str(self.folder), *map(str, words)], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=300, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        if check and done.returncode != 0:
            raise AssertionError("%s ended with %d: %s%s" % (shlex.join(map(str, words)), done.returncode, done.stdout, done.stderr))
        return done

    def contents(self):
        """Every file that is not about packages or for a moment, and who the users are."""
        found = set()
        for folder, folders, files in os.walk(self.folder):
            here = os.path.relpath(folder, self.folder)
            folders[:] = [name for name in folders if os.path.normpath(os.path.join(here, name)) not in UNSEEN]
            found.update(os.path.normpath(os.path.join(here, name)) for name in folders + files)
        users = {name: self.path("/etc/" + name).read_text() for name in ("passwd", "group", "shadow", "gshadow")}
        return {name for name in found if not re.fullmatch(r"etc/(passwd|group|shadow|gshadow|subuid|subgid)-|etc/\.pwd\.lock", name)}, users


class Unit:
    """The service as systemd starts it, with a notify socket of this story."""

    def __init__(self, root):
        self.root, self.process, self.told = root, None, []
        text = root.path("/lib/systemd/system/scanhost.service").read_text()
        self.keys = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
        expect(self.keys["Type"] == "notify", text)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(root.path("/run/story/notify")))
        self.socket.setblocking(False)
        os.chmod(root.path("/run/story/notify"), 0o666)

    def make_folders(self):
        """What StateDirectory, RuntimeDirectory and ConfigurationDirectory mean."""
        user = self.root.run("id", "-u", self.keys["User"]).stdout.strip()
        for place, mode in (("/var/lib/scanhost", 0o700), ("/run/scanhost", 0o755)):
            self.root.path(place).mkdir(mode=mode, exist_ok=True)
            os.chown(self.root.path(place), int(user), int(user))

    def start(self):
        self.make_folders()
        self.told.clear()
        self.log = open(self.root.path("/run/story/log"), "a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [shutil.which("chroot"), "--userspec=%s:%s" % (self.keys["User"], self.keys["Group"]), str(self.root.folder),
             *shlex.split(self.keys["ExecStart"])], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/",
            env={"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": "/run/story/notify", "STATE_DIRECTORY": "/var/lib/scanhost",
                 "RUNTIME_DIRECTORY": "/run/scanhost", "CONFIGURATION_DIRECTORY": "/etc/scanhost"})
        until(lambda: self.has_told("READY=1"), lambda: "ready: " + self.log_text())

    def log_text(self):
        return self.root.path("/run/story/log").read_text(encoding="utf-8")

    def has_told(self, line):
        if self.process.poll() is not None:
            raise AssertionError("the host ended with %d: %s" % (self.process.returncode, self.log_text()))
        self.listen()
        return line in self.told

    def listen(self):
        while True:
            try:
                self.told += self.socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return

    def reload(self):
        command = shlex.split(self.keys["ExecReload"].replace("$MAINPID", str(self.process.pid)))
        subprocess.run([shutil.which("kill"), *command[1:]], check=True)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        expect(self.process.wait(20) == 0, "the host ended with %d: %s" % (self.process.returncode, self.log_text()))
        self.listen()
        expect("STOPPING=1" in self.told, self.told)


class Story:
    def __init__(self, root, packages, releases):
        self.root, self.packages, self.port = root, packages, free_port()
        self.releases = sorted(folder for folder in releases.iterdir() if (folder / "nightly.so").exists())
        expect(len(self.releases) == 3, self.releases)

    def ctl(self, *words):
        return self.root.run("scanhost", "ctl", *words).stdout

    def nightly(self):
        scanners = json.loads(self.ctl("status", "--json"))["scanners"]
        return next((scanner for scanner in scanners if scanner["name"] == "nightly"), None)

    def redis(self, *words):
        return self.root.run("redis-cli", "-s", "/run/story/redis.sock", *words).stdout.strip()

    def start_store(self):
        self.root.run("redis-server", "--port", 0, "--unixsocket", "/run/story/redis.sock", "--unixsocketperm", 777, "--save", "",
                      "--dir", "/run/story", "--daemonize", "yes", "--pidfile", "/run/story/redis.pid")
        until(lambda: self.root.run("redis-cli", "-s", "/run/story/redis.sock", "PING", check=False).stdout == "PONG\n", "the store")

    def stop_store(self):
        os.kill(int(self.root.path("/run/story/redis.pid").read_text()), signal.SIGKILL)

    def install(self):
        say("install")
        (package,) = self.packages.glob("scanhost_*.deb")
        shutil.copy(package, self.root.path("/run/story/scanhost.deb"))
        self.root.run("dpkg", "-i", "/run/story/scanhost.deb")
        expect("scanhost " in self.root.run("scanhost", "--version").stdout, "its version")
        self.root.run("id", "scanhost")

    def install_plugin(self, release):
        """The package of a third party, with its plugin alone."""
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder) / "usr/lib/scanhost/plugins"
            place.mkdir(parents=True)
            (pathlib.Path(folder) / "DEBIAN").mkdir()
            shutil.copy(release / "nightly.so", place)
            os.chmod(place / "nightly.so", 0o644)
            (pathlib.Path(folder) / "DEBIAN/control").write_text(
                "Package: scanhost-plugin-nightly\nVersion: %s\nArchitecture: %s\nMaintainer: A third party <nobody@example.org>\n"
                "Depends: scanhost\nDescription: removes what is due\n" % (release.name, self.root.run("dpkg", "--print-architecture").stdout.strip()))
            os.chmod(folder, 0o755)
            subprocess.run(["dpkg-deb", "--root-owner-group", "--build", folder, str(self.root.path("/run/story/nightly.deb"))],
                           check=True, stdout=subprocess.DEVNULL)
        self.root.run("dpkg", "-i", "/run/story/nightly.deb")

    def configure(self):
        say("edit the configuration")
        file = self.root.path("/etc/scanhost/scanhost.yaml")
        expect(file.exists(), "the configuration that the package brings")
        file.write_text(CONFIGURATION.format(port=self.port), encoding="utf-8")
        self.root.run("scanhost", "check-config", "/etc/scanhost/scanhost.yaml")
        self.root.run("scanhost", "functions", "install", "--config", "/etc/scanhost/scanhost.yaml")

    def look_at_page(self):
        say("look at the page")
        chromium = shutil.which("chromium")
        if chromium is None:
            say("   skipped: Chromium is not installed")
            return
        seen = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                               "--virtual-time-budget=5000", "--dump-dom", "http://127.0.0.1:%d/" % self.port],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=True).stdout
        for text in ("No trouble", "unix:///run/story/redis.sock, up", ">nightly<", "2 scanners, 2 ready"):
            expect(text in seen, "the page lacks '%s': %s" % (text, seen[-4000:]))

    def pause_over_a_restart(self, unit):
        say("pause with a reason, restart, resume, run now")
        self.ctl("pause", "nightly", "--for", "2h", "--reason", REASON)
        expect(self.nightly()["pause"]["reason"] == REASON, self.nightly())
        unit.stop()
        unit.start()
        expect(self.nightly()["paused"] and self.nightly()["pause"]["reason"] == REASON, self.nightly())
        self.redis("ZADD", "due:{s:1}", 1, "an-item")
        self.ctl("resume", "nightly")
        self.ctl("run-now", "nightly")
        until(lambda: self.redis("ZCARD", "due:{s:1}") == "0", "the item is gone")

    def upgrade_plugin(self, unit):
        say("upgrade the plugin's package, and see the generation change")
        before = self.nightly()
        self.install_plugin(self.releases[1])
        unit.reload()
        after = until(lambda: self.nightly()["generation"] > before["generation"] and self.nightly(), "the next generation")
        expect((before["plugin_version"], after["plugin_version"]) == ("1.0.0", "1.1.0"), after)
        until(lambda: not self.nightly()["probation"], "the end of the probation", 120)

    def break_plugin(self, unit):
        say("upgrade it to a broken build, and see it rolled back")
        self.install_plugin(self.releases[2])
        unit.reload()
        until(lambda: self.nightly()["history"][-1]["outcome"] == "rolled_back", lambda: json.dumps(self.nightly()), 120)
        expect(self.nightly()["plugin_version"] == "1.1.0", self.nightly())

    def restart_with_broken_plugin(self, unit):
        say("restart: the good build runs, although the broken one is installed")
        unit.stop()
        unit.start()
        expect(self.nightly()["plugin_version"] == "1.1.0", self.nightly())
        expect("is blocked" in self.nightly()["history"][-1]["reason"], self.nightly())
        until(lambda: self.nightly()["ready"], "the scanner is ready")

    def drain_and_stop(self, unit):
        say("drain what is due, and stop")
        for shard in range(4):
            self.redis("ZADD", "due:{s:%d}" % shard, *(word for item in range(500) for word in (1, "item-%d" % item)))
        until(lambda: {self.redis("ZCARD", "due:{s:%d}" % shard) for shard in range(4)} == {"0"}, "all items are gone")
        unit.stop()

    def purge(self, before):
        say("purge")
        self.root.run("dpkg", "--purge", "scanhost-plugin-nightly", "scanhost")
        files, users = self.root.contents()
        expect(files == before[0], "left behind: %s; lost: %s" % (sorted(files - before[0]), sorted(before[0] - files)))
        expect(users == before[1], "the users have changed")

    def tell(self):
        before = self.root.contents()
        self.start_store()
        unit = None
        try:
            self.install()
            self.install_plugin(self.releases[0])
            self.configure()
            unit = Unit(self.root)
            say("start")
            unit.start()
            self.look_at_page()
            self.pause_over_a_restart(unit)
            self.upgrade_plugin(unit)
            self.break_plugin(unit)
            self.restart_with_broken_plugin(unit)
            self.drain_and_stop(unit)
            self.purge(before)
        finally:
            if unit is not None and unit.process is not None and unit.process.poll() is None:
                unit.process.kill()
                unit.process.wait()
            self.stop_store()
        say("nothing is left behind")


def main():
    parser = argparse.ArgumentParser()
    for name in ("root", "packages", "releases"):
        parser.add_argument("--" + name, type=pathlib.Path, required=True)
    options = parser.parse_args()
    with Root(options.root.resolve()) as root:
        Story(root, options.packages, options.releases).tell()


if __name__ == "__main__":
    main()
