# Test::Gatun::Origin: an HTTP/1.1 origin, a process for each connection, that
# writes down what reached it.  What it serves:
#
#   /bytes/N       N bytes with a Content-Length
#   /chunked/N     the same, chunked, with a trailer
#   /close/N       the same, until the close
#   /echo          the request's body
#   /head          the request's head
#   /cut/N/M       announces N bytes and closes after M
#   /status/N      an empty answer with that status
#   /html          a page with a title
#
# Anything else is 404.  Connections stay open unless the request says close.

package Test::Gatun::Origin;

use strict;
use warnings;
use IO::Socket::IP;
use JSON::PP;
use POSIX qw(:sys_wait_h);

sub start
{
    my ($class, $t, %options) = @_;
    my $host = $options{host} // '127.0.0.1';
    my $listener = IO::Socket::IP->new(LocalHost => $host, Listen => 1024,
        LocalPort => $options{port} // 0, ReuseAddr => 1)
        or die "origin on $host: $@\n";
    my $self = bless { port => $listener->sockport,
        records => "$t->{dir}/origin-" . $listener->sockport . '.jsonl' },
        $class;

    open my $touch, '>', $self->{records} or die;
    close $touch;

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if (!$pid) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM);
        $SIG{CHLD} = 'IGNORE';
        eval { $self->serve($listener) };
        POSIX::_exit(0);
    }

    close $listener;
    $self->{pid} = $pid;
    return $self;
}

sub port { return $_[0]{port} }

# all that reached it: { conn, head } for each request, body's length, and
# { conn, open => 1 } for each connection
sub records
{
    my ($self) = @_;

    return map { decode_json($_) } split /\n/,
        Test::Gatun::slurp($self->{records});
}

# the requests only
sub requests { return grep { defined $_->{head} } $_[0]->records }

sub stop
{
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    kill 'TERM', -$pid, $pid;
    waitpid $pid, 0;
}

sub serve
{
    my ($self, $listener) = @_;
    my $conn = 0;

    POSIX::setpgid(0, 0);

    while (1) {
        my $fh = $listener->accept or next;
        my $pid = fork;

        $conn++;
        if (defined $pid && !$pid) {
            close $listener;
            eval { $self->connection($fh, $conn) };
            POSIX::_exit(0);
        }
        close $fh;
    }
}

sub record
{
    my ($self, %what) = @_;

    open my $out, '>>', $self->{records} or return;
    syswrite $out, encode_json(\%what) . "\n";
}

sub connection
{
    my ($self, $fh, $conn) = @_;
    my $s = Test::Gatun::Stream->wrap($fh);

    $self->record(conn => $conn, open => 1);

    while (1) {
        my $m = $s->read_request(60);
        last if $m->{head} !~ /\r\n\r\n$/;

        $self->record(conn => $conn, head => $m->{head},
            length => length $m->{body}, complete => $m->{complete} ? 1 : 0);
        my $stay = answer($s, $m);
        last if !$stay || $m->{head} =~ /^connection:.*\bclose\b/mi;
    }

    $s->close;
}

# n bytes that tell where they stand
sub pattern
{
    my ($n) = @_;
    my $line = join '', map { sprintf '%07d ', $_ } 0 .. 8191;

    return substr $line x (1 + $n / length $line), 0, $n;
}

sub answer
{
    my ($s, $m) = @_;
    my ($method, $path) = split / /, $m->{line};
    my $head = $method eq 'HEAD';

    $path =~ s/\?.*//;

    my $plain = sub {
        my ($body, $type) = @_;
        $s->send("HTTP/1.1 200 OK\r\nContent-Length: " . length($body)
            . ($type ? "\r\nContent-Type: $type" : '') . "\r\n\r\n"
            . ($head ? '' : $body));
        return 1;
    };

    return $plain->(pattern($1)) if $path =~ m{^/bytes/(\d+)$};
    return $plain->($m->{body}) if $path eq '/echo';
    return $plain->($m->{head}) if $path eq '/head';
    return $plain->('<!doctype html><title>t</title><p id="x">it is gatun'
        . '</p>', 'text/html') if $path eq '/html';

    if ($path =~ m{^/chunked/(\d+)$}) {
        my $body = pattern($1);
        $s->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            . "Trailer: X-End\r\n\r\n");
        return 1 if $head;
        $s->send(sprintf "%x\r\n%s\r\n", length $_, $_)
            for unpack '(a5000)*', $body;
        $s->send("0\r\nX-End: yes\r\n\r\n");
        return 1;
    }

    if ($path =~ m{^/close/(\d+)$}) {
        $s->send("HTTP/1.1 200 OK\r\n\r\n" . ($head ? '' : pattern($1)));
        return 0;
    }

    if ($path =~ m{^/cut/(\d+)/(\d+)$}) {
        $s->send("HTTP/1.1 200 OK\r\nContent-Length: $1\r\n\r\n"
            . pattern($2));
        return 0;
    }

    if ($path =~ m{^/status/(\d+)$}) {
        $s->send("HTTP/1.1 $1 Because\r\nContent-Length: 0\r\n\r\n");
        return 1;
    }

    $s->send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    return 1;
}

1;
