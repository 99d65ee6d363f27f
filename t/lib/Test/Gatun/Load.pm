# Test::Gatun::Load: tunnels that go on while a test does things to gatun, and
# what gatun holds meanwhile and after.
#
#     my $p = load($t, $port, '-m', 'echo', '-n', 3000, '-c', 4, '-u');
#     my $h = holding($t, $port, 100);    # a hundred that exchange bytes
#     my $said = load_end($h);            # tunnelcheck's report

package Test::Gatun::Load;

use strict;
use warnings;
use Exporter qw(import);
use POSIX qw(mkfifo);
use Test::Gatun;

our @EXPORT = qw(descriptors holding load load_end ready_workers);

my $loads = 0;

# tunnelcheck through the proxy on that port, until load_end()
sub load
{
    my ($t, $port, @args) = @_;
    my $fifo = $t->dir . '/load-' . $loads++;

    mkfifo($fifo, 0600) or die "$fifo: $!\n";
    open my $until, '+<', $fifo or die "$fifo: $!\n";

    my $p = $t->start({ stdin => $fifo }, tool('tunnelcheck'), '-x',
        "127.0.0.1:$port", '-T', 400, @args);
    $p->{until} = $until;

    return $p;
}

# n tunnels that stand and exchange bytes
sub holding
{
    my ($t, $port, $n) = @_;
    my $p = load($t, $port, '-m', 'hold', '-c', $n);

    wait_for { $p->out =~ /ready/ || $p->ended };
    like($p->out, qr/ready/, "$n tunnels stand") or diag($p->out, $p->err);

    return $p;
}

# ends it; what it has to say, see tunnelcheck
sub load_end
{
    my ($p) = @_;

    close delete $p->{until};
    wait_for { $p->ended } 60;

    return eval { decode_json($p->out =~ s/^ready\n//r) }
        // { errors => -1, ok => 0, first => $p->out . $p->err };
}

# how many descriptors each process of gatun has: "gatun: master 24, ..."
sub descriptors
{
    my ($g) = @_;
    my %group = $g->group;
    my @said;

    for my $pid (keys %group) {
        my $title = $group{$pid} =~ s/^(gatun: \w+( \d)?).*/$1/sr;
        my @open = glob "/proc/$pid/fd/*";
        push @said, "$title " . @open;
    }

    return join ', ', sort @said;
}

# the workers of a /status that serve, by slot
sub ready_workers
{
    my ($status) = @_;

    my @w = sort { $a->{slot} <=> $b->{slot} }
        grep { $_->{state} eq 'ready' } @{ $status->{workers} // [] };

    return @w;
}

1;
