#!/usr/bin/perl
# t/80-header-names-of-ours.t: a header map may name fields that frame a message
# or that are written anyway: they are left out, and said.  A Content-Length in
# it had reset every connection that was to get an answer of ours; a Host in a
# connector's map was a second one.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $hop = $t->listener(2);

$t->write_file('h.yaml', <<'END');
services:
- name: asks
  addr: 127.0.0.1:%%PORT_0%%
  handler:
    type: http
    auth: { username: u, password: p }
    metadata:
      header: { content-length: "5", Transfer-Encoding: chunked,
        Connection: keep-alive, Proxy-Authenticate: Digest, X-A: "1" }
- name: sends
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http, chain: c }
chains:
- name: c
  hops:
  - name: h
    nodes:
    - name: n
      addr: 127.0.0.1:%%PORT_2%%
      dialer: { type: tcp }
      connector:
        type: http
        auth: { username: a, password: b }
        metadata:
          header: { Host: evil.example, Proxy-Connection: close, X-B: "2",
            proxy-authorization: Basic eA==, Content-Length: "7" }
gatun: { workers: 1, runtimeDir: "%%DIR%%/run" }
END
my $g = $t->gatun({ listeners => 2 }, '-C', '%%DIR%%/h.yaml');

my $c = connect_to($t->port(0));
$c->send("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n");
is($c->read_all . $c->end, "HTTP/1.1 407 Proxy Authentication Required\r\n"
    . "Connection: close\r\nProxy-Authenticate: Basic realm=\"gost\"\r\n"
    . "X-A: 1\r\n\r\neof", 'an answer, with what it may have');

$c = connect_to($t->port(1));
$c->send("CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
my $o = $hop->accept;
is($o->read_head, "CONNECT example.com:443 HTTP/1.1\r\n"
    . "Host: example.com:443\r\nUser-Agent: Go-http-client/1.1\r\n"
    . "Proxy-Authorization: Basic YTpi\r\nProxy-Connection: keep-alive\r\n"
    . "X-B: 2\r\n\r\n", 'a request, with each field once');

like($g->log, qr/header: content-length is ignored/, 'what is left out is said');

done_testing();
