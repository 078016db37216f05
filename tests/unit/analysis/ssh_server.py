"""An SSH server on loopback that knows one user and one command, git-upload-pack. Prints its port;
ends with its standard input.

usage: ssh_server.py FOLDER HOST_KEY AUTHORIZED_KEYS
"""
import asyncio
import shlex
import sys
from asyncio.subprocess import PIPE

import asyncssh

FOLDER, HOST_KEY, AUTHORIZED = sys.argv[1:4]


async def pump(source, sink):
    while piece := await source.read(1 << 16):
        sink.write(piece)
        await sink.drain()


async def feed(source, sink):
    try:
        await pump(source, sink)
        sink.close()
    except (ConnectionError, asyncssh.Error):  # one of them has ended
        pass


async def serve(process):
    words = shlex.split(process.command or "")
    if len(words) != 2 or words[0] != "git-upload-pack":
        return process.exit(1)
    git = await asyncio.create_subprocess_exec(
        "git", "upload-pack", "--timeout=20", FOLDER + words[1], stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    feeding = asyncio.create_task(feed(process.stdin, git.stdin))
    # As OpenSSH does: the end comes after all that was said.
    await asyncio.gather(pump(git.stdout, process.stdout), pump(git.stderr, process.stderr))
    process.exit(await git.wait())
    feeding.cancel()


async def main():
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[HOST_KEY],
        authorized_client_keys=AUTHORIZED,
        process_factory=serve,
        encoding=None,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
