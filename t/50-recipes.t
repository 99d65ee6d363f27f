#!/usr/bin/perl
# t/50-recipes.t: what README tells people to type, typed: every recipe's
# commands in their order.  Ports become free ones, names under .example this
# machine, example.com the test's origin.

use strict;
use warnings;
use Cwd qw(getcwd);
use Test::Gatun;

my $t = Test::Gatun->new;
my $origin = $t->origin;
my $tree = getcwd;

# what stands at the other end of a recipe: the port that it names, and who is
# there; '' is nobody
my %far = (
    'Through another proxy, gatun\'s, GOST\'s or anybody\'s' =>
        { 8081 => 'user:pass@' },
    'Through two of them, the nearest first' => { 8081 => '', 8082 => '' },
    'Through one of several: a dead one is left alone for a while' =>
        { 8082 => '' },
    'Two of them in one command, each with a way of its own' =>
        { 8081 => '', 8082 => '' },
);

my $readme = Test::Gatun::slurp('README');
my ($recipes) = $readme =~ /^## Recipes\n(.*?)^## /ms
    or die "README has no recipes\n";
my @recipes = $recipes =~ /^\*\*(.+?)\*\*[^\n]*\n\n((?:    .*\n)+)/mg;

cmp_ok(@recipes / 2, '>=', 10, 'ten recipes or more');

# the commands of an indented block, a here document with its own
sub commands
{
    my ($block) = @_;
    my @found;

    $block =~ s/^    //mg;
    my @lines = split /\n/, $block;

    while (defined(my $line = shift @lines)) {
        if ($line =~ /<<'(\w+)'/) {
            my $end = $1;
            while (@lines) {
                $line .= "\n" . (my $more = shift @lines);
                last if $more eq $end;
            }
        }
        push @found, $line;
    }

    return @found;
}

my %ports;
my $ports = 0;

sub here
{
    my ($text) = @_;

    $text =~ s{(?<=:)(8[04]\d\d|9000)\b}{
        $ports{$1} //= $t->port($ports++)}ge;
    $text =~ s{http://(?:example\.com|open\.example)/}{
        "http://" . ($& =~ /open/ ? 'open.example:' : '127.0.0.1:')
            . "$origin->{port}/html"}ge;
    $text =~ s/\b(?!open)[a-z]+\.example\b/127.0.0.1/g;
    $text =~ s{/run/gatun}{$t->{dir}/run}g;
    $text =~ s{conf/gatun\.yaml}{gatun.yaml}g;

    return $text;
}

# sh splits the words as a user's shell would
sub words
{
    my ($command) = @_;
    my ($rc, $out, $err) = $t->once({ program => '/bin/sh' }, '-c',
        q{set -f; printf '%s\n' } . $command);

    return split /\n/, $out;
}

sub try_curl
{
    my ($command) = @_;
    my ($want) = $command =~ /#\s*(\d+)\s*$/;
    my (undef, @args) = words($command);
    my ($rc, $out, $err) = $t->once({ program => 'curl' }, '-sS',
        '--max-time', 10, '-w', '\n%{http_code}', @args);
    my ($status) = $out =~ /(\d+)$/;

    is("$rc $status", '0 ' . ($want // 200), $command) or diag($out, $err);
}

my @running;

sub try_gatun
{
    my ($command) = @_;
    my (undef, @args) = words($command);

    if (!grep { /^-[tTs]$/ } @args) {
        my $n = grep { $_ eq '-L' } @args;
        push @running, $t->gatun({ listeners => $n || 1 }, @args);
        ok(!$running[-1]->ended, $command);
        return;
    }

    my ($rc, $out, $err) = $t->once(@args);
    is($rc, 0, $command) or diag($out, $err);

    pop(@running)->stop if grep { $_ eq 'quit' } @args;
}

sub try_recipe
{
    my ($title, $block) = @_;

    %ports = ();
    my $far = $far{$title} // {};
    push @running, map {
        my $address = here(":$_");
        $t->gatun('-L', "http://$far->{$_}127.0.0.1$address");
    } sort keys %$far;

    for my $command (map { here($_) } commands($block)) {
        if ($command =~ /^cat /) {
            system('/bin/sh', '-c', "cd $t->{dir} && $command") == 0
                or die "$command\n";
        } elsif ($command =~ /^curl /) {
            try_curl($command);
        } elsif ($command =~ /^gatun /) {
            try_gatun($command);
        } else {
            fail("what is this: $command");
        }
    }

    $_->stop for splice @running;
}

mkdir "$t->{dir}/run" or die;
$t->write_file('gatun.yaml', here(Test::Gatun::slurp('conf/gatun.yaml')));

while (my ($title, $block) = splice @recipes, 0, 2) {
    subtest $title => sub {
        try_recipe($title, $block);
        Test::More::done_testing();
    };
}

done_testing();
