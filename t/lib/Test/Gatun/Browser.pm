# Test::Gatun::Browser: a headless Chromium that does as it is told, over its
# debugging pipe (JSON between NULs on descriptors 3 and 4).
#
#     my $b = Test::Gatun::Browser->new($t);
#     my $p = $b->open("http://127.0.0.1:$port/");
#     is($p->js('document.title'), 'gatun', 'title');
#     is_deeply($p->{errors}, [], 'no errors');

package Test::Gatun::Browser;

use strict;
use warnings;
use Fcntl qw(F_DUPFD);
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use Test::Gatun;

my $json = JSON::PP->new->utf8->allow_nonref;

# what it needs is on this machine, or the test ends here
sub new
{
    my ($class, $t, @flags) = @_;
    my $program = need('chromium', '/usr/bin/chromium');
    my $self = bless { id => 0, got => '', pages => {} }, $class;

    pipe my $theirs_in, $self->{to} or die "pipe: $!\n";
    pipe $self->{from}, my $theirs_out or die "pipe: $!\n";
    $self->{to}->autoflush(1);

    $self->{process} = $t->start(
        { env => { HOME => $t->dir }, fds => { 3 => $theirs_in,
            4 => $theirs_out } }, $program,
        qw(--headless --no-sandbox --disable-gpu --disable-quic --no-first-run
            --disable-background-networking --disable-component-update
            --disable-sync --disable-dev-shm-usage --disable-breakpad
            --no-pings --disable-default-apps --disable-extensions
            --hide-scrollbars --remote-debugging-pipe),
        '--user-data-dir=' . $t->dir . '/browser-pipe', @flags, 'about:blank');

    return $self;
}

# a command; its result
sub ask
{
    my ($self, $method, $params, $session) = @_;
    my $id = ++$self->{id};

    print { $self->{to} } $json->encode({ id => $id, method => $method,
        params => $params // {}, $session ? (sessionId => $session) : () })
        . "\0";

    my $answer;
    $self->take(sub { $answer = $_[0] if ($_[0]{id} // 0) == $id; $answer })
        or $self->{process}->give_up("no answer to $method");
    die "$method: $answer->{error}{message}\n" if $answer->{error};

    return $answer->{result};
}

# what it says, until the code is content; false: it took too long
sub take
{
    my ($self, $code) = @_;
    my $end = time + 3 * wait_seconds();

    for (;;) {
        while ($self->{got} =~ s/^([^\0]*)\0//) {
            my $m = $json->decode($1);
            $self->hear($m);
            return 1 if $code->($m);
        }

        my $left = $end - time;
        my $bits = '';
        vec($bits, fileno $self->{from}, 1) = 1;
        return 0 if $left <= 0 || select($bits, undef, undef, $left) < 1;
        sysread($self->{from}, $self->{got}, 65536, length $self->{got})
            or return 0;
    }
}

# what pages say without having been asked
sub hear
{
    my ($self, $m) = @_;
    my $p = $self->{pages}{ $m->{sessionId} // '' } or return;
    my ($method, $v) = @$m{qw(method params)};

    return unless $method;

    if ($method eq 'Runtime.exceptionThrown') {
        push @{ $p->{errors} }, $v->{exceptionDetails}{exception}{description}
            // $v->{exceptionDetails}{text};
    } elsif ($method eq 'Runtime.consoleAPICalled') {
        push @{ $p->{errors} }, join ' ', $v->{type},
            map { $_->{value} // $_->{description} // '' } @{ $v->{args} };
    } elsif ($method eq 'Log.entryAdded') {
        push @{ $p->{errors} }, "$v->{entry}{source}: $v->{entry}{text} "
            . ($v->{entry}{url} // '');
    } elsif ($method eq 'Network.requestWillBeSent') {
        push @{ $p->{requests} }, $v->{request}{url};
    } elsif ($method eq 'Network.responseReceived') {
        $p->{statuses}{ $v->{response}{url} } = $v->{response}{status};
    }
}

# a page of its own, loaded
sub open
{
    my ($self, $url) = @_;
    my $target = $self->ask('Target.createTarget',
        { url => 'about:blank' })->{targetId};
    my $session = $self->ask('Target.attachToTarget',
        { targetId => $target, flatten => JSON::PP::true })->{sessionId};
    my $p = bless { browser => $self, session => $session, errors => [],
        requests => [], statuses => {} }, 'Test::Gatun::Browser::Page';

    $self->{pages}{$session} = $p;
    $p->ask("$_.enable") for qw(Page Runtime Log Network);
    $p->go($url);

    return $p;
}

sub close
{
    my ($self) = @_;

    $self->{process}->stop;
    $self->{process}->kill_all;
}

package Test::Gatun::Browser::Page;

use strict;
use warnings;
use JSON::PP;
use MIME::Base64 qw(decode_base64);

sub ask { return $_[0]{browser}->ask(@_[1, 2], $_[0]{session}) }

sub go
{
    my ($self, $url) = @_;
    my $said = $self->ask('Page.navigate', { url => $url });

    die "$url: $said->{errorText}\n" if $said->{errorText};
    Test::Gatun::wait_for(sub { $self->js('document.readyState') eq 'complete' })
        or die "$url does not load\n";
}

# the value of an expression; dies of its exception
sub js
{
    my ($self, $text) = @_;
    my $said = $self->ask('Runtime.evaluate', { expression => $text,
        returnByValue => JSON::PP::true, awaitPromise => JSON::PP::true });

    die "$text: $said->{exceptionDetails}{text}\n"
        if $said->{exceptionDetails};

    return $said->{result}{value};
}

# width and height in CSS pixels, like a phone's or not
sub size
{
    my ($self, $width, $height, $phone) = @_;

    $self->ask('Emulation.setDeviceMetricsOverride', { width => $width,
        height => $height, deviceScaleFactor => 1,
        mobile => $phone ? JSON::PP::true : JSON::PP::false });
}

# "light", "dark"
sub scheme
{
    my ($self, $value) = @_;

    $self->ask('Emulation.setEmulatedMedia', { features => [
        { name => 'prefers-color-scheme', value => $value }] });
}

# a PNG of the whole page
sub shot
{
    my ($self, $path) = @_;
    my $said = $self->ask('Page.captureScreenshot', { format => 'png',
        captureBeyondViewport => JSON::PP::true });

    open my $out, '>:raw', $path or die "$path: $!\n";
    print $out decode_base64($said->{data});
    close $out;
}

1;
