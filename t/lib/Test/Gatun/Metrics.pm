# Test::Gatun::Metrics: Prometheus' text format 0.0.4, read as strictly as it is
# written: what is wrong with a text is in {wrong}, a list.
#
#     my $m = Test::Gatun::Metrics->parse($text);
#     $m->value('gatun_workers', state => 'ready');
#     $m->sum('gost_service_requests_total', service => 'one');

package Test::Gatun::Metrics;

use strict;
use warnings;
use utf8;

my $name = qr/[a-zA-Z_:][a-zA-Z0-9_:]*/;
my $value = qr/\d+(?:\.\d+)?/;

# all families that any text had: their types, their help
my (%types, %help);

sub all { return (\%types, \%help) }

sub parse
{
    my ($class, $text) = @_;
    my $self = bless { wrong => [], families => {}, order => [] }, $class;

    $self->{wrong} = ['the text is not UTF-8'], return $self
        if !utf8::decode(my $copy = $text);

    push @{ $self->{wrong} }, 'no newline at the end' if $text !~ /\n\z/;

    $self->line($_) for split /\n/, $copy;
    $self->check($_) for values %{ $self->{families} };

    return $self;
}

sub wrong
{
    my ($self, $what) = @_;

    push @{ $self->{wrong} }, $what;
    return;
}

# the family that is being described; each comes once, in one piece
sub family
{
    my ($self, $n) = @_;

    if (!$self->{at} || $self->{at}{name} ne $n) {
        $self->wrong("$n comes twice") if $self->{families}{$n};
        $self->{at} = $self->{families}{$n}
            = { name => $n, samples => [], seen => {} };
        push @{ $self->{order} }, $n;
    }

    return $self->{at};
}

sub line
{
    my ($self, $line) = @_;

    if ($line =~ /^# HELP ($name) (\S.*)$/) {
        my $f = $self->family($1);
        $self->wrong("HELP of $1 twice or late")
            if defined $f->{help} || @{ $f->{samples} };
        $help{$1} = $f->{help} = $2;

    } elsif ($line =~ /^# TYPE ($name) (counter|gauge|histogram)$/) {
        my $f = $self->family($1);
        $self->wrong("TYPE of $1 twice, late, or before HELP")
            if defined $f->{type} || @{ $f->{samples} } || !defined $f->{help};
        $types{$1} = $f->{type} = $2;

    } elsif ($line =~ /^($name)(?:\{(.*)\})? ($value)$/) {
        $self->sample($1, $2 // '', $3);

    } else {
        $self->wrong("'$line' is no line");
    }
}

sub sample
{
    my ($self, $n, $text, $number) = @_;
    my ($f, @order, %labels) = ($self->{at});
    my %plain = ('\\\\' => '\\', '\\"' => '"', '\\n' => "\n");

    while ($text =~ /\G($name)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|\z)/gc) {
        my ($label, $v) = ($1, $2);
        $v =~ s/(\\.)/$plain{$1}/g;
        $self->wrong("$n has $label twice") if exists $labels{$label};
        $labels{$label} = $v;
        push @order, $label;
    }

    return $self->wrong("'$text' are no labels")
        if (pos($text) // 0) != length $text || $text =~ /,$/;

    my $base = $n;
    $base =~ s/_(?:bucket|sum|count)$//
        if $f && $f->{type} && $f->{type} eq 'histogram';
    return $self->wrong("$n stands where it does not belong")
        if !$f || $f->{name} ne $base || !$f->{type};

    # "le" is behind the others, as Go has it
    my @sorted = sort grep { $_ ne 'le' } @order;
    push @sorted, 'le' if exists $labels{le};
    $self->wrong("$n: labels out of order: @order") if "@order" ne "@sorted";

    my $key = join "\0", $n, map { "$_\1$labels{$_}" } @sorted;
    $self->wrong("$n {$text} comes twice") if $f->{seen}{$key}++;

    push @{ $f->{samples} },
        { name => $n, labels => \%labels, value => $number };
}

sub check
{
    my ($self, $f) = @_;

    return $self->wrong("$f->{name} has no samples") if !@{ $f->{samples} };
    $self->wrong("$f->{name}: a counter is called _total")
        if ($f->{type} eq 'counter') != ($f->{name} =~ /_total$/ ? 1 : 0);
    $self->check_histogram($f) if $f->{type} eq 'histogram';
}

sub check_histogram
{
    my ($self, $f) = @_;
    my %of;

    for my $s (@{ $f->{samples} }) {
        my %l = %{ $s->{labels} };
        my $le = delete $l{le};
        my $h = $of{ join "\0", map { "$_\1$l{$_}" } sort keys %l } //= {};
        my ($what) = $s->{name} =~ /_(bucket|sum|count)$/;

        return $self->wrong("$s->{name} in a histogram") if !$what;
        return $self->wrong("$s->{name}: le is for buckets")
            if ($what eq 'bucket') != defined $le;

        if ($what eq 'bucket') {
            push @{ $h->{le} }, $le;
            push @{ $h->{n} }, $s->{value};
        } else {
            $h->{$what} = $s->{value};
        }
    }

    for my $h (values %of) {
        my @le = @{ $h->{le} // [] };
        my @n = @{ $h->{n} // [] };

        $self->wrong("$f->{name}: no +Inf, count or sum")
            if !@le || pop(@le) ne '+Inf' || !defined $h->{count}
            || !defined $h->{sum};
        $self->wrong("$f->{name}: +Inf is not count") if $n[-1] != $h->{count};
        $self->wrong("$f->{name}: buckets do not grow")
            if grep { $n[$_] < $n[$_ - 1] } 1 .. $#n;
        $self->wrong("$f->{name}: bounds do not grow")
            if grep { $le[$_] <= $le[$_ - 1] } 1 .. $#le;
    }
}

# samples of that name that have these labels
sub find
{
    my ($self, $n, %labels) = @_;
    my $base = $n;
    $base =~ s/_(?:bucket|sum|count)$// if !$self->{families}{$n};

    return grep {
        my $s = $_;
        $s->{name} eq $n && !grep {
            !defined $s->{labels}{$_} || $s->{labels}{$_} ne $labels{$_}
        } keys %labels
    } @{ ($self->{families}{$base} // {})->{samples} // [] };
}

sub value
{
    my @found = find(@_);

    return @found == 1 ? $found[0]{value} : undef;
}

sub sum
{
    my $n = 0;

    $n += $_->{value} for find(@_);
    return $n;
}

# all that must never go back, by name and labels
sub counters
{
    my ($self) = @_;
    my %all;

    for my $f (values %{ $self->{families} }) {
        next if $f->{type} eq 'gauge';
        for my $s (@{ $f->{samples} }) {
            my $l = $s->{labels};
            $all{ join ',', $s->{name}, map { "$_=$l->{$_}" } sort keys %$l }
                = $s->{value};
        }
    }

    return \%all;
}

1;
