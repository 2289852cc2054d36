use strict;
use warnings;
use LWP::UserAgent;

my ($url, $body) = @ARGV;
my $response = LWP::UserAgent->new->post($url, Content => $body);
die $response->status_line unless $response->is_success;
print $response->content;
