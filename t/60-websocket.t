#!/usr/bin/perl
# t/60-websocket.t: Node's http module at both ends, gatun between them: a
# WebSocket by Upgrade and by CONNECT, interim answers, trailers, Expect, HEAD;
# through one hop and two.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Peer;

my $node = need('node');
my $t = Test::Gatun->new;

$t->gatun('-w', 2, '-L', 'http://127.0.0.1:%%PORT_0%%',
    '-L', 'auto://user:pass@127.0.0.1:%%PORT_1%%?keepalive=true');
$t->gatun('-w', 1, '-L', '127.0.0.1:%%PORT_2%%',
    '-F', 'http://user:pass@127.0.0.1:%%PORT_1%%');

my $server = $t->write_file('server.js', <<'END');
'use strict';
const http = require('http'), crypto = require('crypto');
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const s = http.createServer((q, r) => {
    const url = new URL(q.url, 'http://x');
    if (url.pathname === '/hints') {
        r.writeEarlyHints({ link: '</a.css>; rel=preload' });
        r.writeProcessing();
        return r.end('hinted');
    }
    if (url.pathname === '/trailers') {
        r.writeHead(200, { Trailer: 'X-Sum' });
        r.write('a'); r.write('b');
        r.addTrailers({ 'X-Sum': '2' });
        return r.end();
    }
    const all = [];
    q.on('data', d => all.push(d));
    q.on('end', () => {
        const body = Buffer.concat(all);
        r.writeHead(200, { 'X-Length': body.length,
            'X-Trailer': q.trailers['x-end'] || '-' });
        r.end(q.method === 'HEAD' ? '' : body);
    });
});
s.on('checkContinue', (q, r) => {
    if (q.url === '/no') { r.writeHead(417); return r.end('no'); }
    r.writeContinue();
    s.emit('request', q, r);
});
s.on('upgrade', (q, c, head) => {
    const key = crypto.createHash('sha1')
        .update(q.headers['sec-websocket-key'] + guid).digest('base64');
    c.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'
        + 'Connection: Upgrade\r\nSec-WebSocket-Accept: ' + key + '\r\n\r\n');
    let b = head;
    const more = () => {
        for (;;) {
            if (b.length < 6) return;
            let n = b[1] & 127, at = 2;
            if (n === 126) { if (b.length < 8) return; n = b.readUInt16BE(2); at = 4; }
            if (b.length < at + 4 + n) return;
            const mask = b.subarray(at, at + 4);
            const p = Buffer.from(b.subarray(at + 4, at + 4 + n))
                .map((x, i) => x ^ mask[i & 3]);
            const h = n < 126 ? Buffer.from([b[0], n])
                : Buffer.from([b[0], 126, n >> 8, n & 255]);
            c.write(Buffer.concat([h, p]));
            if ((b[0] & 15) === 8) c.end();
            b = b.subarray(at + 4 + n);
        }
    };
    c.on('data', d => { b = Buffer.concat([b, d]); more(); });
    c.on('error', () => {});
    more();
});
s.listen(+process.argv[2], '127.0.0.1', () => console.log('ready'));
END

my $client = $t->write_file('client.js', <<'END');
'use strict';
const http = require('http'), crypto = require('crypto');
const [proxy, port, auth] = process.argv.slice(2);
const at = 'http://127.0.0.1:' + port;
const own = auth ? { 'Proxy-Authorization':
    'Basic ' + Buffer.from(auth).toString('base64') } : {};
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const say = (good, name, why) =>
    console.log((good ? 'ok ' : 'not ') + name + (good ? '' : ' ' + why));

function ask(path, options, write) {
    return new Promise(done => {
        const seen = [];
        const q = http.request({ host: '127.0.0.1', port: proxy,
            path: at + path, method: options.method || 'GET', agent: false,
            headers: { Host: '127.0.0.1:' + port, ...own, ...options.headers } });
        q.on('information', i => seen.push(i.statusCode));
        q.on('continue', () => { seen.push('c'); });
        q.on('error', e => done({ error: e.message }));
        q.on('response', r => {
            const all = [];
            r.on('data', d => all.push(d));
            r.on('end', () => done({ status: r.statusCode, headers: r.headers,
                trailers: r.trailers, seen: seen.join(' '),
                body: Buffer.concat(all) }));
        });
        if (write) write(q); else q.end();
    });
}

function frame(op, p) {
    const mask = crypto.randomBytes(4);
    const h = p.length < 126 ? Buffer.from([128 | op, 128 | p.length])
        : Buffer.from([128 | op, 254, p.length >> 8, p.length & 255]);
    return Buffer.concat([h, mask, p.map((x, i) => x ^ mask[i & 3])]);
}

/* echoes n messages over an open socket, then says goodbye */
function talk(c, head, n) {
    return new Promise(done => {
        let b = head, got = 0;
        const send = i => c.write(frame(2, Buffer.alloc(10 + i * 300, i)));
        const more = () => {
            while (b.length >= 2) {
                let len = b[1] & 127, from = 2;
                if (len === 126) { if (b.length < 4) return; len = b.readUInt16BE(2); from = 4; }
                if (b.length < from + len) return;
                const p = b.subarray(from, from + len);
                if ((b[0] & 15) !== 8) {
                    if (len !== 10 + got * 300 || !p.every(x => x === got)) return done('message ' + got);
                    if (++got < n) send(got); else c.write(frame(8, Buffer.alloc(0)));
                }
                b = b.subarray(from + len);
            }
        };
        c.on('data', d => { b = Buffer.concat([b, d]); more(); });
        c.on('close', () => done(got === n ? '' : 'closed after ' + got));
        c.on('error', e => done(e.message));
        send(0);
        more();
    });
}

function upgrade(options) {
    return new Promise(done => {
        const key = crypto.randomBytes(16).toString('base64');
        const q = http.request({ ...options, agent: options.createConnection ? undefined : false, headers: {
            Host: '127.0.0.1:' + port, ...options.headers, Connection: 'Upgrade',
            Upgrade: 'websocket', 'Sec-WebSocket-Key': key,
            'Sec-WebSocket-Version': 13 } });
        q.on('upgrade', async (r, c, head) => {
            const want = crypto.createHash('sha1').update(key + guid).digest('base64');
            if (r.headers['sec-websocket-accept'] !== want) return done('accept');
            done(await talk(c, head, 50));
        });
        q.on('response', r => done('status ' + r.statusCode));
        q.on('error', e => done(e.message));
        q.end();
    });
}

(async () => {
    let why = await upgrade({ host: '127.0.0.1', port: proxy, path: at + '/ws',
        headers: own });
    say(!why, 'a WebSocket by Upgrade', why);

    why = await new Promise(done => {
        const q = http.request({ host: '127.0.0.1', port: proxy, agent: false,
            method: 'CONNECT', path: '127.0.0.1:' + port, headers: own });
        q.on('connect', async (r, c) => done(r.statusCode !== 200 ? 'no tunnel'
            : await upgrade({ createConnection: () => c, path: '/ws' })));
        q.on('error', e => done(e.message));
        q.end();
    });
    say(!why, 'a WebSocket by CONNECT', why);

    let a = await ask('/hints', {});
    say(a.seen === '103 102' && '' + a.body === 'hinted', 'interim answers',
        JSON.stringify(a));
    a = await ask('/trailers', {});
    say(a.trailers && a.trailers['x-sum'] === '2' && '' + a.body === 'ab',
        'trailers of an answer', JSON.stringify(a));
    a = await ask('/echo', { method: 'POST', headers: { Trailer: 'X-End' } }, q => {
        q.write('one'); q.write('two');
        q.addTrailers({ 'X-End': 'yes' });
        q.end();
    });
    say(a.headers && a.headers['x-trailer'] === 'yes' && '' + a.body === 'onetwo',
        'trailers of a request', JSON.stringify(a));
    a = await ask('/echo', { method: 'PUT', headers: { Expect: '100-continue',
        'Content-Length': 5 } }, q => { q.flushHeaders(); q.on('continue', () => q.end('later')); });
    say('' + a.body === 'later' && /c/.test(a.seen), 'Expect: 100-continue',
        JSON.stringify(a));
    a = await ask('/no', { method: 'PUT', headers: { Expect: '100-continue',
        'Content-Length': 5 } }, q => q.flushHeaders());
    say(a.status === 417 && a.seen === '', 'an Expect that is refused',
        JSON.stringify(a));
    a = await ask('/echo', { method: 'HEAD' });
    say(a.status === 200 && a.body.length === 0, 'HEAD', JSON.stringify(a));
    process.exit(0);
})();
END

my $s = $t->start($node, $server, $t->port(5));
wait_for { $s->ended || $s->out =~ /ready/ };

for (['one hop', 0, ''], ['auto, auth, kept origins', 1, 'user:pass'],
    ['two hops', 2, ''])
{
    my ($name, $port, $auth) = @$_;
    my ($status, $out, $err) = $t->once({ program => $node, seconds => 60 },
        $client, $t->port($port), $t->port(5), $auth ? $auth : ());
    my @lines = split /\n/, $out;

    is($status, 0, "$name: it ends") or diag($err);
    is(scalar(@lines), 8, "$name: eight things were tried") or diag("$out$err");
    like($_, qr/^ok /, "$name: " . s/^\w+ //r) for @lines;
}

done_testing();
