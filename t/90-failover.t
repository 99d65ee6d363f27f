#!/usr/bin/perl
# t/90-failover.t: a chain with three nodes, two of which die and come back
# again and again under 200 tunnels a second: while one lives no tunnel fails,
# and what one worker has learnt of a node they all know.

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Test::Gatun;

use constant { WORKERS => 4, RATE => 200 };

my $seconds = $ENV{GATUN_SLOW} ? 60 : 10;
my $t = Test::Gatun->new;
my $target = $t->listener; # nobody may get here: the nodes answer themselves

# --- nodes: processes that are killed ---

my (%node, @dead);

sub serve
{
    my ($n) = @_;
    my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $t->port($n), Listen => 1024, ReuseAddr => 1)
        or die "node $n: $!\n";

    my $pid = fork // die "fork: $!\n";
    if ($pid) {
        close $l;
        $node{$n} = $pid;
        return;
    }

    for (;;) {
        my $c = $l->accept or next;
        my $head = '';
        1 while $head !~ /\r\n\r\n/ && sysread $c, $head, 4096, length $head;
        syswrite $c, "HTTP/1.1 200 OK\r\n\r\n" if $head =~ /^CONNECT /;
        close $c;
    }
}

sub fell
{
    my ($n) = @_;
    my $pid = delete $node{$n} or return;

    kill 'KILL', $pid;
    waitpid $pid, 0;
}

END {
    my $status = $?;
    fell($_) for keys %node;
    $? = $status;
}

serve($_) for 1 .. 3;

my $nodes = join ', ', map { "{ name: n$_, addr: \"127.0.0.1:%%PORT_$_%%\" }" }
    1 .. 3;
my $g = $t->gatun_yaml(<<"END");
services:
- name: front
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http, chain: three, retries: 2 }
chains:
- name: three
  hops:
  - name: hop
    selector: { strategy: round, maxFails: 1, failTimeout: 1s }
    nodes: [ $nodes ]
gatun:
  workers: @{[ WORKERS ]}
  stats: { addr: "127.0.0.1:%%PORT_4%%" }
END

sub row
{
    my ($name) = @_;
    my $all = $t->stats($t->port(4));
    my ($row) = grep { $_->{name} eq $name }
        @{ $all->{chains}[0]{hops}[0]{nodes} };

    return $row;
}

sub accepted
{
    return map { $_->{accepted} } sort { $a->{slot} <=> $b->{slot} }
        @{ $t->stats($t->port(4))->{workers} };
}

# --- tunnels ---

my $to = '127.0.0.1:' . $target->port;
my ($good, @bad, %open) = (0);
my $select = IO::Select->new;

sub begin
{
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $t->port(0)) or die "gatun: $!\n";

    syswrite $s, "CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n";
    $open{ fileno $s } = { got => '', began => time };
    $select->add($s);
}

# what has come of those that are open, waiting so long at most
sub gather
{
    my ($wait) = @_;

    return nap($wait) if !$select->count; # or it would not wait at all

    for my $s ($select->can_read($wait)) {
        my $o = $open{ fileno $s };
        my $n = sysread $s, $o->{got}, 4096, length $o->{got};

        next if $n && $o->{got} !~ /\r\n\r\n/;

        if ($o->{got} =~ m{^HTTP/1\.1 200 }) {
            $good++;
        } else {
            push @bad, $n ? $o->{got} =~ s/\r.*//sr : "'$o->{got}' and the end";
        }

        delete $open{ fileno $s };
        $select->remove($s);
        close $s;
    }
}

# two of the three, each in a rhythm of its own, now and then both at once
my %next = (2 => 0.5, 3 => 0.9);
my %rhythm = (2 => [0.6, 0.7], 3 => [1.1, 0.8]);
my ($deaths, $both, $asked, $began) = (0, 0, 0, time);

while ((my $now = time - $began) < $seconds) {
    for my $n (2, 3) {
        next if $now < $next{$n};

        if ($node{$n}) {
            fell($n);
            $deaths++;
            $both++ if !$node{5 - $n};
            $next{$n} = $now + $rhythm{$n}[0];
        } else {
            serve($n);
            $next{$n} = $now + $rhythm{$n}[1];
        }
    }

    while ($asked < $now * RATE) {
        begin();
        $asked++;
    }

    gather(0.005);
}

my $end = time + wait_seconds();
gather(0.05) while $select->count && time < $end;

is(scalar @bad, 0, 'no tunnel has failed')
    or diag(join "\n", (@bad)[0 .. ($#bad < 9 ? $#bad : 9)]);
is($good, $asked, "all of $asked are there");
cmp_ok($asked, '>=', RATE * $seconds * 0.9, 'as many as there should be');
cmp_ok($deaths, '>=', $seconds, "$deaths deaths, $both of them of both");
cmp_ok($both, '>', 0, 'only one was left now and then');
cmp_ok(row("n$_")->{failed}, '>', 0, "n$_ was seen dead") for 2, 3;
is(row('n1')->{failed}, 0, 'the third never');
cmp_ok(row("n$_")->{dialed}, '>', RATE / 10, "n$_ was used again") for 2, 3;
ok(!$target->accept(0), 'and nothing went around them');

# one by one, so that nobody can find out at the same moment
serve($_) for grep { !$node{$_} } 2, 3;
ok(wait_for { begin(); gather(1) while $select->count;
    !(grep { $_->{fails} } map { row($_) } 'n1' .. 'n3') }, 'all are well');
fell($_) for 2, 3;

my @before = accepted();
my %failed = map { $_ => row($_)->{failed} } 'n1' .. 'n3';
my $count = 60;
$good = 0;
$began = time;
for (1 .. $count) {
    begin();
    gather(1) while $select->count;
}

my $again = int(time - $began); # failTimeout is 1 s
my @after = accepted();
my $taken = grep { $after[$_] > $before[$_] } 0 .. WORKERS - 1;
is($good, $count, 'tunnels one by one');
is($taken, WORKERS, 'by all workers');

for my $n ('n2', 'n3') {
    my $more = row($n)->{failed} - $failed{$n};
    cmp_ok($more, '>=', 1, "$n: found dead");
    cmp_ok($more, '<=', 1 + $again, 'and not by each worker anew');
}

done_testing();
