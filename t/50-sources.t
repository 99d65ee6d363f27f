#!/usr/bin/perl
# t/50-sources.t: where a configuration may come from, http URLs above all, and
# what a file may be: bounded, clear, and a reload of it harms nobody.

use strict;
use warnings;
use IO::Socket::INET;
use POSIX ();
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $www = $t->dir . '/www';
mkdir $www;

# serves the files of www; /silent, and everything while www/silent exists, is
# never answered; each request's head goes to www.log
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
    or die "listen: $!\n";
my $at = '127.0.0.1:' . $server->sockport;
my $pid = fork // die "fork: $!\n";

if (!$pid) {
    $SIG{CHLD} = 'IGNORE';
    while (my $c = $server->accept) {
        next if fork;
        my $head = '';
        $head .= <$c> until $head =~ /\r\n\r\n\z/;
        open my $log, '>>', $t->dir . '/www.requests';
        syswrite $log, $head;
        my ($path) = $head =~ m{^GET /(\S*) };
        if ($path eq 'silent' || -e "$www/silent") {
            sysread $c, my $end, 1;
        } elsif ($path =~ /^to-(.*)/) {
            print $c "HTTP/1.1 302 Found\r\nLocation: /$1\r\n\r\n";
        } elsif ($path =~ /^login/) {
            print $c "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8"
                . "\r\nConnection: close\r\n\r\n<html>log in: here</html>";
        } elsif (-f "$www/$path") {
            print $c "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
                slurp("$www/$path");
        } else {
            print $c "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        }
        close $c;
        POSIX::_exit(0);
    }
    POSIX::_exit(0);
}

close $server;

sub service
{
    my ($n, $more) = @_;

    return "services:\n- { name: s$n, addr: '127.0.0.1:%%PORT_$n%%',"
        . " handler: { type: http${\ ($more // '') } } }\n";
}

sub serves
{
    my ($n) = @_;
    my $c = connect_via($t->port($n), $target->port);
    my $head = $c->head;

    $c->close;
    return $head =~ / 200 /;
}

my $own = "gatun: { workers: 1, runtimeDir: '%%DIR%%/run' }\n";

subtest 'an http URL' => sub {
    $t->write_file('www/c.yaml', service(0) . $own);
    my $url = "http://us%40er:pass\@$at/c.yaml";
    my ($status, $out, $err) = $t->once('-t', '-C', $url);
    is($status, 0, '-t') or diag($err);
    like($t->read_file('www.requests'), qr{^GET /c\.yaml HTTP/1\.1\r\n}m, 'GET');
    like($t->read_file('www.requests'),
        qr{^Authorization: Basic dXNAZXI6cGFzcw==\r\n}m, 'with Basic');

    ($status, $out, $err) = $t->once('-O', 'json', '-C', "http://$at/to-c.yaml");
    is($status, 0, '-O, behind a redirection') or diag($err);
    is(decode_json($out)->{services}[0]{name}, 's0', 'the file');

    my $g = $t->gatun({ listeners => 1 }, '-C', $url);
    ok(serves(0), 'a start');

    $t->write_file('www/c.yaml', service(1) . $own);
    ($status, $out, $err) = $t->once('-s', 'reload', '-C', $url);
    is($status, 0, 'a reload') or diag($err);
    like($out, qr/generation 2 serves/, 'has an answer');
    ok(serves(1), 'serves what is new');
    unlike($g->log . $out . $err, qr/pass\@|er:pass|us%40/, 'no credentials');

    $t->write_file('www/c.yaml', service(1) . $own . "log: { level: [ 1, 2 ] }\n");
    $g->signal('HUP');
    $g->wait_log(qr/not reloaded/);
    like($g->log, qr{http://\Q$at\E/c\.yaml:4:\d+: level}, 'an error has its place');
    ok(serves(1), 'and harms nobody');

    unlink "$www/c.yaml";
    ($status, $out, $err) = $t->once('-s', 'reload', '-C', $url, '-p',
        '%%DIR%%');
    is($status, 1, 'gone');
    like($err, qr{http://\Q$at\E/c\.yaml: status 404 Not Found}, 'is told')
        or diag("$out$err");
    ok(serves(1), 'and harms nobody');

    # the master waits for nobody
    $t->write_file('www/silent', '');
    my $asked = () = $t->read_file('www.requests') =~ /^GET/mg;
    $g->signal('HUP');
    ok(wait_for { $asked < (() = $t->read_file('www.requests') =~ /^GET/mg) },
        'a reload that waits for an answer');
    ok(serves(1), 'it serves');
    is($g->stop('TERM'), 0, 'TERM ends it');
    my %left = $g->group;
    is_deeply([values %left], [], 'and who waits');
    unlink "$www/silent";
};

subtest 'other URLs' => sub {
    my ($status, $out, $err) = $t->once('-t', '-C', "http://$at/none.yaml", '-C',
        "https://u:secret\@$at/c.yaml?key=secret", '-C', 'http://u:secret@',
        '-C', "http://u:sec/ret\@$at/x");
    is($status, 1, 'three bad ones');
    like($err, qr{^gatun: http://\Q$at\E/none\.yaml: status 404 Not Found$}m, 'no such file');
    like($err, qr{^gatun: https://\Q$at\E/c\.yaml: https: not built yet$}m, 'https');
    like($err, qr{^gatun: http://: a host is missing$}m, 'no host');
    unlike($err, qr/secret|sec\/ret/, 'no credentials');

    # YAML it would be, and a reload would end all services
    ($status, $out, $err) = $t->once('-t', '-C', "http://$at/login.yaml");
    is($status, 1, 'a page of somebody in between');
    like($err, qr{login\.yaml: it is a page, text/html}, 'says so');

    my $closed = IO::Socket::INET->new(LocalAddr => '127.0.0.1');
    ($status, $out, $err) = $t->once('-t', '-C', 'http://127.0.0.1:'
        . $closed->sockport . '/x.yaml');
    is($status, 1, 'nobody listens');
    like($err, qr/x\.yaml: Connection refused/, 'says so');

    $t->write_file('www/big.yaml', 'a: ' . 'x' x (10 << 20));
    ($status, $out, $err) = $t->once('-t', '-C', "http://$at/big.yaml");
    like($err, qr/big\.yaml: is larger than 10 MiB/, 'too large');
};

# the error of -t, for a file of these bytes
sub refused
{
    my ($name, $bytes, $pattern) = @_;
    my ($status, $out, $err) = $t->once('-t', '-C', $t->write_file($name, $bytes));

    is($status, 1, "$name: refused");
    like($err, qr/^gatun: \S*\Q$name\E:.*$pattern/m, "$name: says why");
    cmp_ok(length $err, '<', 4000, "$name: at no great length");
}

subtest 'files' => sub {
    refused('empty.yaml', '', qr/is empty/);
    refused('nul.yaml', "services: []\n# \0\n", qr/NUL/);
    refused('latin.yaml', "a: \xe4\n", qr/UTF-8/);
    refused('binary.yaml', join('', map { chr } 128 .. 255) x 100, qr/UTF-8/);
    refused('gz.json', "\x1f\x8b\x08\x00" . 'x' x 100, qr/UTF-8|NUL/);
    refused('elf.yaml', slurp($^X), qr/NUL|UTF-8|large/);
    refused('large.yaml', 'a: ' . 'x' x (10 << 20), qr/10 MiB|large/);
    refused('x.toml', "a = 1\n", qr/TOML/);
    refused('x.conf', "a: 1\n", qr/\.yaml/);
    refused('tab.yaml', "services:\n\t- a\n", qr/2:\d+: \w/);

    my ($status, $out, $err);
    $t->write_file('large.txt', 'a: ' . 'x' x (10 << 20));
    ($status, $out, $err) = $t->once({ stdin => $t->dir . '/large.txt' }, '-t',
        '-C', '-');
    is($status, 1, 'a large standard input');
    like($err, qr/stdin: .*(10 MiB|large)/, 'is refused');

    for (['-C', '%%DIR%%'], ['-C', '/dev/null'], ['-C', '/dev/zero'],
        ['-C', '%%DIR%%/none.yaml'])
    {
        ($status, $out, $err) = $t->once('-t', @$_);
        is($status, 1, "@$_: refused");
        like($err, qr/^gatun: \S+: \S/m, "@$_: says why");
    }
    symlink '/dev/zero', $t->dir . '/zero.yaml';
    ($status, $out, $err) = $t->once('-t', '-C', '%%DIR%%/zero.yaml');
    like($err, qr/zero\.yaml: is not a file/, 'a device of that name');

    SKIP: {
        skip('root may read everything', 2) if $> == 0;
        chmod 0, $t->write_file('secret.yaml', service(0));
        ($status, $out, $err) = $t->once('-t', '-C', '%%DIR%%/secret.yaml');
        is($status, 1, 'an unreadable file');
        like($err, qr/secret\.yaml: Permission denied/, 'says so');
    }

    for ([bom => "\xef\xbb\xbf" . service(0)], [crlf => service(0) =~ s/\n/\r\n/gr],
        [open => service(0) =~ s/\n\z//r])
    {
        ($status, $out, $err) = $t->once('-t', '-C',
            $t->write_file("$_->[0].yaml", $_->[1]));
        is($status, 0, "$_->[0]: fine") or diag($err);
    }
};

subtest 'several are joined' => sub {
    $t->write_file('one.yaml', service(0) . "log: { level: warn, format: text }\n"
        . "metrics: { addr: ':1', path: /a }\n");
    $t->write_file('two.yaml', service(1) . "log: { level: error }\n");
    my ($status, $out, $err) = $t->once('-O', 'json', '-C', '%%DIR%%/one.yaml',
        '-C', '%%DIR%%/two.yaml', '-L', 'http://:3');
    is($status, 0, 'three') or diag($err);
    my $json = decode_json($out);
    is_deeply([map { $_->{name} } @{ $json->{services} }],
        ['s0', 's1', 'service-0'], 'lists are joined');
    is_deeply($json->{log}, { level => 'error' }, 'an object is replaced whole');
    is_deeply($json->{metrics}, { addr => ':1', path => '/a' }, 'or stays');
};

subtest 'what is loaded is what was checked' => sub {
    my $good = $t->write_file('good.yaml', service(0) . $own);
    my $bad = $t->write_file('bad.yaml', service(0, ', chain: gone') . $own);
    my $link = $t->dir . '/link.yaml';
    symlink $good, $link;

    my $g = $t->gatun({ listeners => 1 }, '-C', $link);
    my ($status) = $t->once('-t', '-C', $link);
    is($status, 0, '-t finds it good');
    symlink $bad, "$link.new";
    rename "$link.new", $link;

    my ($code, $out, $err) = $t->once('-s', 'reload', '-C', $good);
    is($code, 1, 'then it is another: a reload reads it again');
    like($err, qr/link\.yaml:2:\d+: no chain is named "gone"/, 'and finds out')
        or diag("$out$err");
    like($g->log, qr/link\.yaml:2:\d+: no chain is named/, 'in the log, too');
    ok(serves(0), 'the old one serves');

    # all of them at once, in the answer
    $t->write_file('bad.yaml', service(0, ', chain: gone, auther: nobody')
        . "log: { level: [ 1, 2 ] }\n" . $own);
    ($code, $out, $err) = $t->once('-s', 'reload', '-C', $good);
    is($code, 1, 'three errors');
    like($err, qr/link\.yaml:2:\d+: .*gone.*link\.yaml:2:\d+: .*nobody.*link\.yaml:3:\d+: level/s,
        'each with its place') or diag($err);

    $t->write_file('bad.yaml', service(0) . "services: [\n");
    ($code, $out, $err) = $t->once('-s', 'reload', '-C', $good);
    is($code, 1, 'a broken file');
    like($err, qr/link\.yaml:\d+:\d+: /, 'where it is broken');

    # a port in use
    my $busy = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1,
        LocalPort => $t->port(7)) or die "listen: $!\n";
    $t->write_file('bad.yaml', service(7) . $own);
    ($code, $out, $err) = $t->once('-s', 'reload', '-C', $good);
    is($code, 1, 'a port in use');
    like($err, qr/s7: .*:${\ $t->port(7) }.*in use/, 'which one') or diag($err);
    like($g->log, qr/s7: .*in use/, 'in the log, too');
    ok(serves(0), 'the old one serves');

    close $busy;
    ($code, $out, $err) = $t->once('-s', 'reload', '-C', $good);
    is($code, 0, 'free again') or diag($err);
    is($err, '', 'no complaint');
    like($out, qr/^generation 2 serves\n\z/, 'one line') or diag($out);
    ok(serves(7), 'the new one serves');
};

kill 'TERM', $pid;
waitpid $pid, 0;
done_testing();
