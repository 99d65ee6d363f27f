# Test::Gatun: the ground every t/*.t stands on: a folder, ports that nobody
# else has, gatun and other programs started and waited for, and the checks at
# the end that every test gets unasked.
#
#     use Test::Gatun;
#
#     my $t = Test::Gatun->new;
#     my $g = $t->gatun('-L', 'http://127.0.0.1:%%PORT_0%%');
#     my $s = connect_to($t->port(0));
#     ...
#     done_testing();
#
# %%PORT_n%% and %%DIR%% are replaced wherever a text goes through $t.  What is
# not ready in wait_seconds() makes the test die with the logs.  done_testing()
# stops what runs, then fails on a signal, an exit status, an [alert], a
# sanitizer's report, a process left over.

package Test::Gatun;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Socket;
use Test::More import => ['!done_testing'];
use Time::HiRes qw(time);

use Test::Gatun::Origin;
use Test::Gatun::Process;
use Test::Gatun::Stream;

our @EXPORT = (
    grep({ /^[a-z]/ && $_ ne 'done_testing' } @Test::More::EXPORT),
    qw(connect_to connect_via decode_json done_testing http_get is_asan need
        nap request slurp time tool tunnelcheck wait_for wait_seconds)
);

our ($top, $binary, $objs, @made);

BEGIN {
    $top = abs_path(dirname(__FILE__) . '/../../..');
    $objs = $ENV{GATUN_OBJS} // "$top/objs";
    $binary = $ENV{GATUN_BINARY} // "$objs/gatun";
    $SIG{PIPE} = 'IGNORE';
    Test::More->builder->output->autoflush(1);
}

sub is_asan { return !!$ENV{GATUN_ASAN} }

# how long anything may take before the test fails
sub wait_seconds { return is_asan() ? 30 : 10 }

# waits a moment for something that nothing tells us about, as short as is kind
sub nap
{
    select undef, undef, undef, $_[0] // 0.02;
}

# the first true value of the code, or false when the time is over
sub wait_for(&;$)
{
    my ($code, $seconds) = @_;
    my $end = time + ($seconds // wait_seconds());

    for (;;) {
        my $value = $code->();
        return $value if $value;
        return if time > $end;
        nap();
    }
}

sub slurp
{
    my ($path) = @_;

    open my $in, '<:raw', $path or return '';
    local $/;
    return scalar(<$in>) // '';
}

# a peer: its path, or the test ends here: as a failure where CI must have it
sub need
{
    my ($name, @places) = @_;

    for my $place (@places, map { "$_/$name" } split /:/, $ENV{PATH}) {
        return $place if -x $place && !-d _;
    }

    BAIL_OUT("$name is missing, and CI must have it") if $ENV{CI};
    plan(skip_all => "no $name here");
}

# a program of t/tools, built by make
sub tool
{
    my ($name) = @_;
    my $path = "$objs/tools/$name";

    die "$path is not built: make tools\n" unless -x $path;
    return $path;
}

# runs t/tools/tunnelcheck to its end; its line of JSON, decoded
sub tunnelcheck
{
    my @args = @_;
    my $tool = tool('tunnelcheck');

    open my $out, '-|', $tool, @args or die "$tool: $!\n";
    my $line = do { local $/; <$out> } // '';
    close $out;

    $line =~ s/^ready\n//;
    return eval { decode_json($line) }
        // { errors => -1, ok => 0, first => "it said '$line'" };
}

# --- the ground ---

sub new
{
    my ($class) = @_;
    my $self = bless {
        dir => tempdir('gatun-t-XXXXXX', TMPDIR => 1,
            CLEANUP => !$ENV{GATUN_LEAVE}),
        ports => [], processes => [], count => 0,
    }, $class;

    chmod 0755, $self->{dir};
    push @made, $self;
    diag("left for you: $self->{dir}") if $ENV{GATUN_LEAVE};

    return $self;
}

sub dir { return $_[0]{dir} }

# the n-th port: free, and locked to this test until it ends
my $next = 20000 + $$ % 1000 * 10;

sub port
{
    my ($self, $n) = @_;

    return $self->{ports}[$n][0] if $self->{ports}[$n];

    for (1 .. 10000) {
        my $port = $next++;
        $next = 20000 if $next > 30000;

        socket(my $lock, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
        bind $lock, pack_sockaddr_un("\0gatun-test-port-$port") or next;

        my $free = IO::Socket::INET->new(LocalPort => $port, Listen => 1,
            ReuseAddr => 1) or next;
        close $free;

        $self->{ports}[$n] = [$port, $lock];
        return $port;
    }

    die "no port is free\n";
}

sub subst
{
    my ($self, $text) = @_;

    $text =~ s/%%PORT_(\d+)%%/$self->port($1)/ge;
    $text =~ s/%%DIR%%/$self->{dir}/g;

    return $text;
}

# into the test's folder; the whole path
sub write_file
{
    my ($self, $name, $text) = @_;
    my $path = "$self->{dir}/$name";

    open my $out, '>:raw', "$path.new" or die "$path: $!\n";
    print $out $self->subst($text);
    close $out or die "$path: $!\n";
    rename "$path.new", $path or die "$path: $!\n";

    return $path;
}

sub read_file { return slurp("$_[0]{dir}/$_[1]") }

# a program that runs on: options first, as a hash; then its words
sub start
{
    my ($self, @words) = @_;
    my $options = ref $words[0] ? shift @words : {};
    my $p = Test::Gatun::Process->new($self, $self->{count}++, $options,
        map { $self->subst($_) } @words);

    push @{ $self->{processes} }, $p;
    return $p;
}

#
# gatun with these arguments, ready to be connected to.  Options:
#   ready  a pattern in its log that says so; default: "listening on" for each
#          -L, or as often as 'listeners' says
#   log    the file that it logs to; default: its standard error
#   fails  it need not become ready
#
sub gatun
{
    my ($self, @args) = @_;
    my $options = ref $args[0] ? shift @args : {};
    my $g = $self->start({ gatun => 1, %$options }, $binary, @args);
    my $n = $options->{listeners} // grep { $_ eq '-L' } @args;

    return $g if $options->{fails};

    $n ||= 1;
    wait_for {
        return 1 if $g->ended;
        my $log = $g->log;
        return $log =~ $options->{ready} if $options->{ready};
        return $n <= (() = $log =~ /listening on /g);
    };

    $g->give_up('it did not get ready') if $g->ended
        || $options->{ready} && $g->log !~ $options->{ready}
        || !$options->{ready} && $n > (() = $g->log =~ /listening on /g);

    return $g;
}

# the same, from a file of that text
sub gatun_yaml
{
    my ($self, $text, @args) = @_;
    my $options = ref $args[0] ? shift @args : {};
    my $services = $text =~ /^services:\s*\n((?:[ \t-].*\n|\s*\n|#.*\n)*)/m
        ? () = $1 =~ /^(?:- |  - )\s*\S/mg : 1;
    my $name = $options->{file} // "gatun-$self->{count}.yaml";

    return $self->gatun({ listeners => $services || 1, %$options },
        '-C', $self->write_file($name, $text), @args);
}

# runs gatun, or what the option 'program' names, to its end: exit status,
# what it said on standard output and error
sub once
{
    my ($self, @args) = @_;
    my $options = ref $args[0] ? shift @args : {};
    my $p = $self->start({ quiet => 1, %$options },
        $options->{program} // $binary, @args);

    if (!wait_for { $p->ended } $options->{seconds}) {
        $p->kill_all;
        return (-1, $p->out, $p->err . "(it did not end)\n");
    }

    return ($p->status, $p->out, $p->err);
}

# another server on a port, waited for by connecting to it
sub server
{
    my ($self, $port, @words) = @_;
    my $p = $self->start({ %{ ref $words[0] ? shift @words : {} } }, @words);

    wait_for { $p->ended || can_connect($port) };
    $p->give_up("nobody listens on $port") unless can_connect($port);

    return $p;
}

sub can_connect
{
    my ($port) = @_;
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port,
        Timeout => 1);

    return defined $s;
}

# an HTTP origin in a process of its own, see Test::Gatun::Origin
sub origin
{
    my ($self, %options) = @_;
    my $o = Test::Gatun::Origin->start($self, %options);

    push @{ $self->{origins} }, $o;
    return $o;
}

# a socket of the test's own that clients of gatun are led to
sub listener
{
    my ($self, $n, $host) = @_;

    return Test::Gatun::Stream->listen($host // '127.0.0.1',
        defined $n ? $self->port($n) : 0);
}

# --- clients ---

# a Test::Gatun::Stream
sub connect_to
{
    my ($port, $host) = @_;

    return Test::Gatun::Stream->connect($host // '127.0.0.1', $port);
}

# the same, through a proxy; the answer's head is in ->head
sub connect_via
{
    my ($proxy, $target, @fields) = @_;
    my $s = connect_to($proxy);

    $target = "127.0.0.1:$target" if $target =~ /^\d+$/;
    $s->send("CONNECT $target HTTP/1.1\r\nHost: $target\r\n"
        . join('', map { "$_\r\n" } @fields) . "\r\n");
    $s->{head} = $s->read_head;

    return $s;
}

# one request on a connection of its own: everything that comes until the end
sub request
{
    my ($port, $text) = @_;
    my $s = connect_to($port);

    $s->send($text);
    my $answer = $s->read_all;
    $s->close;

    return $answer;
}

# the status and the body of a GET, through a proxy if its port is given
sub http_get
{
    my ($port, $path, $proxy) = @_;
    my $s = connect_to($proxy // $port);
    my $target = defined $proxy ? "http://127.0.0.1:$port$path" : $path;

    $s->send("GET $target HTTP/1.1\r\nHost: 127.0.0.1:$port\r\n"
        . "Connection: close\r\n\r\n");

    my $answer = $s->read_response;
    $s->close;

    return ($answer->{status}, $answer->{body});
}

# the stats endpoint's /status, decoded; a port or a unix socket's path
sub stats
{
    my ($self, $where) = @_;
    my $s = $where =~ m{^/} ? Test::Gatun::Stream->connect_unix($where)
        : connect_to($where);

    $s->send("GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        . "Connection: close\r\n\r\n");
    my $answer = $s->read_response;
    $s->close;

    return eval { decode_json($answer->{body}) };
}

# --- the end ---

sub finish
{
    my ($self) = @_;

    $_->stop for grep { $_->{options}{gatun} && !$_->{checked} }
        @{ $self->{processes} };

    for my $p (@{ $self->{processes} }) {
        $p->kill_all;
        $p->check_end if $p->{options}{gatun};
    }

    $_->stop for @{ $self->{origins} // [] };

    for my $log (glob "$self->{dir}/*.log") {
        my ($name) = $log =~ m{([^/]+)$};
        Test::Gatun::Process::check_text($name, slurp($log));
    }
}

sub done_testing
{
    my ($n) = @_;

    $_->finish for @made;
    @made = ();

    Test::More::done_testing(defined $n ? $n : ());
}

# whatever happens, nothing stays behind
END {
    my $status = $?;

    for my $self (@made) {
        $_->kill_all for @{ $self->{processes} };
        $_->stop for @{ $self->{origins} // [] };
    }

    $? = $status;
}

1;
