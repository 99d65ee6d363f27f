#!/usr/bin/perl
# t/00-unit.t: runs every unit program of objs/unit, and every fuzzer's corpus
# through its replayer.

use strict;
use warnings;
use File::Basename qw(dirname);
use File::Temp qw(tempfile);
use TAP::Parser;
use Test::More;

my $top = dirname($0) . '/..';
my $objs = $ENV{GATUN_OBJS} // "$top/objs";
my $deadline = 120;    # seconds for one program, sanitizers included

# what a program prints, its exit status, and its standard error
sub run_program
{
    my @command = @_;
    my ($err, $name) = tempfile(UNLINK => 1);
    my $pid = open my $out, '-|';

    die "fork: $!\n" unless defined $pid;

    if (!$pid) {
        alarm $deadline;
        open STDERR, '>&', $err or die;
        exec @command or die "$command[0]: $!\n";
    }

    my $text = do { local $/; <$out> } // '';
    close $out;
    my $status = $?;

    open my $in, '<', $name or die;
    return ($text, $status, do { local $/; <$in> } // '');
}

sub clean_end
{
    my ($status, $err) = @_;

    is($status & 127, 0, 'no signal');
    is($status >> 8, 0, 'exit status');
    unlike($err, qr/Sanitizer|runtime error|\[alert\]/, 'standard error');
    diag($err) if $status && $err ne '';
}

sub unit
{
    my ($program) = @_;
    my ($text, $status, $err) = run_program($program);
    my $tap = TAP::Parser->new({ tap => $text });

    while (my $result = $tap->next) {
        diag($result->as_string)
            if $result->is_test && !$result->is_ok or $result->is_comment;
    }

    my @problems = $tap->parse_errors;
    ok($tap->tests_run > 0, $tap->tests_run . ' tests');
    is_deeply([$tap->failed], [], 'none failed');
    is_deeply(\@problems, [], 'TAP is well-formed');
    clean_end($status, $err);
}

my @units = glob "$objs/unit/*/*_t";
ok(scalar @units, 'there are unit programs');

for my $program (sort @units) {
    my ($name) = $program =~ m{unit/(.*)$};
    subtest $name => sub { unit($program) };
}

for my $source (sort glob "$top/t/fuzz/*.c") {
    my ($name) = $source =~ m{([^/]+)\.c$};
    next if $name eq 'replay';

    my $corpus = "$top/t/fuzz/corpus/$name";
    my @inputs = glob "$corpus/*";

    subtest "corpus of $name" => sub {
        ok(scalar @inputs, "$corpus has inputs") or return;
        my ($text, $status, $err) =
            run_program("$objs/fuzz/$name", $corpus);

        like($text, qr/^\d+ inputs$/m, 'replayed');
        clean_end($status, $err);
    };
}

done_testing();
