#!/usr/bin/perl
# t/50-route.t: hops with several nodes: each strategy, marks that all workers
# share and a reload keeps, node lists of -F, nodes that are none, what limits
# a node, and that nothing ever goes around a hop.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $other = $t->listener;

# three nodes that work; ports 7 to 9 are nobody's
my $nodes = $t->gatun(map { ('-L', "http://127.0.0.1:%%PORT_$_%%") } 1 .. 3);

# nodes a, b ... at those ports, in YAML's flow; each may have more keys
sub nodes
{
    my @nodes = @_;
    my $name = 'a';

    return join ', ', map {
        my ($port, $more) = ref $_ ? @$_ : ($_, '');
        my $n = $name++;
        "{ name: $n, addr: \"127.0.0.1:%%PORT_$port%%\"$more }"
    } @nodes;
}

my $config = 0;

# a service on port 10 + i for each chain, 4 workers, stats on port 0.  A chain
# is [selector, nodes, handler's keys, service's metadata]
sub yaml
{
    my @chains = @_;
    my ($services, $chains) = ('', '');

    for my $i (0 .. $#chains) {
        my ($selector, $nodes, $handler, $meta) = @{ $chains[$i] };
        $services .= "- name: s$i\n  addr: 127.0.0.1:%%PORT_1$i%%\n"
            . "  handler: { type: http, chain: c$i" . ($handler // '') . " }\n"
            . ($meta ? "  metadata: { $meta }\n" : '');
        $chains .= "- name: c$i\n  hops:\n  - name: h$i\n"
            . "    selector: { $selector }\n    nodes: [ $nodes ]\n";
    }

    return "services:\n${services}chains:\n${chains}gatun: { workers: 4, "
        . "runtimeDir: \"%%DIR%%/run-" . $config++ . "\", "
        . "stats: { addr: \"127.0.0.1:%%PORT_0%%\" } }\n";
}

# a node in /status; usable: a tunnel may be sent there
sub row
{
    my ($chain, $node) = @_;
    my $all = $t->stats($t->port(0)) // {};
    my ($row) = grep { $_->{name} eq $node } map { @{ $_->{nodes} } }
        map { @{ $_->{hops} } } grep { $_->{name} eq $chain }
        @{ $all->{chains} // [] };

    return $row ? { %$row, usable => $row->{state} ne 'failed' } : {};
}

sub tried { return join ' ', map { row($_[0], $_)->{tried} // '-' } @_[1 .. $#_] }

# the status of a tunnel through port 10 + i, which ends at once
sub tunnel
{
    my ($i, $listener, @fields) = @_;
    $listener //= $target;
    my $c = connect_via($t->port(10 + $i), $listener->port, @fields);
    my ($status) = $c->{head} =~ m{^HTTP/1.1 (\d+)} ? $1 : "none: $c->{head}";

    if ($status == 200) {
        my $o = $listener->accept;
        $o->close if $o;
    }

    $c->close;
    return $status;
}

sub tunnels
{
    my ($n, @how) = @_;
    my %got;

    $got{ tunnel(@how) }++ for 1 .. $n;
    return join ' ', map { "$_:$got{$_}" } sort keys %got;
}

subtest 'strategies' => sub {
    my $meta = sub { return ", metadata: { $_[0] }" };
    my $g = $t->gatun_yaml(yaml(
        ['strategy: round', nodes(1, 2, 3)],
        ['strategy: ha', nodes([1, $meta->('backup: true')], 2, 3)],
        ['strategy: rand', nodes(1, [2, $meta->('weight: 9')])],
        ['strategy: hash', nodes(1, 2, 3),
            ', auther: u'],
        ['strategy: hash', nodes(1, 2, 3), ', metadata: { hash: host }'],
        ['strategy: parallel', nodes(7, 1, 3)],
        ['strategy: quux', nodes(1, 2)],
        ['strategy: lowestlatency', nodes(1, 2, 3)],
        ['strategy: hash', nodes(1, 2, 3)],
    ) . "authers:\n- name: u\n  auths: ["
        . join(', ', map { "{ username: u$_ }" } 1 .. 30) . "]\n");

    like($g->log, qr/hop h6: unknown strategy ..?quux/, 'unknown: a warning');

    is(tunnels(12, 0), '200:12', 'round');
    is(tried('c0', 'a' .. 'c'), '4 4 4', 'in turn, whichever worker it is');
    is(tunnels(8, 1), '200:8', 'fifo');
    is(tried('c1', 'a' .. 'c'), '0 8 0', 'the first that is no backup');
    is(tunnels(60, 2), '200:60', 'rand');
    cmp_ok(row('c2', 'b')->{tried}, '>', row('c2', 'a')->{tried},
        'by weight');
    my $auth = sub { 'Proxy-Authorization: Basic '
        . { 1 => 'dTE6', 2 => 'dTI6' }->{ $_[0] } };
    is(tunnels(6, 3, $target, $auth->(1)), '200:6', 'hash');
    my @had = split / /, tried('c3', 'a' .. 'c');
    is((sort { $b <=> $a } @had)[0], 6, 'one user, one node');
    is(tunnels(6, 8), '200:6', 'hash without a user');
    @had = split / /, tried('c8', 'a' .. 'c');
    is((sort { $b <=> $a } @had)[0], 6, 'one address, one node');
    is(tunnels(4, 4), '200:4', 'hash: host');
    @had = split / /, tried('c4', 'a' .. 'c');
    is((sort { $b <=> $a } @had)[0], 4, 'one target, one node');
    is(tunnels(6, 5), '200:6', 'parallel, one of them dead');
    is(row('c5', 'a')->{failed}, 1, 'which is out of the race then');
    is(tried('c5', 'a' .. 'c'), '1 6 6', 'the others run');
    is(tunnels(4, 6), '200:4', 'an unknown one');
    is(tried('c6', 'a', 'b'), '2 2', 'is round');
    is(tunnels(6, 7), '200:6', 'lowestlatency');
    is(eval { my @n = split / /, tried('c7', 'a' .. 'c'); $n[0] && $n[1]
        && $n[2] && $n[0] + $n[1] + $n[2] }, 6, 'each was dialed once');

    # a tunnel that stands counts at its node
    my $c = connect_via($t->port(11), $target->port);
    my $o = $target->accept;
    is(row('c1', 'b')->{active}, 1, 'it leads through here');
    $_->close for $c, $o;
    ok(wait_for { row('c1', 'b')->{active} == 0 }, 'and then no more');
    cmp_ok(row('c1', 'b')->{dialed}, '==', 9, 'dials are counted');
    $g->stop;
};

subtest 'marks' => sub {
    my @chain = ('strategy: fifo, failTimeout: 2s', nodes(7, 2), ', retries: 1');
    my $g = $t->gatun_yaml(yaml(\@chain, ['', nodes(1)]));

    my $began = time;
    is(tunnels(40, 0), '200:40', 'all go through the second');
    my $a = row('c0', 'a');
    my $often = 1 + int((time - $began) / 2);
    cmp_ok($a->{failed}, '<=', $often,
        'one worker has found the first dead, four know');
    is($a->{tried}, $a->{failed}, 'nobody has tried it again');
    ok(!$a->{usable} && $a->{fails} == $a->{failed}, 'it is out');
    ok(row('c0', 'b')->{usable}, 'the other is not');
    like($g->log, qr/"chain":"c0","hop":"h0","node":"a"/, 'the log names it');
    is(scalar(() = $g->log =~ /is passed over for 2s.*"node":"a"/g), 1,
        'and says once that it is out');

    ok(wait_for { row('c0', 'a')->{usable} }, 'failTimeout is over');
    is(tunnel(0), 200, 'it is tried again');
    is(row('c0', 'a')->{failed}, $a->{failed} + 1, 'and still dead');

    my $back = $t->gatun('-L', 'http://127.0.0.1:%%PORT_7%%');
    ok(wait_for { row('c0', 'a')->{usable} }, 'some time later');
    is(tunnels(5, 0), '200:5', 'it is there');
    is(row('c0', 'a')->{dialed}, 5, 'and used');
    is(row('c0', 'a')->{fails}, 0, 'its mark is cleared');
    $back->stop;
    $g->stop;
};

subtest 'a reload' => sub {
    my $text = yaml(['strategy: fifo, failTimeout: 1m', nodes(7, 2),
        ', retries: 1']);
    my $file = $t->write_file('reload.yaml', $text);
    my $g = $t->gatun({ listeners => 1 }, '-C', $file);

    is(tunnels(4, 0), '200:4', 'before');
    is(row('c0', 'a')->{failed}, 1, 'one failure');

    my ($status) = $t->once('-C', $file, '-s', 'reload');
    is($status, 0, 'reloaded');
    is($t->stats($t->port(0))->{generation}, 2, 'a new generation');
    is(tunnels(12, 0), '200:12', 'after');
    ok(wait_for { my $r = row('c0', 'a'); $r->{failed} == 1
        && row('c0', 'b')->{tried} == 16 }, 'what was counted is kept');
    ok(!row('c0', 'a')->{usable}, 'so is the mark');
    $g->stop;

    my $named = sub {
        return <<"END";
services: [ { name: s0, addr: "127.0.0.1:%%PORT_10%%", handler: { type: http, chain: $_[0], retries: 1 } } ]
chains: [ { name: $_[0], hops: [ { name: shared } ] } ]
hops:
- name: shared
  selector: { strategy: fifo, failTimeout: 1m }
  nodes: [ { name: a, addr: "127.0.0.1:%%PORT_7%%" }, { name: b, addr: "127.0.0.1:%%PORT_2%%" } ]
gatun: { runtimeDir: "%%DIR%%/run-named", stats: { addr: "127.0.0.1:%%PORT_0%%" } }
END
    };
    $t->write_file('named.yaml', $named->('one'));
    $g = $t->gatun({ listeners => 1 }, '-C', $t->dir . '/named.yaml');
    is(tunnel(0), 200, 'a hop of the top level');
    $t->write_file('named.yaml', $named->('two'));
    ($status) = $t->once('-C', $t->dir . '/named.yaml', '-s', 'reload');
    is(tunnel(0), 200, 'in another chain');
    ok(wait_for { (row('two', 'b')->{tried} // 0) == 1 }, 'which is new');
    is(row('two', 'a')->{tried}, 0, 'its nodes are not');
    $g->stop;
};

subtest 'all are out' => sub {
    my $g = $t->gatun_yaml(yaml(['strategy: fifo', nodes(7, 8), ', retries: 2'],
        ['maxFails: 1', nodes(9)]));

    is(tunnels(8, 0), '503:8', 'refused');
    is(tunnels(8, 1), '503:8', 'with one node too');
    ok(!$target->accept(0.1), 'and nothing went direct');
    is(row('c1', 'a')->{tried}, 8, 'the only one is always tried');
    cmp_ok(row('c0', 'a')->{tried}, '>', 8, 'and the others in turn');
    cmp_ok(row('c0', 'b')->{tried}, '>=', 8, 'each of them');

    my $back = $t->gatun('-L', 'http://127.0.0.1:%%PORT_8%%');
    is(tunnels(4, 0), '200:4', 'one is back before its time is over');
    $back->stop;
    $g->stop;
};

subtest 'one hop of two chains' => sub {
    my $g = $t->gatun_yaml(<<'END');
services:
- { name: s0, addr: "127.0.0.1:%%PORT_10%%", handler: { type: http, chain: one, retries: 1 } }
- { name: s1, addr: "127.0.0.1:%%PORT_11%%", handler: { type: http, chain: two, retries: 1 } }
chains:
- { name: one, hops: [ { name: shared } ] }
- { name: two, hops: [ { name: shared }, { name: last, nodes: [ { name: c, addr: "127.0.0.1:%%PORT_3%%" } ] } ] }
hops:
- name: shared
  selector: { strategy: fifo, failTimeout: 1m }
  nodes: [ { name: a, addr: "127.0.0.1:%%PORT_7%%" }, { name: b, addr: "127.0.0.1:%%PORT_2%%" } ]
gatun: { workers: 2, stats: { addr: "127.0.0.1:%%PORT_0%%" } }
END

    is(tunnels(3, 0), '200:3', 'one');
    is(row('one', 'a')->{failed}, 1, 'a is dead');
    is(tunnels(3, 1), '200:3', 'two');
    is(row('two', 'a')->{tried}, 0, 'as the other chain knows');
    ok(!row('two', 'a')->{usable}, 'the mark is one');
    is(row('two', 'b')->{tried}, 3, 'the figures are two');
    is(row('one', 'b')->{tried}, 3, 'the figures are two');
    is(row('two', 'c')->{dialed}, 3, 'and then the last hop');
    $g->stop;
};

subtest 'lists of -F' => sub {
    my @stats = ('-w', 2, '-stats', '127.0.0.1:%%PORT_0%%');
    my $g = $t->gatun('-L', 'http://127.0.0.1:%%PORT_10%%?retries=2', '-F',
        'http://127.0.0.1:%%PORT_7%%,[::1]:%%PORT_8%%,127.0.0.1:%%PORT_2%%'
        . '?strategy=rand&maxFails=3&failTimeout=60s', @stats);

    is(tunnels(40, 0), '200:40', 'two of three are dead');
    is(row('chain-0', "node-$_")->{failed}, 3, "node-$_: three times and out")
        for 0, 1;
    is(row('chain-0', 'node-2')->{dialed}, 40, 'all through the third');
    like(row('chain-0', 'node-1')->{addr}, qr/^\[::1\]:/, 'IPv6');
    $g->stop;

    $g = $t->gatun('-L', 'http://127.0.0.1:%%PORT_10%%?retries=1', '-F',
        'http://127.0.0.1:%%PORT_1%%,127.0.0.1:%%PORT_2%%?strategy=fifo'
        . '&node.weight=3&hop.so=1', @stats);
    is(row('chain-0', 'node-0')->{weight}, 3, 'keys of the nodes');
    $g->stop;
};

subtest 'nodes that are none' => sub {
    my $fallback = ', { name: out, connector: { type: virtual }, '
        . 'metadata: { backup: true } }';
    my $g = $t->gatun_yaml(yaml(
        ['strategy: fifo, failTimeout: 1m', nodes(7) . $fallback,
            ', retries: 1'],
        ['', '{ name: no, connector: { type: direct, metadata: '
            . '{ action: reject } } }', ', retries: 3'],
        ['', nodes(7), '', 'ignoreChain: true'],
    ));

    is(tunnels(3, 0), '200:3', 'direct is the backup');
    is(row('c0', 'a')->{tried}, 1, 'of a dead node');
    is(tunnels(1, 1), '403:1', 'reject refuses');
    ok(!$target->accept(0.1), 'whatever it is');
    is(tunnels(2, 2), '200:2', 'ignoreChain');
    $g->stop;

    $g = $t->gatun('-L', 'http://127.0.0.1:%%PORT_10%%', '-F', 'direct://',
        '-F', 'http://127.0.0.1:%%PORT_1%%', '-F', 'virtual://:0');
    is(tunnels(2, 0), '200:2', 'between hops it changes nothing');
    $g->stop;
};

subtest 'what limits a node' => sub {
    my $g = $t->gatun_yaml(yaml(['strategy: fifo',
        nodes([1, ', filter: { host: "*.example" }'],
            [2, ', filter: { host: 127.0.0.1 }'])],
        ['', nodes([1, ', filter: { host: .example }']), ', retries: 2']));

    is(tunnels(2, 0), '200:2', 'a node for this host');
    is(tried('c0', 'a', 'b'), '0 2', 'is asked');
    is(tunnels(1, 1), '403:1', 'no node for this host');
    ok(!$target->accept(0.1), 'and it does not go direct');
    like($g->log, qr/no node takes this target.*"hop":"h1"/, 'as the log says');
    $g->stop;

    my %bad = (
        'filter: { protocol: http }' => qr/:\d+:\d+: .*filter\.protocol/,
        'filter: { path: /x }' => qr/filter\.path/,
        'matcher: { rule: "Host(`a`)" }' => qr/matcher/,
        'netns: blue' => qr/netns/,
        'metadata: { netns: blue }' => qr/netns/,
        'metadata: { so_mark: -1 }' => qr/so_mark: want/,
        'metadata: { interface: "no such device here" }' => qr/interface/,
        'metadata: { weight: much }' => qr/weight/,
        'bypass: b' => qr/bypass/,
    );

    for my $key (sort keys %bad) {
        my ($status, undef, $err) = $t->once('-t', '-C',
            $t->write_file('bad.yaml', yaml(['', nodes([1, ", $key"])])));
        isnt($status, 0, "$key: refused");
        like($err, $bad{$key}, 'and named');
    }
};

subtest 'deadlines' => sub {
    my $mute = $t->listener(20); # takes connections, says nothing
    my $g = $t->gatun_yaml(yaml(['strategy: fifo', nodes(20, 2),
        ', retries: 1', 'dialTimeout: 300ms'],
        ['strategy: fifo', nodes(20), '', 'dialTimeout: 300ms']));
    my $began = time;

    is(tunnel(0), 200, 'a mute node, and then another');
    is(tunnel(1), 503, 'a mute node alone');
    cmp_ok(time - $began, '<', 5, 'each attempt has its time');
    $g->stop;
};

subtest 'the way out of this machine' => sub {
    my $g = $t->gatun('-L', 'http://127.0.0.1:%%PORT_10%%?interface=127.0.0.5',
        '-L', 'http://127.0.0.1:%%PORT_11%%?interface=lo');
    my $c = connect_via($t->port(10), $target->port);
    my $o = $target->accept;
    is($o->{fh}->peerhost, '127.0.0.5', 'from an address');
    $_->close for $c, $o;
    is(tunnel(1), 200, 'by a device');
    $g->stop;

    $g = $t->gatun('-L', 'http://127.0.0.1:%%PORT_10%%', '-F',
        'http://127.0.0.1:%%PORT_1%%?interface=none0');
    is(tunnel(0), 503, 'a device that is not there');
    like($g->log, qr/interface none0: No such device/, 'is named');
    $g->stop;

  SKIP: {
        my ($ss) = grep { -x } qw(/usr/bin/ss /bin/ss /usr/sbin/ss /sbin/ss);
        skip 'needs root and ss', 4 if $> != 0 || !$ss;

        $g = $t->gatun('-L', 'http://127.0.0.1:%%PORT_10%%?so_mark=4711',
            '-L', 'http://127.0.0.1:%%PORT_11%%', '-F',
            'http://127.0.0.1:%%PORT_1%%?so_mark=4712');
        my $marks = sub {
            my $c = connect_via($t->port(10 + $_[0]), $target->port);
            my $o = $target->accept;
            my ($out) = ($t->once({ program => $ss }, '-tenH', 'state',
                'established', "dport = :$_[1]"))[1];
            $_->close for $c, $o;
            return join ' ', $out =~ /fwmark:(\S+)/g;
        };
        is($marks->(1, $t->port(1)), '0x1268', 'a connection to a node');
        $g->stop;

        $g = $t->gatun('-L', 'http://127.0.0.1:%%PORT_10%%?so_mark=4711');
        is($marks->(0, $target->port), '0x1267', 'and one to a target');
        $g->stop;

        my ($status, undef, $err) = $t->once({ program => '/usr/bin/setpriv' },
            '--reuid=65534', '--regid=65534', '--clear-groups', $Test::Gatun::binary, '-L',
            'http://127.0.0.1:%%PORT_10%%?so_mark=4711');
        isnt($status, 0, 'without the right it does not start');
        like($err, qr/so_mark.*CAP_NET_ADMIN/, 'and says why');
    }
};

done_testing();
