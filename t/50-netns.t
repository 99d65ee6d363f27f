#!/usr/bin/perl
# t/50-netns.t: services that listen in other network namespaces, targets and
# nodes that are dialed from there: who reaches whom, and nobody else; reloads,
# a namespace that is missing, comes and is made anew; a master that is busy or
# dead.

use strict;
use warnings;
use Test::Gatun;

plan(skip_all => 'needs root') if $> != 0;

my $unshare = need('unshare');
my $nsenter = need('nsenter');
my $ip = need('ip');

plan(skip_all => 'no network namespaces here')
    if system("$unshare --net true 2>/dev/null") != 0;

my $t = Test::Gatun->new;
my $number = 0;

# what runs in a namespace: answers each connection with its name, ends with
# the test.  Ports are the namespace's own
my $echo = <<'END';
    my ($name, $port) = @ARGV;
    my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1024,
        LocalPort => $port, ReuseAddr => 1) or die "$port: $@\n";
    $SIG{CHLD} = 'IGNORE';
    $| = 1;
    print "up\n";

    while (1) {
        my $c = $l->accept or next;
        if (!fork) {
            syswrite $c, "$name\n";
            while (sysread $c, my $buf, 4096) { syswrite $c, $buf; }
            exit;
        }
        close $c;
    }
END

# a namespace with that server on port n: the path of the namespace
sub space
{
    my ($name, $n) = @_;
    my $p = $t->start($unshare, '--net', 'sh', '-c',
        'ip link set lo up && exec "$@"', 'sh', $^X, '-MIO::Socket::INET',
        '-e', $echo, $name, "%%PORT_$n%%");

    wait_for { $p->ended || $p->out =~ /up/ };
    $p->give_up("no namespace $name") if $p->out !~ /up/;

    return ('/proc/' . $p->pid . '/ns/net', $p);
}

# a second server in there
sub server_in
{
    my ($path, $name, $n) = @_;
    my $p = $t->start($nsenter, "--net=$path", $^X, '-MIO::Socket::INET',
        '-e', $echo, $name, "%%PORT_$n%%");

    wait_for { $p->ended || $p->out =~ /up/ };
    $p->give_up("no server $name") if $p->out !~ /up/;
    return $p;
}

# what a tunnel through the proxy at port n to port m says first
sub hears
{
    my ($n, $m) = @_;
    my $c = eval { connect_via($t->port($n), $t->port($m)) }
        or return 'no proxy';
    my ($status) = $c->{head} =~ m{^HTTP/1.1 (\d+)};

    return $status // 'nothing' if ($status // 0) != 200;
    my $name = $c->read_until(qr/\n/);
    $c->close;
    chomp $name;
    return $name;
}

# the same from inside a namespace
my $client = <<'END';
    my ($proxy, $target) = @ARGV;
    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1', Timeout => 5,
        PeerPort => $proxy) or do { print "no proxy"; exit };
    print {$c} "CONNECT 127.0.0.1:$target HTTP/1.1\r\nHost: x\r\n\r\n";
    my $got = '';
    while (sysread $c, my $buf, 4096) {
        $got .= $buf;
        last if $got =~ /\r\n\r\n.*\n/s || $got =~ m{^HTTP/1.1 [^2]};
    }
    print $got =~ m{^HTTP/1.1 2.*\r\n\r\n(.*)\n}s ? $1
        : $got =~ m{^HTTP/1.1 (\d+)} ? $1 : 'nothing';
END

sub hears_in
{
    my ($path, $n, $m) = @_;
    my (undef, $out, $err) = $t->once({ program => $nsenter }, "--net=$path",
        $^X, '-MIO::Socket::INET', '-e', $client, "%%PORT_$n%%",
        "%%PORT_$m%%");

    return $out . $err;
}

# gatun's own settings
sub own
{
    return 'gatun: { workers: 2, runtimeDir: "%%DIR%%/run-' . $number++
        . "\" }\n";
}

# a service on port n; the rest is its own
sub service
{
    my ($n, $metadata, $handler) = @_;

    return "- name: s$n\n  addr: 127.0.0.1:%%PORT_$n%%\n  handler: { type: "
        . 'http' . ($handler // '') . " }\n"
        . ($metadata ? "  metadata: { $metadata }\n" : '');
}

# ports: 2 is a server's in red and in blue and here, 3 one's in red alone
my ($red) = space('red', 2);
my ($blue) = space('blue', 2);
my $here = $t->server($t->port(2), $^X, '-MIO::Socket::INET', '-e', $echo,
    'here', '%%PORT_2%%');
server_in($red, 'red 3', 3);

subtest 'dialing' => sub {
    my $g = $t->gatun_yaml("services:\n"
        . service(10) . service(11, "netns.out: $red")
        . service(12, "netns.out: $blue, interface: lo")
        . service(13, "netns.out: /proc/self/ns/net")
        . service(14, "netns.out: $red, interface: 127.0.0.7") . own());

    unlike($g->log, qr/there is none now/, 'lo is looked for in there');
    is(hears(10, 2), 'here', 'without it: from here');
    is(hears(10, 3), 503, 'and nowhere else');
    is(hears(11, 2), 'red', 'from a namespace');
    is(hears(11, 3), 'red 3', 'whose servers are reached');
    is(hears(12, 2), 'blue', 'from another one');
    is(hears(12, 3), 503, 'which has nothing there');
    is(hears(13, 2), 'here', 'our own is like none');
    is(hears(14, 3), 'red 3', 'and with an address');

    # each worker keeps a few sockets and has more asked for
    my @all = map { connect_via($t->port(11), $t->port(3)) } 1 .. 200;
    is(scalar(grep { $_->{head} =~ / 200 / } @all), 200, 'two hundred tunnels');
    is(scalar(grep { $_->read_until(qr/\n/) eq "red 3\n" } @all), 200,
        'all into red');
    $_->close for @all;

    # at once: all requests stand in the proxy before the first is answered
    @all = map { connect_to($t->port(11)) } 1 .. 200;
    my $to = '127.0.0.1:' . $t->port(3);
    $_->send("CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n") for @all;
    is(scalar(grep { ($_->read_head // '') =~ / 200 / } @all), 200,
        'and two hundred at once');
    is(scalar(grep { $_->read_until(qr/\n/) eq "red 3\n" } @all), 200,
        'into red too');
    $_->close for @all;

    my %group = $g->group;
    for (grep { $group{$_} =~ /worker/ } keys %group) {
        like(slurp("/proc/$_/status"), qr/^CapEff:\s+0+$/m,
            "$group{$_} has no capability");
        is(readlink("/proc/$_/ns/net"), readlink('/proc/self/ns/net'),
            'and has not gone anywhere');
    }

    is($g->stop, 0, 'an orderly end');
};

subtest 'listening' => sub {
    my $text = "services:\n" . service(20, "netns: $red")
        . service(21, "netns: $red, netns.out: $blue")
        . "- name: again\n  addr: 127.0.0.1:%%PORT_20%%\n"
        . "  handler: { type: http }\n  metadata: { netns: $blue }\n" . own();
    my $g = $t->gatun_yaml($text, { file => 'listen.yaml' });

    is(hears(20, 2), 'no proxy', 'nobody listens here');
    is(hears_in($red, 20, 2), 'here', 'but there, and dials from here');
    is(hears_in($red, 21, 2), 'blue', 'or from elsewhere');
    is(hears_in($blue, 20, 2), 'here', 'another has the port in another one');
    is(hears_in($blue, 21, 2), 'no proxy', 'but not this one');
    like($g->log, qr/listening on 127[^\n]*"netns":"\Q$red\E"/, 'says where');

    # the sockets are inherited: a connection in the queue would survive
    my $inodes = sub {
        my (undef, $out) = $t->once({ program => $nsenter }, "--net=$red",
            'cat', '/proc/net/tcp');
        my $port = sprintf ':%04X', $t->port(20);
        return join ' ', sort map { (split)[9] }
            grep { /$port 00000000:0000 0A/ } split /\n/, $out;
    };
    my $before = $inodes->();
    like($before, qr/^\d+ \d+$/, 'one socket a worker');

    my $file = $t->dir . '/listen.yaml';
    is(($t->once('-C', $file, '-s', 'reload'))[0], 0, 'a reload');
    is($inodes->(), $before, 'and they are the same ones');
    is(hears_in($red, 20, 2), 'here', 'which serve');

    # a second start does not share them in silence
    my $other = $t->write_file('other.yaml', "services:\n"
        . service(20, "netns: $red") . own());
    my ($status, undef, $err) = $t->once('-C', $other);
    isnt($status, 0, 'a second start');
    like($err, qr/address already in use/, 'is refused');

    # the port without a namespace is another one
    $t->write_file('listen.yaml', $text =~ s/netns: \Q$blue\E/interface: lo/r);
    is(($t->once('-C', $file, '-s', 'reload'))[0], 0, 'one comes home');
    is(hears(20, 2), 'here', 'and is served here');
    ok(wait_for { hears_in($blue, 20, 2) eq 'no proxy' }, 'and no longer there');

    is($g->stop, 0, 'an orderly end');
};

subtest 'hops and nodes' => sub {
    my $node = $t->gatun_yaml("services:\n" . service(30, "netns: $red")
        . service(31, "netns: $blue, netns.out: $blue") . service(32) . own());
    my $chain = sub {
        my ($name, $hop, $node) = @_;
        return "- name: $name\n  hops:\n  - name: h-$name\n"
            . "    metadata: { $hop }\n    nodes: [ { name: n-$name, "
            . "addr: \"127.0.0.1:%%PORT_30%%\"$node } ]\n";
    };
    my $g = $t->gatun_yaml("services:\n"
        . service(40, '', ', chain: none') . service(41, '', ', chain: hop')
        . service(42, '', ', chain: node') . service(43, '', ', chain: old')
        . service(44, '', ', chain: two') . service(45, '', ', chain: direct')
        . service(46, "netns.out: $red", ', chain: none')
        . "chains:\n" . $chain->('none', '', '')
        . $chain->('hop', "netns: $red", '')
        . $chain->('node', "netns: $blue", ", metadata: { netns: $red }")
        . $chain->('old', '', ", netns: $red")
        . $chain->('two', '', ", netns: $red") . "  - nodes: [ { addr: "
        . "\"127.0.0.1:%%PORT_32%%\", netns: $blue } ]\n"
        . "- name: direct\n  hops: [ { nodes: [ { addr: \":0\", connector: "
        . "{ type: direct }, metadata: { netns: $blue } } ] } ]\n" . own());

    is(hears(40, 2), 503, 'a node that is not here');
    is(hears(41, 2), 'here', 'is there, as its hop says');
    is(hears(42, 2), 'here', 'as the node says, not its hop');
    is(hears(43, 2), 'here', 'as the node says in the old way');
    is(hears(44, 2), 'here', 'the second is reached through the first');
    is(hears(45, 2), 'blue', 'a node that is none, in a namespace');
    is(hears(46, 2), 503, 'netns.out is not for nodes');
    my @all = map { connect_via($t->port(41), $t->port(2)) } 1 .. 50;
    is(scalar(grep { $_->{head} =~ / 200 / } @all), 50, 'fifty tunnels');
    $_->close for @all;
    $g->stop;

    $g = $t->gatun('-L', 'http://127.0.0.1:%%PORT_40%%', '-F',
        "http://127.0.0.1:%%PORT_31%%?netns=$blue");
    is(hears(40, 2), 'blue', '-F, through a node that goes on in there');
    $g->stop;

    $g = $t->gatun('-L', "http://127.0.0.1:%%PORT_40%%?netns.out=$red");
    is(hears(40, 3), 'red 3', '-L');
    $g->stop;
    $node->stop;
};

subtest 'what is wrong' => sub {
    my %bad = (
        'netns: nowhere-such' => qr/:5:15: .*\\?"nowhere-such\\?": No such file/,
        'netns.out: nowhere-such' => qr/:5:15: .*\\?"nowhere-such\\?": No such file/,
        'netns: /etc/passwd' => qr/:5:15: .*not a network namespace/,
        'netns.out: /proc/self/ns/pid' => qr/:5:15: .*not a network namesp/,
        'netns.out: a/b' => qr/:5:15: .*neither a name nor/,
        'netns: { a: b }' => qr/:5:15: /,
    );

    for my $key (sort keys %bad) {
        my $file = $t->write_file('bad.yaml',
            "services:\n" . service(10, $key) . own());

        for my $how ([], ['-t']) {
            my ($status, undef, $err) = $t->once('-C', $file, @$how);
            isnt($status, 0, "$key @$how: refused");
            like($err, $bad{$key}, 'and its place is named')
                or diag(slurp($file));
        }
    }

    # without the right to it
    my ($status, undef, $err) = $t->once({ program => need('setpriv') },
        '--reuid=65534', '--regid=65534', '--clear-groups', $Test::Gatun::binary,
        '-t', '-L', 'http://127.0.0.1:%%PORT_10%%?netns=/proc/1/ns/net');
    isnt($status, 0, 'not root: refused');
    like($err, qr/netns.*(?:permitted|Permission denied)/, 'and said so');
};

subtest 'one that comes, and one that is made anew' => sub {
    my $name = sprintf 'gatun-t-%d-%x', $$, int(rand(2**31));
    my $file = $t->dir . '/comes.yaml';
    my $write = sub {
        $t->write_file('comes.yaml', "services:\n" . service(50)
            . service(51, $_[0]) . 'gatun: { runtimeDir: "%%DIR%%/run-comes", '
            . "workers: 2 }\n");
    };
    $write->('');
    my $g = $t->gatun({ listeners => 2 }, '-C', $file);

    is(hears(51, 2), 'here', 'before');
    $write->("netns.out: $name");
    my ($status, undef, $err) = $t->once('-C', $file, '-s', 'reload');
    isnt($status, 0, 'a namespace that is missing: no reload');
    like($err, qr/comes\.yaml:\d+:\d+: netns \\?"$name\\?": No such file/, 'why');
    is(hears(51, 2), 'here', 'what was goes on');

    my $up = sub {
        system("$ip netns add $name && $ip -n $name link set lo up") == 0
            or return;
        return server_in("/run/netns/$name", $_[0], 2);
    };

    SKIP: {
        my $first = $up->('first') or skip 'ip netns add does not work', 1;

        is(($t->once('-C', $file, '-s', 'reload'))[0], 0, 'it comes: reloaded');
        is(hears(51, 2), 'first', 'and dials from there');

        $first->stop;
        system("$ip netns del $name") == 0 or die;
        my $second = $up->('second');
        is(hears(51, 2), 503, 'made anew: the old one is kept');
        is(($t->once('-C', $file, '-s', 'reload'))[0], 0, 'until a reload');
        is(hears(51, 2), 'second', 'and then the new one is used');
        $second->stop;
        $g->stop;
    }

    system("$ip netns del $name 2>/dev/null");
    $g->stop;
};

# a client whose head is half here: whoever reads the rest dials then
sub halfway
{
    my ($n) = @_;
    my $c = connect_to($t->port($n));

    $c->send('CONNECT 127.0.0.1:' . $t->port(3) . " HTTP/1.1\r\nHo");
    return $c;
}

sub goes_on
{
    my ($c) = @_;

    $c->send("st: x\r\n\r\n");
    my $head = $c->read_head // '';
    return $head =~ m{^HTTP/1.1 200} ? $c->read_until(qr/\n/) : $head;
}

subtest 'workers of before' => sub {
    my $file = $t->write_file('before.yaml', "services:\n"
        . service(70, "netns.out: $red") . own());
    my $g = $t->gatun({ listeners => 1, status => 1009,
        alerts => qr/master/ }, '-C', $file);
    my @half = map { halfway(70) } 1 .. 24;
    my @old = $g->workers;

    is(($t->once('-C', $file, '-s', 'reload'))[0], 0, 'a reload');
    is(scalar(grep { goes_on($_) eq "red 3\n" } @half[0 .. 11]), 12,
        'they still dial from there');

    kill 'KILL', $g->pid;
    ok(wait_for { $g->ended }, 'the master goes');
    my $h = $t->gatun({ ready => qr/generation 3/ }, '-C', $file);
    is(scalar(grep { kill 0, $_ } @old), 2, 'they are there');
    is(scalar(grep { goes_on($_) eq "red 3\n" } @half[12 .. 23]), 12,
        'and ask the next one');
    $_->close for @half;
    ok(wait_for { !grep { kill 0, $_ } @old }, 'until they go');
    is($h->stop, 0, 'an orderly end');
};

subtest 'the master is busy' => sub {
    my $g = $t->gatun_yaml("services:\n" . service(80)
        . service(81, "netns.out: $red") . own());
    my $to = '127.0.0.1:' . $t->port(3);

    $g->signal('STOP');
    my $began = time;
    my @all = map { connect_to($t->port(81)) } 1 .. 20;
    $_->send("CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n") for @all;
    is(hears(80, 2), 'here', 'all else goes on');
    is(scalar(grep { ($_->read_head // '') =~ / 503 / } @all), 20,
        'dials do not wait for it for ever');
    cmp_ok(time - $began, '>', 4, 'but for some time');
    like($g->log, qr/netns \Q$red\E: no socket: the master does not answer/,
        'why');
    $g->signal('CONT');
    is(join(' ', map { hears(81, 3) } 1 .. 4), join(' ', ('red 3') x 4),
        'later they work');
    $_->close for @all;
    is($g->stop, 0, 'an orderly end');
};

subtest 'the master is killed' => sub {
    my $file = $t->write_file('orphan.yaml', "services:\n" . service(60)
        . service(61, "netns.out: $red") . own());
    my $g = $t->gatun({ listeners => 2, status => 1009, alerts => qr/master/ },
        '-C', $file);
    my $kept = connect_to($t->port(61));
    my $get = sub {
        $kept->send('GET http://127.0.0.1:' . $t->port(3)
            . "/ HTTP/1.1\r\nHost: x\r\n\r\n");
        my $answer = $kept->read_response;
        return $answer ? $answer->{status} : 'none';
    };

    is(hears(61, 3), 'red 3', 'before');
    my @old = map { connect_via($t->port(61), $t->port(3)) } 1 .. 4;
    kill 'KILL', $g->pid;
    ok(wait_for { $g->ended }, 'gone');
    ok(wait_for { 2 == (() = $g->log =~ /the master has gone"?\W/g) },
        'and both know');

    my %got;
    $got{ hears(61, 3) }++ for 1 .. 60;
    is(join(' ', sort grep { $_ ne 'red 3' } keys %got), 503,
        'dials fail, or have a socket of before');
    cmp_ok($got{'red 3'} // 0, '<=', 2 * 4, 'of which there are few');
    like($g->log, qr/netns \Q$red\E: no socket: the master has gone/, 'why');
    is(hears(60, 2), 'here', 'all else goes on');
    is(scalar(grep { $_->send('x') && $_->read_until(qr/\nx/) } @old), 4,
        'tunnels too');
    is($get->(), 503, 'a kept connection');

    my $h = $t->gatun({ ready => qr/generation 2/ }, '-C', $file);
    like($h->log, qr/2 workers of a former master/, 'a new one comes');
    $got{ hears(61, 3) }++ for 1 .. 20;
    %got = ();
    $got{ hears(61, 3) }++ for 1 .. 20;
    is(join(' ', keys %got), 'red 3', 'and dials work again');
    is(scalar(grep { $_->send('y') && $_->read_until(qr/y/) } @old), 4,
        'tunnels have gone on');
    $_->close for @old;
    is($h->stop, 0, 'an orderly end');
};

done_testing();
