#!/usr/bin/perl
# t/60-node-python.t: the clients that people write: Node's http module with
# CONNECT and TLS in it, Python's urllib, http.client and asyncio; through one
# hop and two, with and without authentication.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;
use Test::Gatun::Peer;

my $node = need('node');
my $python = need('python3', '/usr/bin/python3');
my $t = Test::Gatun->new;

$t->gatun('-w', 2, '-L', 'http://127.0.0.1:%%PORT_0%%',
    '-L', 'http://user:p%40ss@127.0.0.1:%%PORT_1%%');
$t->gatun('-w', 2, '-L', 'http://127.0.0.1:%%PORT_2%%',
    '-F', 'http://127.0.0.1:%%PORT_0%%');
$t->gatun('-w', 2, '-L', 'http://user:p%40ss@127.0.0.1:%%PORT_3%%',
    '-F', 'http://user:p%40ss@127.0.0.1:%%PORT_1%%');
web_origin($t, '127.0.0.1', $t->port(4), $t->port(5));
web_origin($t, '::1', $t->port(4), $t->port(5)) if has_ipv6();

my @ways = (['one hop', 0], ['one hop, auth', 1], ['two hops', 2],
    ['two hops, auth', 3]);
my $hosts = join ' ', '127.0.0.1', 'localhost', has_ipv6() ? '[::1]' : ();

my $node_script = $t->write_file('client.js', <<'END');
'use strict';
const fs = require('fs'), http = require('http'), tls = require('tls');
const https = require('https');
const [port, plain, secure, auth, ca, hosts] = process.argv.slice(2);
const fields = auth ? { 'Proxy-Authorization': 'Basic ' + auth } : {};
const trusted = { ca: fs.readFileSync(ca), servername: 'localhost' };
const body = Buffer.alloc(1000003, '0123456789abcde\n');

function say(name, good, why) {
    console.log((good ? 'ok ' : 'not ') + name + (good ? '' : ' ' + why));
}

function collect(stream) {
    return new Promise((resolve, reject) => {
        const parts = [];
        stream.on('data', (d) => parts.push(d));
        stream.on('end', () => resolve(Buffer.concat(parts)));
        stream.on('error', reject);
    });
}

function request(options, send) {
    return new Promise((resolve, reject) => {
        const r = http.request(options, async (answer) => {
            resolve([answer.statusCode, await collect(answer)]);
        });
        r.on('error', reject);
        r.end(send);
    });
}

// the proxy's socket of a tunnel, what came behind the answer, the status
function tunnel(to) {
    return new Promise((resolve, reject) => {
        const r = http.request({ host: '127.0.0.1', port, method: 'CONNECT',
            path: to, headers: fields, agent: false });
        r.on('connect', (answer, socket, head) =>
            resolve([answer.statusCode, socket, head]));
        r.on('error', reject);
        r.end();
    });
}

async function plainly() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

    for (const [n, path] of [[0, '/bytes/100000'], [1, '/chunked/100000']]) {
        const [status, got] = await request({ host: '127.0.0.1', port, agent,
            path: `http://127.0.0.1:${plain}${path}`, headers: fields });
        say('http GET ' + n, status === 200
            && got.equals(body.subarray(0, 100000)), status);
    }

    for (const extra of [{}, { 'Content-Length': body.length }]) {
        const [status, got] = await request({ host: '127.0.0.1', port, agent,
            path: `http://127.0.0.1:${plain}/echo`, method: 'POST',
            headers: { ...fields, ...extra } }, body);
        say('http POST', status === 200 && got.equals(body), status);
    }

    for (const host of hosts.split(' ')) {
        const [, got] = await request({ host: '127.0.0.1', port,
            path: `http://${host}:${plain}/bytes/9`, headers: fields });
        say('http to ' + host, got.toString() === '012345678', got);
    }

    agent.destroy();
}

async function secretly() {
    const [status, socket] = await tunnel('127.0.0.1:' + secure);
    say('CONNECT', status === 200, status);

    for (const host of hosts.split(' ')) {
        const [, socket] = await tunnel(`${host}:${secure}`);
        const secret = tls.connect({ socket, ...trusted });
        secret.write('GET /bytes/9 HTTP/1.1\r\nHost: x\r\n'
            + 'Connection: close\r\n\r\n');
        const got = (await collect(secret)).toString();
        say('https to ' + host, got.endsWith('\n012345678'), got);
    }

    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    agent.createConnection = () => tls.connect({ socket, ...trusted });

    for (let i = 0; i < 3; i++) {
        const got = await new Promise((resolve, reject) => {
            const r = https.request({ host: 'localhost', port: secure, agent,
                path: '/echo', method: 'PUT' },
                async (answer) => resolve(await collect(answer)));
            r.on('error', reject);
            r.end(body);
        });
        say('https PUT ' + i, got.equals(body), got.length);
    }

    agent.destroy();
}

// a tunnel's raw socket: the client ends its half first
async function halfway() {
    const [status, socket, head] = await tunnel('127.0.0.1:' + plain);
    socket.unshift(head);
    socket.end('GET /bytes/100000 HTTP/1.1\r\nHost: x\r\n'
        + 'Connection: close\r\n\r\n');
    const got = await collect(socket);
    say('a half-closed tunnel', status === 200
        && got.subarray(-100000).equals(body.subarray(0, 100000)), status);
}

async function many() {
    const all = await Promise.all([...Array(50)].map(async () => {
        const [, socket] = await tunnel('127.0.0.1:' + plain);
        socket.write('GET /bytes/16 HTTP/1.1\r\nHost: x\r\n'
            + 'Connection: close\r\n\r\n');
        return (await collect(socket)).toString();
    }));
    const good = all.filter((a) => a.endsWith('0123456789abcde\n')).length;
    say('fifty tunnels', good === 50, good);
}

(async () => {
    await plainly();
    await secretly();
    await halfway();
    await many();
    const [status] = await tunnel('127.0.0.1:1');
    say('CONNECT to nobody', status === 503, status);
    console.log('end');
    process.exit(0);
})().catch((e) => { console.log('not without ' + e); process.exit(1); });
END

my $python_script = $t->write_file('client.py', <<'END');
import asyncio
import http.client
import ssl
import sys
import urllib.error
import urllib.request

port, plain, secure, auth, ca, hosts = sys.argv[1:]
body = (b"0123456789abcde\n" * 62501)[:1000003]
trusted = ssl.create_default_context(cafile=ca)
fields = {"Proxy-Authorization": "Basic " + auth} if auth else {}
user = "user:p%40ss@" if auth else ""


def say(name, good, why=""):
    print("ok" if good else "not", name, "" if good else why, flush=True)


def by_urllib():
    proxy = "http://%s127.0.0.1:%s" % (user, port)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"http": proxy, "https": proxy}),
        urllib.request.HTTPSHandler(context=trusted))

    for base in ("http://127.0.0.1:" + plain, "https://127.0.0.1:" + secure):
        name = "urllib, " + base.split(":")[0]
        got = opener.open(base + "/bytes/100000", timeout=20).read()
        say(name + " GET", got == body[:100000], len(got))
        got = opener.open(base + "/echo", body, timeout=20).read()
        say(name + " POST", got == body, len(got))

    for host in hosts.split():
        for base in ("http://%s:%s" % (host, plain),
                     "https://%s:%s" % (host, secure)):
            # up to 3.11 it asks for ::1:443, without the brackets
            if base.startswith("https://[") and sys.version_info < (3, 12):
                continue
            got = opener.open(base + "/bytes/9", timeout=20).read()
            say("urllib, " + base, got == b"012345678", got)

    try:
        opener.open("http://127.0.0.1:1/", timeout=20)
        say("urllib, nobody", False)
    except urllib.error.HTTPError as e:
        say("urllib, nobody", e.code == 503, e.code)


def by_http_client():
    c = http.client.HTTPSConnection("127.0.0.1", int(port), timeout=20,
                                    context=trusted)
    c.set_tunnel("localhost", int(secure), fields)
    for n in range(3):
        c.request("PUT", "/echo", iter([body[:500000], body[500000:]]),
                  encode_chunked=True,
                  headers={"Transfer-Encoding": "chunked"})
        got = c.getresponse().read()
        say("http.client, tunnel, %d" % n, got == body, len(got))
    c.close()

    c = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    for n in range(3):
        c.request("POST", "http://127.0.0.1:%s/echo" % plain, body, fields)
        got = c.getresponse().read()
        say("http.client, plain, %d" % n, got == body, len(got))
    c.close()


async def connect(to, context=None):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    lines = ["CONNECT %s HTTP/1.1" % to, "Host: " + to]
    lines += ["%s: %s" % f for f in fields.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise OSError(head)

    if context is not None:
        await writer.start_tls(context, server_hostname="localhost")

    return reader, writer


async def fetch(to, context=None):
    reader, writer = await connect(to, context)
    writer.write(b"GET /bytes/100000 HTTP/1.1\r\nHost: localhost\r\n"
                 b"Connection: close\r\n\r\n")
    if context is None:
        writer.write_eof()
    got = await reader.read()
    writer.close()
    return got.endswith(b"\r\n\r\n" + body[:100000])


async def by_asyncio():
    for name, to, context in (("plain", "127.0.0.1:" + plain, None),
                              ("tls", "127.0.0.1:" + secure, trusted)):
        all = await asyncio.gather(*[fetch(to, context) for _ in range(40)])
        say("asyncio, 40 at once, " + name, all == [True] * 40, all)


by_urllib()
by_http_client()
asyncio.run(asyncio.wait_for(by_asyncio(), 60))
print("end")
END

# the lines that it prints are tests; the last one is "end"
sub client
{
    my ($program, $script, $way) = @_;
    my ($name, $port) = @$way;
    my $auth = $name =~ /auth/ ? encode_base64('user:p@ss', '') : '';
    my ($status, $out, $err) = $t->once({ program => $program, seconds => 90 },
        $script, $t->port($port), $t->port(4), $t->port(5), $auth, ca($t),
        $hosts);

    for (split /\n/, $out) {
        ok($1 eq 'ok', $2) if /^(ok|not) (.*)/;
    }

    like($out, qr/^end$/m, 'to its end') or diag($err);
    is($status, 0, 'exit status');
}

for my $way (@ways) {
    subtest "Node, $way->[0]" => sub { client($node, $node_script, $way) };
    subtest "Python, $way->[0]" =>
        sub { client($python, $python_script, $way) };
}

done_testing();
