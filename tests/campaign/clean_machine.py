"""The README's commands on a Debian 12 that never saw this project: how long they take,
and what they forgot to install.

A minimal Debian is made in a folder, the checkout's last commit is cloned into it, and the command runs there with that
folder as its root, in mounts of its own; the network and the kernel are this machine's.
A cluster that it starts is taken down at the end.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

# Its own mounts, so that nothing of them is left. /run is empty, as after a start.
ENTER = """
set -e
mount --bind "$1" "$1"
for place in proc sys dev; do mount --rbind "/$place" "$1/$place"; done
mount -t tmpfs tmpfs "$1/run"
cd "$1"
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
cd /root/cadence-ha
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec env -i HOME=/root PATH=$PATH TERM=dumb LANG=C.UTF-8 bash -c "$2"
"""


def make(root):
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates,git,procps", "bookworm", root],
        check=True,
    )
    for file in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copy(file, root / "etc")
    trusted = pathlib.Path("/usr/local/share/ca-certificates")
    if trusted.is_dir():
        shutil.copytree(trusted, root / "usr/local/share/ca-certificates", dirs_exist_ok=True)
        subprocess.run(["chroot", root, "update-ca-certificates"], check=True, capture_output=True)
    subprocess.run(["git", "clone", "-q", REPOSITORY, root / "root/cadence-ha"], check=True)


def run(root, command, limit):
    begun = time.monotonic()
    result = subprocess.run(
        [
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "timeout",
            "--signal=KILL",
            str(limit),
            "bash",
            "-c",
            ENTER,
            "enter",
            root,
            command,
        ]
    )
    print(f"{command}: rc {result.returncode} after {time.monotonic() - begun:.0f} s", flush=True)
    return result.returncode


def main(arguments):
    parser = argparse.ArgumentParser(prog="tests/campaign/run clean_machine", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--folder",
        type=pathlib.Path,
        help="make the machine there and keep it; what was built there before is used again",
    )
    parser.add_argument("--limit", type=int, default=3600, help="seconds for one command (3600)")
    parser.add_argument(
        "command", nargs="*", default=["hack/demo", "hack/demo"], help="one after the other (hack/demo, twice)"
    )
    options = parser.parse_args(arguments)
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="clean-machine-"))
    root = folder / "root"
    # All in one set of mounts: a cluster's nodes live in those of the command that started it.
    steps = " && ".join(f"({command}) && echo \"{command}: after $SECONDS s\"" for command in options.command)
    try:
        if root.exists():
            subprocess.run(["git", "-C", root / "root/cadence-ha", "pull", "-q", "--ff-only"], check=True)
        else:
            make(root)
        return run(root, f"{steps}; rc=$?; hack/cluster down; exit $rc", options.limit)
    finally:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
