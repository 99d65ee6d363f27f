#!/usr/bin/perl
# t/50-watch.t: reloads that nobody asks for: -R looks at all that a
# configuration is made of, `reload:` of an auther at its file; only what has
# changed counts, and an error is told once.

use strict;
use warnings;
use IO::Socket::INET;
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;

sub basic { return 'Proxy-Authorization: Basic ' . encode_base64($_[0], '') }

sub status
{
    my ($n, @fields) = @_;
    my $c = connect_via($t->port($n), $target->port, @fields);
    my ($status) = $c->head =~ m{^HTTP/1\.1 (\d+)};

    $c->close;
    return $status;
}

sub reloads { return scalar(() = $_[0]->log =~ /config auto reloaded/g) }

my $yaml = <<'END';
services:
- name: s
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http, auther: users }
authers:
- name: users
  file: { path: '%%DIR%%/users' }
log: { level: debug }
END

subtest '-R' => sub {
    $t->write_file('users', "one 1\n");
    my $g = $t->gatun_yaml($yaml, { file => 'r.yaml' }, '-w', 1, '-R', '100ms');
    is(status(0, basic('one:1')), 200, 'the first user');
    is(status(0, basic('two:2')), 407, 'nobody else');

    # a file of users is a part of it
    $t->write_file('users', "two 2\n");
    $g->wait_log(qr/config auto reloaded/);
    is(status(0, basic('two:2')), 200, 'another user');
    is(status(0, basic('one:1')), 407, 'the first one is gone');
    like($g->log, qr/"level":"debug"[^\n]*config auto reloaded/, 'at debug');

    # written anew, with the same bytes: several looks later nothing has been
    # done but for the change behind them
    $t->write_file('users', "two 2\n");
    $t->write_file('r.yaml', $yaml);
    nap(0.5);
    is(reloads($g), 1, 'no reload for the same content');
    $t->write_file('r.yaml', $yaml =~ s/PORT_0/PORT_1/r);
    ok(wait_for { reloads($g) == 2 }, 'the file itself');
    is(status(1, basic('two:2')), 200, 'another port');

    # an error is told once
    $t->write_file('r.yaml', $yaml . "x: [\n");
    $g->wait_log(qr{auto reload: \S*r\.yaml:\d+:\d+: });
    nap(0.5);
    my $said = () = $g->log =~ /auto reload: /g;
    is($said, 1, 'an error is told once');
    is(status(1, basic('two:2')), 200, 'and harms nobody');
    $t->write_file('r.yaml', $yaml . "log: { level: debug }\n");
    $g->wait_log(qr{auto reload: \S*r\.yaml:9:1: });
    pass('another error is another one');
    unlink $t->dir . '/r.yaml';
    $g->wait_log(qr{auto reload: \S*r\.yaml: No such file});

    # back to what is in force: nothing to do, and the next error is told
    $t->write_file('r.yaml', $yaml =~ s/PORT_0/PORT_1/r);
    nap(0.4);
    is(reloads($g), 2, 'what is in force is not loaded again');
    unlink $t->dir . '/r.yaml';
    ok(wait_for { 2 == (() = $g->log =~ /auto reload: \S*r\.yaml: No such/g) },
        'an error that comes back is told again');

    # somebody asks meanwhile
    $t->write_file('r.yaml', $yaml);
    ok(wait_for { reloads($g) == 3 }, 'a good one');
    $g->signal('HUP');
    $g->wait_log(qr/config reloaded/);
    is(status(0, basic('two:2')), 200, 'serves');
    $g->stop;
};

subtest 'reload: of an auther' => sub {
    $t->write_file('users', "one 1\n");
    my $watched = $yaml =~ s/(- name: users\n)/$1  reload: 100ms\n/r;
    my $g = $t->gatun_yaml($watched, { file => 'a.yaml' }, '-w', 1);

    $t->write_file('a.yaml', $watched . "# not looked at\n");
    my $before = time;
    $t->write_file('users', "two 2\n");
    $g->wait_log(qr/config auto reloaded/);
    cmp_ok(time - $before, '<', 5, 'soon');
    is(status(0, basic('two:2')), 200, 'another user');

    $t->write_file('users', "three \0 3\n");
    $g->wait_log(qr{auto reload: .*users: a NUL});
    is(status(0, basic('two:2')), 200, 'a broken file keeps the old users');
    $t->write_file('users', "three 3\n");
    ok(wait_for { reloads($g) == 2 }, 'a good one');
    is(status(0, basic('three:3')), 200, 'is taken');
    $g->stop;
};

subtest 'a URL' => sub {
    my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
        or die "listen: $!\n";
    my $url = 'http://127.0.0.1:' . $server->sockport . '/u.yaml';
    my $pid = fork // die "fork: $!\n";

    if (!$pid) {
        while (my $c = $server->accept) {
            my $head = '';
            $head .= <$c> until $head =~ /\r\n\r\n\z/;
            print $c "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
                slurp($t->dir . '/u.yaml');
            close $c;
        }
        POSIX::_exit(0);
    }

    close $server;
    $t->write_file('users', "one 1\n");
    $t->write_file('u.yaml', $yaml);
    my $g = $t->gatun({ listeners => 1 }, '-w', 1, '-R', '200ms', '-C', $url);
    is(status(0, basic('one:1')), 200, 'is loaded');
    nap(0.6);
    is(reloads($g), 0, 'and not again');
    $t->write_file('u.yaml', $yaml =~ s/PORT_0/PORT_2/r);
    $g->wait_log(qr/config auto reloaded/);
    is(status(2, basic('one:1')), 200, 'until it changes');

    kill 'TERM', $pid;
    waitpid $pid, 0;
    $g->wait_log(qr{auto reload: http://\S+/u\.yaml: Connection refused});
    is(status(2, basic('one:1')), 200, 'nobody answers, which harms nobody');
};

subtest 'bad periods' => sub {
    for ('30', 'x', '') {
        my ($status, $out, $err) = $t->once("-R=$_", '-L', ':1');
        is($status, 2, "-R '$_'");
    }
    my ($status, $out, $err) = $t->once('-t', '-C', $t->write_file('b.yaml',
        $yaml =~ s/(- name: users\n)/$1  reload: often\n/r));
    is($status, 1, 'reload: often');
    like($err, qr/b\.yaml:7:\d+: reload/, 'has its place');
};

done_testing();
