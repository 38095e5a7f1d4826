# SPDX-License-Identifier: Apache-2.0
#
# What a plugin author does: installs the SDK into an empty prefix, copies the examples and the plugins of the
# README into empty folders, and builds them there. Checks what the files export and runs the examples.

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ENTRY = "scanhost_plugin_entry"


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise SystemExit(f"failed: {' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def check_exports(plugin):
    # nm prints `address type name`; type u is GNU_UNIQUE. A symbol defined by the linker script has type A.
    lines = [line.split() for line in run("nm", "-D", "--defined-only", plugin).splitlines()]
    exported = [(kind, name) for _, kind, name in lines]
    if exported != [("T", ENTRY)]:
        raise SystemExit(f"{plugin} exports {exported}; it must export only {ENTRY}")
    if " UNIQUE " in run("readelf", "--wide", "--symbols", plugin):
        raise SystemExit(f"{plugin} has GNU_UNIQUE symbols")


def build(args, source, prefix):
    out = source / "build"
    run(args.cmake, "-S", source, "-B", out, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_C_COMPILER={args.cc}", f"-DCMAKE_CXX_COMPILER={args.cxx}",
        "-DCMAKE_C_FLAGS=-Wall -Wextra -Wpedantic -Werror", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror")
    run(args.cmake, "--build", out)
    plugins = sorted(out.glob("*.so"))
    for plugin in plugins:
        check_exports(plugin)
    return plugins


def readme_folders(readme, target):
    """The files in the README: each is a fenced block after a line "`folder/file`:"."""
    found = re.findall(r"^`([\w/.]+)`:\n+```\w*\n(.*?)^```$", readme.read_text(), flags=re.M | re.S)
    for name, text in found:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return sorted({path.parent for path in target.glob("*/CMakeLists.txt")})


def examples(folder):
    """Their names; the Rust example is included only if rustc is installed."""
    patterns = ["*.c", "*.cpp"] + (["*.rs"] if shutil.which("rustc") else [])
    return {source.stem for pattern in patterns for source in folder.glob(pattern)}


def with_pkg_config(args, source, prefix):
    environment = dict(os.environ, PKG_CONFIG_PATH=str(prefix / "share/pkgconfig"))
    flags = run("pkg-config", "--cflags", "--libs", "scanhost-sdk", env=environment).split()
    compiler = [args.cc] if source.suffix == ".c" else [args.cxx, "-std=c++20"]
    if "g++" in pathlib.Path(compiler[0]).name and "clang" not in compiler[0]:
        compiler.append("-fno-gnu-unique")
    plugin = source.with_suffix(".by_pkg_config.so")
    run(*compiler, "-shared", "-fPIC", source, "-o", plugin, *flags)
    check_exports(plugin)


def install_sdk(args, source, prefix, *definitions):
    """Configures the SDK alone, as a packager may, and installs it."""
    built = prefix.with_name(prefix.name + " built")
    run(args.cmake, "-S", source, "-B", built, f"-DCMAKE_INSTALL_PREFIX={prefix}", f"-DCMAKE_C_COMPILER={args.cc}",
        f"-DCMAKE_CXX_COMPILER={args.cxx}", *definitions)
    run(args.cmake, "--install", built, "--component", "sdk")


def build_by_shell(args, source, packages):
    """As the .pc file says for folders with blanks."""
    environment = dict(os.environ, PKG_CONFIG_PATH=str(packages))
    plugin = source.with_name("by_shell.so")
    run("sh", "-ec", f'eval "{args.cc} -shared -fPIC {source.name} -o {plugin.name} '
        '$(pkg-config --cflags --libs scanhost-sdk)"', env=environment, cwd=source.parent)
    check_exports(plugin)


def with_odd_folders(args, sdk, folder):
    source = folder / "session_janitor.c"
    shutil.copy(sdk / "examples" / source.name, source)
    install_sdk(args, sdk, folder / "with blanks")
    moved = folder / "and moved"
    (folder / "with blanks").rename(moved)
    build_by_shell(args, source, moved / "share/pkgconfig")
    install_sdk(args, sdk, folder / "deep", "-DCMAKE_INSTALL_DATADIR=lib/scanhost/share")
    build_by_shell(args, source, folder / "deep/lib/scanhost/share/pkgconfig")
    data = folder / "other data"
    install_sdk(args, sdk, folder / "absolute", f"-DCMAKE_INSTALL_DATADIR={data}",
                f"-DCMAKE_INSTALL_INCLUDEDIR={folder / 'other include'}")
    build_by_shell(args, source, data / "pkgconfig")


GUESTS = {"by_subdirectory": 'add_subdirectory("%(sdk)s" sdk)',
          "by_fetch_content": 'include(FetchContent)\n'
                              'FetchContent_Declare(scanhost SOURCE_DIR "%(tree)s" SOURCE_SUBDIR sdk)\n'
                              'FetchContent_MakeAvailable(scanhost)'}


def as_a_guest(args, sdk, folder):
    """Projects that take the SDK's folder as it is, without an installation; nothing of it may get in their way."""
    for name, lines in GUESTS.items():
        project = folder / name
        project.mkdir()
        shutil.copy(sdk / "examples" / "stream_lag.cpp", project)
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(guest LANGUAGES CXX)\n"
            + lines % {"sdk": sdk, "tree": sdk.parent} + "\nscanhost_add_plugin(stream_lag SOURCES stream_lag.cpp)\n")
        if [plugin.name for plugin in build(args, project, folder / "nowhere")] != ["stream_lag.so"]:
            raise SystemExit(f"{name}: stream_lag.so must be built")
        if list((project / "build").rglob("session_janitor*")):
            raise SystemExit(f"{name}: the examples of the SDK must not be built")
        run(args.cmake, "--install", project / "build", "--prefix", folder / "empty")
        if list((folder / "empty").rglob("*.h")):
            raise SystemExit(f"{name}: a guest must not install the SDK")


def main():
    parser = argparse.ArgumentParser()
    for name in ("cmake", "build", "root", "examples-test", "cc", "cxx"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        prefix = folder / "prefix"
        run(args.cmake, "--install", args.build, "--component", "sdk", "--prefix", prefix)
        docs = prefix / "share/doc/scanhost-sdk"

        tree = folder / "a tree"
        shutil.copytree(pathlib.Path(args.root) / "sdk", tree / "sdk")
        as_a_guest(args, tree / "sdk", folder)
        if shutil.which("pkg-config"):
            with_odd_folders(args, tree / "sdk", folder)

        shutil.copytree(docs / "examples", folder / "examples")
        built = {plugin.stem for plugin in build(args, folder / "examples", prefix)}
        if built != examples(folder / "examples"):
            raise SystemExit(f"only these examples were built: {built}")
        run(args.examples_test, env=dict(os.environ, SCANHOST_EXAMPLES=str(folder / "examples/build")))

        tutorials = readme_folders(docs / "README.md", folder / "readme")
        if len(tutorials) < 2 or not all(build(args, tutorial, prefix) for tutorial in tutorials):
            raise SystemExit(f"only these plugins of the README were built: {tutorials}")
        if shutil.which("pkg-config"):
            for name in ("session_janitor.c", "stream_lag.cpp", "key_ttl_audit.cpp", "asynq_recoverer.cpp",
                         "webhook_notifier.cpp"):
                with_pkg_config(args, folder / "examples" / name, prefix)


if __name__ == "__main__":
    main()
