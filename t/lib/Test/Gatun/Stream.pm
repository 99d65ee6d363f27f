# Test::Gatun::Stream: a TCP connection (or a listening socket) under a test's
# hand: everything has a deadline, and the end is told as it came: 'eof',
# 'reset', or 'timeout' when none did.

package Test::Gatun::Stream;

use strict;
use warnings;
use Errno qw(EAGAIN EINTR EINPROGRESS ECONNRESET);
use IO::Handle;
use IO::Socket::IP;
use Socket qw(:DEFAULT IPPROTO_TCP TCP_NODELAY SOL_SOCKET SO_LINGER
    pack_sockaddr_un);
use Time::HiRes qw(time);

sub wrap
{
    my ($class, $fh) = @_;

    $fh->blocking(0);
    return bless { fh => $fh, in => '', end => '' }, $class;
}

sub connect
{
    my ($class, $host, $port) = @_;
    my $fh = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port,
        Timeout => Test::Gatun::wait_seconds())
        or die "connect to $host:$port: $@\n";

    setsockopt $fh, IPPROTO_TCP, TCP_NODELAY, 1;
    return $class->wrap($fh);
}

sub connect_unix
{
    my ($class, $path) = @_;

    socket my $fh, AF_UNIX, SOCK_STREAM, 0 or die "socket: $!\n";
    CORE::connect $fh, pack_sockaddr_un($path) or die "$path: $!\n";

    return $class->wrap($fh);
}

sub listen
{
    my ($class, $host, $port) = @_;
    my $fh = IO::Socket::IP->new(LocalHost => $host, LocalPort => $port,
        Listen => 1024, ReuseAddr => 1) or die "listen on $host:$port: $@\n";

    return $class->wrap($fh);
}

sub port { return $_[0]{fh}->sockport }

sub peer_port { return $_[0]{fh}->peerport }

# the next connection of a listening socket, or undef
sub accept
{
    my ($self, $seconds) = @_;

    $self->wait_in($seconds) or return;
    CORE::accept my $fh, $self->{fh} or return;
    setsockopt $fh, IPPROTO_TCP, TCP_NODELAY, 1;
    return ref($self)->wrap(bless $fh, ref $self->{fh});
}

sub head { return $_[0]{head} }

# how it ended: '' while it has not
sub end { return $_[0]{end} }

sub poll
{
    my ($self, $write, $seconds) = @_;
    my $until = time + ($seconds // Test::Gatun::wait_seconds());

    for (;;) {
        my $left = $until - time;
        $left = 0 if $left < 0;

        my $bits = '';
        vec($bits, $self->{fh}->fileno, 1) = 1;
        my $n = $write ? select undef, $bits, undef, $left
            : select $bits, undef, undef, $left;

        return 1 if $n > 0;
        return 0 if $n == 0 || $! != EINTR;
    }
}

sub wait_in { return $_[0]->poll(0, $_[1]) }

# everything of the text; false when the peer did not take it
sub send
{
    my ($self, $text, $seconds) = @_;
    my $sent = 0;

    while ($sent < length $text) {
        my $n = syswrite $self->{fh}, $text, 65536, $sent;

        if (defined $n) {
            $sent += $n;
        } elsif ($! != EAGAIN && $! != EINTR) {
            return 0;
        } elsif (!$self->poll(1, $seconds)) {
            return 0;
        }
    }

    return 1;
}

# what is there goes to ->{in}; false at an end or when nothing came
sub fill
{
    my ($self, $seconds) = @_;

    return 0 if $self->{end} eq 'eof' || $self->{end} eq 'reset';

    if (!$self->wait_in($seconds)) {
        $self->{end} = 'timeout';
        return 0;
    }

    $self->{end} = '';
    my $n = sysread $self->{fh}, $self->{in}, 65536, length $self->{in};
    return 1 if $n;

    if (!defined $n && ($! == EAGAIN || $! == EINTR)) {
        return 1;
    }

    $self->{end} = defined $n ? 'eof' : $! == ECONNRESET ? 'reset' : "$!";
    return 0;
}

# n bytes, or fewer when the end came first
sub read_n
{
    my ($self, $n, $seconds) = @_;

    while (length $self->{in} < $n) {
        last unless $self->fill($seconds);
    }

    return substr $self->{in}, 0, $n, '';
}

# up to and with what the pattern finds, or all there was before the end
sub read_until
{
    my ($self, $pattern, $seconds) = @_;

    for (;;) {
        return substr $self->{in}, 0, $+[0], '' if $self->{in} =~ $pattern;
        return substr $self->{in}, 0, length $self->{in}, ''
            unless $self->fill($seconds);
    }
}

sub read_head { return $_[0]->read_until(qr/\r\n\r\n/, $_[1]) }

# until the end; $self->end says which
sub read_all
{
    my ($self, $seconds) = @_;
    my $until = time + ($seconds // Test::Gatun::wait_seconds());

    while (time < $until) {
        last unless $self->fill($until - time);
    }

    return substr $self->{in}, 0, length $self->{in}, '';
}

# has nothing come, and no end, for that long?
sub is_silent
{
    my ($self, $seconds) = @_;

    return $self->{in} eq '' && !$self->wait_in($seconds);
}

# half of it: no more will be sent
sub shutdown
{
    my ($self) = @_;

    return CORE::shutdown $self->{fh}, 1;
}

sub reset
{
    my ($self) = @_;

    setsockopt $self->{fh}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    return CORE::close($self->{fh});
}

sub close { return CORE::close($_[0]{fh}) }

# --- HTTP/1 ---

# { line, status, head, fields => { lower-case name => [values] } }
sub parse_head
{
    my ($head) = @_;
    my ($line, @lines) = split /\r\n/, $head;
    my %fields;

    for (@lines) {
        my ($name, $value) = /^([^:]+):[ \t]*(.*?)[ \t]*$/ or next;
        push @{ $fields{ lc $name } }, $value;
    }

    $line //= '';
    return { line => $line, head => $head, fields => \%fields,
        status => $line =~ m{^HTTP/1\.\d (\d+)} ? $1 : 0 };
}

# the body that a head announces; raw is as it came, with its framing
sub read_body
{
    my ($self, $m, $seconds) = @_;
    my ($length) = @{ $m->{fields}{'content-length'} // [] };
    my ($coding) = @{ $m->{fields}{'transfer-encoding'} // [] };

    $m->{complete} = 1;

    if (lc($coding // '') eq 'chunked') {
        $m->{raw} = $m->{body} = $m->{trailer} = '';

        for (;;) {
            my $line = $self->read_until(qr/\r\n/, $seconds);
            $m->{raw} .= $line;
            my $n = $line =~ /^([0-9a-f]+)[^\r]*\r\n$/i ? hex $1 : -1;

            if ($n < 0) { $m->{complete} = 0; last }

            if ($n == 0) {
                my $end = $self->read_until(qr/^\r\n|\r\n\r\n/, $seconds);
                $m->{raw} .= $end;
                $m->{complete} = 0 if $end !~ /\r\n$/;
                $m->{trailer} = $end =~ s/\r\n$//r;
                last;
            }

            my $data = $self->read_n($n + 2, $seconds);
            $m->{raw} .= $data;

            if (length $data != $n + 2) { $m->{complete} = 0; last }
            $m->{body} .= substr $data, 0, $n;
        }
    } elsif (defined $length) {
        $m->{body} = $m->{raw} = $self->read_n($length, $seconds);
        $m->{complete} = length $m->{body} == $length;
    } elsif ($m->{line} =~ m{^HTTP/}) {
        $m->{body} = $m->{raw} = $self->read_all($seconds);
        $m->{complete} = $self->{end} eq 'eof';
    } else {
        $m->{body} = $m->{raw} = '';
    }

    return $m;
}

# a whole response; method is that of the request
sub read_response
{
    my ($self, $method, $seconds) = @_;
    my $m = parse_head($self->read_head($seconds));

    if (($method // '') eq 'HEAD' || $m->{status} =~ /^(1..|204|304|0)$/) {
        $m->{body} = $m->{raw} = '';
        $m->{complete} = $m->{status} != 0;
        return $m;
    }

    return $self->read_body($m, $seconds);
}

# a whole request, for a test that plays the origin
sub read_request
{
    my ($self, $seconds) = @_;
    my $m = parse_head($self->read_head($seconds));

    return $self->read_body($m, $seconds);
}

1;
