# Replays File::StripNondeterminism on files that the caller names, one after another.
#
# Started by samego (rules/replay.py). Says "ready", the version of the module and of
# Archive::Zip; then reads lines of handler, canonical time and path, separated by tabs, and
# answers each with "ok" (the file at path is now what the handler made of it) or "failed".
# Every request runs in a child of its own: the handlers override subroutines and may die.
use strict;
use warnings;

use Archive::Zip ();
use File::StripNondeterminism ();
use POSIX ();

File::StripNondeterminism::init();
my %handlers = map { $_ => File::StripNondeterminism::get_normalizer_by_name($_) }
  qw(gzip jar png zip);

$| = 1;
print join("\t", 'ready', $File::StripNondeterminism::VERSION, $Archive::Zip::VERSION), "\n";

while (my $line = <STDIN>) {
	chomp $line;
	my ($name, $time, $path) = split(/\t/, $line, 3);
	my $handler = $handlers{$name // ''};
	my $child = defined $handler ? fork() : undef;
	if (defined $child && $child == 0) {
		open(STDOUT, '>&', \*STDERR);
		$File::StripNondeterminism::canonical_time = $time;
		POSIX::_exit(eval { $handler->($path); 1 } ? 0 : 1);
	}
	my $done = defined $child && waitpid($child, 0) == $child && $? == 0;
	print $done ? "ok\n" : "failed\n";
}
