#!/usr/bin/env python3
# t/tools/origin.py: an origin over HTTP and HTTPS for the clients of t/60-*.t.
#
#     origin.py HOST HTTP-PORT HTTPS-PORT CERTIFICATE KEY
#
#   /bytes/N    N bytes        /chunked/N  the same, chunked
#   /echo       the body of a POST or PUT
#   /page       a page with a script, that asks for /data
#   /data       a little JSON
#
# Connections stay open.  Ends when it is killed.

import http.server
import socket
import ssl
import sys
import threading

PAGE = b"""<!doctype html><meta charset=utf-8><title>origin</title>
<p id=what>a page</p><script>
fetch('/data').then(r => r.json()).then(function (d) {
    document.getElementById('what').textContent = d.says;
});
</script>"""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120

    def log_message(self, *args):
        pass

    def answer(self, body, kind="text/plain"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunks(self, body):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(body), 10000):
            part = body[at:at + 10000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        body = b""
        while True:
            n = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(n)
            self.rfile.readline()
            if n == 0:
                return body

    def do_GET(self):
        path = self.path.split("?")[0]
        what, _, n = path[1:].partition("/")

        if what in ("bytes", "chunked") and n.isdigit():
            body = (b"0123456789abcde\n" * (int(n) // 16 + 1))[:int(n)]
            if what == "chunked":
                self.chunks(body)
            else:
                self.answer(body)
        elif path == "/page":
            self.answer(PAGE, "text/html")
        elif path == "/data":
            self.answer(b'{"says": "it is gatun"}', "application/json")
        else:
            self.send_error(404)

    do_HEAD = do_GET

    def do_POST(self):
        body = self.body()
        self.answer(body)

    do_PUT = do_POST


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    context = None

    def server_bind(self):
        # no look-up of our own name, as HTTPServer would
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)

    def finish_request(self, request, client_address):
        if self.context is not None:
            request.settimeout(60)
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except OSError:
                return
        try:
            self.RequestHandlerClass(request, client_address, self)
        except OSError:
            pass

    def handle_error(self, request, client_address):
        pass


class Server6(Server):
    address_family = socket.AF_INET6


def main():
    host, plain, secure, certificate, key = sys.argv[1:]
    kind = Server6 if ":" in host else Server
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    servers = [kind((host, int(plain)), Handler),
               kind((host, int(secure)), Handler)]
    servers[1].context = context

    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()

    print("ready", flush=True)
    servers[0].serve_forever()


main()
