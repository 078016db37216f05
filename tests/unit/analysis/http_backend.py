"""git's own HTTP backend on loopback, behind a name and a password. Prints its port; ends with its standard input.

usage: http_backend.py FOLDER USER PASSWORD [REDIRECT [IDENTITY]]

With REDIRECT every request is sent on to that place; with IDENTITY, a file of certificates and a key, it speaks TLS.
"""
import base64
import http.server
import os
import ssl
import subprocess
import sys
import threading

FOLDER, USER, PASSWORD = sys.argv[1:4]
REDIRECT = sys.argv[4] if len(sys.argv) > 4 else ""
WANTED = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self):
        with open(os.path.join(FOLDER, "seen"), "a") as seen:
            seen.write((self.headers.get("Authorization") or "none") + "\n")
        body = self.read_body()
        if REDIRECT:
            return self.answer(302, [("Location", REDIRECT + self.path)])
        if self.headers.get("Authorization") != WANTED:
            return self.answer(401, [("WWW-Authenticate", 'Basic realm="git"')])
        path, _, query = self.path.partition("?")
        environment = dict(
            os.environ,
            GIT_PROJECT_ROOT=FOLDER,
            GIT_HTTP_EXPORT_ALL="1",
            PATH_INFO=path,
            QUERY_STRING=query,
            REQUEST_METHOD=self.command,
            CONTENT_TYPE=self.headers.get("Content-Type", ""),
            REMOTE_USER=USER,
        )
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, timeout=30)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if ": " in line]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self.answer(status, [h for h in headers if h[0] != "Status"], content)

    do_GET = do_POST = serve

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *client):
        if not isinstance(
            sys.exc_info()[1], (ssl.SSLError, ConnectionError)
        ):  # a client that does not like the certificate
            super().handle_error(*client)


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 5 and sys.argv[5]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[5])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
