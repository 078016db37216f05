"""A git server over HTTP whose pack has one object of MIB mebibytes: zeros, as a delta of a smaller object,
so that next to nothing is sent.

Arguments: MIB. Prints its port; ends with its standard input.
"""
import hashlib
import http.server
import struct
import sys
import threading
import zlib

BASE = 16 << 20
TOTAL = int(sys.argv[1]) << 20


def name(kind, data):
    return hashlib.sha1(kind + b" %d\0" % len(data) + data)


def entry(kind, size, packed):
    first, size = kind << 4 | size & 15, size >> 4
    head = bytearray()
    while size:
        head.append(first | 0x80)
        first, size = size & 0x7F, size >> 7
    head.append(first)
    return bytes(head) + packed


def little(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def distance(number):
    out = [number & 0x7F]
    number >>= 7
    while number:
        number -= 1
        out.insert(0, 0x80 | number & 0x7F)
        number >>= 7
    return bytes(out)


def make_pack():
    text = b"kiln\n"
    tree = b"100644 a\0" + name(b"blob", text).digest()
    who = b" a <a@x> 1700000000 +0000\n"
    commit = b"tree " + name(b"tree", tree).hexdigest().encode() + b"\nauthor" + who + b"committer" + who + b"\nm\n"
    pack = b"PACK" + struct.pack(">II", 2, 5)
    for kind, data in ((1, commit), (2, tree), (3, text)):
        pack += entry(kind, len(data), zlib.compress(data))
    base = len(pack)
    pack += entry(3, BASE, zlib.compress(bytes(BASE), 9))
    delta, left = little(BASE) + little(TOTAL), TOTAL
    while left:
        piece = min(left, 0xFF0000)
        delta += bytes([0xF0, piece & 255, piece >> 8 & 255, piece >> 16])
        left -= piece
    pack += entry(6, len(delta), distance(len(pack) - base) + zlib.compress(delta, 9))
    return name(b"commit", commit).hexdigest().encode(), pack + hashlib.sha1(pack).digest()


TIP, PACK = make_pack()


def packet(line):
    return b"%04x" % (len(line) + 4) + line


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/x-git-upload-pack-" + kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        first = TIP + b" HEAD\0ofs-delta symref=HEAD:refs/heads/main\n"
        self.answer(
            "advertisement",
            packet(b"# service=git-upload-pack\n")
            + b"0000"
            + packet(first)
            + packet(TIP + b" refs/heads/main\n")
            + b"0000",
        )

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer("result", packet(b"NAK\n") + PACK)


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(SERVER.server_port, flush=True)
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
sys.stdin.read()
