#!/usr/bin/perl
# t/fuzz/run.t: each libFuzzer program for FUZZ_SECONDS (make fuzz), or all of
# them together for FUZZ_TOTAL, in turns.  New inputs go to GATUN_OBJS/corpus,
# findings to GATUN_OBJS/findings; t/fuzz/corpus is read only.

use strict;
use warnings;
use File::Basename qw(dirname);
use File::Path qw(make_path);
use List::Util qw(max);
use Test::More;

my $top = dirname($0) . '/../..';
my $objs = $ENV{GATUN_OBJS} // "$top/objs-fuzz";

my @names = grep { $_ ne 'replay' }
    map { m{([^/]+)\.c$} ? $1 : () } sort glob "$top/t/fuzz/*.c";

my $seconds = $ENV{FUZZ_SECONDS} // 60;
$seconds = max(5, int($ENV{FUZZ_TOTAL} / (@names || 1))) if $ENV{FUZZ_TOTAL};

ok(scalar @names, 'there are fuzzers');

for my $name (@names) {
    my ($new, $found) = ("$objs/corpus/$name", "$objs/findings/$name");
    my $given = "$top/t/fuzz/corpus/$name";

    make_path($new, $found);

    my @command = ("$objs/fuzz/$name", "-max_total_time=$seconds", '-timeout=10',
        '-rss_limit_mb=2048', "-artifact_prefix=$found/", '-print_final_stats=1',
        $new, grep { -d } $given);

    open my $out, '-|', "exec @command 2>&1" or die "$name: $!\n";
    my @said = <$out>;
    close $out;

    my ($runs) = map { /number_of_executed_units: (\d+)/ ? $1 : () } @said;
    $runs //= 0;
    diag("$name: $runs inputs in $seconds s");
    is($?, 0, "$name finds nothing")
        or diag(@said > 60 ? @said[-60 .. -1] : @said);
}

done_testing();
