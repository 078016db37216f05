"""An SSH server on loopback that knows one user and one command, git-upload-pack. Prints its port; ends with its standard input.

usage: ssh_server.py FOLDER HOST_KEY AUTHORIZED_KEYS
"""
import asyncio
import shlex
import subprocess
import sys

import asyncssh

FOLDER, HOST_KEY, AUTHORIZED = sys.argv[1:4]


async def serve(process):
    words = shlex.split(process.command or "")
    if len(words) != 2 or words[0] != "git-upload-pack":
        return process.exit(1)
    git = subprocess.Popen(["git", "upload-pack", "--timeout=20", FOLDER + words[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    await process.redirect(stdin=git.stdin, stdout=git.stdout, stderr=git.stderr)
    process.exit(await asyncio.get_running_loop().run_in_executor(None, git.wait))


async def main():
    server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[HOST_KEY], authorized_client_keys=AUTHORIZED, process_factory=serve, encoding=None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
