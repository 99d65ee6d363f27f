#!/usr/bin/perl
# t/50-auth-guess.t: who guesses passwords (rel-G1, rel-G9): a wrong one waits
# for its answer and delays nobody else; after too many of them an address is
# told to come back later, but for those who were right from there; skipauth.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;

$t->gatun('-w', 1, '-stats', '127.0.0.1:%%PORT_9%%',
    '-L', 'http://user:pass@127.0.0.1:%%PORT_0%%?authFailures=0&authDelay=500ms',
    '-L', 'http://user:pass@127.0.0.1:%%PORT_1%%?authFailures=20&authDelay=0'
        . '&authWindow=1h',
    '-L', 'http://user:pass@127.0.0.1:%%PORT_2%%?skipauth=10.0.0.0/8,127.0.0.1',
    '-L', 'http://user:pass@127.0.0.1:%%PORT_3%%?skipauth=127.0.0.2');

sub basic { return 'Proxy-Authorization: Basic ' . encode_base64($_[0], '') }

# the status of a CONNECT with these fields, from that address
sub status
{
    my ($n, $who, $from) = @_;
    my $fh = IO::Socket::IP->new(PeerHost => '127.0.0.1',
        PeerPort => $t->port($n), LocalHost => $from // '127.0.0.1') or die;
    my $s = Test::Gatun::Stream->wrap($fh);

    $s->send("CONNECT $to HTTP/1.1\r\nHost: $to\r\n"
        . (defined $who ? basic($who) . "\r\n" : '') . "\r\n");
    $s->{head} = $s->read_head;
    my ($status) = $s->head =~ m{^HTTP/1\.1 (\d+) } or return 'none';
    $target->accept->close if $status == 200;

    return wantarray ? ($status, $s->head) : $status;
}

subtest 'a wrong one waits' => sub {
    my $began = time;
    is(status(0, undef), 407, 'without credentials');
    cmp_ok(time - $began, '<', 0.4, 'at once');

    $began = time;
    is(status(0, 'user:wrong'), 407, 'with wrong ones');
    my $took = time - $began;
    cmp_ok($took, '>=', 0.45, 'a little later');

    # a hundred of them wait side by side, and nobody else waits with them
    my @waiting = map { connect_to($t->port(0)) } 1 .. 100;
    $began = time;
    $_->send("CONNECT $to HTTP/1.1\r\nHost: x\r\n" . basic('user:no') . "\r\n\r\n")
        for @waiting;
    is(status(0, 'user:pass'), 200, 'the right one');
    cmp_ok(time - $began, '<', 0.45, 'does not wait');
    is(scalar(grep { $_->read_all =~ / 407 / } @waiting), 100, 'all have it');
    cmp_ok(time - $began, '<', is_asan() ? 4 : 2, 'side by side');

    # those who go while they wait are gone
    @waiting = map { connect_to($t->port(0)) } 1 .. 50;
    $_->send("CONNECT $to HTTP/1.1\r\nHost: x\r\n" . basic('user:no') . "\r\n\r\n")
        for @waiting;
    $_->reset for @waiting;
    ok(wait_for {
        $t->stats($t->port(9))->{services}[0]{currentConns} == 0
    }, 'and leave nothing');
};

subtest 'a thousand guesses' => sub {
    is(status(1, 'user:pass', '127.0.0.3'), 200, 'somebody who is right');
    is(status(1, 'user:x', '127.0.0.3'), 407, 'and once not');
    is(status(1, 'user:pass', '127.0.0.3'), 200, 'and right again');

    my %said;
    $said{ status(1, "user:guess$_", '127.0.0.3') }++ for 1 .. 200;
    is_deeply(\%said, { 407 => 19, 429 => 181 }, 'the first twenty are judged');

    my ($status, $head) = status(1, 'user:guess', '127.0.0.3');
    is($head, "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n"
        . "Retry-After: 181\r\n\r\n", 'then it is told when to come back');
    is(status(1, 'user:pass', '127.0.0.3'), 200,
        'who was right from there still is');
    is(status(1, 'user:pass', '127.0.0.4'), 200, 'others do not notice');
    is(status(1, 'user:x', '127.0.0.4'), 407, 'nor when they are wrong');
    is(status(1, undef, '127.0.0.3'), 407, 'without any it is asked for them');

    # the right one, found by a guess among many from elsewhere, is not seen
    status(1, "user:guess$_", '127.0.0.5') for 1 .. 20;
    is(status(1, 'user:pass', '127.0.0.5'), 429, 'a guess too late tells nothing');

    my $w = $t->stats($t->port(9))->{workers}[0];
    cmp_ok($w->{authWrong}, '>=', 190, 'wrong ones are counted');
    is($w->{authShed}, 183, 'so are those that were not looked at');
};

subtest 'skipauth' => sub {
    is(status(2, undef), 200, 'an address of the list');
    is(status(2, undef, '127.0.0.2'), 407, 'not of the list');
    is(status(2, 'user:pass', '127.0.0.2'), 200, 'with a password');
    is(status(3, undef, '127.0.0.2'), 200, 'another list');
    is(status(3, undef), 407, 'another address');

    for my $bad ('10.0.0.0/33', 'localhost', '127.0.0.1/x') {
        my ($status, undef, $err) = $t->once('-t', '-L',
            "http://user:pass\@127.0.0.1:%%PORT_4%%?skipauth=$bad");
        is($status, 1, "$bad: refused");
        like($err, qr/skipauth: "\Q$bad\E" is no address/, 'and named');
    }
};

# what clients say about themselves is not believed (rel-G5)
subtest 'X-Forwarded-For' => sub {
    my $c = connect_via($t->port(3), $to, 'X-Forwarded-For: 127.0.0.2',
        'X-Real-IP: 127.0.0.2', 'CF-Connecting-IP: 127.0.0.2',
        'Forwarded: for=127.0.0.2');
    like($c->head, qr{^HTTP/1\.1 407 }, 'opens no door');
};

done_testing();
