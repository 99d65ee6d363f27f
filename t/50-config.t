#!/usr/bin/perl
# t/50-config.t: what the command line and the files may and may not say; every
# error has its place, several come at once, and nothing starts.

use strict;
use warnings;
use POSIX ();
use Test::Gatun;

my $t = Test::Gatun->new;

sub yaml { return $t->write_file('c.yaml', $_[0]) }

# -t of this text: the status and what was said; and a start says the same
sub test
{
    my ($text, @args) = @_;
    my $path = yaml($text);
    my ($status, $out, $err) = $t->once('-C', $path, '-t', @args);

    # what every start as root without a user is told
    $err =~ s/^.*started as root without a user.*\n//m;

    return ($status, $err =~ s/\Q$path\E/c.yaml/gr);
}

sub good
{
    my ($name, $text, @patterns) = @_;
    my ($status, $err) = test($text);

    is($status, 0, "$name: good") or diag($err);
    like($err, $_, "$name: and says so") for @patterns;
    unlike($err, qr/warning/, "$name: no warning") unless @patterns;
}

# each pattern is a line of its own; nothing starts either
sub bad
{
    my ($name, $text, @patterns) = @_;
    my ($status, $err) = test($text);

    is($status, 1, "$name: exit status");
    like($err, $_, "$name: said") for @patterns;

    my $lines = () = $err =~ /^gatun: c\.yaml:\d+:\d+: /mg;
    my $want = grep { /c\\?\.yaml/ } @patterns;
    is($lines, $want, "$name: nothing else") if $want;

    my ($run, $out, $said) = $t->once('-C', $t->dir . '/c.yaml');
    is($run, 1, "$name: no start");
    unlike($said, qr/listening on/, "$name: nothing bound");
    for (@patterns) {
        my $tail = "$_" =~ s/.*c\\\.yaml//r;
        my ($line, $column) = "$_" =~ /c\\\.yaml:(\d+):(\d+)/ or next;
        like($said, qr/c\.yaml:$line:$column:/, "$name: the same place");
    }
}

my $service = <<'END';
services:
- name: a
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
END

subtest 'good ones' => sub {
    good('the smallest', $service);
    good('without a newline at the end', $service =~ s/\n\z//r);
    good('with CRLF', $service =~ s/\n/\r\n/gr);
    good('with a BOM', "\xef\xbb\xbf$service");
    good('keys in any case', $service =~ s/services/Services/r
        =~ s/addr/ADDR/r);
    good('all our own', $service . <<'END');
chains:
- name: up
  hops:
  - name: one
    nodes:
    - name: n
      addr: 127.0.0.1:1
      connector: { type: http, auth: { username: u, password: p } }
      dialer: { type: tcp }
authers:
- name: users
  auths: [ { username: u, password: p } ]
log: { output: stderr, level: info, format: json }
gatun:
  workers: 2
  pidFile: "%%DIR%%/pid"
  runtimeDir: "%%DIR%%/run"
  stateDir: "%%DIR%%/state"
  maxConnections: 100
  shutdownTimeout: 1m
  stats: { addr: "127.0.0.1:%%PORT_1%%" }
END
    good('an unknown key', $service . "  metdata: { }\n",
        qr/warning: c\.yaml:5:3: .*metdata.*metadata/);
    good('an unknown key on top', "$service\nservics: []\n",
        qr/warning: c\.yaml:6:1: .*servics.*services/);
};

subtest 'errors and their places' => sub {
    bad('a syntax error', "services:\n- name: a\n  addr: [ 1, 2\nx: y\n",
        qr/c\.yaml:\d+:\d+: /);
    bad('a tab', "services:\n\t- name: a\n", qr/c\.yaml:2:\d+: /);
    bad('a key twice', $service . "  addr: :1\n", qr/c\.yaml:5:3: .*addr/);
    bad('no map', "just text\n", qr/c\.yaml:1:1: /);
    bad('a list for a text', "$service\nlog: { level: [ a, b ] }\n",
        qr/c\.yaml:6:\d+: .*level/);
    bad('a map for a number', "$service\ngatun: { workers: { a: b } }\n",
        qr/c\.yaml:6:\d+: .*workers/);
    bad('an unknown handler', $service =~ s/type: http/type: htttp/r,
        qr/c\.yaml:4:\d+: .*htttp.*http/);
    bad('a handler that is never built', $service =~ s/type: http/type: ss/r,
        qr/c\.yaml:4:\d+: .*ss/);
    bad('an unknown listener', $service . "  listener: { type: wsss }\n",
        qr/c\.yaml:5:\d+: .*wsss.*tcp/);
    bad('an unknown key near one that guards', $service . "  admision: x\n",
        qr/c\.yaml:5:3: .*admision.*admission/);
    bad('a dangling chain', $service =~ s/http \}/http, chain: nowhere }/r,
        qr/c\.yaml:4:\d+: .*nowhere/);
    bad('a dangling auther', $service =~ s/http \}/http, auther: nobody }/r,
        qr/c\.yaml:4:\d+: .*nobody/);
    bad('a dangling hop', "$service\nchains:\n- name: c\n  hops:\n"
        . "  - name: gone\n", qr/c\.yaml:9:\d+: .*gone/);
    bad('a hop without nodes', "$service\nchains:\n- name: c\n  hops:\n"
        . "  - name: h\n    nodes: []\n", qr/c\.yaml:9:\d+: .*h\b/);
    bad('an unknown connector', "$service\nchains:\n- name: c\n  hops:\n"
        . "  - name: h\n    nodes:\n    - { name: n, addr: 'a:1',"
        . " connector: { type: htp } }\n", qr/c\.yaml:11:\d+: .*htp/);
    bad('an unknown dialer', "$service\nchains:\n- name: c\n  hops:\n"
        . "  - name: h\n    nodes:\n    - { name: n, addr: 'a:1',"
        . " dialer: { type: tpc } }\n", qr/c\.yaml:11:\d+: .*tpc/);
    bad('a bad address', $service =~ s/addr: .*/addr: "127.0.0.1:http"/r,
        qr/c\.yaml:3:\d+: .*addr/);
    bad('no address', $service =~ s/  addr: .*\n//r, qr/c\.yaml:2:\d+: .*addr/);
    bad('a bad duration', $service
        . "  metadata: { }\ngatun: { shutdownTimeout: 5 parsecs }\n",
        qr/c\.yaml:6:\d+: .*shutdownTimeout/);
    bad('an option of the handler', $service
        =~ s/http \}/http, metadata: { idleTimeout: soon } }/r,
        qr/c\.yaml:4:\d+: .*idleTimeout/);
    bad('a guard that is not built', $service
        =~ s/http \}/http, limiter: l }/r,
        qr/c\.yaml:4:\d+: .*limiter/);
    bad('an admission that is not built', $service . "  admission: adm\n",
        qr/c\.yaml:5:\d+: .*admission/);
    bad('a password file that is not there', "$service\nauthers:\n- name: a\n"
        . "  file: { path: /nowhere/users }\n", qr/c\.yaml:8:\d+: .*users/)
        if 0;    # an auther that nobody uses is not read

    bad('several at once', <<'END',
services:
- name: a
  addr: 127.0.0.1:99999
  handler: { type: htttp }
- name: b
  addr: 127.0.0.1:1
  handler: { type: http, chain: nowhere, auther: nobody }
- name: b
  addr: 127.0.0.1:2
  handler: { type: http }
END
        qr/^gatun: c\.yaml:3:\d+: .*99999/m, qr/^gatun: c\.yaml:4:\d+: .*htttp/m,
        qr/^gatun: c\.yaml:7:26: .*nowhere/m, qr/^gatun: c\.yaml:7:42: .*nobody/m,
        qr/^gatun: c\.yaml:8:\d+: .*\bb\b/m);

    my ($status, $out, $err) = $t->once('-C', '/nowhere/x.yaml', '-t');
    is($status, 1, 'no file');
    like($err, qr{/nowhere/x\.yaml: No such file}, 'which one');
    ($status, $out, $err) = $t->once('-C', $t->dir, '-t');
    is($status, 1, 'a folder');
    mkdir $t->dir . '/d.yaml';
    ($status, $out, $err) = $t->once('-C', $t->dir . '/d.yaml', '-t');
    is($status, 1, 'a folder of that name');
    like($err, qr/folder/, 'says so');
    ($status, $out, $err) = $t->once('-C', yaml("a: \0b\n"), '-t');
    is($status, 1, 'NUL');
    ($status, $out, $err) = $t->once({ seconds => 20 }, '-C',
        yaml("services:\n" . "- {name: x, addr: 'y'}\n" x 20_000), '-t');
    is($status, 1, 'twenty thousand errors');
    cmp_ok(length $err, '<', 2_000_000, 'are not all told');
};

subtest 'the command line' => sub {
    my @bad = (
        [2, qr/-x/, '-x'], [2, qr/nosuch/, '-nosuch=1'], [2, qr/-L/, '-L'],
        [2, qr/-w/, '-w', 'many'], [2, qr/-s/, '-s', 'dance'],
        [2, qr/true or false/, '-D=maybe'],
        [1, qr/wsss/, '-L', 'wsss://127.0.0.1:1'],
        [1, qr/wsss/, '-L', 'http+wsss://127.0.0.1:1'],
        [1, qr/htttp/, '-L', 'http://127.0.0.1:1', '-F', 'htttp://127.0.0.1:1'],
        [1, qr/-F/, '-L', 'http://127.0.0.1:1', '-F', ''],
        [1, qr/ftcp|kcp/, '-L', 'http+kcp://127.0.0.1:1'],
        [1, qr/99999|port/, '-F', 'http://127.0.0.1:x', '-L', ':1'],
        [1, qr/-L/, '-L', 'http://127.0.0.1'],
    );

    for (@bad) {
        my ($want, $pattern, @args) = @$_;
        my ($status, $out, $err) = $t->once('-t', @args);
        is($status, $want, "status of @args") or diag($err);
        like($err, $pattern, 'said why');
    }

    my ($status, $out, $err) = $t->once('-V');
    is($status, 0, '-V');
    like($out, qr{\Agatun \d+\.\d+\S* \(\S+ linux/\w+\)\n\z}, 'in GOST\'s shape');
    is($err, '', 'and nothing else');

    ($status, $out, $err) = $t->once('--help');
    is($status, 0, '--help');
    like($out . $err, qr/usage: gatun.*^ +-L URL/ms, 'tells the flags');
    ($status, $out, $err) = $t->once('--help', 'http');
    is($status, 0, '--help http');
    like($out, qr/^ *proxyAgent/m, 'tells the options');
    ($status, $out, $err) = $t->once('--help', 'nothing-of-that-name');
    isnt($status, 0, '--help of nothing');
    ($status, $out, $err) = $t->once('--modules');
    is($status, 0, '--modules');
    like($out, qr/http/, 'lists http');
    like($out, qr/tcp/, 'and tcp');

    ($status, $out, $err) = $t->once({ cwd => '/', env => { HOME => '/none' } },
        '-t');
    is($status, 1, 'nothing to do') or diag($out . $err);

    my $two = 'http://127.0.0.1:%%PORT_0%%';
    ($status, $out, $err) = $t->once('-L', $two, '-L', $two);
    is($status, 1, 'one address twice');
    like($err, qr/service-1: 127\.0\.0\.1:\d+ is service service-0's/,
        'says which');
};

subtest '-O' => sub {
    my @args = ('-L', 'http://u:p@:8080', '-F', 'http://n.example:1');
    my $want = { services => [ { name => 'service-0', addr => ':8080',
        handler => { type => 'http', chain => 'chain-0',
            auth => { username => 'u', password => 'p' } },
        listener => { type => 'tcp' } } ],
        chains => [ { name => 'chain-0', hops => [ { name => 'hop-0',
            nodes => [ { name => 'node-0', addr => 'n.example:1',
                connector => { type => 'http' },
                dialer => { type => 'tcp',
                    tls => { serverName => 'n.example' } } } ] } ] } ] };

    my ($status, $out, $err) = $t->once('-O', 'json', @args);
    is($status, 0, 'json');
    is_deeply(decode_json($out), $want, 'in GOST\'s shape, passwords in clear');

    ($status, $out) = $t->once('-O', 'yaml', @args);
    is($status, 0, 'yaml');
    my $path = $t->write_file('o.yaml', $out);
    ($status, $out) = $t->once('-C', $path, '-O', 'json');
    is_deeply(decode_json($out), $want, 'the same, read again');

    ($status, $out, $err) = $t->once('-O=json', '-L', ':1');
    is($status, 0, 'json');
    is_deeply(decode_json($out), { services => [ { name => 'service-0',
        addr => ':1', handler => { type => 'auto' },
        listener => { type => 'tcp' } } ] }, 'is JSON');

    # what is hard to quote
    ($status, $out) = $t->once('-O', 'yaml', '-L',
        'http://a%40b:%22x%27@:8080?proxyAgent=~&idleTimeout=1m30s&x=yes&y=%0a');
    $path = $t->write_file('o.yaml', $out);
    my (undef, $again) = $t->once('-C', $path, '-O', 'yaml');
    is(lc $again, lc $out, 'odd texts are read again as they were');

    ($status, $out) = $t->once('-O', 'yaml', '-C', yaml("services:\n"
        . "- {name: x, handler: {type: http, chain: gone}}\n"));
    is($status, 0, 'checks nothing');
};

subtest '-T' => sub {
    my ($status, $out, $err) = $t->once('-T', '-L', 'http://user:secret@:8080',
        '-F', 'http://other:hidden@127.0.0.1:1');
    is($status, 0, 'tests and prints');
    like($out, qr/^ *type: http  # -L/m, 'the model');
    unlike($out . $err, qr/secret|hidden/, 'passwords masked');

    # what is not understood may hold one
    for (['-L', 'http://user:secret'], ['-C', '{"password":"secret"'],
        ['-Lhttp://user:secret@:1'], ['http://user:secret@:1'])
    {
        ($status, $out, $err) = $t->once(@$_);
        isnt($status, 0, "@$_: refused");
        unlike($out . $err, qr/secret/, 'and not repeated');
    }
};

subtest 'sources' => sub {
    my $json = '{"services":[{"name":"s","addr":"127.0.0.1:%%PORT_3%%",'
        . '"handler":{"type":"http"}}]}';
    my $file = $t->write_file('in.json', $json);

    my ($status, $out, $err) = $t->once('-C', $json, '-t');
    is($status, 0, 'inline JSON') or diag($err);
    ($status, $out, $err) = $t->once('-C', $file, '-t');
    is($status, 0, 'a JSON file') or diag($err);
    ($status, $out, $err) = $t->once({ stdin => $file }, '-C', '-', '-t');
    is($status, 0, 'standard input') or diag($err);
    ($status, $out, $err) = $t->once('-C', '-', '-t');
    is($status, 1, 'empty standard input');
    # nobody writes into it: a reload would hang the master
    my $fifo = $t->dir . '/fifo.yaml';
    POSIX::mkfifo($fifo, 0600) or die "mkfifo: $!\n";
    ($status, $out, $err) = $t->once('-C', $fifo, '-t');
    is($status, 1, 'a FIFO');
    like($err, qr/\Q$fifo\E: is not a file/, 'is not a file');
    ($status, $out, $err) = $t->once('-t', '-C', $t->write_file('stats.yaml',
        "gatun:\n  stats:\n    addr: '127.0|.1:5'\n"));
    like($err, qr/stats\.yaml:3:5: stats address/, 'a place of its own');
    ($status, $out, $err) = $t->once('-C', '{"services":[{"name":}]}', '-t');
    is($status, 1, 'bad inline JSON');

    my $g = $t->gatun({ stdin => $file }, '-C', '-', '-L',
        'http://127.0.0.1:%%PORT_4%%');
    wait_for { 2 <= (() = $g->log =~ /listening on/g) };
    my $target = $t->listener;
    for (3, 4) {
        my $c = connect_via($t->port($_), $target->port);
        like($c->head, qr/ 200 /, "port $_ serves");
    }
};

done_testing();
