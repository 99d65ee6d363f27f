#!/usr/bin/perl
# t/50-stats-page.t: who may read the stats endpoint and what it serves beside
# figures: the page and its parts, credentials, a unix socket; what /status and
# -s status say of chains, workers, generations and reloads.

use strict;
use warnings;
use MIME::Base64;
use Test::Gatun;

my $t = Test::Gatun->new;
my $stats;

# one request; ->{status}, ->{fields}, ->{body}
sub get
{
    my ($what, @fields) = @_;
    my $s = ref $stats ? Test::Gatun::Stream->connect_unix($$stats)
        : connect_to($stats);

    $s->send("$what HTTP/1.1\r\n" . join('', map { "$_\r\n" }
        'Host: 127.0.0.1', @fields) . "\r\n");
    my $m = $s->read_response($what =~ /^HEAD/ ? 'HEAD' : 'GET');
    $m->{rest} = $s->read_all;

    return $m;
}

sub field { return join ', ', @{ $_[0]{fields}{ $_[1] } // [] } }

sub basic { return 'Authorization: Basic ' . encode_base64($_[0], '') }

my $yaml = <<'END';
services:
- name: one
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http, chain: way, retries: 3 }
- name: two
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http }
chains:
- name: way
  hops:
  - name: near
    selector: { strategy: fifo, maxFails: 1, failTimeout: 10m }
    nodes:
    - name: dead
      addr: 127.0.0.1:%%PORT_3%%
      connector: { type: http }
      dialer: { type: tcp }
    - name: alive
      addr: 127.0.0.1:%%PORT_1%%
      connector: { type: http }
      dialer: { type: tcp }
    - name: spare
      addr: 127.0.0.1:%%PORT_1%%
      connector: { type: http }
      dialer: { type: tcp }
      metadata: { backup: true }
gatun:
  workers: 2
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_2%%" }
END

subtest 'the page and its parts' => sub {
    my $g = $t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_4%%', '-stats',
        '127.0.0.1:%%PORT_5%%');
    $stats = $t->port(5);

    my $m = get('GET /');
    is($m->{status}, 200, '/');
    is(field($m, 'content-type'), 'text/html; charset=utf-8', 'is HTML');
    unlike($m->{body}, qr{<script>|<style|style=|\son\w+=|https?://},
        'nothing inline, nothing from outside');

    my %type = (css => 'text/css', js => 'text/javascript',
        svg => 'image/svg+xml');
    my @parts = $m->{body} =~ /(?:src|href)="([\w.]+\.(?:css|js|svg))"/g;
    cmp_ok(scalar @parts, '>=', 3, 'has parts');
    push @parts, map { /from '\.\/(\w+\.js)'/g }
        get('GET /page.js')->{body};

    for my $part (sort @parts) {
        my $p = get("GET /$part");
        my ($suffix) = $part =~ /\.(\w+)$/;
        is($p->{status}, 200, $part);
        like(field($p, 'content-type'), qr/^\Q$type{$suffix}\E/, 'its type');
        is($p->{body}, slurp("$Test::Gatun::top/html/$part"), 'its bytes');
    }

    # once per round trip, and never out of date
    my $tag = field($m, 'etag');
    like($tag, qr/^"[\w-]+"$/, 'an entity tag');
    is(field($m, 'cache-control'), 'no-cache', 'to be asked for again');
    for my $tags ($tag, "W/$tag", "\"x\", $tag", '*') {
        my $same = get('GET /', "If-None-Match: $tags");
        is($same->{status}, 304, "If-None-Match: $tags");
        is($same->{body} . $same->{rest}, '', 'no body');
    }
    is(get('GET /', 'If-None-Match: "x"')->{status}, 200, 'another tag');
    is(get('GET /nothing', 'If-None-Match: *')->{status}, 404, 'no such thing');

    my $head = get('HEAD /');
    is($head->{status}, 200, 'HEAD');
    is(field($head, 'content-length'), length $m->{body}, 'the length');
    is($head->{rest}, '', 'and no more');

    for my $path ('/', '/status', '/metrics', '/nothing', '/healthz') {
        my $a = get("GET $path");
        like(field($a, 'content-security-policy'), qr/^default-src 'none';/,
            "$path: a policy");
        unlike(field($a, 'content-security-policy'), qr/unsafe|\*|http/,
            'a strict one');
        is(field($a, 'x-content-type-options'), 'nosniff', 'no guessing');
        is(field($a, 'cross-origin-resource-policy'), 'same-origin',
            'not for other sites');
        is(field($a, 'access-control-allow-origin'), '', 'nor their scripts');
    }

    is(field(get('GET /status'), 'cache-control'), 'no-store',
        'figures are not kept');

    for my $method (qw(POST PUT DELETE OPTIONS TRACE)) {
        my $a = get("$method /status", 'Content-Length: 0');
        is($a->{status}, 405, $method);
        is(field($a, 'allow'), 'GET, HEAD', 'what is allowed');
    }

    for my $path (qw(/../etc/passwd //page.js /%2e%2e/ /page.js/ /index.html
        /html/page.js), '/page.js%00') {
        is(get("GET $path")->{status}, 404, $path);
    }

    $g->stop;
};

subtest 'a user and a password' => sub {
    my @ways = (
        ['-stats', 'ad%20min:p%40ss:word@127.0.0.1:%%PORT_5%%', '-L',
            'http://127.0.0.1:%%PORT_4%%'],
        ['-C', $t->write_file('auth.yaml', <<'END')],
services:
- name: one
  addr: 127.0.0.1:%%PORT_4%%
  handler: { type: http }
gatun:
  stats:
    addr: 127.0.0.1:%%PORT_5%%
    auth: { username: "ad min", password: "p@ss:word" }
END
    );

    for my $way (@ways) {
        my $g = $t->gatun({ listeners => 1 }, '-w', 1, @$way);
        $stats = $t->port(5);

        for my $path ('/', '/page.js', '/status', '/metrics', '/nothing') {
            my $m = get("GET $path");
            is($m->{status}, 401, "$way->[0]: $path without");
            is(field($m, 'www-authenticate'), 'Basic realm="gatun"',
                'says how');
            unlike($m->{body}, qr/services|gatun_/, 'says nothing else');
        }

        is(get('GET /', basic('ad min:p@ss:word'))->{status}, 200, 'with');
        is(get('GET /status', basic('ad min:p@ss:word'))->{status}, 200,
            'figures');
        is(get('HEAD /status', basic('ad min:no'))->{status}, 401, 'HEAD');
        for my $bad ('ad min:p@ss:wor', 'ad min:p@ss:word1', 'ad min:', ':',
            'admin:p@ss:word', ':p@ss:word')
        {
            is(get('GET /status', basic($bad))->{status}, 401, "'$bad'");
        }
        is(get('GET /status', 'Authorization: Bearer x')->{status}, 401,
            'another scheme');
        is(get('GET /healthz')->{status}, 200, 'health needs none');

        my %group = $g->group;
        unlike(join("\n", values %group) . $g->log, qr/p\@ss|p%40ss/,
            'the password is nowhere to be seen');
        $g->stop;
    }

    my ($st, $out) = $t->once('-T', @{ $ways[0] });
    like($out, qr/username: ad min  # .*\n\s+password: '\*\*\*'/, '-T masks it');

    for (['u:p@', 'stats'], ['@127.0.0.1:1', 'stats'], [':p@1', 'stats']) {
        my ($bad, undef, $err) = $t->once('-t', '-L', 'http://127.0.0.1:1',
            '-stats', $_->[0]);
        is($bad, 1, "-stats $_->[0]");
        like($err, qr/stats/, 'says so');
    }

    for ('{ password: p }', '{ username: "", password: p }', '{}',
        '{ username: u, password: p, file: x }', 'u')
    {
        my $path = $t->write_file('bad.yaml', "services:\n- name: a\n"
            . "  addr: 127.0.0.1:1\n  handler: { type: http }\ngatun:\n"
            . "  stats: { addr: '127.0.0.1:1', auth: $_ }\n");
        my ($bad, undef, $err) = $t->once('-t', '-C', $path);
        is($bad, 1, "auth: $_");
        like($err, qr/bad\.yaml:6:\d+: /, 'with its place');
    }
};

subtest 'beyond this machine' => sub {
    for ([1, 'x'], [0, 'u:p@']) {
        my ($warns, $user) = @$_;
        $user = '' if $warns;
        my (undef, undef, $err) = $t->once('-t', '-L', 'http://127.0.0.1:1',
            '-stats', $user . '0.0.0.0:1');
        my $said = $err =~ /warning: .*stats.*open to everybody/;
        is(!!$said, !!$warns, $warns ? 'a warning' : 'none with a password');
    }
};

subtest 'a unix socket' => sub {
    my $sock = $t->dir . '/stats.sock';
    my $g = $t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_4%%', '-stats',
        "unix:$sock");

    is(sprintf('%o', (stat $sock)[2] & 07777), '660', 'its permissions');
    $stats = \$sock;
    is(get('GET /', 'Host: any.test')->{status}, 400, 'two Host fields');

    my $curl = need('curl');
    my ($st, $out) = $t->once({ program => $curl }, '-q', '-sS',
        '--max-time', 10, '--unix-socket', $sock, 'http://gatun/status');
    is($st, 0, 'curl --unix-socket');
    is(decode_json($out)->{services}[0]{handler}, 'http', 'any Host will do');
    $g->stop;
    ok(!-e $sock, 'the file goes with it');
};

subtest 'chains, workers, generations, reloads' => sub {
    my $target = $t->listener;
    my $to = '127.0.0.1:' . $target->port;
    my $path = $t->write_file('s.yaml', $yaml);
    my $g = $t->gatun({ listeners => 2 }, '-C', $path);
    $stats = $t->port(2);

    my $s = $t->stats($stats);
    like($s->{hostname}, qr/./, 'a host name');
    cmp_ok(abs($s->{timestamp} / 1000 - time), '<', 60, 'the time');
    is_deeply($s->{reload}, { good => 0, failed => 0, last => undef },
        'no reload yet');
    is_deeply($s->{generations}, [{ generation => 1, state => 'serving',
        workers => 2, connections => 0, tunnels => 0 }], 'one generation');
    is_deeply([map { $_->{chain} } @{ $s->{services} }], ['way', ''],
        'chains of services');
    my ($way) = @{ $s->{chains} };
    is($way->{name}, 'way', 'a chain');
    is("$way->{hops}[0]{name} $way->{hops}[0]{strategy}", 'near fifo', 'a hop');
    my $nodes = sub {
        return @{ $t->stats($stats)->{chains}[0]{hops}[0]{nodes} };
    };
    is_deeply([map { "$_->{name} $_->{state} $_->{tried}" } $nodes->()],
        ['dead up 0', 'alive up 0', 'spare backup 0'], 'its nodes');

    my $c = connect_via($t->port(0), $to);
    my $o = $target->accept;
    my ($dead, $alive, $spare) = $nodes->();
    is($dead->{state}, 'failed', 'one fails');
    is_deeply([@$dead{qw(tried failed fails active)}], [1, 1, 1, 0],
        'its figures');
    cmp_ok($dead->{backIn}, '>', 500, 'for ten minutes');
    cmp_ok($dead->{lastFailure}, '<', 60, 'since a moment');
    is_deeply([@$alive{qw(state tried failed active dialed backIn)}],
        ['up', 1, 0, 1, 1, undef], 'the next one serves');
    cmp_ok($alive->{latencyMicroseconds}, '>', 0, 'in some time');
    is($alive->{p95Milliseconds} // -1, 10, 'below ten milliseconds')
        if !is_asan();
    is($spare->{state}, 'backup', 'the third one waits');

    my $beats = sub {
        return map { $_->{beatAgeMilliseconds} }
            @{ $t->stats($stats)->{workers} };
    };
    ok((wait_for { 2 == grep { $_ < 3000 } $beats->() }),
        'all workers turn their wheels');

    # a worker that hangs is seen
    my ($w) = @{ $t->stats($stats)->{workers} };
    kill 'STOP', $w->{pid};
    ok((wait_for { grep { $_ > 2500 } $beats->() }), 'one that hangs is seen');
    kill 'CONT', $w->{pid};

    my ($st) = $t->once('-C', $path, '-s', 'reload');
    is($st, 0, 'a reload');
    $s = $t->stats($stats);
    is("$s->{reload}{good} $s->{reload}{failed}", '1 0', 'is counted');
    ok($s->{reload}{last}{good}, 'as a good one');
    is_deeply([map { "$_->{generation} $_->{state}" } @{ $s->{generations} }],
        ['2 serving', '1 leaving'], 'the old generation has a tunnel');
    ($dead) = $nodes->();
    is($dead->{state}, 'failed', 'what failed is still out');

    $t->write_file('s.yaml', $yaml =~ s/addr: 127.0.0.1:%%PORT_1%%\n/addr: bad\n/r);
    $g->signal('HUP');
    ok((wait_for { $t->stats($stats)->{reload}{failed} }), 'one that fails');
    my $last = $t->stats($stats)->{reload}{last};
    ok(!$last->{good}, 'is the last one');
    like($last->{message}, qr/s\.yaml:\d+:\d+: /, 'and says where');
    $t->write_file('s.yaml', $yaml);

    # the same for people
    my ($out, $err);
    ($st, $out, $err) = $t->once('-C', $path, '-s', 'status');
    is($st, 0, '-s status') or diag($err);
    like($out, qr/^gatun \S+ on .*: generation 2, up .*, pid @{[$g->pid]}$/m,
        'who it is');
    like($out, qr/^the last reload failed .* ago: .*s\.yaml:/m, 'the reload');
    like($out, qr/^SERVICE +ADDRESS .*\none +\S+:@{[$t->port(0)]} +http +way +1 +1 +0 /m,
        'services');
    like($out, qr/^dead +way +near +\S+ +http +failed, back in 9 min/m, 'nodes');
    like($out, qr/^0 +\d+ +ready +2 /m, 'workers');
    is(scalar(grep { length && /\s$/ } split /\n/, $out), 0,
        'no blanks at the ends');

    ($st, $out) = $t->once('-C', $path, '-s', 'status', '-O', 'json');
    is($st, 0, '-s status -O json');
    is(eval { decode_json($out)->{pid} }, $g->pid, 'is the same as /status');
    $_->close for $c, $o;
    $g->stop;
};

subtest 'a status without the endpoint' => sub {
    my $path = $t->write_file('quiet.yaml',
        $yaml =~ s/^  stats:.*\n//mr =~ s/two/\"t\\e[31mwo\"/r);
    my $g = $t->gatun({ listeners => 2 }, '-C', $path);
    my ($st, $out) = $t->once('-C', $path, '-s', 'status');
    is($st, 0, 'works');
    like($out, qr/^t\?\[31mwo /m, 'no name moves the cursor');
    $g->stop;
    my $err;
    ($st, $out, $err) = $t->once('-C', $path, '-s', 'status');
    is($st, 1, 'nothing runs');
    like($err, qr/nothing runs/, 'says so');
};

done_testing();
