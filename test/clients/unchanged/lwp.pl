use strict;
use warnings;
use LWP::UserAgent;

my ($url, $body) = @ARGV;
my $response = LWP::UserAgent->new(env_proxy => 1)->post($url, Content => $body);
die $response->status_line unless $response->is_success;
print $response->content;
