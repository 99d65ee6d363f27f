# Test::Gatun::Process: a program that a test has started, in a process group
# of its own, with its standard output and error in files.

package Test::Gatun::Process;

use strict;
use warnings;
use Fcntl ();
use POSIX qw(:sys_wait_h setpgid);
use Test::More;
use Time::HiRes qw(time);

sub new
{
    my ($class, $t, $number, $options, @words) = @_;
    my $base = "$t->{dir}/p$number";
    my $self = bless {
        t => $t, number => $number, options => $options, words => \@words,
        out => "$base.out", err => "$base.err",
    }, $class;

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;
    $self->exec_it if !$pid;

    setpgid($pid, $pid);
    $self->{pid} = $pid;

    return $self;
}

sub exec_it
{
    my ($self) = @_;
    my $options = $self->{options};

    setpgid(0, 0);
    $SIG{PIPE} = 'DEFAULT';
    open STDIN, '<', $options->{stdin} // '/dev/null' or POSIX::_exit(127);
    open STDOUT, '>', $self->{out} or POSIX::_exit(127);
    open STDERR, '>', $self->{err} or POSIX::_exit(127);
    chdir($options->{cwd} // $self->{t}{dir}) or POSIX::_exit(127);

    my %env = %{ $options->{env} // {} };
    for (keys %env) {
        if (defined $env{$_}) { $ENV{$_} = $env{$_} } else { delete $ENV{$_} }
    }

    # descriptors that it is given, by their numbers there
    my $fds = $options->{fds} // {};
    my %high = map { $_ => fcntl($fds->{$_}, Fcntl::F_DUPFD, 20) } keys %$fds;
    POSIX::dup2($high{$_}, $_) for keys %high;

    # the proxies of whoever runs the tests are none of ours
    delete @ENV{ grep { /_proxy$/i && !exists $env{$_} } keys %ENV };

    exec { $self->{words}[0] } @{ $self->{words} }
        or do { print STDERR "$self->{words}[0]: $!\n"; POSIX::_exit(127) };
}

sub pid { return $_[0]{pid} }

sub out { return Test::Gatun::slurp($_[0]{out}) }

sub err { return Test::Gatun::slurp($_[0]{err}) }

# what it logged: the file that was named when it was started, or its errors
sub log
{
    my ($self) = @_;
    my $file = $self->{options}{log};

    return Test::Gatun::slurp($self->{t}->subst($file)) if defined $file;
    return $self->err;
}

# its lines of JSON, decoded, from the one that is number `from` on
sub log_lines
{
    my ($self, $from) = @_;
    my @lines = map { eval { JSON::PP::decode_json($_) } || () }
        split /\n/, $self->log;

    return @lines[($from // 0) .. $#lines];
}

# waits for a line that matches; the captures, or the line; dies without
sub wait_log
{
    my ($self, $pattern, $seconds) = @_;
    my @found;

    Test::Gatun::wait_for(sub { @found = $self->log =~ $pattern }, $seconds)
        or $self->give_up("no $pattern in its log");

    return wantarray ? @found : $found[0];
}

# has it ended? then ->status is its exit status, or 1000 + its signal
sub ended
{
    my ($self) = @_;

    return 1 if defined $self->{status};
    return 0 if waitpid($self->{pid}, WNOHANG) != $self->{pid};

    $self->{status} = $? & 127 ? 1000 + ($? & 127) : $? >> 8;
    return 1;
}

sub status { return $_[0]{status} }

sub signal
{
    my ($self, $name) = @_;

    return kill $name, $self->{pid};
}

# a signal, and its end; the exit status
sub stop
{
    my ($self, $name, $seconds) = @_;

    return $self->{status} if $self->ended;

    $self->signal($name // 'TERM');
    Test::Gatun::wait_for(sub { $self->ended }, $seconds)
        or do { $self->kill_all; $self->{late} = 1; };

    return $self->{status};
}

# all processes of its group that live, by their titles
sub group
{
    my ($self) = @_;
    my %found;

    for my $dir (glob '/proc/[0-9]*') {
        my ($pid) = $dir =~ /(\d+)$/;
        my $stat = Test::Gatun::slurp("$dir/stat");
        my ($state, $ppid, $group) =
            $stat =~ /^\d+ \(.*\) (\S) (\d+) (\d+)/s or next;

        next if $group != $self->{pid} || $state =~ /[ZX]/;
        my $title = Test::Gatun::slurp("$dir/cmdline");
        $title =~ s/\0+$//;
        $title =~ tr/\0/ /;
        $found{$pid} = $title;
    }

    return %found;
}

# the pids of its workers, the lowest slot first
sub workers
{
    my ($self) = @_;
    my %group = $self->group;
    my %slot;

    for (keys %group) {
        $slot{$_} = $1 if $group{$_} =~ /^gatun: worker (\d+)(?! .*exiting)/;
    }

    return sort { $slot{$a} <=> $slot{$b} || $a <=> $b } keys %slot;
}

sub kill_all
{
    my ($self) = @_;

    return if $self->{killed}++;

    my %group = $self->group;
    $self->{left} = {%group};

    # the group at once, and again: a master may just have replaced a worker
    while (%group) {
        kill 'KILL', -$self->{pid};
        Test::Gatun::wait_for(sub { $self->ended }, 5) if !$self->ended;
        %group = $self->group;
    }
}

sub give_up
{
    my ($self, $why) = @_;
    my $log = $self->log;

    $log = '... ' . substr $log, -4000 if length $log > 4000;
    die "$self->{words}[0]: $why\nits arguments: @{ $self->{words} }\n"
        . (defined $self->{status} ? "it ended with $self->{status}\n" : '')
        . "$log\n";
}

# --- what every test checks of each gatun ---

sub check_text
{
    my ($name, $text, $fine) = @_;
    my @bad = grep {
        /\[alert\]|Sanitizer|runtime error|Assertion|assertion failed/
            && !(defined $fine && /$fine/)
    } split /\n/, $text;

    splice @bad, 20 if @bad > 20;
    is(join("\n", @bad), '', "$name: no alert, no sanitizer's report")
        or diag(substr $text, -6000);
}

sub check_end
{
    my ($self) = @_;
    my $options = $self->{options};
    my $name = "gatun $self->{number}";

    return if $self->{checked}++;

    check_text($name, $self->err . $self->out, $options->{alerts});
    is($self->{status}, $options->{status} // 0, "$name: exit status")
        or diag(substr $self->err, -2000);
    ok(!$self->{late}, "$name: ended in time");
    is_deeply($self->{left} // {}, {}, "$name: no process is left");
}

1;
